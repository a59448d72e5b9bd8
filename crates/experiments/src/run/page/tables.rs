//! What `cgan evaluate` left in a run directory, as far as it can be read.

use std::path::Path;

use evaluation::About;
use files::spreadsheet::text_of;
use report::{Measures, Moment, Picture, Shown, Table};

use super::super::directory::RunDirectory;
use super::super::weights;

/// A file of this size is no table of this program.
const MOST_BYTES: u64 = 4 << 20;

pub(super) fn measures(directory: &RunDirectory, about: Vec<About>) -> Measures {
    let folder = directory.path();
    let parzen = table(&folder.join("parzen.csv"));
    Measures {
        about,
        step: weights::step(folder),
        evaluation: table(&folder.join("evaluation.csv")),
        parzen: parzen.rows.iter().filter_map(|row| number_pair(row)).collect(),
        confusion: table(&folder.join("confusion.csv")),
        classification: table(&folder.join("classification.csv")),
        nearest: picture(&directory.nearest(), Moment::Best),
        table2: table2(folder),
    }
}

fn number_pair(row: &[String]) -> Option<(f64, f64)> {
    let number = |index: usize| row.get(index)?.parse().ok().filter(|value: &f64| value.is_finite());
    number(0).zip(number(1)).filter(|(sigma, _)| *sigma > 0.0)
}

/// A CSV file; empty where there is none, or where it is damaged.
fn table(path: &Path) -> Table {
    if std::fs::metadata(path).map_or(true, |file| file.len() > MOST_BYTES) {
        return Table::default();
    }
    let read = || -> Result<Table, csv::Error> {
        let mut reader = csv::Reader::from_path(path)?;
        let text = |record: &csv::StringRecord| {
            record.iter().map(|cell| text_of(cell).to_owned()).collect::<Vec<_>>()
        };
        let header = text(reader.headers()?);
        let rows = reader.records().map(|record| Ok(text(&record?))).collect::<Result<_, csv::Error>>()?;
        Ok(Table { header, rows })
    };
    read().unwrap_or_default()
}

/// A PNG; `None` where there is none, or something else under its name.
pub(crate) fn picture(path: &Path, moment: Moment) -> Option<Picture> {
    let bytes = std::fs::read(path).ok()?;
    let size = figures::png_size(&bytes)?;
    Some(Picture { moment, png: bytes, size })
}

/// The words of a table of pictures, such as `table2.csv`, with the thumbnails of the page beside it.
pub(crate) fn words(csv: &Path) -> Vec<(Shown, Vec<String>)> {
    let Table { header, rows } = table(csv);
    if header != ["picture", "own", "generated"] {
        return Vec::new();
    }
    let page = std::fs::read_to_string(csv.with_extension("html")).unwrap_or_default();
    let thumbnails = figures::thumbnails(&page);
    let split = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    let shown = |(index, row): (usize, &Vec<String>)| {
        let thumbnail = thumbnails.get(index).cloned().flatten();
        (Shown { id: row[0].clone(), thumbnail, own: split(&row[1]) }, split(&row[2]))
    };
    rows.iter().enumerate().map(shown).collect()
}

fn table2(folder: &Path) -> Vec<(Shown, Vec<String>)> {
    words(&folder.join("table2.csv"))
}
