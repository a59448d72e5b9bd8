//! Lists of SHA-256 sums, as `sha256sum` writes and checks them.
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use files::Sha256;

use super::stored::Stored;
use crate::error::Error;

/// The name of the list within a folder.
const FILE: &str = "SHA256SUMS";

/// Longest list that is read, in bytes: room for half a million files.
const LONGEST: u64 = 64 << 20;

/// The sum that a file should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    /// Name of the file, without its folder.
    pub file: String,
    /// SHA-256 in lower-case hex.
    pub sha256: String,
}

/// A parsed list; empty where a folder has none.
#[derive(Debug, Default)]
pub(super) struct Checksums(Vec<Checksum>);

impl Checksums {
    /// Parses `text`, the content of the file `path`.
    ///
    /// # Errors
    /// [`Error::BadSums`] with the first line that is not a sum, a space, a space or `*`, and a name.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        let mut sums = Vec::new();
        for (index, line) in text.lines().enumerate() {
            // `sha256sum --check` skips these as well.
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let sum =
                entry(line).ok_or_else(|| Error::BadSums { path: path.to_path_buf(), line: index + 1 })?;
            sums.push(sum);
        }
        Ok(Checksums(sums))
    }

    /// Reads the list of the folder `dir`, if it has one.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if there is one but it cannot be read or is too long, [`Error::BadSums`] if a line of it
    /// is wrong.
    pub(super) fn of_folder(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(FILE);
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
        match read {
            Ok(length) if length as u64 > LONGEST => {
                let most = LONGEST >> 20;
                Err(Error::file(
                    path,
                    format!("a list of sums of more than {most} MiB, the most that is read"),
                ))
            }
            Ok(_) => Checksums::parse(&path, &files::text::decode(bytes).text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Checksums::default()),
            Err(source) => Err(Error::Unreadable { path, source }),
        }
    }

    /// The entries in the order of the list.
    pub(super) fn into_entries(self) -> Vec<Checksum> {
        self.0
    }

    /// Checks `file`, whose uncompressed content is `header` followed by `body`.
    ///
    /// A list may name a gzipped file with `.gz`: then the sum is of the compressed bytes. Without `.gz` the
    /// sum is of the content. A file that is not listed passes.
    ///
    /// # Errors
    /// [`Error::WrongChecksum`] if a listed sum differs, [`Error::Unreadable`] if the file cannot be read
    /// again.
    pub(super) fn check(&self, file: &Stored, header: &[u8], body: &[u8]) -> Result<(), Error> {
        let name = file.name();
        let content = name.strip_suffix(".gz").unwrap_or(&name);
        if let Some(expected) = self.get(content) {
            let found = sum_of(&[header, body]);
            compare(file, found, expected)?;
        }
        if content != name
            && let Some(expected) = self.get(&name)
        {
            let mut found = Sha256::new();
            io::copy(&mut file.open()?, &mut found).map_err(|e| file.io(e))?;
            compare(file, found, expected)?;
        }
        Ok(())
    }

    fn get(&self, file: &str) -> Option<&str> {
        self.0.iter().find(|sum| sum.file == file).map(|sum| sum.sha256.as_str())
    }
}

fn entry(line: &str) -> Option<Checksum> {
    let (sha256, rest) = line.split_once(' ')?;
    let file = rest.strip_prefix([' ', '*'])?;
    let file = file.strip_prefix("./").unwrap_or(file);
    let sound = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit()) && !file.is_empty();
    sound.then(|| Checksum { file: file.to_owned(), sha256: sha256.to_ascii_lowercase() })
}

fn sum_of(parts: &[&[u8]]) -> Sha256 {
    let mut sum = Sha256::new();
    parts.iter().for_each(|part| sum.update(part));
    sum
}

fn compare(file: &Stored, found: Sha256, expected: &str) -> Result<(), Error> {
    let found = found.hex();
    if found == expected {
        return Ok(());
    }
    Err(Error::WrongChecksum { path: file.path.clone(), found, expected: expected.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn reads_both_forms_of_line_and_skips_comments() {
        let text = format!("# sums\n\n{ABC}  one\n{} *./two\n", ABC.to_uppercase());
        let sums = Checksums::parse(Path::new("S"), &text).unwrap().into_entries();
        let expected = ["one", "two"].map(|file| Checksum { file: file.into(), sha256: ABC.into() });
        assert_eq!(sums, expected);
    }

    #[test]
    fn names_the_line_that_makes_no_sense() {
        for bad in ["abc  one", &format!("{ABC} one"), &format!("{ABC}  "), ABC] {
            let text = format!("{ABC}  good\n{bad}\n");
            let error = Checksums::parse(Path::new("S"), &text).unwrap_err();
            assert_eq!(
                error.to_string(),
                "S: line 2: expected 64 hex digits, two spaces and a file name",
                "{bad:?}"
            );
        }
    }

    #[test]
    fn checks_the_content_and_the_bytes_as_stored() {
        let file = Stored::embedded("dir/x.gz", b"abc");
        let check = |name: &str, header: &[u8], body: &[u8]| {
            let sums = Checksums::parse(Path::new("S"), &format!("{ABC}  {name}\n")).unwrap();
            sums.check(&file, header, body)
        };
        check("x", b"a", b"bc").unwrap();
        check("x.gz", b"", b"anything").unwrap();
        check("y", b"", b"anything").unwrap();
        let error = check("x", b"a", b"bd").unwrap_err();
        assert!(matches!(&error, Error::WrongChecksum { expected, .. } if expected == ABC), "{error}");
        let other = Stored::embedded("dir/x.gz", b"abd");
        let sums = Checksums::parse(Path::new("S"), &format!("{ABC}  x.gz\n")).unwrap();
        assert!(matches!(sums.check(&other, b"", b"abc"), Err(Error::WrongChecksum { .. })));
    }

    #[test]
    fn a_folder_without_a_list_has_no_sums() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Checksums::of_folder(dir.path()).unwrap().into_entries().is_empty());
        std::fs::create_dir(dir.path().join(FILE)).unwrap();
        assert!(matches!(Checksums::of_folder(dir.path()), Err(Error::Unreadable { .. })));
    }

    #[test]
    fn a_long_list_is_read_to_its_end_or_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        let line = |number: usize| format!("{ABC}  file-{number:08}\r\n");
        let text: String = (0..20_000).map(line).collect();
        assert!(text.len() > 1 << 20);
        std::fs::write(&path, text).unwrap();
        let sums = Checksums::of_folder(dir.path()).unwrap();
        assert!(sums.get("file-00019999").is_some());
        File::create(&path).unwrap().set_len(LONGEST + 1).unwrap();
        let error = Checksums::of_folder(dir.path()).unwrap_err().to_string();
        assert!(error.contains("SHA256SUMS: a list of sums of more than 64 MiB"), "{error}");
    }
}
