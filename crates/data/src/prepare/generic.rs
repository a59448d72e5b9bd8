//! A list of pictures and tags of the user's own: CSV, JSON lines or JSON.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::cells;
use super::found::{Found, divide, read_text};
use crate::error::{Error, json_fault};
use crate::features::id_of;
use crate::separator;
use crate::split::Split;
use crate::tags::Picture;

/// The columns or keys of a list; the first two are needed.
const KEYS: [&str; 5] = ["image", "tags", "title", "description", "split"];

/// A row of a list.
struct Row {
    /// Its line, counted from 1.
    line: u64,
    /// The values of [`KEYS`], empty where there is none.
    values: [String; 5],
    /// The tags, where they are a list and not text.
    tags: Option<Vec<String>>,
}

/// The pictures of a `.csv` or `.tsv` (columns image and tags; title, description and split are optional), or of a `.jsonl`
/// or `.json` with the same keys. An image's id is its path without the ending; rows of one image are joined. Tags that are
/// text are separated by semicolons, or by commas if no row has a semicolon. Where no split is given, pictures are divided
/// so that near-duplicates, which share a title, are in one split.
///
/// # Errors
/// If the file cannot be read, has other columns, or most of its rows are incomplete.
pub fn generic(path: &Path, say: &mut dyn FnMut(&str)) -> Result<Found, Error> {
    let plain = if path.extension().is_some_and(|ending| ending == "gz") {
        path.with_extension("")
    } else {
        path.to_owned()
    };
    let read = match plain.extension().and_then(|ending| ending.to_str()).map(str::to_lowercase).as_deref() {
        Some("csv" | "tsv") => of_csv,
        Some("jsonl" | "ndjson") => of_lines,
        Some("json") => of_json,
        _ => {
            return Err(Error::file(path, "a list of pictures is a .csv, .tsv, .json or .jsonl"));
        }
    };
    let mut odd = (0, "");
    let text = read_text(path, &mut odd)?;
    if odd.0 > 0 {
        say(&format!("{}: not UTF-8: read as {}", path.display(), odd.1));
    }
    let mut found = Found::default();
    let rows = read(path, &text, &mut found, say)?;
    let separator = separator_of(path, &rows, say);
    let source = plain.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut places: HashMap<String, usize> = HashMap::new();
    // Whether the list says the split.
    let mut pictures: Vec<(Picture, bool)> = Vec::new();
    for row in rows {
        let fault = |why: String| Error::file(path, format!("line {}: {why}", row.line));
        let [image, tags_text, title, description, split] = row.values;
        let id = id_of(Path::new(&portable(&image)));
        let id = id.ok_or_else(|| fault(format!("{image:?} is not a path within a folder")))?;
        let tags = row.tags.or_else(|| list_in(&tags_text));
        let tags = tags.unwrap_or_else(|| tags_text.split(separator).map(str::to_owned).collect());
        let tags: Vec<String> =
            tags.iter().map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect();
        let split = split_of(&split).map_err(fault)?;
        if let Some(place) = places.get(&id) {
            let (known, is_said) = &mut pictures[*place];
            if split.is_some_and(|split| !*is_said || split != known.split) {
                return Err(fault(format!("{id} is in another split before")));
            }
            known.tags.extend(tags);
            continue;
        }
        places.insert(id.clone(), pictures.len());
        let source = source.clone();
        let is_said = split.is_some();
        let split = split.unwrap_or(Split::Train);
        pictures.push((Picture { id, tags, title, description, split, source, thumbnail: None }, is_said));
    }
    divide(pictures.iter_mut().filter(|(_, is_said)| !is_said).map(|(picture, _)| picture).collect());
    pictures.into_iter().for_each(|(picture, _)| found.take(picture));
    Ok(found)
}

