//! The parts of a data set.

use serde::{Deserialize, Serialize};

/// The use of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// To train on.
    Train,
    /// To choose settings by.
    Validation,
    /// To measure the result on.
    Test,
}

impl Split {
    /// As an adjective: `training`, `validation` or `test`.
    pub fn name(self) -> &'static str {
        match self {
            Split::Train => "training",
            Split::Validation => "validation",
            Split::Test => "test",
        }
    }

    /// What is appended to the names of files with results on this split: nothing for the test split.
    pub fn suffix(self) -> String {
        if self == Split::Test { String::new() } else { format!("-{}", self.name()) }
    }
}
