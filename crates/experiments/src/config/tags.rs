//! Settings of the tagging experiment alone.

use serde::{Deserialize, Serialize};

/// Settings of the second experiment beside the nets'.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagsConfig {
    /// A file of word vectors; `embedded` for vectors learned from the text that comes with the set and what people wrote
    /// about its pictures.
    pub words: String,
    /// Whether and how far word vectors are whitened over the tags: their mean is taken out, and each principal direction
    /// is divided by √(its variance + this · the mean variance); 0 leaves them as they are. Few directions otherwise
    /// hold most of what differs, and the rest does not count in a cosine.
    pub whiten: f64,
    /// What every word vector is then scaled to; 0 leaves them as they are. Cosines do not change.
    pub word_length: f64,
    /// Deviation of Gaussian noise on each entry of a real word vector in training. Words are points, which D could
    /// tell from all else; so blurred, they are a density.
    pub word_noise: f64,
    /// Whether each feature is scaled to mean 0 and variance 1 over the training pictures.
    pub standardize: bool,
    /// A word is a tag if so many training pictures have it.
    pub least: usize,
    /// Whether pictures are also paired with their words that are not tags.
    pub rare_words: bool,
}
