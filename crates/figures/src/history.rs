//! A table of numbers by step or by epoch, such as a run's `metrics.csv`.
use std::fs;
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};

use crate::error::Error;

/// The columns of a table as points over epochs, or over steps where there are no epochs.
#[derive(Clone, Debug, Default)]
pub struct History {
    epochs: bool,
    names: Vec<String>,
    /// The rows in the order of x; an empty cell is NaN.
    rows: Vec<HistoryRow>,
    faulty: usize,
}

/// The numbers of a row; an empty cell is NaN.
#[derive(Clone, Debug)]
struct HistoryRow {
    step: f64,
    epoch: f64,
    values: Box<[f64]>,
}

impl History {
    /// Reads a CSV file with a header. A row without a line end is still being written and is ignored. A row that is too
    /// short or too long, or that has something else than a finite number in a column of `needed`, is left out and
    /// counted. In other columns such a cell counts as empty.
    ///
    /// # Errors
    /// [`Error::Read`] if the file cannot be read; [`Error::Columns`] if there is a header without one of `needed`, or
    /// with neither `epoch` nor `step`. An empty file is an empty history.
    pub fn read(path: &Path, needed: &[&str]) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|cause| Error::Read { path: path.to_owned(), cause })?;
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        // Metrics are numbers: a stray quote must not swallow the lines after it.
        let mut reader = ReaderBuilder::new().flexible(true).quoting(false).from_reader(&bytes[..whole]);
        let failed = |error: csv::Error| Error::Read { path: path.to_owned(), cause: error.into() };
        let header = reader.byte_headers().map_err(failed)?.clone();
        let columns = Columns::find(&header, needed).map_err(|missing| {
            let names: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
            Error::Columns { path: path.to_owned(), missing, found: names.join(", ") }
        })?;

        let mut rows = Vec::new();
        let mut faulty = 0;
        for record in reader.byte_records() {
            let record = record.map_err(failed)?;
            match columns.row(&record).filter(|_| record.len() == header.len()) {
                Some(row) => rows.push(row),
                None => faulty += 1,
            }
        }
        let names = columns.values.into_iter().map(|column| column.name).collect();
        Ok(Self::arrange(names, rows, faulty))
    }

    fn arrange(names: Vec<String>, mut rows: Vec<HistoryRow>, faulty: usize) -> Self {
        let epochs = rows.iter().any(|row| !row.epoch.is_nan());
        if epochs {
            rows.retain(|row| !row.epoch.is_nan());
            spread_whole_epochs(&mut rows);
        }
        let x = |row: &HistoryRow| if epochs { row.epoch } else { row.step };
        rows.retain(|row| !x(row).is_nan());
        // A resumed run may go back to its last checkpoint.
        rows.sort_by(|a, b| x(a).total_cmp(&x(b)));
        Self { epochs, names, rows, faulty }
    }

    /// Whether x counts epochs; otherwise steps.
    pub fn counts_epochs(&self) -> bool {
        self.epochs
    }

    /// Rows that were left out.
    pub fn faulty(&self) -> usize {
        self.faulty
    }

    /// The points of a column; none where there is no such column.
    pub fn points(&self, name: &str) -> Vec<(f64, f64)> {
        let Some(column) = self.names.iter().position(|own| own == name) else { return Vec::new() };
        let x = |row: &HistoryRow| if self.epochs { row.epoch } else { row.step };
        let points = self.rows.iter().map(|row| (x(row), row.values[column]));
        points.filter(|(_, y)| !y.is_nan()).collect()
    }

    /// The step and the epoch of the last row that has both.
    pub fn last_position(&self) -> Option<(f64, f64)> {
        let both = |row: &&HistoryRow| !row.step.is_nan() && !row.epoch.is_nan();
        self.rows.iter().rev().find(both).map(|row| (row.step, row.epoch))
    }
}

/// Where the columns are in a row; none are in an empty header.
#[derive(Default)]
struct Columns {
    step: Option<usize>,
    epoch: Option<usize>,
    values: Vec<Column>,
}

/// A column other than those of x.
struct Column {
    name: String,
    at: usize,
    needed: bool,
}

impl Columns {
    /// Fails with the missing names.
    fn find(header: &ByteRecord, needed: &[&str]) -> Result<Self, String> {
        if header.iter().all(|name| name.trim_ascii().is_empty()) {
            return Ok(Self::default());
        }
        let names: Vec<String> =
            header.iter().map(|cell| String::from_utf8_lossy(cell.trim_ascii()).into_owned()).collect();
        let at = |name: &str| names.iter().position(|own| own == name);
        let (step, epoch) = (at("step"), at("epoch"));
        let mut missing: Vec<&str> = needed.iter().copied().filter(|name| at(name).is_none()).collect();
        if step.or(epoch).is_none() {
            missing.push("epoch or step");
        }
        if !missing.is_empty() {
            return Err(missing.join(", "));
        }
        let is_value = |index: &usize| Some(*index) != step && Some(*index) != epoch;
        let values = (0..names.len()).filter(is_value).map(|at| {
            let name = names[at].clone();
            Column { needed: needed.contains(&name.as_str()), name, at }
        });
        Ok(Self { step, epoch, values: values.collect() })
    }

