//! What an experiment found: predictions beside measurements, and the numbers and the picture behind them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;

/// How a measurement must compare with its prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// |measured - prediction| ≤ tolerance.
    Equal,
    /// measured ≥ prediction - tolerance.
    AtLeast,
    /// measured ≤ prediction + tolerance.
    AtMost,
}

/// One prediction beside its measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What is compared.
    pub what: String,
    /// How the two must compare.
    pub relation: Relation,
    /// What theory says.
    pub prediction: f64,
    /// What the engine gave.
    pub measured: f64,
    /// How far the two may differ.
    pub tolerance: f64,
}

impl Line {
    /// Whether the measurement is as predicted. A NaN never is.
    pub fn passes(&self) -> bool {
        let above = self.measured - self.prediction;
        match self.relation {
            Relation::Equal => above.abs() <= self.tolerance,
            Relation::AtLeast => above >= -self.tolerance,
            Relation::AtMost => above <= self.tolerance,
        }
    }

    /// The same line with a wrong prediction: `share` of its size too large (too small for an upper bound), or `share`
    /// itself where the prediction is 0. A check that still passes then checks less than it says.
    #[must_use]
    pub fn with_wrong_prediction(&self, share: f64) -> Self {
        let size = if self.prediction == 0.0 { 1.0 } else { self.prediction.abs() };
        let sign = if self.relation == Relation::AtMost { -1.0 } else { 1.0 };
        Self { prediction: self.prediction + sign * share * size, ..self.clone() }
    }
}

/// A table of numbers, written as CSV.
#[derive(Clone, Debug)]
pub struct Table {
    /// Added to the name of the file: empty for the table that belongs to the picture.
    pub name: &'static str,
    /// The header.
    pub columns: Vec<&'static str>,
    /// The rows, each as long as the header.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new(name: &'static str, columns: &[&'static str]) -> Self {
        Self { name, columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Appends a row: its texts, then its numbers.
    ///
    /// # Panics
    /// If the row is not as long as the header.
    pub fn row(&mut self, texts: &[&str], numbers: &[f64]) {
        assert_eq!(texts.len() + numbers.len(), self.columns.len(), "a cell for each of {:?}", self.columns);
        let texts = texts.iter().map(|text| (*text).to_owned());
        self.rows.push(texts.chain(numbers.iter().map(f64::to_string)).collect());
    }
}

/// What an experiment found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The comparisons.
    pub lines: Vec<Line>,
    /// The numbers behind them and behind the picture; the first is the picture's.
    pub tables: Vec<Table>,
    /// The picture, as SVG.
    pub svg: String,
    /// A page about it, as HTML; empty if there is none.
    pub page: String,
}

impl Report {
    /// A report without lines.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether every measurement is as predicted.
    pub fn passes(&self) -> bool {
        self.lines.iter().all(Line::passes)
    }

    /// Adds a comparison.
    pub fn line(
        &mut self,
        relation: Relation,
        what: impl Into<String>,
        prediction: f64,
        measured: f64,
        tolerance: f64,
    ) {
        self.lines.push(Line { what: what.into(), relation, prediction, measured, tolerance });
    }

    /// Adds a comparison of two numbers that must be equal.
    pub fn equal(&mut self, what: impl Into<String>, prediction: f64, measured: f64, tolerance: f64) {
        self.line(Relation::Equal, what, prediction, measured, tolerance);
    }

    /// Adds the pair (prediction, measured) that differs most, of pairs that must be equal.
    ///
    /// # Panics
    /// If there are no pairs.
    pub fn equal_all(
        &mut self,
        what: impl Into<String>,
        pairs: impl IntoIterator<Item = (f64, f64)>,
        tolerance: f64,
    ) {
        let distance = |(a, b): (f64, f64)| if (a - b).is_nan() { f64::INFINITY } else { (a - b).abs() };
        let worst = pairs.into_iter().max_by(|a, b| distance(*a).total_cmp(&distance(*b)));
        let (prediction, measured) = worst.expect("something is compared");
        self.equal(what, prediction, measured, tolerance);
    }

