//! How good samples of images are: Table 1 of the paper, and measures that are harder to please.

mod cached;
mod classification;
pub mod frechet;
pub mod judge;
pub mod manifold;
pub mod parzen;
mod reference;
mod samples;
mod table;
mod yardsticks;

pub use cached::yardsticks;
pub use classification::{Classification, classification_yardsticks, draw_training_set};
pub use judge::Judge;
pub use reference::{Reference, Scores, validation_parzen};
pub use samples::{Samples, draw};
pub use table::{ImageEvaluation, PAPER};
pub use yardsticks::{EACH, k_means};
