//! The set within the program: pictures of Open Clip Art, and WordNet's glosses for the language model.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::TagSet;
use super::set::{inflate, lines_of};
use crate::failure::Failure;

const SUMS: &str = include_str!("../../../../datasets/openclipart/SHA256SUMS");

/// A file of datasets/openclipart with its name.
macro_rules! file {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../../../datasets/openclipart/", $name)))
    };
}

pub(super) fn load() -> Result<TagSet, Failure> {
    let [images, features, text] =
        [read(file!("images.jsonl.gz"))?, read(file!("features.npy.gz"))?, read(file!("text.txt.gz"))?];
    let place = |name: &str| Path::new("embedded/openclipart").join(name);
    let files = ((place("images.jsonl"), images), (place("features.npy"), features));
    let mut set = TagSet::read("openclipart".to_owned(), (&files.0.0, &files.0.1), (&files.1.0, &files.1.1))?;
    set.text = lines_of(text, &place("text.txt"))?;
    Ok(set)
}

/// Checks a file's sum and inflates it.
fn read((name, bytes): (&str, &[u8])) -> Result<Vec<u8>, Failure> {
    let name = format!("embedded/openclipart/{name}");
    let content = inflate(bytes, &name)?;
    let found = format!("{:x}", Sha256::digest(&content));
    let plain = Path::new(&name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if !SUMS.lines().any(|line| line == format!("{found}  {plain}")) {
        return Err(Failure::data(format!("{name}: SHA-256 is {found}, which is not in SHA256SUMS")));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::super::Split;

    #[test]
    fn no_title_straddles_the_splits_and_every_picture_can_be_shown() {
        let set = super::load().unwrap();
        let sizes = [Split::Train, Split::Validation, Split::Test].map(|split| set.split(split).len());
        assert!(sizes[0] > 2000 && sizes[1] > 200 && sizes[2] > 200, "{sizes:?}");
        let mut stems = std::collections::HashMap::new();
        for (number, picture) in set.pictures.iter().enumerate() {
            let before = *stems.entry(super::super::prepare::stem(picture)).or_insert(picture.split);
            assert_eq!(before, picture.split, "{}", picture.id);
            assert!(set.thumbnail(number).is_some());
        }
        assert!(set.text.len() > 100_000);
    }
}
