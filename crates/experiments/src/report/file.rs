//! Writing a picture whole or not at all.
use std::fs;
use std::path::Path;

use super::ReportError;

/// # Errors
/// [`ReportError::Write`] if the folder is missing, or not writable, or full; `path` is then as it was.
pub(super) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    cgan::files::write_whole(path, |file| fs::write(file, bytes))
        .map_err(|cause| ReportError::Write { path: path.to_owned(), cause })
}
