//! How good samples of images are: Table 1 of the paper, and measures that are harder to please.
//!
//! What each measure can tell and how it can be fooled: chapter 12 of the book, `docs/book/src/12-judging.md`, or `cgan book`.

mod cached;
mod classification;
pub mod frechet;
pub mod judge;
pub mod manifold;
mod measures;
mod neighbours;
pub mod parzen;
mod reference;
mod samples;
mod table;
mod yardsticks;

pub use classification::{Classification, classification_yardsticks, draw_training_set};
pub use judge::Judge;
pub use measures::MEASURES;
pub use neighbours::nearest_training_images;
pub use reference::{Reference, Scores, validation_parzen};
pub use samples::{Samples, draw};
pub use table::{ImageEvaluation, PAPER, published};
pub use yardsticks::{EACH, k_means, yardsticks};
