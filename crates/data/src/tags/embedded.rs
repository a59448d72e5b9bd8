//! The set embedded in the program: pictures of Open Clip Art, and WordNet's glosses for the language model.

use std::path::Path;

use super::set::TagSet;
use crate::error::Error;

const SUMS: &str = include_str!("../../../../datasets/openclipart/SHA256SUMS");

/// A file of datasets/openclipart with its name.
macro_rules! file {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../../../datasets/openclipart/", $name)))
    };
}

/// Open Clip Art as embedded in the program; its SHA-256 sums are checked.
///
/// # Errors
/// If the program was built with other files.
pub fn embedded_openclipart() -> Result<TagSet, Error> {
    let [images, features, text] =
        [read(file!("images.jsonl.gz"))?, read(file!("features.npy.gz"))?, read(file!("text.txt.gz"))?];
    let place = |name: &str| Path::new("embedded/openclipart").join(name);
    let files = ((place("images.jsonl"), images), (place("features.npy"), features));
    let mut set = TagSet::read("openclipart".to_owned(), (&files.0.0, &files.0.1), (&files.1.0, &files.1.1))?;
    set.text = set.lines_of(&text, &place("text.txt"))?;
    Ok(set)
}

/// Checks a file's sum and inflates it.
fn read((name, bytes): (&str, &[u8])) -> Result<Vec<u8>, Error> {
    let name = format!("embedded/openclipart/{name}");
    let content = files::gzip::inflate(bytes).map_err(|error| Error::file(&name, error.to_string()))?;
    let found = files::sha256::hex(&content);
    let plain = Path::new(&name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if !SUMS.lines().any(|line| line == format!("{found}  {plain}")) {
        return Err(Error::file(name, format!("SHA-256 is {found}, which is not in SHA256SUMS")));
    }
    Ok(content)
}
