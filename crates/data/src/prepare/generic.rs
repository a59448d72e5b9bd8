//! A list of pictures and tags of the user's own: CSV or JSON lines.

use std::path::Path;

use serde::Deserialize;

use super::found::{Found, decode, split_by, stem};
use crate::error::Error;
use crate::features::id_of;
use crate::split::Split;
use crate::tags::Picture;

/// A row: a CSV's columns, or the keys of a line of JSON.
#[derive(Deserialize)]
struct ListEntry<T> {
    image: String,
    tags: T,
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    split: Option<Split>,
}

impl<T> ListEntry<T> {
    fn map<U>(self, tags: impl FnOnce(T) -> U) -> ListEntry<U> {
        let Self { image, tags: own, title, description, split } = self;
        ListEntry { image, tags: tags(own), title, description, split }
    }
}

/// A list, or text with semicolons between the tags.
#[derive(Deserialize)]
#[serde(untagged)]
enum Tags {
    List(Vec<String>),
    Text(String),
}

/// The pictures of a `.csv` (columns image and tags, with semicolons between tags; title, description and
/// split are optional) or of a `.jsonl` with the same keys. An image's id is its path without the ending.
/// Where no split is given, the title decides, so that near-duplicates are in one split.
///
/// # Errors
/// If the file cannot be read or a row is incomplete.
pub fn generic(path: &Path, say: &mut dyn FnMut(&str)) -> Result<Found, Error> {
    let mut odd = 0;
    let text = decode(std::fs::read(path).map_err(Error::io(path))?, &mut odd);
    if odd > 0 {
        say(&format!("{}: not UTF-8: read as Latin-1", path.display()));
    }
    let fault = |why: String| Error::file(path, why);
    let split = |text: &str| -> Vec<String> {
        text.split(';').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect()
    };
    let rows: Vec<ListEntry<Vec<String>>> = match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => {
            let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
            // As text: a tag may look like a number.
            let rows = reader
                .deserialize()
                .map(|row| row.map(|row: ListEntry<String>| row.map(|tags| split(&tags))));
            rows.collect::<Result<_, csv::Error>>().map_err(|error| fault(error.to_string()))?
        }
        Some("jsonl") => {
            let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
            let row = |(number, line): (usize, &str)| {
                let row: ListEntry<Tags> =
                    serde_json::from_str(line).map_err(|error| fault(format!("line {number}: {error}")))?;
                Ok::<_, Error>(row.map(|tags| match tags {
                    Tags::List(tags) => tags,
                    Tags::Text(text) => split(&text),
                }))
            };
            lines.map(row).collect::<Result<_, _>>()?
        }
        _ => return Err(fault("a .csv or a .jsonl is needed".to_owned())),
    };
    let mut found = Found::default();
    let source = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for row in rows {
        let id = id_of(Path::new(&row.image.replace('\\', "/")));
        let id = id.ok_or_else(|| fault(format!("{:?} is not a path within a folder", row.image)))?;
        let tags = row.tags;
        let mut picture = Picture {
            id,
            tags,
            title: row.title,
            description: row.description,
            split: Split::Train,
            source: source.clone(),
            thumbnail: None,
        };
        picture.split = row.split.unwrap_or_else(|| split_by(&stem(&picture)));
        found.take(picture);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_read_and_faults_named() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let csv =
            put("a.csv", b"image,tags,split\nx/a.jpg, red car ; sea,test\nb.png,,train\ncaf\xe9.png,2024,\n");
        let found = generic(&csv, &mut |_| ()).unwrap();
        assert_eq!((&*found.pictures[0].id, found.pictures[0].split), ("x/a", Split::Test));
        assert_eq!(found.pictures[0].tags, ["red car", "sea"]);
        assert_eq!((&*found.pictures[1].id, &*found.pictures[1].tags[0]), ("café", "2024"));
        assert_eq!(found.left_out, [("no tags".to_owned(), 1)]);
        let json = put("a.jsonl", b"{\"image\": \"x.jpg\", \"tags\": [\"a\", \"b\"], \"title\": \"T\"}\n");
        assert_eq!(generic(&json, &mut |_| ()).unwrap().pictures[0].tags, ["a", "b"]);
        for (name, text, why) in [
            ("b.csv", &b"picture,tags\nx,y\n"[..], "missing field `image`"),
            ("b.csv", b"image,tags,split\nx,y,trial\n", "unknown variant `trial`"),
            ("b.jsonl", b"{\"image\": \"x\"}", "line 1: missing field `tags`"),
            ("b.txt", b"", ".jsonl is needed"),
        ] {
            let error = generic(&put(name, text), &mut |_| ()).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains(name), "{error}");
        }
    }
}