/// What separates tags that are text: the first of these that any row has. A line says if it is no semicolon.
fn separator_of(path: &Path, rows: &[Row], say: &mut dyn FnMut(&str)) -> char {
    let texts = || {
        let texts = rows.iter().filter(|row| row.tags.is_none()).map(|row| &*row.values[1]);
        texts.filter(|text| list_in(text).is_none())
    };
    let names = [(';', "semicolons"), (',', "commas"), ('|', "vertical bars"), ('#', "number signs")];
    // A single sign may be part of a tag, such as c#.
    let is_there = |separator: char| match separator {
        '#' => texts().next().is_some() && texts().all(|text| text.trim().starts_with('#')),
        _ => texts().any(|text| text.contains(separator)),
    };
    let found = names.into_iter().find(|(separator, _)| is_there(*separator));
    let path = path.display();
    match found {
        Some((';', _)) => {}
        Some((_, name)) => {
            say(&format!("{path}: no tags have a semicolon between them: {name} separate tags"))
        }
        None => {
            let (all, long) = (texts().count(), texts().filter(|text| text.trim().contains(' ')).count());
            if 2 * long > all {
                say(&format!("{path}: no tags have a semicolon or comma between them: each row has one tag"));
            }
        }
    }
    found.map_or(';', |(separator, _)| separator)
}

/// The tags in a text that is a list of JSON or Python, such as `["cat", "red car"]`.
fn list_in(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    if let Ok(list) = serde_json::from_str::<Vec<String>>(text) {
        return Some(list);
    }
    let (mut rest, mut tags) = (text.strip_prefix('[')?.strip_suffix(']')?.trim_start(), Vec::new());
    while let Some(quote) = rest.chars().next() {
        let inner = rest.strip_prefix(['\'', '"'])?;
        let (tag, after) = inner.split_once(quote)?;
        tags.push(tag.to_owned());
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(tags)
}

/// A path of any system with slashes, and without a drive.
fn portable(path: &str) -> String {
    let path = path.trim().replace('\\', "/");
    match path.split_once(":/") {
        Some((drive, rest)) if drive.len() == 1 => rest.to_owned(),
        _ => path,
    }
}

fn split_of(text: &str) -> Result<Option<Split>, String> {
    match &*text.trim().to_lowercase() {
        "" => Ok(None),
        "train" | "training" => Ok(Some(Split::Train)),
        "validation" | "valid" | "val" | "dev" => Ok(Some(Split::Validation)),
        "test" | "testing" => Ok(Some(Split::Test)),
        _ => Err(format!("the split {text:?} is none of train, validation and test")),
    }
}

/// The columns or keys of a list that are needed and those that are there.
fn wanted<'a>(found: impl Iterator<Item = &'a str>) -> String {
    let found: Vec<String> = found.take(20).map(|name| format!("`{name}`")).collect();
    format!("`image` and `tags` are needed, and {} are there", found.join(", "))
}

/// Rows that cannot be used are left out, unless they are most of a list.
fn leave_out(path: &Path, good: usize, bad: &[(u64, String)], found: &mut Found) -> Result<(), Error> {
    let Some((line, why)) = bad.first() else { return Ok(()) };
    if bad.len() > good {
        return Err(Error::file(path, format!("line {line}: {why}")));
    }
    let reason = format!("lines that cannot be used (the first: line {line}: {why})");
    bad.iter().for_each(|_| found.leave_out(&reason));
    Ok(())
}

fn of_csv(path: &Path, text: &str, found: &mut Found, say: &mut dyn FnMut(&str)) -> Result<Vec<Row>, Error> {
    // Line ends of old Macs.
    let text = if text.contains('\n') { Cow::Borrowed(text) } else { Cow::Owned(text.replace('\r', "\n")) };
    let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let separator = separator::of_heading(head);
    if let Some(line) = separator::told(separator) {
        say(&format!("{}: {line}", path.display()));
    }
    let (line, columns) = match cells::rows(head, separator, |_, _| false).next() {
        None => return Err(Error::file(path, "no pictures: the file is empty")),
        Some((line, columns)) => {
            (line, columns.map_err(|why| Error::file(path, format!("line {line}: {why}")))?)
        }
    };
    let place = |key: &&str| columns.iter().position(|column| column.eq_ignore_ascii_case(key));
    let places = KEYS.each_ref().map(place);
    let [Some(image), Some(tags), ..] = places else {
        let wanted = wanted(columns.iter().map(String::as_str));
        return Err(Error::file(path, format!("line {line}: the columns {wanted}")));
    };
    // A path has no line end, and text with the separator in it is the rows that follow.
    let may_span =
        |column: usize, cell: &str| column != image && (column != tags || !cell.contains(separator));
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    for (line, cells) in cells::rows(&text, separator, may_span).skip(1) {
        let cells = match cells {
            Ok(cells) if cells.len() == columns.len() => cells,
            Ok(cells) => {
                bad.push((line, format!("{} cells for {} columns", cells.len(), columns.len())));
                continue;
            }
            Err(why) => {
                bad.push((line, why));
                continue;
            }
        };
        let values = places.map(|place| place.map_or_else(String::new, |place| cells[place].clone()));
        match values[0].is_empty() {
            true => bad.push((line, "no image".to_owned())),
            false => rows.push(Row { line, values, tags: None }),
        }
    }
    leave_out(path, rows.len(), &bad, found)?;
    Ok(rows)
}

