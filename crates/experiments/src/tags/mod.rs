//! The paper's second experiment (section 4.2): words for pictures.

pub mod baselines;
mod embedded;
pub mod evaluate;
pub mod measures;
pub mod pairs;
pub mod part;
pub mod prepare;
pub mod protocol;
mod set;
pub mod world;

pub use pairs::Pairs;
pub use part::Part;
pub use set::{Picture, Split, TagSet, tag_word};
pub use world::{TagsConfig, World};
