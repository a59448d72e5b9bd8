//! Pictures with the tags that people gave them, and a vector for each picture.
//!
//! On disk it is a folder. `images.jsonl` has a line for each picture,
//!
//!   {"id": "animals/cat", "tags": ["cat"], "title": "", "description": "", "split": "train", "source": "..."}
//!
//! `features.npy` has a row for each line. If there is a `features.ids`, its lines must be the ids.
//! `thumbnails/` may have a small picture for each id, `.webp`, `.jpg` or `.png`; or the line has it, as
//! `thumbnail`, in base64. `text.txt` may have further text for the language model that is trained for the
//! set.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use files::{Sha256, content};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use words::Tokens;

use crate::error::{Error, json_fault};
use crate::features::{MOST_OF_NAMES, Made, id_of, ids_beside, matrix_of, names_of};
use crate::images;
use crate::split::Split;

/// A picture and what people wrote about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Its name: the relative path, without the ending.
    pub id: String,
    /// At least one.
    pub tags: Vec<String>,
    /// May be empty.
    #[serde(default)]
    pub title: String,
    /// May be empty.
    #[serde(default)]
    pub description: String,
    /// Its split.
    pub split: Split,
    /// Its origin.
    #[serde(default)]
    pub source: String,
    /// A small picture in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
}

/// A data set in memory.
#[derive(Debug)]
pub struct TagSet {
    /// A name to show.
    pub name: String,
    /// The pictures.
    pub pictures: Vec<Picture>,
    /// A row for each picture.
    pub features: Array2<f32>,
    /// Lines of text for the language model, in addition to the pictures' own.
    pub text: Vec<String>,
    /// How the features were made, if that is known.
    pub made: Option<Made>,
    /// Lines about what is odd in its files.
    pub notes: Vec<String>,
    folder: Option<PathBuf>,
    sha256: String,
}

/// The most that is read of a file, in bytes: 8 GiB.
const MOST: u64 = 8 << 30;

/// A tag as a word of the language model: its words, joined by underscores; `None` if it has none.
pub fn tag_word(tag: &str) -> Option<String> {
    let word = Tokens::Words.of(tag).join("_");
    (!word.is_empty()).then_some(word)
}

