//! Images as bytes with class labels, embedded in the program or read from files: IDX, `.npz`, CSV, or PNGs by class.

mod arrays;
mod checksums;
mod embedded;
mod find;
mod folders;
mod idx;
#[allow(clippy::module_inception)]
mod images;
mod locate;
mod open;
mod set;
mod stored;
mod table;
#[cfg(test)]
mod test_files;

pub use checksums::Checksum;
pub use embedded::{Entry, catalogue, embedded_mnist};
pub use find::open;
pub use images::Images;
pub use open::load;
pub use set::{ImageSet, MNIST, Source};
