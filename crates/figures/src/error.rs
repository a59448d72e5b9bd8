//! Why a figure could not be made.

use std::io;
use std::path::{Path, PathBuf};

/// Why a picture could not be made. Each message is one full line and names the file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input cannot be read, or is not CSV.
    #[error("cannot read {}: {cause}", path.display())]
    Read {
        /// The file being read.
        path: PathBuf,
        /// What went wrong.
        cause: io::Error,
    },
    /// The picture cannot be written.
    #[error("cannot write {}: {cause}", path.display())]
    Write {
        /// The file being written.
        path: PathBuf,
        /// What went wrong.
        cause: io::Error,
    },
    /// The header of a metrics file lacks columns that the curves need.
    #[error("{}: no column {missing} in the header ({found})", path.display())]
    Columns {
        /// The metrics file.
        path: PathBuf,
        /// What is missing, as in `d_loss, g_loss`.
        missing: String,
        /// The columns that are there, as in `step, epoch`.
        found: String,
    },
    /// The numbers given for a grid do not fit together.
    #[error("cannot draw {}: {problem}", path.display())]
    Layout {
        /// The file that was to be drawn.
        path: PathBuf,
        /// What does not fit.
        problem: String,
    },
}

/// Writes a figure whole or not at all.
///
/// # Errors
/// [`Error::Write`] if the folder is missing, not writable or full; the file at `path` is then unchanged.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    files::write_bytes(path, bytes).map_err(|cause| Error::Write { path: path.to_owned(), cause })
}
