//! Why an evaluation failed.

use std::io;
use std::path::{Path, PathBuf};

/// One clear line each.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A net cannot be recorded.
    #[error(transparent)]
    Record(#[from] autograd::Error),
    /// A net cannot be recorded or trained.
    #[error(transparent)]
    Gan(#[from] cgan::Error),
    /// The data do not fit the run.
    #[error(transparent)]
    Data(#[from] data::Error),
    /// A file cannot be read or written.
    #[error("{}: {}", path.display(), files::cause(path, source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Samples would be measured against images that the nets were trained on.
    #[error("samples are measured against validation or test images, not against training images")]
    TrainingSplit,
    /// There is nothing to measure or to train on.
    #[error("{0}")]
    Empty(String),
    /// A signal stopped the training of a classifier.
    #[error("stopped by signal {signal} while a classifier was trained ({what}), of which nothing is kept")]
    Stopped {
        /// Its number.
        signal: i32,
        /// What was trained.
        what: String,
    },
    /// A system of equations has no solution.
    #[error("{0}")]
    Degenerate(&'static str),
}

impl Error {
    pub(crate) fn io(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}
