//! Data sets as the program reads them.
//!
//! - [`images`]: images as bytes with class labels, embedded in the program or read from a folder of IDX
//!   files
//! - [`tags`]: pictures with the tags that people gave them, and what a tagging run computes from them once
//! - [`features`]: vectors of pictures, as NumPy stores them
//! - [`prepare`]: published collections as folders of tagged pictures
//! - `onnx`: features by an ONNX net (cargo feature `onnx`)

mod error;
pub mod features;
pub mod images;
mod jpeg;
#[cfg(feature = "onnx")]
pub mod onnx;
pub mod prepare;
mod separator;
mod split;
pub mod tags;

pub use error::Error;
pub use split::Split;

/// What a configuration calls the data within the program.
pub const EMBEDDED: &str = "embedded";
