//! A data set with its three splits.
use std::fmt;
use std::path::{Path, PathBuf};

use super::checksums::Checksums;
use super::idx::{Pictures, read_images, read_labels};
use super::images::Images;
use super::locate::Files;
use super::stored::Stored;
use crate::error::Error;
use crate::split::Split;

/// The name of the embedded set.
pub const MNIST: &str = "mnist";

/// One training image in this many is held out for validation: 10,000 of MNIST's 60,000.
const VALIDATION_PART: usize = 6;

/// Training images without a pixel of this value are told to be dark: their range may be 0 to 1, or to 16.
const DARK: u8 = 32;

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
    /// The training images: the training file, without the sixth (rounded down) that is held out if the set has no
    /// validation images of its own.
    pub train: Images,
    /// The validation images, for choosing settings: those of the set, or else the last sixth of the training file, or of
    /// each of its classes.
    pub validation: Images,
    /// The test images; there may be none.
    pub test: Images,
    /// The classes, counted from 0, that have no training image.
    pub absent: Vec<usize>,
    /// Lines about what a user should know of the set.
    pub notes: Vec<String>,
}

/// The images of a file, and their labels as the file numbers them.
#[derive(Debug)]
pub(super) struct Half {
    pub(super) images: Pictures,
    pub(super) labels: Vec<u8>,
    /// The file of images, for messages.
    pub(super) images_path: PathBuf,
    /// The file of labels, for messages.
    pub(super) labels_path: PathBuf,
}

/// What was found of a set.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) train: Half,
    /// Images to validate; without them, a sixth of those to train is held out.
    pub(super) validation: Option<Half>,
    pub(super) test: Option<Half>,
    /// Lines about what was found, to which the set's name is added.
    pub(super) notes: Vec<String>,
}

impl Parts {
    /// Images to train and to test.
    pub(super) fn of(train: Half, test: Option<Half>) -> Self {
        Self { train, validation: None, test, notes: Vec::new() }
    }
}

impl ImageSet {
    /// The images of a split.
    pub fn split(&self, split: Split) -> &Images {
        match split {
            Split::Train => &self.train,
            Split::Validation => &self.validation,
            Split::Test => &self.test,
        }
    }

    /// The classes that have training images, counted from 0.
    pub fn present(&self) -> Vec<usize> {
        (0..self.train.classes).filter(|class| !self.absent.contains(class)).collect()
    }

    /// Reads IDX files and splits the training images.
    ///
    /// # Errors
    /// The faults of each file, and of files that do not fit together.
    pub(super) fn read(
        name: String,
        source: Source,
        files: &Files,
        sums: &Checksums,
    ) -> Result<ImageSet, Error> {
        let train = read_pair(&files.train_images, &files.train_labels, sums)?;
        let test = files.test.as_ref().map(|(images, labels)| read_pair(images, labels, sums)).transpose()?;
        Self::of(name, source, Parts::of(train, test))
    }