impl TagSet {
    /// Reads a folder.
    ///
    /// # Errors
    /// One line that says what is wrong with the set, and where.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let bytes = |path: &Path| content::read(path, MOST).map_err(Error::unreadable(path));
        std::fs::metadata(folder).map_err(Error::unreadable(folder))?;
        let (images, features) = (folder.join("images.jsonl"), folder.join("features.npy"));
        if folder.is_dir() && !images.exists() {
            let what = match images::open(folder) {
                Ok(_) => "images with classes, which `cgan train mnist` takes",
                Err(_) => "no images.jsonl",
            };
            return Err(Error::file(
                folder,
                format!(
                    "no set of tagged pictures: {what}; `cgan data prepare` makes a set of tagged pictures"
                ),
            ));
        }
        let full = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let name = full.file_name().map_or("data".into(), |name| name.to_string_lossy().into_owned());
        let mut set = Self::read(name, (&images, &bytes(&images)?), (&features, &bytes(&features)?))?;
        let ids = ids_beside(&features);
        if ids.exists() {
            let names = names_of(&content::read(&ids, MOST_OF_NAMES).map_err(Error::io(&ids))?);
            let fault = |line: usize, why: String| Err(Error::file(&ids, format!("line {line}: {why}")));
            for (line, picture) in (1..).zip(&set.pictures) {
                let found = names.get(line - 1).map_or("nothing", String::as_str);
                if found != picture.id {
                    return fault(line, format!("{found}, where {} has {}", images.display(), picture.id));
                }
            }
            if let Some(more) = names.get(set.pictures.len()) {
                return fault(
                    set.pictures.len() + 1,
                    format!("{more}, of which {} has no line", images.display()),
                );
            }
        }
        let text = folder.join("text.txt");
        if text.exists() {
            set.text = set.lines_of(&bytes(&text)?, &text)?;
        }
        set.made = Made::of(&features)?;
        set.folder = Some(folder.to_owned());
        Ok(set)
    }

    /// Reads the two files of a set, each with its name for messages.
    pub(super) fn read(
        name: String,
        (images, lines): (&Path, &[u8]),
        (features, matrix): (&Path, &[u8]),
    ) -> Result<Self, Error> {
        let mut pictures: Vec<Picture> = Vec::new();
        let mut seen = HashMap::new();
        let (content, encoding) = text_of(lines, images)?;
        for (number, line) in (1..).zip(content.lines()) {
            if line.trim().is_empty() {
                continue;
            }
            let fault = |why: String| Error::file(images, format!("line {number}: {why}"));
            let picture: Picture = serde_json::from_str(line).map_err(|error| fault(json_fault(&error)))?;
            if picture.tags.iter().all(|tag| tag_word(tag).is_none()) {
                return Err(fault(format!("{} has no tags", picture.id)));
            }
            if id_of(Path::new(&format!("{}.x", picture.id))).as_deref() != Some(&picture.id) {
                return Err(fault(format!("{:?} is not a path within a folder", picture.id)));
            }
            if let Some(before) = seen.insert(picture.id.clone(), number) {
                return Err(fault(format!("{} is in line {before} already", picture.id)));
            }
            pictures.push(picture);
        }
        if pictures.is_empty() {
            return Err(Error::file(images, "no pictures"));
        }
        let sha256 = {
            let mut hash = Sha256::new();
            hash.update(lines);
            hash.update(matrix);
            hash.hex()
        };
        let matrix = matrix_of(matrix, features)?;
        if matrix.nrows() != pictures.len() {
            let (rows, count) = (matrix.nrows(), pictures.len());
            let why = format!("{rows} rows for the {count} pictures of {}", images.display());
            return Err(Error::file(features, why));
        }
        let notes = encoding.map(|name| note(images, name)).into_iter().collect();
        let (text, made, folder) = (Vec::new(), None, None);
        Ok(Self { name, pictures, features: matrix, text, made, notes, folder, sha256 })
    }

    /// The lines of a text in any encoding; one that is not UTF-8 is noted.
    pub(super) fn lines_of(&mut self, bytes: &[u8], path: &Path) -> Result<Vec<String>, Error> {
        let (text, encoding) = text_of(bytes, path)?;
        self.notes.extend(encoding.map(|name| note(path, name)));
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// SHA-256 of both files.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The numbers of a split's pictures.
    pub fn split(&self, split: Split) -> Vec<usize> {
        (0..self.pictures.len()).filter(|number| self.pictures[*number].split == split).collect()
    }

    /// The tags of a picture as words, each once.
    pub fn words(&self, number: usize) -> Vec<String> {
        let mut seen = HashSet::new();
        let words = self.pictures[number].tags.iter().filter_map(|tag| tag_word(tag));
        words.filter(|word| seen.insert(word.clone())).collect()
    }

    /// The text for the language model: the text of the set, and tags, titles and descriptions of its
    /// pictures, without the test pictures. The tags of a picture are one line.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = self.text.clone();
        for number in (0..self.pictures.len()).filter(|number| self.pictures[*number].split != Split::Test) {
            let picture = &self.pictures[number];
            lines.push(self.words(number).join(" "));
            let own = [&picture.title, &picture.description];
            lines.extend(own.into_iter().filter(|text| !text.is_empty()).map(|text| text.replace('\n', " ")));
        }
        lines
    }

    /// A small picture as a data URI, if there is one.
    pub fn thumbnail(&self, number: usize) -> Option<String> {
        let picture = &self.pictures[number];
        if let Some(inline) = &picture.thumbnail {
            return Some(format!("data:image/jpeg;base64,{inline}"));
        }
        let folder = self.folder.as_ref()?.join("thumbnails");
        [("webp", "webp"), ("jpg", "jpeg"), ("png", "png")].into_iter().find_map(|(ending, kind)| {
            let bytes = std::fs::read(folder.join(format!("{}.{ending}", picture.id))).ok()?;
            Some(format!("data:image/{kind};base64,{}", STANDARD.encode(bytes)))
        })
    }
}

/// A text in any encoding, with the name of one that is not UTF-8.
fn text_of<'a>(bytes: &'a [u8], path: &Path) -> Result<(Cow<'a, str>, Option<&'static str>), Error> {
    match content::described(bytes) {
        Some(what) => Err(Error::file(path, format!("no text: it is {what}"))),
        None => Ok(files::text::decode_bytes(bytes)),
    }
}

