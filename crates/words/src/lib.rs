//! A language model: words as vectors, by skip-gram with negative sampling (Mikolov et al. 2013).
//!
//! The image tagging of the paper (section 4.2) generates vectors of such a model.
//!
//! - [`tokens`]: text to words
//! - [`vocabulary`]: words as numbers, and their counts
//! - [`corpus`]: a text as numbers, in a temporary file
//! - [`phrases`]: words that often follow one another become one
//! - [`skipgram`]: the model and its training
//! - [`training`]: from a text to vectors, with a checkpoint
//! - [`vectors`]: words with their vectors, and their file formats
//! - [`neighbours`]: nearest neighbours by cosine
//! - [`whitening`]: whitened and scaled vectors
//! - [`evaluation`]: similarity of pairs, and analogies

pub mod alias;
pub mod corpus;
mod error;
pub mod evaluation;
pub mod neighbours;
pub mod phrases;
pub mod skipgram;
pub mod tokens;
pub mod training;
pub mod vectors;
pub mod vocabulary;
pub mod whitening;

pub use corpus::Corpus;
pub use error::Error;
pub use neighbours::Neighbours;
pub use phrases::Phrases;
pub use skipgram::{Config, SkipGram};
pub use tokens::Tokens;
pub use vectors::Vectors;
pub use vocabulary::Vocabulary;
