//! Which real images to measure against.

use clap::ValueEnum;
use data::Split;

/// Real images that no net was trained on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SplitArg {
    /// The test images, to be looked at once.
    #[default]
    Test,
    /// The validation images, to choose settings by.
    Validation,
}

impl From<SplitArg> for Split {
    fn from(split: SplitArg) -> Self {
        match split {
            SplitArg::Test => Split::Test,
            SplitArg::Validation => Split::Validation,
        }
    }
}
