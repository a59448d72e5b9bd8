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