    /// A set of the images to train, to validate and to test.
    ///
    /// # Errors
    /// If there are too few images, or they do not fit together.
    pub(super) fn of(name: String, source: Source, parts: Parts) -> Result<ImageSet, Error> {
        let Parts { train, validation, test, notes } = parts;
        let count = train.images.count;
        if count < VALIDATION_PART {
            return Err(Error::TooFew { path: train.images_path, images: count, needed: VALIDATION_PART });
        }
        for half in std::iter::once(&train).chain(&validation).chain(&test) {
            if half.images.count != half.labels.len() {
                return Err(Error::CountsDisagree {
                    path: half.labels_path.clone(),
                    labels: half.labels.len(),
                    images_path: half.images_path.clone(),
                    images: half.images.count,
                });
            }
        }
        let size = (train.images.height, train.images.width);
        let others = || validation.iter().chain(&test);
        if let Some(Half { images, images_path, .. }) =
            others().find(|other| (other.images.height, other.images.width) != size)
        {
            let (path, found) = (images_path.clone(), (images.height, images.width));
            return Err(Error::SizesDisagree { path, found, expected: size });
        }

        let used = || {
            let others = others().flat_map(|other| &other.labels);
            train.labels.iter().chain(others).map(|&label| usize::from(label))
        };
        let first = used().min().unwrap_or(0);
        let classes = used().max().unwrap_or(0) - first + 1;
        // Ends at the first bright one.
        let is_dark = train.images.pixels.iter().all(|pixel| *pixel < DARK);
        let brightest = if is_dark { train.images.pixels.iter().max().copied() } else { None };
        let images = |half: Half| Images::new(size, (first, classes), half.images.pixels, half.labels);
        let (train, validation) = match validation {
            Some(validation) => (images(train), images(validation)),
            None => {
                let held_out = held_out(&train.labels);
                images(train).divide(&held_out)
            }
        };
        let test = test.map_or_else(|| Images::new(size, (first, classes), vec![], vec![]), images);
        let seen = train.labels();
        let absent: Vec<usize> = (0..classes).filter(|class| !seen.contains(class)).collect();
        let mut notes: Vec<String> = notes.into_iter().map(|note| format!("{name}: {note}")).collect();
        if brightest == Some(0) {
            notes.push(format!(
                "{name}: all training pixels are 0; of 16-bit pictures the upper 8 bits are read"
            ));
        } else if let Some(brightest) = brightest {
            notes.push(format!(
                "{name}: no training pixel is above {brightest} of 255: the images are almost black; if their range is 0 to \
                 {brightest}, stretch it to 0 to 255 first"
            ));
        }
        if !absent.is_empty() {
            let labels: Vec<String> = absent.iter().map(|class| (class + first).to_string()).collect();
            notes.push(format!("{name}: no training image has the label {}", labels.join(", ")));
        }
        if test.is_empty() {
            notes.push(format!(
                "{name}: no test images: it can be trained on, but `cgan evaluate` needs them"
            ));
        }
        Ok(ImageSet { name, source, train, validation, test, absent, notes })
    }
}

/// Which images are held out for validation: a sixth, rounded down.
///
/// As published sets are in no order, these are the last of the file. But where that would take more than half of a class, or
/// less than a twenty-fourth (or none of six), as of a file that is sorted by class, they are the last of every class.
fn held_out(labels: &[u8]) -> Vec<bool> {
    let kept = labels.len() - labels.len() / VALIDATION_PART;
    let (mut all, mut last) = ([0usize; 256], [0usize; 256]);
    for (place, label) in labels.iter().enumerate() {
        all[usize::from(*label)] += 1;
        last[usize::from(*label)] += usize::from(place >= kept);
    }
    if all
        .iter()
        .zip(last)
        .all(|(all, last)| 2 * last <= *all && (all / 24).max(usize::from(*all >= VALIDATION_PART)) <= last)
    {
        return (0..labels.len()).map(|place| place >= kept).collect();
    }
    // The place of an image within its class, from 0 to 1; of equal places the later in the file comes last.
    let mut before = [0usize; 256];
    let mut places: Vec<(f64, usize)> = labels
        .iter()
        .enumerate()
        .map(|(place, label)| {
            let class = usize::from(*label);
            before[class] += 1;
            ((before[class] as f64 - 0.5) / all[class] as f64, place)
        })
        .collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut held_out = vec![false; labels.len()];
    places[kept..].iter().for_each(|(_, place)| held_out[*place] = true);
    held_out
}

/// Reads the labels and the images of one split.
fn read_pair(images: &Stored, labels: &Stored, sums: &Checksums) -> Result<Half, Error> {
    let numbers = read_labels(labels, sums)?;
    let pictures = read_images(images, sums)?;
    let (images_path, labels_path) = (images.path.clone(), labels.path.clone());
    Ok(Half { images: pictures, labels: numbers, images_path, labels_path })
}

