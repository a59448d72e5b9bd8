//! A data set with its three splits.
use std::fmt;
use std::path::{Path, PathBuf};

use super::checksums::Checksums;
use super::idx::{Pictures, read_images, read_labels};
use super::images::Images;
use super::locate::{Files, locate};
use super::stored::Stored;
use crate::error::Error;
use crate::split::Split;

/// The name of the embedded set.
pub const MNIST: &str = "mnist";

/// One training image in this many is held out for validation: 10,000 of MNIST's 60,000.
const VALIDATION_PART: usize = 6;

/// The source of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Embedded in the program.
    Embedded,
    /// The folder of its files.
    Folder(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Embedded => f.write_str("embedded"),
            Source::Folder(dir) => dir.display().fmt(f),
        }
    }
}

/// A data set in memory. All splits have images of one size, and the same classes.
#[derive(Debug)]
pub struct ImageSet {
    /// A name to show: `mnist`, or the name of the folder or of its files.
    pub name: String,
    /// Its source.
    pub source: Source,
    /// The training images: the training file without its last sixth (rounded down).
    pub train: Images,
    /// The validation images, for choosing settings: the last sixth of the training file.
    pub validation: Images,
    /// The test images.
    pub test: Images,
}

impl ImageSet {
    /// Reads the set of IDX files in the folder `dir`, and checks it if there is a `SHA256SUMS`.
    ///
    /// Classes run from the smallest to the greatest label of both files of labels.
    ///
    /// # Errors
    /// Whatever [`Error`] lists; nothing of a faulty set is used.
    pub fn open(dir: &Path) -> Result<ImageSet, Error> {
        let files = locate(dir)?;
        let sums = Checksums::of_folder(dir)?;
        let name = match files.prefix.trim_end_matches(['-', '_', '.']) {
            "" => folder_name(dir),
            prefix => prefix.to_owned(),
        };
        ImageSet::read(name, Source::Folder(dir.to_path_buf()), &files, &sums)
    }

    /// The images of a split.
    pub fn split(&self, split: Split) -> &Images {
        match split {
            Split::Train => &self.train,
            Split::Validation => &self.validation,
            Split::Test => &self.test,
        }
    }

    /// Reads the four `files` and splits the training images.
    ///
    /// # Errors
    /// The faults of each file, and of files that do not fit together.
    pub(super) fn read(
        name: String,
        source: Source,
        files: &Files,
        sums: &Checksums,
    ) -> Result<ImageSet, Error> {
        let (train, train_labels) = read_pair(&files.train_images, &files.train_labels, sums)?;
        let held_out = train.count / VALIDATION_PART;
        if held_out == 0 {
            let path = files.train_images.path.clone();
            return Err(Error::TooFew { path, images: train.count, needed: VALIDATION_PART });
        }
        let (test, test_labels) = read_pair(&files.test_images, &files.test_labels, sums)?;
        let size = (train.height, train.width);
        if (test.height, test.width) != size {
            let path = files.test_images.path.clone();
            return Err(Error::SizesDisagree { path, found: (test.height, test.width), expected: size });
        }

        let used = || train_labels.iter().chain(&test_labels).map(|&label| usize::from(label));
        let first = used().min().unwrap_or(0);
        let classes = used().max().unwrap_or(0) - first + 1;
        let kept = train.count - held_out;
        let mut train = Images::new(size, (first, classes), train.pixels, train_labels);
        let validation = train.split_off(kept);
        let test = Images::new(size, (first, classes), test.pixels, test_labels);
        Ok(ImageSet { name, source, train, validation, test })
    }
}

/// Reads the labels and the images of one split and checks that there are equally many.
fn read_pair(images: &Stored, labels: &Stored, sums: &Checksums) -> Result<(Pictures, Vec<u8>), Error> {
    let numbers = read_labels(labels, sums)?;
    let pictures = read_images(images, sums)?;
    if pictures.count != numbers.len() {
        return Err(Error::CountsDisagree {
            path: labels.path.clone(),
            labels: numbers.len(),
            images_path: images.path.clone(),
            images: pictures.count,
        });
    }
    Ok((pictures, numbers))
}

