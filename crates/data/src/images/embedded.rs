//! The data set embedded in the program.
use std::path::Path;

use super::checksums::{Checksum, Checksums};
use super::locate::Files;
use super::set::{ImageSet, MNIST, Source};
use super::stored::Stored;
use crate::error::Error;

const SUMS: &str = include_str!("../../../../datasets/mnist/SHA256SUMS");

/// A file of datasets/mnist with its bytes.
macro_rules! mnist {
    ($name:literal) => {
        Stored::embedded(
            concat!("embedded/mnist/", $name),
            include_bytes!(concat!("../../../../datasets/mnist/", $name)),
        )
    };
}

/// The description of an embedded data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// Where it is.
    pub source: Source,
    /// Number of training images.
    pub train: usize,
    /// Number of validation images.
    pub validation: usize,
    /// Number of test images.
    pub test: usize,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Number of classes.
    pub classes: usize,
    /// Its authors and licence, in one line.
    pub licence: &'static str,
    /// SHA-256 of its files before compression.
    pub checksums: Vec<Checksum>,
}

/// The embedded data sets, without inflating any.
///
/// # Errors
/// [`Error::BadSums`] if the program was built with a faulty list of sums.
pub fn catalogue() -> Result<Vec<Entry>, Error> {
    Ok(vec![Entry {
        name: MNIST,
        source: Source::Embedded,
        train: 50_000,
        validation: 10_000,
        test: 10_000,
        height: 28,
        width: 28,
        classes: 10,
        licence: "CC BY-SA 3.0, Yann LeCun, Corinna Cortes and Christopher J. C. Burges",
        checksums: sums()?.into_entries(),
    }])
}

/// MNIST as embedded in the program; its SHA-256 sums are checked.
///
/// # Errors
/// [`Error::WrongChecksum`] and others if the program was built with other files.
pub fn embedded_mnist() -> Result<ImageSet, Error> {
    let files = Files {
        prefix: String::new(),
        train_images: mnist!("train-images-idx3-ubyte.gz"),
        train_labels: mnist!("train-labels-idx1-ubyte.gz"),
        test: Some((mnist!("t10k-images-idx3-ubyte.gz"), mnist!("t10k-labels-idx1-ubyte.gz"))),
    };
    ImageSet::read(MNIST.to_owned(), Source::Embedded, &files, &sums()?)
}

fn sums() -> Result<Checksums, Error> {
    Checksums::parse(Path::new("embedded/mnist/SHA256SUMS"), SUMS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_mnist_is_what_was_published() {
        let set = embedded_mnist().unwrap();
        assert_eq!(set.train.label(0), 5);
        assert_eq!(set.test.label(0), 7);
        assert_eq!(set.train.first_label, 0);
        let bytes = |images: &crate::images::Images| -> u64 {
            (0..images.len()).flat_map(|i| images.image(i)).map(u64::from).sum()
        };
        let mean = (bytes(&set.train) + bytes(&set.validation)) as f64 / (255.0 * 60_000.0 * 784.0);
        assert!((mean - 0.130_660_476_273_842_9).abs() < 1e-15, "{mean}");
    }

    #[test]
    fn the_catalogue_tells_the_truth() {
        let [entry] = &catalogue().unwrap()[..] else { panic!("one set") };
        let set = embedded_mnist().unwrap();
        assert_eq!((entry.name, &entry.source), (&*set.name, &set.source));
        assert_eq!((set.train.len(), set.validation.len(), set.test.len()), (50_000, 10_000, 10_000));
        assert_eq!((entry.train, entry.validation, entry.test), (50_000, 10_000, 10_000));
        for images in [&set.train, &set.validation, &set.test] {
            assert_eq!(
                (entry.height, entry.width, entry.classes),
                (images.height, images.width, images.classes)
            );
        }
        // Four sums: with fewer, a file would pass unchecked.
        let listed: Vec<&str> = entry.checksums.iter().map(|sum| &*sum.file).collect();
        let files = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"];
        assert_eq!(listed, files.map(|file| format!("{file}-ubyte")));
    }
}