/// The folder's own name, also for a path such as `.`.
pub(super) fn folder_name(dir: &Path) -> String {
    let full = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    full.file_name().map_or_else(|| "data".to_owned(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::test_files::{Sample, gzip, idx};

    fn refused(sample: Sample) -> Error {
        crate::images::open(sample.write().path()).unwrap_err()
    }

    #[test]
    fn opens_a_folder_of_any_size_and_number_of_classes() {
        let sample = Sample::new(100, 50, (2, 3), 0, 47);
        for compress in [false, true] {
            let dir = if compress { sample.clone().gzipped().write() } else { sample.write() };
            let set = crate::images::open(dir.path()).unwrap();
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
    fn every_class_is_in_every_split_of_a_sorted_set() {
        let mut sample = Sample::new(240, 30, (1, 2), 0, 10);
        let count = |images: &Images, class| images.labels().iter().filter(|label| **label == class).count();
        let sorted: Vec<u8> = (0..240).map(|i| (i / 24) as u8).collect();
        sample.train_labels = idx(&[240], &sorted);
        let set = crate::images::open(sample.write().path()).unwrap();
        assert_eq!((set.train.len(), set.validation.len()), (200, 40));
        for class in 0..10 {
            assert_eq!((count(&set.train, class), count(&set.validation, class)), (20, 4), "{class}");
        }
        // The last of each class, in the order of the file: pixels count up.
        assert_eq!((set.validation.image(0), set.train.image(20)), (vec![40, 41], vec![48, 49]));
        // A file in no order is split where it always was.
        sample.train_labels = idx(&[240], &(0..240).map(|i| (i * 7 % 10) as u8).collect::<Vec<_>>());
        let set = crate::images::open(sample.write().path()).unwrap();
        assert_eq!(set.validation.image(0), [(400 % 251) as u8, (401 % 251) as u8]);
        assert!(set.absent.is_empty() && set.notes.is_empty());
    }

    #[test]
    fn classes_without_images_are_named_and_test_files_may_be_missing() {
        let mut sample = Sample::new(60, 20, (1, 1), 0, 2);
        sample.train_labels = idx(&[60], &(0..60).map(|i| [1, 2, 7][i % 3]).collect::<Vec<_>>());
        sample.test_labels = idx(&[20], &[4; 20]);
        let dir = sample.write();
        let set = crate::images::open(dir.path()).unwrap();
        assert_eq!((set.absent.clone(), set.present()), (vec![2, 3, 4, 5], vec![0, 1, 6]));
        assert!(set.notes[0].ends_with("no training image has the label 3, 4, 5, 6"), "{:?}", set.notes);
        for name in ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] {
            std::fs::remove_file(dir.path().join(name)).unwrap();
        }
        let set = crate::images::open(dir.path()).unwrap();
        assert!(set.test.is_empty() && set.train.len() == 50);
        assert!(set.notes[1].contains("no test images"), "{:?}", set.notes);
    }

    #[test]
    fn labels_may_start_above_0_and_differ_between_the_files() {
        let mut sample = Sample::new(60, 20, (1, 1), 1, 26);
        sample.prefix = "emnist-letters-";
        let set = crate::images::open(sample.gzipped().write().path()).unwrap();
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
        crate::images::open(Sample::new(6, 1, (1, 1), 0, 1).write().path()).unwrap();
    }

    #[test]
    fn a_list_of_sums_is_obeyed() {
        let sample = Sample::new(6, 1, (1, 1), 0, 2);
        let dir = sample.write();
        let list = |line: &str| std::fs::write(dir.path().join("SHA256SUMS"), line).unwrap();
        list(&format!("{}  t10k-images-idx3-ubyte\n", "0".repeat(64)));
        let error = crate::images::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("t10k-images-idx3-ubyte: SHA-256 is "), "{error}");
        list("nonsense\n");
        assert!(matches!(crate::images::open(dir.path()), Err(Error::BadSums { line: 1, .. })));
        // The sum of the 17 bytes of that file.
        list("f5663bea8fbcb5b5ea1b6164bf4402940c4a019ab11f6c6aefe6c9d3776e10da  t10k-images-idx3-ubyte\n");
        crate::images::open(dir.path()).unwrap();
    }

    #[test]
    fn errors_of_a_file_come_through() {
        let mut sample = Sample::new(6, 1, (1, 1), 0, 2).gzipped();
        sample.train_images = gzip(&sample.train_images);
        let error = refused(sample).to_string();
        assert!(error.ends_with("train-images-idx3-ubyte.gz: it is a gzip file"), "{error}");
    }
}
