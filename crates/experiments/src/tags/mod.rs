//! The paper's second experiment (section 4.2): words for pictures.

mod embedded;
pub mod prepare;
mod set;

pub use set::{Picture, Split, TagSet, tag_word};
