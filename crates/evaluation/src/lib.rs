//! Measures of samples and tags.
//!
//! - [`images`]: samples of images: Table 1 of the paper and further measures
//! - [`tagging`]: tags of pictures: Table 2 of the paper, measures and baselines

mod error;
pub mod images;
mod measure;
mod seed;
pub mod tagging;

pub use error::Error;
pub use measure::{About, Better, Measure, about};
pub use seed::SEED;
