//! Images as rows of a CSV, as Kaggle publishes MNIST: a column `label`, and a column a pixel.

use std::path::Path;

use super::idx::{LIMIT, Pictures};
use super::set::Half;
use crate::error::Error;

/// Reads a table; `None` if it has no labels, as Kaggle's `test.csv`.
pub(super) fn read(path: &Path) -> Result<Option<Half>, Error> {
    let file = files::content::open(path).map_err(Error::io(path))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let fault = |line: u64, why: &str| Error::file(path, format!("line {line}: {why}"));
    let broken = |error: csv::Error| {
        let line = error.position().map_or(0, csv::Position::line);
        match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                fault(line, &format!("{len} cells, where the heading has {expected_len}"))
            }
            csv::ErrorKind::Utf8 { .. } => fault(line, "not UTF-8"),
            _ => Error::file(path, error.to_string()),
        }
    };
    let heading = reader.headers().map_err(broken)?.clone();
    let Some(place) = heading.iter().position(|name| name.eq_ignore_ascii_case("label")) else {
        return match heading.iter().all(|name| name.to_lowercase().starts_with("pixel")) {
            true => Ok(None),
            false => {
                Err(fault(1, "no column `label`: a CSV of images has `label` and a column for each pixel"))
            }
        };
    };
    let size = heading.len() - 1;
    let side = size.isqrt();
    if side == 0 || side * side != size {
        let why = format!("{size} columns of pixels: images are square, so 28 x 28 pixels have 784 columns");
        return Err(fault(1, &why));
    }
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(broken)? {
        let line = record.position().map_or(0, csv::Position::line);
        for (column, cell) in record.iter().enumerate() {
            let value = std::str::from_utf8(cell).ok().and_then(|cell| cell.parse::<u8>().ok());
            let Some(value) = value else {
                let (cell, name) = (String::from_utf8_lossy(cell), &heading[column]);
                return Err(fault(
                    line,
                    &format!("column {name}: {cell:?} is not a whole number from 0 to 255"),
                ));
            };
            if column == place { labels.push(value) } else { pixels.push(value) }
        }
        if pixels.len() as u64 > LIMIT {
            return Err(fault(line, &format!("more than {LIMIT} pixels, the most that is read")));
        }
    }
    if labels.is_empty() {
        return Err(Error::file(path, "no images"));
    }
    let images = Pictures { count: labels.len(), height: side, width: side, pixels };
    Ok(Some(Half { images, labels, images_path: path.to_owned(), labels_path: path.to_owned() }))
}
