//! File formats that several crates share, each read and written in one place.
//!
//! - [`write_whole`]: a file is replaced whole or not at all
//! - [`tensors`]: safetensors, named tensors with one entry of metadata
//! - [`npy`]: NumPy's arrays
//! - [`gzip`], [`sha256`]: compressed bytes, check sums
//! - [`content`]: what a file is by its first bytes
//! - [`folder`]: all files of a folder
//! - [`spreadsheet`]: cells of CSV that are no formulas
//! - [`text`]: text in other encodings than UTF-8

pub mod content;
pub mod folder;
pub mod gzip;
mod missing;
pub mod npy;
pub mod sha256;
pub mod spreadsheet;
pub mod tensors;
pub mod text;
mod whole;

pub use missing::cause;
pub use sha256::Sha256;
pub use tensors::{Tensor, TensorError, Tensors};
pub use whole::{Part, end_writing, part, remove_parts, write_bytes, write_whole};