fn note(path: &Path, encoding: &str) -> String {
    format!("{}: not UTF-8: read as {encoding}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{Precision, save_matrix};
    use ndarray::array;

    fn line(id: &str, tags: &str, split: &str) -> String {
        format!("{{\"id\":\"{id}\",\"tags\":{tags},\"split\":\"{split}\"}}\n")
    }

    fn folder(lines: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("images.jsonl"), lines).unwrap();
        let matrix = array![[0.5, 1.0], [2.0, 0.0]];
        save_matrix(&matrix, &folder.path().join("features.npy"), Precision::Half).unwrap();
        folder
    }

    #[test]
    fn a_folder_is_read_with_its_words() {
        let lines = line("a", r#"["New York", "cat", "Cat"]"#, "train") + &line("b", r#"["día"]"#, "test");
        let folder = folder(lines.as_bytes());
        std::fs::create_dir(folder.path().join("thumbnails")).unwrap();
        std::fs::write(folder.path().join("thumbnails/b.png"), b"abc").unwrap();
        let set = TagSet::open(folder.path()).unwrap();
        assert_eq!(set.words(0), ["new_york", "cat"]);
        assert_eq!((set.split(Split::Train), set.split(Split::Test)), (vec![0], vec![1]));
        assert_eq!(set.lines(), ["new_york cat"]);
        std::fs::write(folder.path().join("text.txt"), "a cat sleeps\nin New York\n").unwrap();
        let lines = TagSet::open(folder.path()).unwrap().lines();
        assert_eq!(lines, ["a cat sleeps", "in New York", "new_york cat"]);
        assert_eq!(
            (set.thumbnail(0), set.thumbnail(1)),
            (None, Some("data:image/png;base64,YWJj".to_owned()))
        );
    }

    #[test]
    fn texts_in_other_encodings_are_read_and_noted() {
        let lines = line("café", r#"["été"]"#, "train") + &line("b", r#"["x"]"#, "test");
        let utf16 = |text: &str| -> Vec<u8> {
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
        };
        let latin = |text: &str| -> Vec<u8> { text.chars().map(|c| c as u8).collect() };
        let marked = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n")).into_bytes();
        for (encode, encoding) in [
            (&utf16 as &dyn Fn(&str) -> Vec<u8>, Some("UTF-16LE")),
            (&latin, Some("windows-1252")),
            (&marked, None),
        ] {
            let folder = folder(&encode(&lines));
            std::fs::write(folder.path().join("text.txt"), encode("un été\nchaud\n")).unwrap();
            let set = TagSet::open(folder.path()).unwrap();
            assert_eq!((&*set.pictures[0].id, set.words(0)), ("café", vec!["été".to_owned()]));
            assert_eq!(set.text, ["un été", "chaud"]);
            let told = |name: &str| set.notes.iter().any(|note| note.contains(name));
            match encoding {
                Some(name) => {
                    let ends = set.notes.iter().all(|note| note.ends_with(&format!("read as {name}")));
                    assert!(ends && told("images.jsonl") && told("text.txt"), "{:?}", set.notes);
                }
                None => assert!(set.notes.is_empty(), "{:?}", set.notes),
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        let good = line("a", r#"["x"]"#, "train");
        for (lines, why) in [
            (good.clone() + &line("a", r#"["x"]"#, "train"), "line 2: a is in line 1 already"),
            (good.clone() + &line("b", "[]", "train"), "line 2: b has no tags"),
            (good.clone() + &line("b", r#"["--"]"#, "train"), "line 2: b has no tags"),
            (good.clone() + &line("b", r#"["x"]"#, "trial"), "line 2: unknown variant `trial`"),
            (
                good.clone() + &line("../b", r#"["x"]"#, "test"),
                "line 2: \"../b\" is not a path within a folder",
            ),
            (good.clone() + "{\"id\"", "line 2: EOF"),
            (good.clone(), "2 rows for the 1 pictures"),
            (String::new(), "no pictures"),
        ] {
            let error = TagSet::open(folder(lines.as_bytes()).path()).unwrap_err().to_string();
            assert!(error.contains(why) && error.lines().count() == 1, "{error}");
        }
        let two = good + &line("b", r#"["x"]"#, "test");
        let folder = folder(two.as_bytes());
        std::fs::write(folder.path().join("features.ids"), "a\nc\n").unwrap();
        let error = TagSet::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("features.ids: line 2: c, where"), "{error}");
        std::fs::write(folder.path().join("features.ids"), "a\nb\n").unwrap();
        std::fs::write(folder.path().join("features.ids"), "a\nb\nc\n").unwrap();
        let error = TagSet::open(folder.path()).unwrap_err().to_string();
        assert!(
            error.contains("features.ids: line 3: c, of which") && error.ends_with("has no line"),
            "{error}"
        );
        std::fs::write(folder.path().join("features.ids"), "a\n").unwrap();
        let error = TagSet::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("features.ids: line 2: nothing, where"), "{error}");
        std::fs::write(folder.path().join("features.ids"), "\u{feff}a \r\nb\r\n\r\n").unwrap();
        TagSet::open(folder.path()).unwrap();
        std::fs::write(folder.path().join("text.txt"), b"PK\x03\x04").unwrap();
        let error = TagSet::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("text.txt: no text: it is a zip archive"), "{error}");
        std::fs::remove_file(folder.path().join("features.npy")).unwrap();
        assert!(TagSet::open(folder.path()).unwrap_err().to_string().contains("features.npy: "));
    }
}
