//! MIR Flickr 25,000 in its published layout: `im1.jpg` to `im25000.jpg`, `meta/tags/tags1.txt` with a tag a
//! line, and the annotations, `annotations/NAME.txt` with the number of a picture a line.

use std::collections::BTreeMap;
use std::path::Path;

use super::found::{Found, files_under, read_text};
use crate::error::Error;
use crate::split::Split;
use crate::tags::{Picture, tag_word};

/// "The first 150,000 examples were used as training set".
pub const PAIRS: usize = 150_000;

/// The pictures of the folder. Annotations are further tags, except those of relevance, `NAME_r1.txt`, which
/// repeat the others. The first pictures with `pairs` tags in all are for training; the rest are for
/// validation and test in turn.
///
/// # Errors
/// If the folder is not of that layout.
pub fn mirflickr(
    folder: &Path,
    annotations: Option<&Path>,
    pairs: usize,
    say: &mut dyn FnMut(&str),
) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut odd = (0, "");
    let mut extra: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    if let Some(annotations) = annotations {
        for (name, path) in files_under(annotations, "txt")? {
            let name = name.rsplit('/').next().unwrap_or_default().to_owned();
            if name.ends_with("_r1") || name.eq_ignore_ascii_case("readme") {
                continue;
            }
            let text = read_text(&path, &mut odd)?;
            for (line, number) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
                let number = number.trim().parse().map_err(|_| {
                    Error::file(&path, format!("line {line}: {number:?} is not the number of a picture"))
                })?;
                extra.entry(number).or_default().push(name.clone());
            }
        }
    }
    let tags = folder.join("meta").join("tags");
    let mut lists = Vec::new();
    for (name, path) in files_under(&tags, "txt")? {
        let number = name.strip_prefix("tags").and_then(|number| number.parse::<u32>().ok());
        let number = number.ok_or_else(|| Error::file(&path, "not named tags1.txt and so on"))?;
        lists.push((number, path));
    }
    if lists.is_empty() {
        return Err(Error::file(&tags, "no tags1.txt and so on"));
    }
    lists.sort();
    let mut seen = 0;
    for (number, path) in lists {
        let text = read_text(&path, &mut odd)?;
        let own = text.lines().map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned);
        let mut tags: Vec<String> = own.collect();
        // "Images without tags were omitted": annotations alone do not count.
        if tags.iter().any(|tag| tag_word(tag).is_some()) {
            tags.extend(extra.remove(&number).unwrap_or_default());
        }
        let mut words: Vec<String> = tags.iter().filter_map(|tag| tag_word(tag)).collect();
        words.sort();
        words.dedup();
        let split = if seen + words.len() <= pairs {
            seen += words.len();
            Split::Train
        } else {
            // No later picture trains, even if its few tags would still fit.
            seen = usize::MAX / 2;
            if found.pictures.len().is_multiple_of(2) { Split::Validation } else { Split::Test }
        };
        found.take(Picture {
            id: format!("im{number}"),
            tags,
            title: String::new(),
            description: String::new(),
            split,
            source: "MIR Flickr 25000".to_owned(),
            thumbnail: None,
        });
    }
    if odd.0 > 0 {
        say(&format!("{} files of tags are not UTF-8: read as {}", odd.0, odd.1));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn tags_and_annotations_are_joined_and_the_first_pairs_train() {
        let folder = tempfile::tempdir().unwrap();
        let (tags, annotations) = (folder.path().join("meta/tags"), folder.path().join("annotations"));
        fs::create_dir_all(&tags).unwrap();
        fs::create_dir_all(&annotations).unwrap();
        for (number, text) in
            [(1, &b"dog\nnew york\n"[..]), (2, b""), (10, b"caf\xe9\n"), (3, b"sky\ndog\nsea"), (4, b"a\nb")]
        {
            fs::write(tags.join(format!("tags{number}.txt")), text).unwrap();
        }
        fs::write(annotations.join("animals.txt"), "1\n2\n10\n").unwrap();
        fs::write(annotations.join("animals_r1.txt"), "3\n").unwrap();
        let found = mirflickr(folder.path(), Some(&annotations), 4, &mut |_| ()).unwrap();
        let rows: Vec<(&str, Vec<&str>, Split)> = found
            .pictures
            .iter()
            .map(|p| (&*p.id, p.tags.iter().map(|tag| &**tag).collect(), p.split))
            .collect();
        assert_eq!(rows[0], ("im1", vec!["dog", "new york", "animals"], Split::Train));
        assert_eq!(rows[1].2, Split::Test, "three tags are over the four pairs");
        assert_eq!(rows[2], ("im4", vec!["a", "b"], Split::Validation));
        assert_eq!(rows[3], ("im10", vec!["café", "animals"], Split::Test));
        assert_eq!(found.left_out, [("no tags".to_owned(), 1)]);
        fs::write(annotations.join("sky.txt"), "x\n").unwrap();
        let error = mirflickr(folder.path(), Some(&annotations), 4, &mut |_| ()).unwrap_err().to_string();
        assert!(error.contains("sky.txt: line 1: \"x\" is not the number"), "{error}");
        assert!(mirflickr(&folder.path().join("none"), None, 4, &mut |_| ()).is_err());
    }
}
