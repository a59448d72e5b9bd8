//! What can go wrong.

use std::path::{Path, PathBuf};

use thiserror::Error as Derive;

/// Why a text or vectors cannot be used, in one line.
#[derive(Debug, Derive)]
pub enum Error {
    /// The system refused.
    #[error("{}: {}", path.display(), files::cause(path, source))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        why: String,
    },
    /// A setting is outside its range.
    #[error("{key}: {why}")]
    Setting {
        /// The setting.
        key: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// There are too few words to learn from.
    #[error("{0}")]
    TooFew(String),
    /// A number is not finite.
    #[error("diverged: {0}")]
    Diverged(String),
}

impl Error {
    pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), source }
    }

    pub(crate) fn file(path: &Path, why: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), why: why.into() }
    }
}
