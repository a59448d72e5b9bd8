//! The experiments that a configuration may name.

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The experiments of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Experiment {
    /// Images given their class (section 4.1 of the paper)
    Mnist,
    /// Words given a picture (section 4.2)
    Tags,
}

impl Experiment {
    /// What `train` and the settings call it.
    pub fn name(self) -> &'static str {
        match self {
            Experiment::Mnist => "mnist",
            Experiment::Tags => "tags",
        }
    }

    /// What early stopping can measure in it.
    pub(super) fn measure(self) -> StopOn {
        match self {
            Experiment::Mnist => StopOn::ValidationParzen,
            Experiment::Tags => StopOn::ValidationPrecision,
        }
    }
}

/// A measure on validation data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopOn {
    /// The Parzen estimate of validation images, in the experiment `mnist`: the paper.
    ValidationParzen,
    /// The share of right tags among the first five, in the experiment `tags`.
    ValidationPrecision,
}
