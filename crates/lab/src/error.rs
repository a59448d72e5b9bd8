//! Why an experiment could not be carried out. A check that fails is no error: see [`crate::Line::passes`].

use std::io;
use std::path::{Path, PathBuf};

/// One clear line each.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A game or a net cannot be recorded.
    #[error(transparent)]
    Record(#[from] autograd::Error),
    /// A net cannot be made, or its training diverged.
    #[error(transparent)]
    Gan(#[from] cgan::Error),
    /// A search for an optimum did not end.
    #[error(
        "{what}: the gradient is still {gradient:.1e} after {steps} steps; please report this with the seed"
    )]
    NoOptimum {
        /// Which search.
        what: &'static str,
        /// The largest entry of the gradient.
        gradient: f64,
        /// Steps taken.
        steps: usize,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {}", path.display(), files::cause(path, source))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn write(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Write { path: path.to_owned(), source }
    }
}
