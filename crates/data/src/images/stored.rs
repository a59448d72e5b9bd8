//! A file of a data set, on disk or embedded.
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A file on disk or embedded in the program, not yet opened.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    /// Its path; for an embedded file, a name for messages.
    pub(super) path: PathBuf,
    embedded: Option<&'static [u8]>,
}

impl Stored {
    /// The file at `path`.
    pub(super) fn on_disk(path: PathBuf) -> Self {
        Stored { path, embedded: None }
    }

    /// A file whose `bytes` are part of the program.
    pub(super) fn embedded(path: impl AsRef<Path>, bytes: &'static [u8]) -> Self {
        Stored { path: path.as_ref().to_path_buf(), embedded: Some(bytes) }
    }

    /// The name without its folder.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Whether its name says that it is compressed.
    pub(super) fn is_gzipped(&self) -> bool {
        self.path.extension().is_some_and(|end| end == "gz")
    }

    /// The stored bytes; still compressed if the file is.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the file cannot be opened.
    pub(super) fn open(&self) -> Result<Box<dyn BufRead>, Error> {
        match self.embedded {
            Some(bytes) => Ok(Box::new(bytes)),
            None => Ok(Box::new(BufReader::new(File::open(&self.path).map_err(|e| self.io(e))?))),
        }
    }

    /// Wraps what the system said about this file.
    pub(super) fn io(&self, source: std::io::Error) -> Error {
        Error::Unreadable { path: self.path.clone(), source }
    }
}
