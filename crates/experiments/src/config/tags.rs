//! Settings of the tagging experiment alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the second experiment beside the nets'.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TagsConfig {
    /// A file of word vectors; or `embedded`, for vectors learned from the text that comes with the data set and what
    /// people wrote about its pictures.
    #[schemars(extend("paper" = "skip-gram on YFCC100M"))]
    pub word_vectors: String,
    /// Whitening of the word vectors over the tags. Their mean is subtracted, and each principal direction is divided
    /// by √(its variance + this · the mean variance). Otherwise few directions hold most of the variance and decide
    /// every cosine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1e6), extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub whiten: Option<f64>,
    /// Norm to which every word vector is scaled. Cosines do not change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1e6), extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub vector_norm: Option<f64>,
    /// Standard deviation of Gaussian noise on each entry of a real word vector in training. Words are points, which D
    /// could tell from everything else; with noise they are a density.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1e6), extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub word_noise: Option<f64>,
    /// Whether each feature is scaled to mean 0 and variance 1 over the training pictures.
    #[schemars(extend("paper" = "open"))]
    pub standardize: bool,
    /// Training pictures that make a word a tag.
    #[schemars(range(min = 1), extend("paper" = "none: it ranks all its words"))]
    pub min_count: usize,
    /// Whether pictures are also paired with their words that are not tags.
    #[schemars(extend("paper" = "true"))]
    pub rare_words: bool,
}
