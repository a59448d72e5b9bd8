//! What a run was trained on, in a few numbers: `data.toml`. Settings name the data; these say what they were.

use serde::{Deserialize, Serialize};

use super::directory::{RunDirectory, write_whole};
use crate::failure::Failure;

/// `data.toml` of a run directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DataFacts {
    /// The data set's name.
    pub(crate) name: String,
    /// Training examples.
    pub(crate) examples: usize,
    /// Classes, or columns of a condition that is a vector.
    pub(crate) condition: usize,
    /// Rows and columns of an example.
    pub(crate) height: usize,
    /// See there.
    pub(crate) width: usize,
    /// Standard deviation of an entry of x under one condition, where many x share one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) spread: Option<f64>,
}

impl DataFacts {
    /// Writes them, unless an earlier session has.
    pub(super) fn save_once(&self, directory: &RunDirectory) -> Result<(), Failure> {
        if directory.data_facts().exists() {
            return Ok(());
        }
        let text = toml::to_string(self).expect("a string and numbers");
        write_whole(&directory.data_facts(), text.as_bytes())
    }

    /// Reads them; `None` for a run of an earlier version, or where they are damaged.
    pub(super) fn load(directory: &RunDirectory) -> Option<Self> {
        std::fs::read_to_string(directory.data_facts()).ok().and_then(|text| toml::from_str(&text).ok())
    }
}