fn of_lines(path: &Path, text: &str, found: &mut Found, _: &mut dyn FnMut(&str)) -> Result<Vec<Row>, Error> {
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    for (line, text) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let row = serde_json::from_str(text).map_err(|error| format!("no JSON: {}", json_fault(&error)));
        match row.and_then(|value| of_value(line, &value)) {
            Ok(row) => rows.push(row),
            Err(why) => bad.push((line, why)),
        }
    }
    leave_out(path, rows.len(), &bad, found)?;
    Ok(rows)
}

/// A list of objects; also as the only such list in an object, or as an object from names of images to tags.
fn of_json(path: &Path, text: &str, found: &mut Found, say: &mut dyn FnMut(&str)) -> Result<Vec<Row>, Error> {
    let values: Vec<Value> = match serde_json::from_str(text) {
        Ok(Value::Array(values)) => values,
        Ok(Value::Object(object)) => in_object(path, object, say)?,
        Err(_) if text.lines().count() > 1 && !text.trim_start().starts_with('[') => {
            return of_lines(path, text, found, say);
        }
        Ok(_) => return Err(Error::file(path, "a list of objects with `image` and `tags` is needed")),
        Err(error) => {
            let why = format!("line {}: no JSON: {}", error.line(), json_fault(&error));
            return Err(Error::file(path, why));
        }
    };
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    for (number, value) in (1..).zip(&values) {
        match of_value(number, value) {
            Ok(row) => rows.push(row),
            Err(why) => bad.push((number, format!("(entry {number}) {why}"))),
        }
    }
    leave_out(path, rows.len(), &bad, found)?;
    Ok(rows)
}

/// The entries of a file that is one object: `{"image": .., "tags": ..}`, `{"images": [..]}` or `{"a.jpg": ["cat"]}`.
fn in_object(
    path: &Path,
    object: Map<String, Value>,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<Value>, Error> {
    if KEYS[..2].iter().all(|key| value_of(&object, key).is_some()) {
        return Ok(vec![Value::Object(object)]);
    }
    let is_list =
        |value: &Value| matches!(value, Value::Array(list) if list.first().is_some_and(Value::is_object));
    let lists: Vec<&String> = object.iter().filter(|(_, value)| is_list(value)).map(|(key, _)| key).collect();
    if let [key] = lists[..] {
        say(&format!("{}: the list `{key}` is read", path.display()));
        return Ok(object
            .into_iter()
            .filter(|(_, value)| is_list(value))
            .flat_map(|(_, list)| match list {
                Value::Array(list) => list,
                _ => Vec::new(),
            })
            .collect());
    }
    // Names of images, with their tags or with an object that has them.
    let is_tags = |value: &Value| match value {
        Value::Array(list) => list.iter().all(Value::is_string),
        Value::Object(inner) => value_of(inner, "tags").is_some(),
        Value::String(_) => true,
        _ => false,
    };
    let has_some = |value: &Value| value.is_object() || value.as_array().is_some_and(|tags| !tags.is_empty());
    let has_keys = KEYS.iter().any(|key| value_of(&object, key).is_some());
    if !has_keys && object.values().all(is_tags) && object.values().any(has_some) {
        say(&format!("{}: the keys are images", path.display()));
        let entry = |(image, value)| {
            let mut row = match value {
                Value::Object(inner) => inner,
                tags => Map::from_iter([("tags".to_owned(), tags)]),
            };
            row.retain(|key, _| !key.eq_ignore_ascii_case("image"));
            row.insert("image".to_owned(), Value::String(image));
            Value::Object(row)
        };
        return Ok(object.into_iter().map(entry).collect());
    }
    let wanted = wanted(object.keys().map(String::as_str));
    let why = format!("a list of objects is needed, and one object is there: the keys {wanted}");
    Err(Error::file(path, why))
}

/// The value of a key in any case.
fn value_of<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    object.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
}

