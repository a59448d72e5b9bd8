//! Data sets: images as bytes with class labels, embedded in the program or read from a folder of IDX files.
mod checksums;
mod embedded;
mod error;
mod idx;
mod images;
mod locate;
#[cfg(test)]
mod sample;
mod set;
mod stored;

pub use checksums::Checksum;
pub use embedded::{Entry, catalogue};
pub use error::DataError;
pub use images::Images;
pub use set::{EMBEDDED, ImageSet, MNIST, Source};
