//! What the readers of published layouts share.

use std::fs;
use std::path::{Path, PathBuf};

use words::Tokens;

use crate::error::Error;
use crate::features::id_of;
use crate::split::Split;
use crate::tags::{Picture, tag_word};

/// The pictures of a collection, and how many were left out.
#[derive(Debug, Default)]
pub struct Found {
    /// The pictures with tags.
    pub pictures: Vec<Picture>,
    /// Reasons, each with its number of pictures.
    pub left_out: Vec<(String, usize)>,
}

impl Found {
    pub(super) fn leave_out(&mut self, why: &str) {
        match self.left_out.iter_mut().find(|(known, _)| known == why) {
            Some((_, count)) => *count += 1,
            None => self.left_out.push((why.to_owned(), 1)),
        }
    }

    /// Adds a picture if it has tags.
    pub(super) fn take(&mut self, picture: Picture) {
        if picture.tags.iter().any(|tag| tag_word(tag).is_some()) {
            self.pictures.push(picture);
        } else {
            self.leave_out("no tags");
        }
    }
}

/// The words that near-duplicates share: those of the title, or of the id if there is no title, without
/// numbers, single letters, and a leading "clipart by NAME".
pub fn stem(picture: &Picture) -> String {
    let title = match picture.title.split_once(" - ") {
        Some((by, title)) if by.to_lowercase().starts_with("clipart by") => title,
        _ => &picture.title,
    };
    let words = |text: &str| -> Vec<String> {
        let letters = |word: &String| word.trim_matches(|c: char| !c.is_alphabetic()).to_owned();
        let cut = text.replace(['_', '-', '/'], " ");
        Tokens::Words.of(&cut).iter().map(letters).filter(|word| word.chars().count() > 1).collect()
    };
    let of_title = words(title);
    if of_title.is_empty() { words(&picture.id).join(" ") } else { of_title.join(" ") }
}

/// The split of all pictures with this [`stem`]: 80 % train, 10 % validation, 10 % test. A hash decides, so
/// that the split of a picture does not change when others are added or removed.
pub(super) fn split_by(stem: &str) -> Split {
    let hash = files::sha256::hex(stem);
    match u8::from_str_radix(&hash[..2], 16).expect("hex digits") {
        0..205 => Split::Train,
        205..231 => Split::Validation,
        _ => Split::Test,
    }
}

/// Text that should be UTF-8. Other text is decoded as Latin-1, and `odd` counts it.
pub(super) fn decode(bytes: Vec<u8>, odd: &mut usize) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        *odd += 1;
        error.into_bytes().into_iter().map(char::from).collect()
    })
}

/// All files under a folder with this ending, sorted, each with its relative path without the ending.
pub(super) fn files_under(folder: &Path, ending: &str) -> Result<Vec<(String, PathBuf)>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).map_err(Error::io(&inner))? {
            let path = entry.map_err(Error::io(&inner))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending)) {
                found.extend(id_of(path.strip_prefix(folder).unwrap_or(&path)).map(|id| (id, path)));
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::fixture::picture;

    #[test]
    fn near_duplicates_have_one_stem() {
        for (id, title, want) in [
            ("a/b", "Ice Cream Cone (1 Scoop)", "ice cream cone scoop"),
            ("a/b", "Clipart by Nicu Buculei - clock12", "clock"),
            ("flags/usa_07", "", "flags usa"),
            ("a/b", "card", "card"),
        ] {
            assert_eq!(stem(&picture(id, title)), want);
        }
    }
}
