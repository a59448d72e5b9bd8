//! Images as rows of a CSV, as Kaggle publishes MNIST: a column of classes, and a column a pixel.

use std::io::{BufRead, Read};
use std::path::Path;

use csv::StringRecord;

use super::idx::{LIMIT, Pictures};
use super::set::Half;
use crate::error::Error;
use crate::separator;

/// Names of the column of classes, in lower case; of several, the first is used.
const LABELS: [&str; 4] = ["label", "labels", "class", "target"];

/// The most that is read of a heading, in bytes.
const HEADING: u64 = 16 << 20;

/// Reads a table, with lines about what was found; `None` if it has no labels, as Kaggle's `test.csv`.
pub(super) fn read(path: &Path) -> Result<Option<(Half, Vec<String>)>, Error> {
    let file = files::content::open(path).map_err(Error::unreadable(path))?;
    let (mut file, _) = files::text::reader(file).map_err(Error::unreadable(path))?;
    // What a spreadsheet or a program of another country makes: the heading shows the separator.
    let mut first = Vec::new();
    file.by_ref().take(HEADING).read_until(b'\n', &mut first).map_err(Error::unreadable(path))?;
    if let Some(what) = files::content::described(&first) {
        return Err(Error::file(path, format!("no CSV: it is {what}")));
    }
    // Of spreadsheets, a line such as `sep=;` may stand before the heading.
    let heading = first.clone();
    let chosen = first
        .to_ascii_lowercase()
        .strip_prefix(b"sep=")
        .and_then(|rest| rest.first().copied().map(char::from));
    let lines_before = u64::from(chosen.is_some());
    if chosen.is_some() {
        first.clear();
    }
    let separator = chosen.unwrap_or_else(|| separator::of_heading(&String::from_utf8_lossy(&first)));
    let mut notes: Vec<String> = separator::told(separator).map(str::to_owned).into_iter().collect();
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .delimiter(separator as u8)
        .has_headers(false)
        .from_reader(first.chain(file));
    let fault = |line: u64, why: &str| Error::file(path, format!("line {}: {why}", line + lines_before));
    let broken = |error: csv::Error| {
        let line = line_of(error.position(), &heading);
        match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                fault(line, &format!("{len} cells, where the heading has {expected_len}"))
            }
            csv::ErrorKind::Utf8 { .. } => fault(line, "not UTF-8"),
            _ => Error::file(path, error.to_string()),
        }
    };
    let names = reader.headers().map_err(broken)?.clone();
    let size_of =
        |columns: usize| (columns.isqrt().pow(2) == columns && columns > 0).then(|| columns.isqrt());
    if names.is_empty() {
        return Err(Error::file(path, "an empty table"));
    }
    // As `mnist_train.csv` is passed on: no heading, and the class first.
    let is_bare =
        names.iter().all(|cell| whole(cell).is_some()) && size_of(names.len().saturating_sub(1)).is_some();
    let (place, passed_over) = match is_bare {
        true => {
            notes.push("no heading: the first column is taken as the class".to_owned());
            (0, Vec::new())
        }
        false => match columns(&names) {
            Ok(columns) => columns,
            Err(true) => return Ok(None),
            Err(false) => {
                let shown: Vec<String> = names.iter().take(4).map(|name| format!("{name:?}")).collect();
                let why = format!(
                    "no column `label` among {}{}: a CSV of images has `label` and a column for each pixel",
                    shown.join(", "),
                    if names.len() > 4 { ", .." } else { "" },
                );
                return Err(fault(1, &why));
            }
        },
    };
    if !passed_over.is_empty() {
        notes.push(format!(
            "columns without a name, as of row numbers, are passed over: {}",
            passed_over.len()
        ));
    }
    let size = names.len() - 1 - passed_over.len();
    let Some(side) = size_of(size) else {
        let why = format!("{size} columns of pixels: images are square, so 28 x 28 pixels have 784 columns");
        return Err(fault(1, &why));
    };
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    let mut record = csv::ByteRecord::new();
    let mut is_heading = !is_bare;
    while reader.read_byte_record(&mut record).map_err(broken)? {
        if std::mem::take(&mut is_heading) {
            continue;
        }
        let line = line_of(record.position(), &heading);
        for (column, cell) in record.iter().enumerate().filter(|(column, _)| !passed_over.contains(column)) {
            let Some(value) = std::str::from_utf8(cell).ok().and_then(whole) else {
                let cell = String::from_utf8_lossy(cell);
                let name = if is_bare { (column + 1).to_string() } else { names[column].to_owned() };
                let how = match column == place && cell.parse::<f64>().is_err() {
                    true => "; names of classes become numbers in pandas by table['label'].factorize()[0]",
                    false => "",
                };
                return Err(fault(
                    line,
                    &format!("column {name}: {cell:?} is not a whole number from 0 to 255{how}"),
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
    let half = Half { images, labels, images_path: path.to_owned(), labels_path: path.to_owned() };
    Ok(Some((half, notes)))
}

/// A number from 0 to 255, which programs that calculate with floating point write as `7.0`.
fn whole(cell: &str) -> Option<u8> {
    cell.trim_end_matches('0').strip_suffix('.').unwrap_or(cell).parse().ok()
}

/// The place of the classes, and of columns without a name, which other programs put in front for the numbers of rows.
///
/// # Errors
/// If there are no classes: whether all other columns are pixels.
fn columns(heading: &StringRecord) -> Result<(usize, Vec<usize>), bool> {
    let is_unnamed = |name: &str| name.is_empty() || name.to_lowercase().starts_with("unnamed: ");
    let at = |wanted: &&str| heading.iter().position(|name| name.eq_ignore_ascii_case(wanted));
    let unnamed = (0..heading.len()).filter(|column| is_unnamed(&heading[*column])).collect();
    LABELS.iter().find_map(at).map(|place| (place, unnamed)).ok_or_else(|| {
        heading.iter().all(|name| is_unnamed(name) || name.to_lowercase().starts_with("pixel"))
    })
}

/// The line of a record in a table whose heading is `heading` with its end. Where lines end in CRLF, the reader counts the LF
/// to the record after it.
fn line_of(position: Option<&csv::Position>, heading: &[u8]) -> u64 {
    position.map_or(0, |at| at.line() + u64::from(at.byte() > 0 && heading.ends_with(b"\r\n")))
}
