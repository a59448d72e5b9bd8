//! Small data sets for the tests.
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

/// The bytes of an IDX file: a header that announces `shape`, then any `body`.
pub(super) fn idx(shape: &[u32], body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, shape.len() as u8];
    bytes.extend(shape.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(body);
    bytes
}

/// `bytes` as one gzip member.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A temporary folder with these files.
pub(super) fn folder(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(Path::new(dir.path()).join(name), bytes).unwrap();
    }
    dir
}

/// The four files of a set, which a test may damage before they are written.
#[derive(Clone)]
pub(super) struct Sample {
    pub(super) prefix: &'static str,
    pub(super) train_images: Vec<u8>,
    pub(super) train_labels: Vec<u8>,
    pub(super) test_images: Vec<u8>,
    pub(super) test_labels: Vec<u8>,
    end: &'static str,
}

impl Sample {
    /// `train` and `test` images of (height, width) pixels 0 to 250 in turn, of labels from `first` in turn.
    pub(super) fn new(train: u32, test: u32, (height, width): (u32, u32), first: u8, classes: u32) -> Self {
        let images = |count: u32| {
            let pixels: Vec<u8> = (0..count * height * width).map(|i| (i % 251) as u8).collect();
            idx(&[count, height, width], &pixels)
        };
        let labels = |count: u32| {
            let labels: Vec<u8> = (0..count).map(|i| first + (i % classes) as u8).collect();
            idx(&[count], &labels)
        };
        Sample {
            prefix: "",
            train_images: images(train),
            train_labels: labels(train),
            test_images: images(test),
            test_labels: labels(test),
            end: "",
        }
    }

    /// The same set with every file compressed.
    pub(super) fn gzipped(self) -> Self {
        Sample {
            train_images: gzip(&self.train_images),
            train_labels: gzip(&self.train_labels),
            test_images: gzip(&self.test_images),
            test_labels: gzip(&self.test_labels),
            end: ".gz",
            ..self
        }
    }

    /// Writes the files into a temporary folder.
    pub(super) fn write(&self) -> TempDir {
        let Sample { prefix, end, .. } = self;
        folder([
            (format!("{prefix}train-images-idx3-ubyte{end}"), self.train_images.clone()),
            (format!("{prefix}train-labels-idx1-ubyte{end}"), self.train_labels.clone()),
            (format!("{prefix}t10k-images-idx3-ubyte{end}"), self.test_images.clone()),
            (format!("{prefix}t10k-labels-idx1-ubyte{end}"), self.test_labels.clone()),
        ])
    }
}
