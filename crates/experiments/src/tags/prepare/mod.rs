//! Building a set's folder from what its publishers have.

mod generic;
mod mirflickr;
mod openclipart;

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::{Array2, Axis};
use words::Tokens;

use super::set::{Picture, Split, TagSet, lines_of, tag_word};
use crate::failure::Failure;
use crate::features::{Features, Precision, id_of, ids_beside, save_matrix};
use crate::run::write_whole;
use crate::terminal::say;

pub use generic::generic;
pub use mirflickr::{PAIRS, mirflickr};
pub use openclipart::openclipart;

/// What a source gave: pictures, and how many were left out why.
#[derive(Debug, Default)]
pub struct Found {
    /// With tags.
    pub pictures: Vec<Picture>,
    /// Why, and how many.
    pub left_out: Vec<(String, usize)>,
}

impl Found {
    fn leave_out(&mut self, why: &str) {
        match self.left_out.iter_mut().find(|(known, _)| known == why) {
            Some((_, count)) => *count += 1,
            None => self.left_out.push((why.to_owned(), 1)),
        }
    }

    /// Takes a picture if it has tags.
    fn take(&mut self, picture: Picture) {
        if picture.tags.iter().any(|tag| tag_word(tag).is_some()) {
            self.pictures.push(picture);
        } else {
            self.leave_out("no tags");
        }
    }
}

/// Writes the folder: the pictures that have features, in their order, with copies of their thumbnails
/// and of a text for the language model.
///
/// # Errors
/// One line if the folder is there already, an id comes twice, no picture has features, the text is not
/// UTF-8, or the system refuses.
pub fn write(
    mut found: Found,
    features: &Path,
    thumbnails: Option<&Path>,
    text: Option<&Path>,
    out: &Path,
) -> Result<TagSet, Failure> {
    let text = text.map(|path| {
        let bytes = fs::read(path).map_err(|error| Failure::io(path, &error))?;
        lines_of(bytes, path)
    });
    let text = text.transpose()?;
    let vectors = Features::load(features)?;
    let rows = vectors.rows();
    let all = std::mem::take(&mut found.pictures);
    let mut chosen = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for picture in all {
        if !seen.insert(picture.id.clone()) {
            return Err(Failure::data(format!("the picture {} comes twice", picture.id)));
        }
        match rows.get(&*picture.id) {
            Some(row) => {
                chosen.push(*row);
                found.pictures.push(picture);
            }
            None => found.leave_out("no features"),
        }
    }
    let pictures = found.pictures;
    found.left_out.iter().for_each(|(why, count)| say(format_args!("left out: {count} pictures: {why}")));
    if pictures.is_empty() {
        return Err(Failure::data(format!(
            "{}: none of the pictures has features there",
            features.display()
        )));
    }
    if let Some(parent) = out.parent() {
        fs::create_dir_all(parent).map_err(|error| Failure::io(parent, &error))?;
    }
    fs::create_dir(out).map_err(|error| Failure::io(out, &error))?;
    let matrix: Array2<f32> = vectors.matrix.select(Axis(0), &chosen);
    let path = out.join("features.npy");
    save_matrix(&matrix, &path, Precision::Half)?;
    let ids: Vec<&str> = pictures.iter().map(|picture| &*picture.id).collect();
    write_whole(&ids_beside(&path), (ids.join("\n") + "\n").as_bytes())?;
    let line = |picture: &Picture| serde_json::to_string(picture).expect("strings") + "\n";
    write_whole(&out.join("images.jsonl"), pictures.iter().map(line).collect::<String>().as_bytes())?;
    if let Some(lines) = text {
        write_whole(&out.join("text.txt"), (lines.join("\n") + "\n").as_bytes())?;
    }
    if let Some(from) = thumbnails {
        for picture in &pictures {
            copy_thumbnail(from, &out.join("thumbnails"), &picture.id)?;
        }
    }
    TagSet::open(out)
}

fn copy_thumbnail(from: &Path, to: &Path, id: &str) -> Result<(), Failure> {
    for ending in ["webp", "jpg", "png"] {
        let (from, to) = (from.join(format!("{id}.{ending}")), to.join(format!("{id}.{ending}")));
        if from.exists() {
            let folder = to.parent().unwrap_or(Path::new(""));
            fs::create_dir_all(folder).map_err(|error| Failure::io(folder, &error))?;
            fs::copy(&from, &to).map_err(|error| Failure::io(&from, &error))?;
        }
    }
    Ok(())
}

/// What near-duplicates have in common: the title's words (or, if there is none, the file's) without numbers and
/// single letters, and without "clipart by" somebody.
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

/// A split by what near-duplicates have in common: 80, 10 and 10 of a hundred, by a hash, so that it stays as it is
/// when pictures come or go.
fn split_by(stem: &str) -> Split {
    use sha2::{Digest, Sha256};
    match Sha256::digest(stem.as_bytes())[0] {
        0..205 => Split::Train,
        205..231 => Split::Validation,
        _ => Split::Test,
    }
}

/// Text that should be UTF-8; what is not is taken for Latin-1, and `odd` counts it.
fn decode(bytes: Vec<u8>, odd: &mut usize) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        *odd += 1;
        error.into_bytes().into_iter().map(char::from).collect()
    })
}

/// All files under a folder with this ending, sorted, each with its path within, without the ending.
fn files(folder: &Path, ending: &str) -> Result<Vec<(String, PathBuf)>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).map_err(|error| Failure::io(&inner, &error))? {
            let path = entry.map_err(|error| Failure::io(&inner, &error))?.path();
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

    fn picture(id: &str, title: &str) -> Picture {
        Picture {
            id: id.to_owned(),
            tags: vec!["x".to_owned()],
            title: title.to_owned(),
            description: String::new(),
            split: Split::Train,
            source: String::new(),
            thumbnail: None,
        }
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

    #[test]
    fn a_folder_is_written_once_and_without_what_has_no_features() {
        let folder = tempfile::tempdir().unwrap();
        let features = folder.path().join("all.npy");
        let matrix = ndarray::array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let ids = ["c", "a/x", "b"].map(str::to_owned).to_vec();
        Features { ids, matrix }.save(&features, Precision::Single).unwrap();
        let found = |ids: &[&str]| Found {
            pictures: ids.iter().map(|id| picture(id, id)).collect(),
            left_out: vec![],
        };
        let out = folder.path().join("new/set");
        let set = write(found(&["a/x", "gone", "c"]), &features, None, None, &out).unwrap();
        assert_eq!(set.features, ndarray::array![[3.0, 4.0], [1.0, 2.0]]);
        assert!(write(found(&["c"]), &features, None, None, &out).is_err());
        let error = write(found(&["c", "c"]), &features, None, None, &folder.path().join("d"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("c comes twice"), "{error}");
        let error =
            write(found(&["y"]), &features, None, None, &folder.path().join("e")).unwrap_err().to_string();
        assert!(error.contains("none of the pictures has features"), "{error}");
    }
}
