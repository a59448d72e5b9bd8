//! The files of a folder and of the folders within.

use std::collections::{HashSet, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// All files under a folder, sorted. Hidden files and folders are passed over, among them the `._*` of macOS. Links are
/// followed; every folder is listed once, however many links lead to it, so that a link to a parent has an end.
///
/// # Errors
/// The folder that cannot be listed, and what the system said.
pub fn files_under(folder: &Path) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    // Links come last, so that a folder is listed under its own name.
    let (mut folders, mut links) = (VecDeque::from([folder.to_owned()]), VecDeque::new());
    while let Some(inner) = folders.pop_front().or_else(|| links.pop_front()) {
        let fault = |error| (inner.clone(), error);
        if !seen.insert(inner.canonicalize().map_err(fault)?) {
            continue;
        }
        let mut entries =
            fs::read_dir(&inner).map_err(fault)?.collect::<io::Result<Vec<_>>>().map_err(fault)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            // A link that leads nowhere is a file that cannot be read.
            let is_folder = path.is_dir();
            match is_folder && path.is_symlink() {
                true => links.push_back(path),
                false if is_folder => folders.push_back(path),
                false => found.push(path),
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The ending of a file as it is counted in messages: `.png`, in lower case, or `no ending`.
pub fn ending(path: &Path) -> String {
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy().to_lowercase()));
    ending.unwrap_or_else(|| "no ending".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn links_to_parents_have_an_end_and_hidden_files_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("b/c")).unwrap();
        for name in ["b/c/2.txt", "1.txt", "._1.txt", ".DS_Store"] {
            fs::write(at(name), "").unwrap();
        }
        for link in ["a", "b/one", "b/two", "b/c/three"] {
            std::os::unix::fs::symlink(folder.path(), at(link)).unwrap();
        }
        std::os::unix::fs::symlink("nowhere", at("z.txt")).unwrap();
        let want = ["1.txt", "b/c/2.txt", "z.txt"].map(at);
        assert_eq!(files_under(folder.path()).unwrap(), want);
        assert_eq!(files_under(&at("none")).unwrap_err().0, at("none"));
    }
}
