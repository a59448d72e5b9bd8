//! The columns of a run's `metrics.csv` that are drawn.
use std::fs;
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};

use crate::error::Error;

/// The drawn columns, in the order of [`History::series`].
pub(crate) const COLUMNS: [&str; 4] = ["d_loss", "g_loss", "d_real", "d_fake"];

/// The content of a metrics file, as points (x, y) in the order of x.
pub(crate) struct History {
    /// Whether x counts epochs; otherwise steps.
    pub(crate) epochs: bool,
    /// The finite points of each of [`COLUMNS`].
    pub(crate) series: [Vec<(f64, f64)>; 4],
    /// Rows that are broken, or contain a number that is not finite.
    pub(crate) faulty: usize,
}

impl History {
    /// Reads a metrics file. A row without a line end is still being written and is ignored.
    ///
    /// # Errors
    /// [`Error::Read`] if the file cannot be read; [`Error::Columns`] if there is a header without one
    /// of [`COLUMNS`], or with neither `epoch` nor `step`. An empty file is an empty history.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|cause| Error::Read { path: path.to_owned(), cause })?;
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        // Metrics are numbers: a stray quote must not swallow the lines after it.
        let mut reader = ReaderBuilder::new().flexible(true).quoting(false).from_reader(&bytes[..whole]);
        let failed = |error: csv::Error| Error::Read { path: path.to_owned(), cause: error.into() };
        let header = reader.byte_headers().map_err(failed)?.clone();
        let columns = Columns::find(&header).map_err(|missing| {
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
        Ok(Self::arrange(rows, faulty))
    }

    fn arrange(mut rows: Vec<HistoryRow>, faulty: usize) -> Self {
        let epochs = rows.iter().any(|row| row.epoch.is_some());
        if epochs {
            rows.retain(|row| row.epoch.is_some());
            spread_whole_epochs(&mut rows);
        }
        let x = |row: &HistoryRow| if epochs { row.epoch } else { row.step };
        let series = std::array::from_fn(|column| {
            let point = |row: &HistoryRow| Some((x(row)?, row.values[column]?));
            let mut points: Vec<_> = rows.iter().filter_map(point).collect();
            // A resumed run may go back to its last checkpoint.
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            points
        });
        Self { epochs, series, faulty }
    }
}

/// Where the columns are in a row; none are in an empty header.
#[derive(Default)]
struct Columns {
    step: Option<usize>,
    epoch: Option<usize>,
    values: [Option<usize>; 4],
}

/// The numbers of a row; an empty cell is None.
struct HistoryRow {
    step: Option<f64>,
    epoch: Option<f64>,
    values: [Option<f64>; 4],
}

impl Columns {
    /// Fails with the missing names.
    fn find(header: &ByteRecord) -> Result<Self, String> {
        if header.iter().all(|name| name.trim_ascii().is_empty()) {
            return Ok(Self::default());
        }
        let at = |name: &str| header.iter().position(|cell| cell.trim_ascii() == name.as_bytes());
        let columns = Self { step: at("step"), epoch: at("epoch"), values: COLUMNS.map(at) };
        let mut missing: Vec<&str> = COLUMNS
            .into_iter()
            .zip(columns.values)
            .filter(|(_, at)| at.is_none())
            .map(|(name, _)| name)
            .collect();
        if columns.step.or(columns.epoch).is_none() {
            missing.push("epoch or step");
        }
        if missing.is_empty() { Ok(columns) } else { Err(missing.join(", ")) }
    }

    /// None if a drawn cell holds something other than a finite number.
    fn row(&self, record: &ByteRecord) -> Option<HistoryRow> {
        let cell = |at: Option<usize>| match at.and_then(|at| record.get(at)).map(<[u8]>::trim_ascii) {
            None | Some(b"") => Some(None),
            Some(text) => Some(Some(number(text)?)),
        };
        let [d_loss, g_loss, d_real, d_fake] = self.values;
        let values = [cell(d_loss)?, cell(g_loss)?, cell(d_real)?, cell(d_fake)?];
        Some(HistoryRow { step: cell(self.step)?, epoch: cell(self.epoch)?, values })
    }
}

/// A number in the range of f32, so that no sum or difference of them overflows an f64.
fn number(text: &[u8]) -> Option<f64> {
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (number as f32).is_finite().then_some(number)
}

/// If epochs are whole numbers that several rows share, spreads those rows evenly over their epoch.
fn spread_whole_epochs(rows: &mut [HistoryRow]) {
    if rows.iter().any(|row| row.epoch.is_some_and(|epoch| epoch.fract() != 0.0)) {
        return;
    }
    // The last epoch may be under way: its rows are as far apart as those of the epoch before.
    let mut before = 1;
    for group in rows.chunk_by_mut(|a, b| a.epoch == b.epoch) {
        let rows_an_epoch = group.len().max(before);
        before = group.len();
        for (index, row) in group.iter_mut().enumerate() {
            row.epoch = row.epoch.map(|epoch| epoch + index as f64 / rows_an_epoch as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<History, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.csv");
        fs::write(&path, text).unwrap();
        History::read(&path)
    }

    #[test]
    fn columns_are_found_by_name() {
        let text = "\u{feff}d_fake, extra ,d_real,g_loss,d_loss,epoch,step\n0.4,x,0.3,0.2,0.1,0.5,10\n";
        let history = read(text).unwrap();
        assert!(history.epochs);
        assert_eq!(history.series, [0.1, 0.2, 0.3, 0.4].map(|y| vec![(0.5, y)]));
    }

    #[test]
    fn broken_cells_and_lines_are_left_out() {
        let text = "step,d_loss,g_loss,d_real,d_fake\n\
                    1,1,,3,4\n2,NaN,2,3,4\n3,1,inf,3,4\n4,1e300,2,3,4\n5,1,2\n6,a,2,3,4\n\n7,5,6,7,8\n8,1,2,3,4";
        let history = read(text).unwrap();
        assert!(!history.epochs);
        assert_eq!(history.faulty, 5);
        assert_eq!(history.series[0], [(1.0, 1.0), (7.0, 5.0)]);
        assert_eq!(history.series[1], [(7.0, 6.0)]);
    }

    #[test]
    fn whole_epochs_are_spread_and_sorted() {
        let text = "epoch,d_loss,g_loss,d_real,d_fake\n2,5,0,0,0\n1,1,0,0,0\n1,2,0,0,0\n2,3,0,0,0\n";
        let points = read(text).unwrap().series[0].clone();
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
            assert!(read(text).unwrap().series.iter().all(Vec::is_empty), "{text:?}");
        }
        let message = History::read(Path::new("no/metrics.csv")).err().unwrap().to_string();
        assert!(message.starts_with("cannot read no/metrics.csv: "), "{message}");
    }
}