/// The folder's own name, also for a path such as `.`.
fn folder_name(dir: &Path) -> String {
    let full = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    full.file_name().map_or_else(|| "data".to_owned(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::test_files::{Sample, gzip, idx};

    fn refused(sample: Sample) -> Error {
        ImageSet::open(sample.write().path()).unwrap_err()
    }

    #[test]
    fn opens_a_folder_of_any_size_and_number_of_classes() {
        let sample = Sample::new(100, 50, (2, 3), 0, 47);
        for compress in [false, true] {
            let dir = if compress { sample.clone().gzipped().write() } else { sample.write() };
            let set = ImageSet::open(dir.path()).unwrap();
            assert_eq!(set.name, dir.path().file_name().unwrap().to_string_lossy());
            assert_eq!(set.source, Source::Folder(dir.path().to_path_buf()));
            assert_eq!(set.source.to_string(), dir.path().display().to_string());
            assert_eq!((set.train.len(), set.validation.len(), set.test.len()), (84, 16, 50));
            for images in [&set.train, &set.validation, &set.test] {
                assert_eq!((images.height, images.width), (2, 3));
                assert_eq!((images.classes, images.first_label), (47, 0));
            }
            // Labels and pixels repeat in order.
            assert_eq!((set.validation.label(0), set.test.label(48)), (84 - 47, 1));
            assert_eq!(set.validation.image(0), [2, 3, 4, 5, 6, 7]);
        }
    }

    #[test]
    fn labels_may_start_above_0_and_differ_between_the_files() {
        let mut sample = Sample::new(60, 20, (1, 1), 1, 26);
        sample.prefix = "emnist-letters-";
        let set = ImageSet::open(sample.gzipped().write().path()).unwrap();
        assert_eq!(set.name, "emnist-letters");
        assert_eq!((set.test.classes, set.test.first_label), (26, 1));
        assert_eq!((set.train.label(0), set.train.label(25), set.test.label(19)), (0, 25, 19));
    }

    #[test]
    fn files_must_fit_together() {
        let good = Sample::new(12, 3, (2, 2), 0, 3);
        let mut few = good.clone();
        few.train_labels = idx(&[11], &[0; 11]);
        let error = refused(few).to_string();
        assert!(error.contains("train-labels-idx1-ubyte: 11 labels for the 12 images of "), "{error}");

        let mut other = good.clone();
        other.test_images = idx(&[3, 4, 1], &[0; 12]);
        let error = refused(other).to_string();
        let what = "images of 4x1 pixels, but the training images have 2x2 (height x width)";
        assert!(error.ends_with(what), "{error}");

        let mut empty = good.clone();
        empty.test_labels = idx(&[0], &[]);
        assert!(matches!(refused(empty), Error::Empty { path } if path.ends_with("t10k-labels-idx1-ubyte")));

        let five = Sample::new(5, 3, (2, 2), 0, 3);
        assert!(matches!(refused(five), Error::TooFew { images: 5, needed: 6, .. }));
        ImageSet::open(Sample::new(6, 1, (1, 1), 0, 1).write().path()).unwrap();
    }

    #[test]
    fn a_list_of_sums_is_obeyed() {
        let sample = Sample::new(6, 1, (1, 1), 0, 2);
        let dir = sample.write();
        let list = |line: &str| std::fs::write(dir.path().join("SHA256SUMS"), line).unwrap();
        list(&format!("{}  t10k-images-idx3-ubyte\n", "0".repeat(64)));
        let error = ImageSet::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("t10k-images-idx3-ubyte: SHA-256 is "), "{error}");
        list("nonsense\n");
        assert!(matches!(ImageSet::open(dir.path()), Err(Error::BadSums { line: 1, .. })));
        // The sum of the 17 bytes of that file.
        list("f5663bea8fbcb5b5ea1b6164bf4402940c4a019ab11f6c6aefe6c9d3776e10da  t10k-images-idx3-ubyte\n");
        ImageSet::open(dir.path()).unwrap();
    }

    #[test]
    fn errors_of_a_file_come_through() {
        let mut sample = Sample::new(6, 1, (1, 1), 0, 2).gzipped();
        sample.train_images = gzip(&sample.train_images);
        assert!(matches!(refused(sample), Error::WrongMagic { found: 0x1f8b_0800, .. }));
    }
}
