//! Images as bytes with class labels, embedded in the program or read from files: IDX, `.npz`, CSV, or pictures by class.

mod arrays;
mod checksums;
mod embedded;
mod find;
mod folders;
mod grey;
mod idx;
#[allow(clippy::module_inception)]
mod images;
mod locate;
mod open;
mod pixels;
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

/// What to do with images of several channels, whose axis is numbered from 0, for a message.
fn in_grey(axis: usize) -> String {
    format!(
        "colour images are not read; in NumPy they become grey by x.mean(axis={axis}).round().astype('uint8')"
    )
}

/// How arrays become a set, for a message.
const SAVED: &str = "numpy.savez('set.npz', x_train=x, y_train=y)";

/// How pixels of a type become bytes, for a message. Floating-point pixels are refused, because nothing says whether they are
/// in [0, 1], in [-1, 1] or in 0 to 255.
fn in_bytes(kind: Pixels) -> &'static str {
    match kind {
        Pixels::Floats => {
            "floating-point pixels have no fixed range, so they are not converted here; in NumPy, for x in [0, 1]: \
             (x * 255).round().astype('uint8')"
        }
        Pixels::Bits => "in NumPy: x.astype('uint8') * 255",
        Pixels::Words => "in NumPy, for x in 0 to 65,535: (x >> 8).astype('uint8')",
        Pixels::Integers => "in NumPy: x.astype('uint8')",
    }
}

/// Types of pixels that are no bytes.
enum Pixels {
    Floats,
    /// True and false.
    Bits,
    /// Of 16 bits.
    Words,
    Integers,
}
