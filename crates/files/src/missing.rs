//! What a user is told when a file or folder is missing.

use std::io;
use std::path::Path;

/// Why `path` could not be read or written: what the system said, but in our words if something is missing. A file that
/// is to be written is missing only if its folder is.
pub fn cause(path: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => {}
        io::ErrorKind::IsADirectory => return "it is a folder, and a file is needed".to_owned(),
        io::ErrorKind::PermissionDenied => return "this user has no permission for it".to_owned(),
        io::ErrorKind::StorageFull => return "no space is left on its disk".to_owned(),
        io::ErrorKind::QuotaExceeded => return "this user's share of the disk is used up".to_owned(),
        io::ErrorKind::FileTooLarge => {
            return "larger than files may be here (ulimit -f shows the limit)".to_owned();
        }
        _ => return error.to_string(),
    }
    match path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        Some(folder) => format!("there is no folder {}", folder.display()),
        None => "there is no such file or folder".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = |path: &Path| cause(path, &std::fs::read(path).unwrap_err());
        assert_eq!(missing(&folder.path().join("a.txt")), "there is no such file or folder");
        assert_eq!(missing(Path::new("no-such-file")), "there is no such file or folder");
        let inner = folder.path().join("b");
        assert_eq!(missing(&inner.join("a.txt")), format!("there is no folder {}", inner.display()));
        let error = crate::write_bytes(&inner.join("a.txt"), b"").unwrap_err();
        assert_eq!(cause(&inner.join("a.txt"), &error), format!("there is no folder {}", inner.display()));
        assert_eq!(cause(&inner, &io::Error::other("full")), "full");
        let error = io::Error::from(io::ErrorKind::FileTooLarge);
        assert_eq!(cause(&inner, &error), "larger than files may be here (ulimit -f shows the limit)");
    }
}
