//! Writing a file whole or not at all.
use std::io::Write;
use std::path::Path;

use super::ReportError;

/// Writes `bytes` to a temporary file beside `path` and renames it to `path`.
///
/// # Errors
/// [`ReportError::Write`] if the folder is missing, or not writable, or full; `path` is then as it was.
pub(super) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    let failed = |cause| ReportError::Write { path: path.to_owned(), cause };
    // The parent of a bare file name is empty, which means the current folder.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".report-");
    // Temporary files are private by default; a picture gets what the umask allows, as any other file.
    #[cfg(unix)]
    let mode = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(mode);
    // Only the kind of this error: its own text names the temporary file.
    let mut file = builder.tempfile_in(folder).map_err(|error| failed(error.kind().into()))?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn replaces_a_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomically(&path, b"old").unwrap();
        write_atomically(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failure_names_the_destination_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("no").join("a.txt");
        let message = write_atomically(&missing, b"x").unwrap_err().to_string();
        assert_eq!(message, format!("cannot write {}: entity not found", missing.display()));

        let occupied = folder.path().join("folder");
        fs::create_dir(&occupied).unwrap();
        write_atomically(&occupied, b"x").unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
