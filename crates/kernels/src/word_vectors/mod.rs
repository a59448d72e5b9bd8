//! Kernels for word vectors: a step of skip-gram, and the search for nearest words.

mod rounded_dot;
mod skipgram_window;

pub use rounded_dot::{PANEL, RoundedQueries, RoundedRows};
pub use skipgram_window::{LANES, skipgram_window};