    /// None if a needed cell holds something other than a finite number.
    fn row(&self, record: &ByteRecord) -> Option<HistoryRow> {
        let cell = |at: usize| match record.get(at).map(<[u8]>::trim_ascii) {
            None | Some(b"") => Some(f64::NAN),
            Some(text) => number(text),
        };
        let x = |at: Option<usize>| at.map_or(Some(f64::NAN), cell);
        let value = |column: &Column| match cell(column.at) {
            None if !column.needed => Some(f64::NAN),
            value => value,
        };
        let values: Option<Box<[f64]>> = self.values.iter().map(value).collect();
        Some(HistoryRow { step: x(self.step)?, epoch: x(self.epoch)?, values: values? })
    }
}

/// A number in the range of f32, so that no sum or difference of them overflows an f64.
fn number(text: &[u8]) -> Option<f64> {
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (number as f32).is_finite().then_some(number)
}

/// If epochs are whole numbers that several rows share, spreads those rows evenly over their epoch.
fn spread_whole_epochs(rows: &mut [HistoryRow]) {
    if rows.iter().any(|row| row.epoch.fract() != 0.0) {
        return;
    }
    // The last epoch may be under way: its rows are as far apart as those of the epoch before.
    let mut before = 1;
    for group in rows.chunk_by_mut(|a, b| a.epoch == b.epoch) {
        let rows_an_epoch = group.len().max(before);
        before = group.len();
        for (index, row) in group.iter_mut().enumerate() {
            row.epoch += index as f64 / rows_an_epoch as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDED: [&str; 4] = ["d_loss", "g_loss", "d_real", "d_fake"];

    fn read(text: &str) -> Result<History, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.csv");
        fs::write(&path, text).unwrap();
        History::read(&path, &NEEDED)
    }

    #[test]
    fn columns_are_found_by_name() {
        let text = "\u{feff}d_fake, extra ,d_real,g_loss,d_loss,epoch,step\n0.4,x,0.3,0.2,0.1,0.5,10\n";
        let history = read(text).unwrap();
        assert!(history.counts_epochs());
        assert_eq!(NEEDED.map(|name| history.points(name)), [0.1, 0.2, 0.3, 0.4].map(|y| vec![(0.5, y)]));
        assert_eq!((history.points("extra"), history.points("none")), (vec![], vec![]));
        assert_eq!(history.last_position(), Some((10.0, 0.5)));
    }

    #[test]
    fn broken_cells_and_lines_are_left_out() {
        let text = "step,d_loss,g_loss,d_real,d_fake\n\
                    1,1,,3,4\n2,NaN,2,3,4\n3,1,inf,3,4\n4,1e300,2,3,4\n5,1,2\n6,a,2,3,4\n\n7,5,6,7,8\n8,1,2,3,4";
        let history = read(text).unwrap();
        assert!(!history.counts_epochs());
        assert_eq!(history.faulty(), 5);
        assert_eq!(history.points("d_loss"), [(1.0, 1.0), (7.0, 5.0)]);
        assert_eq!(history.points("g_loss"), [(7.0, 6.0)]);
    }

    #[test]
    fn whole_epochs_are_spread_and_sorted() {
        let text = "epoch,d_loss,g_loss,d_real,d_fake\n2,5,0,0,0\n1,1,0,0,0\n1,2,0,0,0\n2,3,0,0,0\n";
        let points = read(text).unwrap().points("d_loss");
        assert_eq!(points, [(1.0, 1.0), (1.5, 2.0), (2.0, 5.0), (2.0, 3.0)]);
    }

    #[test]
    fn missing_columns_are_named() {
        let message = read("step,d_loss,d_fake\n1,2,3\n").err().unwrap().to_string();
        assert!(
            message.ends_with("no column g_loss, d_real in the header (step, d_loss, d_fake)"),
            "{message}"
        );
        let message = read("d_loss,g_loss,d_real,d_fake\n").err().unwrap().to_string();
        assert!(message.contains("no column epoch or step in the header"), "{message}");
    }

    #[test]
    fn little_or_nothing_is_an_empty_history() {
        for text in ["", "\n", "step,d_lo", "step,d_loss,g_loss,d_real,d_fake\n"] {
            let history = read(text).unwrap();
            assert!(NEEDED.iter().all(|name| history.points(name).is_empty()), "{text:?}");
        }
        let message = History::read(Path::new("no/metrics.csv"), &NEEDED).err().unwrap().to_string();
        assert!(message.starts_with("cannot read no/metrics.csv: "), "{message}");
    }
}