    /// Writes the tables as `NAME.csv` (further ones as `NAME-TABLE.csv`), the picture as `NAME.svg` and the page, if there
    /// is one, as `NAME.html`. Returns what was written.
    ///
    /// # Errors
    /// [`Error::Write`] for the first file that cannot be written; each file is there whole or not at all.
    pub fn write(&self, folder: &Path, name: &str) -> Result<Vec<PathBuf>, Error> {
        fs::create_dir_all(folder).map_err(Error::write(folder))?;
        let mut written = Vec::new();
        for table in &self.tables {
            let dash = if table.name.is_empty() { "" } else { "-" };
            let path = folder.join(format!("{name}{dash}{}.csv", table.name));
            files::write_bytes(&path, &csv(table)).map_err(Error::write(&path))?;
            written.push(path);
        }
        for (text, ending) in [(&self.svg, "svg"), (&self.page, "html")] {
            if text.is_empty() {
                continue;
            }
            let path = folder.join(format!("{name}.{ending}"));
            files::write_bytes(&path, text.as_bytes()).map_err(Error::write(&path))?;
            written.push(path);
        }
        Ok(written)
    }
}

fn csv(table: &Table) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows = std::iter::once(table.columns.iter().map(|name| (*name).to_owned()).collect());
    for row in rows.chain(table.rows.iter().cloned()) {
        writer.write_record(&row).expect("a row as long as the header, written to memory");
    }
    writer.into_inner().expect("written to memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(relation: Relation, prediction: f64, measured: f64) -> Line {
        Line { what: String::new(), relation, prediction, measured, tolerance: 0.1 }
    }

    #[test]
    fn a_line_passes_within_its_tolerance_and_never_for_a_nan() {
        for (relation, below, above) in [
            (Relation::Equal, false, false),
            (Relation::AtLeast, false, true),
            (Relation::AtMost, true, false),
        ] {
            for (measured, passes) in [(0.5, below), (0.95, true), (1.05, true), (1.5, above)] {
                assert_eq!(line(relation, 1.0, measured).passes(), passes, "{relation:?} {measured}");
            }
            assert!(!line(relation, 1.0, f64::NAN).passes() && !line(relation, f64::NAN, 1.0).passes());
            assert!(!line(relation, 1.0, 1.0).with_wrong_prediction(0.5).passes(), "{relation:?}");
            assert!(!line(relation, 0.0, 0.0).with_wrong_prediction(0.5).passes(), "{relation:?}");
            assert!(!line(relation, -1.0, -1.0).with_wrong_prediction(0.5).passes(), "{relation:?}");
        }
    }

    #[test]
    fn the_worst_pair_is_the_one_that_is_shown() {
        let mut report = Report::new();
        report.equal_all("a", [(1.0, 1.0), (2.0, 2.05), (3.0, 3.01)], 0.1);
        report.equal_all("b", [(1.0, f64::NAN), (2.0, 9.0)], 0.1);
        assert_eq!((report.lines[0].prediction, report.lines[0].measured), (2.0, 2.05));
        assert!(report.lines[0].passes() && !report.lines[1].passes() && !report.passes());
    }

    #[test]
    fn files_bear_the_names_of_experiment_and_table() {
        let folder = tempfile::tempdir().unwrap();
        let mut tables = vec![Table::new("", &["run", "x"]), Table::new("frames", &["x"])];
        tables[0].row(&["a, b"], &[0.5]);
        let report = Report { lines: Vec::new(), tables, svg: "<svg/>".to_owned(), page: "<p>".to_owned() };
        let names = report.write(&folder.path().join("new"), "dirac").unwrap();
        let names: Vec<_> = names.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["dirac.csv", "dirac-frames.csv", "dirac.svg", "dirac.html"]);
        let text = fs::read_to_string(folder.path().join("new/dirac.csv")).unwrap();
        assert_eq!(text, "run,x\n\"a, b\",0.5\n");
        let file = folder.path().join("new/dirac.csv");
        assert!(report.write(&file, "x").unwrap_err().to_string().contains("dirac.csv"));
    }
}
