//! Writing a file whole or not at all.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Temporary files and folders that are being filled.
static PARTS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn parts() -> MutexGuard<'static, Vec<PathBuf>> {
    PARTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary file or folder that [`end_writing`] removes, until this value is dropped.
pub struct Part(PathBuf);

impl Part {
    /// Puts what is complete into its place by `rename`. Never returns where the process is being ended.
    pub fn placed<T>(self, rename: impl FnOnce() -> T) -> T {
        let parts = parts();
        let done = rename();
        drop(parts);
        done
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let mut parts = parts();
        if let Some(place) = parts.iter().position(|part| *part == self.0) {
            parts.swap_remove(place);
        }
    }
}

/// Makes a temporary file or folder that does not outlive the process.
///
/// # Errors
/// Those of `make`.
pub fn part<T: AsRef<Path>>(make: impl FnOnce() -> io::Result<T>) -> io::Result<(T, Part)> {
    // One step, so that `end_writing` misses none.
    let mut parts = parts();
    let made = make()?;
    parts.push(made.as_ref().to_owned());
    let part = Part(made.as_ref().to_owned());
    Ok((made, part))
}

/// Removes what is half written. No file is put into its place afterwards: the process must end now.
pub fn end_writing() {
    let parts = parts();
    for part in parts.iter() {
        // Nobody is left whom an error could help.
        let _ = if part.is_dir() { std::fs::remove_dir_all(part) } else { std::fs::remove_file(part) };
    }
    // The lock is never released.
    std::mem::forget(parts);
}

/// Lets `write` fill a temporary file beside `path`, syncs it, renames it to `path` and syncs the folder, so
/// that a kill at any moment leaves the old file or the new one.
///
/// # Errors
/// What the system said; whatever stood at `path` is then still there, and nothing else is left.
pub fn write_whole(path: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    // The parent of a bare file name is empty, which means the current folder.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    let prefix = part_of(path);
    builder.prefix(&prefix);
    // Temporary files are private by default; a result gets what the umask allows, as any other file.
    #[cfg(unix)]
    let everyone = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(everyone);
    // Only the kind of this error: its own text names the temporary file.
    let (temporary, part) =
        part(|| builder.tempfile_in(folder)).map_err(|error| io::Error::from(error.kind()))?;
    let permissions = temporary.as_file().metadata()?.permissions();
    write(temporary.path())?;
    // By name: `write` may have put another file in its place, as the safetensors library does.
    std::fs::set_permissions(temporary.path(), permissions)?;
    File::open(temporary.path())?.sync_all()?;
    part.placed(|| temporary.persist(path)).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// What the name of a temporary file for `path` begins with.
fn part_of(path: &Path) -> OsString {
    let mut prefix = OsString::from(".part-");
    // Within the limit that systems have for names, with six letters at random.
    let name = path.file_name().unwrap_or_default();
    prefix.push(if name.len() < 200 { name } else { OsStr::new("long") });
    prefix.push("-");
    prefix
}

/// Removes the temporary files that killed processes left beside `path` when they wrote it. No other process may be writing
/// it now.
///
/// # Errors
/// What the system said.
pub fn remove_parts(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let prefix = part_of(path);
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_part = entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes());
        if is_part && entry.file_type()?.is_file() {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes `bytes` to `path`, whole or not at all.
///
/// # Errors
/// As for [`write_whole`].
pub fn write_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_whole(path, |file| std::fs::write(file, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn replaces_a_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        for text in ["old", "new"] {
            write_whole(&path, |file| fs::write(file, text)).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_process_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        for name in ["a.txt", ".part-a.txt-Xy12zQ", ".part-b.txt-Xy12zQ"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        remove_parts(&path).unwrap();
        let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut left: Vec<_> = left.map(|name| name.into_string().unwrap()).collect();
        left.sort();
        assert_eq!(left, [".part-b.txt-Xy12zQ", "a.txt"]);
        let long = folder.path().join("n".repeat(250));
        write_whole(&long, |file| fs::write(file, "x")).unwrap();
    }

    #[test]
    fn a_failure_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "old").unwrap();
        write_whole(&path, |file| fs::write(file, "half").and(Err(io::Error::other("disk full"))))
            .unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_whole(&folder.path().join("no/a.txt"), |file| fs::write(file, "x")).is_err());
        fs::create_dir(folder.path().join("taken")).unwrap();
        assert!(write_whole(&folder.path().join("taken"), |file| fs::write(file, "x")).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
