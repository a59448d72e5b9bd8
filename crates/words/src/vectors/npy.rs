//! `.npy`: the matrix, with the words as lines in a file of the same name and the ending `.words`.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use files::{content, npy, text};

use super::kind::without_gz;
use super::reading::Parts;
use crate::Error;

/// The most that is read of a list of words, in bytes.
const MOST_OF_WORDS: u64 = 1 << 32;

/// Reads the matrix, and the words beside it.
pub(super) fn read(file: impl Read, path: &Path) -> Result<Parts, Error> {
    let words = words_of(path)?;
    let matrix = npy::read_matrix(file).map_err(|error| Error::file(path, error.to_string()))?;
    Ok((words, matrix))
}

/// Writes the words beside the file.
pub(super) fn write_words(words: &[String], path: &Path) -> Result<(), Error> {
    let beside = words_beside(path);
    files::write_bytes(&beside, (words.join("\n") + "\n").as_bytes()).map_err(Error::io(&beside))
}

/// The words of a `.npy`, a line each.
fn words_of(path: &Path) -> Result<Vec<String>, Error> {
    let beside = words_beside(&without_gz(path));
    let bytes = content::read(&beside, MOST_OF_WORDS).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let why =
                format!("not there: it must have the words of the rows of {}, a line each", path.display());
            Error::file(&beside, why)
        }
        _ => Error::io(&beside)(error),
    })?;
    let (text, _) = text::decode_bytes(&bytes);
    Ok(text.trim_end().lines().map(|word| word.trim().to_owned()).collect())
}

/// The file of words that belongs to a `.npy`.
pub fn words_beside(path: &Path) -> PathBuf {
    path.with_extension("words")
}