/// A row of an object with the keys of a list, in any case.
fn of_value(line: u64, value: &Value) -> Result<Row, String> {
    let object = value.as_object().ok_or("no object")?;
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null => Some(String::new()),
        _ => None,
    };
    let mut row = Row { line, values: Default::default(), tags: None };
    for (key, place) in KEYS.iter().zip(&mut row.values) {
        match value_of(object, key) {
            Some(Value::Array(list)) if *key == "tags" => {
                let tags: Option<Vec<String>> = list.iter().map(text).collect();
                row.tags = Some(tags.ok_or("`tags` is a list of other things than texts")?);
            }
            Some(value) => *place = text(value).ok_or_else(|| format!("`{key}` is no text"))?,
            None if matches!(*key, "image" | "tags") => {
                return Err(format!("the keys {}", wanted(object.keys().map(String::as_str))));
            }
            None => {}
        }
    }
    match row.values[0].is_empty() {
        true => Err("no image".to_owned()),
        false => Ok(row),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pictures of a list of this name, and what is said.
    fn read(name: &str, text: &[u8]) -> Result<(Found, Vec<String>), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let mut said = Vec::new();
        let found = generic(&path, &mut |line| said.push(line.to_owned()));
        found.map(|found| (found, said)).map_err(|error| error.to_string())
    }

    #[test]
    fn lists_within_an_object_are_read() {
        let tagged = |text: &str| {
            let (found, said) = read("a.json", text.as_bytes())?;
            let mut rows: Vec<String> =
                found.pictures.iter().map(|one| format!("{} {}", one.id, one.tags.join("+"))).collect();
            rows.sort();
            Ok::<_, String>((rows, said.join("; ")))
        };
        let (rows, said) = tagged(
            "{\"info\": {\"year\": 1},\n \"images\": [\n{\"image\": \"b.jpg\", \"tags\": [\"cat\", \"sea\"]}]}",
        )
        .unwrap();
        assert_eq!(rows, ["b cat+sea"]);
        assert!(said.ends_with("a.json: the list `images` is read"), "{said}");
        let (rows, said) =
            tagged("{\"x/b.jpg\": [\"cat\"],\n \"a.jpg\": {\"tags\": [\"dog\", \"sea\"]}}").unwrap();
        assert_eq!(rows, ["a dog+sea", "x/b cat"]);
        assert!(said.ends_with("a.json: the keys are images"), "{said}");
        assert_eq!(tagged("{\n\"image\": \"a.jpg\", \"tags\": [\"dog\"]\n}").unwrap().0, ["a dog"]);
        for (text, why) in [
            (
                "{\"file\": \"a.jpg\", \"label\": \"cat\"}",
                "one object is there: the keys `image` and `tags` are needed",
            ),
            ("{\"images\": [{\"file_name\": \"a.jpg\"}]}", "and `file_name` are there"),
            (
                "{\"images\": [{\"id\": 1}], \"annotations\": [{\"image_id\": 1}]}",
                "and `annotations`, `images` are there",
            ),
        ] {
            let error = tagged(text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn both_kinds_are_read_and_faults_named() {
        let csv = b"image,tags,split\nx/a.jpg, red car ; sea,test\nb.png,,train\ncaf\xe9.png,2024,\n";
        let (found, said) = read("a.csv", csv).unwrap();
        assert_eq!((&*found.pictures[0].id, found.pictures[0].split), ("x/a", Split::Test));
        assert_eq!(found.pictures[0].tags, ["red car", "sea"]);
        assert_eq!((&*found.pictures[1].id, &*found.pictures[1].tags[0]), ("café", "2024"));
        assert_eq!(found.left_out, [("no tags".to_owned(), 1)]);
        assert!(said[0].ends_with("a.csv: not UTF-8: read as windows-1252"), "{said:?}");
        let (found, _) =
            read("a.jsonl", b"{\"image\": \"x.jpg\", \"tags\": [\"a\", \"b\"], \"title\": \"T\"}\n").unwrap();
        assert_eq!(found.pictures[0].tags, ["a", "b"]);
        for (name, text, why) in [
            (
                "b.csv",
                &b"picture,tags\nx,y\n"[..],
                "line 1: the columns `image` and `tags` are needed, and `picture`, `tags` are there",
            ),
            ("b.csv", b"image,tags,split\nx,y,trial\n", "line 2: the split \"trial\" is none of train"),
            ("b.csv", b"image,tags\n../x,y\n", "line 2: \"../x\" is not a path within a folder"),
            ("b.jsonl", b"{\"image\": \"x\"}", "line 1: the keys `image` and `tags` are needed, and `image`"),
            ("b.txt", b"", "a .csv, .tsv, .json or .jsonl"),
            ("b.csv", b"PK\x03\x04", "no text: it is a zip archive"),
        ] {
            let error = read(name, text).unwrap_err();
            assert!(error.contains(why) && error.contains(name), "{error}");
        }
    }

    #[test]
    fn a_stray_quote_costs_no_more_than_its_line() {
        let text = b"image,tags\na,cat\nb,\"dog\nc,cow\nd,\"red, car\"\ne,fish\n";
        let (found, _) = read("a.csv", text).unwrap();
        let ids: Vec<&str> = found.pictures.iter().map(|picture| &*picture.id).collect();
        assert_eq!(ids, ["a", "c", "d", "e"]);
        let [(why, 1)] = &found.left_out[..] else { panic!("{:?}", found.left_out) };
        assert!(why.contains("(the first: line 3: ") && why.contains("quote"), "{why}");
        let error = read("a.csv", b"image,tags\nb,\"dog\n").err().unwrap();
        assert!(error.ends_with("a.csv: line 2: the quote (\") that opens cell 2 is not closed"), "{error}");
        let error = read("a.csv", b"").err().unwrap();
        assert!(error.ends_with("a.csv: no pictures: the file is empty"), "{error}");
    }

    #[test]
    fn lists_of_other_programs_are_read() {
        for (name, text) in [
            ("a.csv", &b"image,tags\r\np.jpg,cat;dog;red car\r\n"[..]),
            ("a.csv", b"Image, TAGS\np.jpg,\"cat, dog, red car\"\n"),
            ("a.csv", b"\xef\xbb\xbfimage;tags\nC:\\p.jpg;cat,dog,red car\n"),
            ("a.csv", b"image,tags\rp.jpg,cat;dog;red car\r"),
            ("a.csv", b"image|tags\np.jpg|cat;dog;red car\n"),
            ("a.csv", b"image,tags\np.jpg,cat|dog|red car\n"),
            ("a.csv", b"image,tags\np.jpg,#cat #dog #red car\n"),
            ("a.csv", b"image,tags\np.jpg,\"[\"\"cat\"\", \"\"dog\"\", \"\"red car\"\"]\"\n"),
            ("a.csv", b"image,tags\np.jpg,\"['cat', 'dog', 'red car']\"\n"),
            ("a.csv", b"\nimage,tags\np.jpg, \"cat, dog, red car\"\n"),
            ("a.tsv", b"image\ttags\np.jpg\tcat;dog;red car\n"),
            ("a.csv", b"image,tags\np.jpg,cat\np.jpg,dog\np.jpg,red car\n"),
            ("a.json", b"[{\"Image\": \"p.jpg\", \"tags\": [\"cat\", \"dog\", \"red car\"]}]"),
            ("a.jsonl", b"\xef\xbb\xbf{\"image\": \"p.jpg\", \"tags\": \"cat;dog;red car\"}\r\n"),
        ] {
            let (found, _) = read(name, text).unwrap();
            assert_eq!(found.pictures.len(), 1, "{name}");
            assert_eq!(
                (&*found.pictures[0].id, &*found.pictures[0].tags.join("/")),
                ("p", "cat/dog/red car")
            );
        }
        let (found, _) = read("a.jsonl", b"{\"image\": 17, \"tags\": [2024]}").unwrap();
        assert_eq!((&*found.pictures[0].id, &*found.pictures[0].tags[0]), ("17", "2024"));
        for end in ["\n", "\r\n"] {
            let text = "image,tags\na,x;y\nb,x,y\n,x\nc,z\n".replace('\n', end);
            let (found, _) = read("a.csv", text.as_bytes()).unwrap();
            assert_eq!(found.pictures.len(), 2);
            assert_eq!(
                found.left_out,
                [("lines that cannot be used (the first: line 3: 3 cells for 2 columns)".to_owned(), 2)]
            );
        }
    }
}
