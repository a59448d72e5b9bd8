//! Which kind of file word vectors are in: by content where that shows it, else by the ending.

use std::path::{Path, PathBuf};

use files::{content, text};

use super::fields::{header, trailing_numbers};
use super::reading::not_vectors;
use crate::Error;

/// Bytes by which the kind of a file is recognised.
pub(super) const FIRST: u64 = 1 << 12;

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `.txt`, `.vec`.
    Text,
    /// `.bin`.
    Binary,
    /// `.safetensors`.
    Safetensors,
    /// `.npy`, with its words [beside](super::words_beside).
    Npy,
}

impl Kind {
    /// The kind that a path's ending asks for, in any case.
    ///
    /// # Errors
    /// If it is none of them.
    pub fn of(path: &Path) -> Result<Self, Error> {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("txt" | "vec") => Ok(Kind::Text),
            Some("bin") => Ok(Kind::Binary),
            Some("safetensors") => Ok(Kind::Safetensors),
            Some("npy") => Ok(Kind::Npy),
            _ => Err(Error::file(path, "word vectors are .txt, .vec, .bin, .safetensors or .npy")),
        }
    }

    /// The kind of a file to be read: what its first bytes show, else what its ending says.
    pub(super) fn of_content(first: &[u8], path: &Path) -> Result<Self, Error> {
        let by_ending = Self::of(&without_gz(path));
        match content::described(first) {
            Some(what) if what == content::NPY => return Ok(Kind::Npy),
            Some(what) if what == content::SAFETENSORS => return Ok(Kind::Safetensors),
            Some(what) if what == content::LFS_POINTER || by_ending.is_err() => {
                return Err(not_vectors(path, first, ""));
            }
            _ => {}
        }
        if matches!(by_ending, Ok(Kind::Safetensors | Kind::Npy)) {
            return by_ending;
        }
        let mut lines = first.split_inclusive(|byte| *byte == b'\n');
        let line = lines.next().unwrap_or_default();
        let numbers = |line: &[u8]| trailing_numbers(&text::decode_line(line).0);
        match std::str::from_utf8(line).ok().and_then(header) {
            Some((_, width)) => {
                let rest = &first[line.len()..];
                let odd =
                    rest.iter().filter(|byte| byte.is_ascii_control() && !b"\t\r\n".contains(byte)).count();
                if lines.next().is_some_and(|second| numbers(second) == width) {
                    Ok(Kind::Text)
                } else if 20 * odd > rest.len() {
                    Ok(Kind::Binary)
                } else {
                    by_ending
                }
            }
            // A name without a known ending, such as `glove.6B.50d`.
            None if by_ending.is_err() && numbers(line) > 1 => Ok(Kind::Text),
            None => by_ending,
        }
    }
}

/// The path without an ending `.gz`.
pub(super) fn without_gz(path: &Path) -> PathBuf {
    match path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz")) {
        true => path.with_extension(""),
        false => path.to_owned(),
    }
}
