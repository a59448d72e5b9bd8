//! What the readers of published layouts share.

use std::collections::HashMap;
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

/// Divides pictures without a split: 80 % train, 10 % validation, 10 % test, as near as groups allow. Near-duplicates, which
/// share a [`stem`], stay together; but a stem of more than a tenth of the pictures is the camera's (`IMG_0001`), or none,
/// and its pictures are divided one by one. The order is that of hashes of the names, so that it does not matter how they
/// are listed, and a further picture moves few others.
pub(super) fn divide(mut pictures: Vec<&mut Picture>) {
    let mut stems: HashMap<String, usize> = HashMap::new();
    pictures.iter().for_each(|picture| *stems.entry(stem(picture)).or_default() += 1);
    let most = (pictures.len() / 10).max(3);
    let mut groups: HashMap<String, Vec<&mut Picture>> = HashMap::new();
    for picture in pictures.drain(..) {
        let stem = stem(picture);
        let alone = stem.is_empty() || stems[&stem] > most;
        groups.entry(if alone { picture.id.clone() } else { stem }).or_default().push(picture);
    }
    let all: usize = groups.values().map(Vec::len).sum();
    let mut groups: Vec<(String, Vec<&mut Picture>)> =
        groups.into_iter().map(|(name, group)| (files::sha256::hex(name), group)).collect();
    groups.sort_by(|a, b| a.0.cmp(&b.0));
    let mut before = 0;
    for (_, group) in groups {
        // Ten times where the middle of the group lies.
        let place = (10 * before + 5 * group.len()) / all;
        before += group.len();
        let split = match place {
            ..8 => Split::Train,
            8 => Split::Validation,
            _ => Split::Test,
        };
        group.into_iter().for_each(|picture| picture.split = split);
    }
}

/// The most that is read of a list, in bytes.
pub(super) const MOST: u64 = 1 << 30;

/// A text in any encoding, inflated if it is gzip; `odd` counts those that are not UTF-8 and names the encoding of the last.
pub(super) fn read_text(path: &Path, odd: &mut (usize, &'static str)) -> Result<String, Error> {
    let bytes = files::content::read(path, MOST).map_err(Error::unreadable(path))?;
    if let Some(what) = files::content::described(&bytes) {
        return Err(Error::file(path, format!("no text: it is {what}")));
    }
    let text = files::text::decode(bytes);
    if let Some(name) = text.encoding {
        *odd = (odd.0 + 1, name);
    }
    Ok(text.text)
}

/// All files under a folder with this ending, sorted, each with its relative path without the ending.
pub(super) fn files_under(folder: &Path, ending: &str) -> Result<Vec<(String, PathBuf)>, Error> {
    let files =
        files::folder::files_under(folder).map_err(|(path, source)| Error::Unreadable { path, source })?;
    let mut found: Vec<(String, PathBuf)> = files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending)))
        .filter_map(|path| Some((id_of(path.strip_prefix(folder).unwrap_or(&path))?, path)))
        .collect();
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::fixture::picture;

    #[test]
    fn pictures_are_divided_whatever_their_names_are() {
        let parts = |names: Vec<String>, title: &str| {
            let mut pictures: Vec<Picture> = names.iter().map(|id| picture(id, title)).collect();
            divide(pictures.iter_mut().collect());
            let count = |split| pictures.iter().filter(|picture| picture.split == split).count();
            let counts = [Split::Train, Split::Validation, Split::Test].map(count);
            (pictures, counts)
        };
        let named = |name: fn(usize) -> String| (0..300).map(name).collect::<Vec<_>>();
        for names in [
            named(|i| format!("IMG_{i:04}")),
            named(|i| format!("DSC{i:05}")),
            named(|i| format!("{:012}", 37 * i)),
            named(|i| format!("{}/{i}", ["cat", "dog", "cow"][i % 3])),
        ] {
            assert_eq!(parts(names.clone(), "").1, [240, 30, 30], "{}", names[0]);
            assert_eq!(parts(names, "untitled").1, [240, 30, 30]);
        }
        assert_eq!(parts((0..10).map(|i| i.to_string()).collect(), "").1, [8, 1, 1]);
        // Near-duplicates stay together, and a further picture moves few others.
        let twins = |all: usize| {
            (0..all)
                .map(|i| {
                    format!("{}_{i}", files::sha256::hex((i / 3).to_string()).replace(char::is_numeric, "x"))
                })
                .collect::<Vec<_>>()
        };
        let (pictures, counts) = parts(twins(300), "");
        assert!(pictures.chunks(3).all(|group| group.iter().all(|picture| picture.split == group[0].split)));
        assert!(counts[0].abs_diff(240) <= 3 && counts[1].abs_diff(30) <= 3, "{counts:?}");
        let (more, _) = parts(twins(303), "");
        let moved = pictures.iter().zip(&more).filter(|(a, b)| a.split != b.split).count();
        assert!(moved <= 9, "{moved}");
    }

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
