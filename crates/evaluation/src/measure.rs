//! A measure, as one entry of a list. Tables, CSV, JSON, the page of a run and `cgan measures` all follow from the list
//! of an experiment: [`crate::images::MEASURES`], [`crate::tagging::MEASURES`].

use serde::{Serialize, Serializer};

/// A measure of samples whose scores are a `T`: what it is, and its value.
pub struct Measure<T> {
    /// What it is.
    pub about: About,
    /// Its value, if these scores have one.
    pub of: fn(&T) -> Option<f64>,
    /// Its standard error, if [`About::error_column`] is there.
    pub error: Option<fn(&T) -> Option<f64>>,
}

/// What a measure is.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct About {
    /// Its column in CSV, and its key in JSON.
    pub column: &'static str,
    /// The column of its standard error, which follows its own.
    pub error_column: Option<&'static str>,
    /// Its name in tables for a person.
    pub name: &'static str,
    /// Digits after the point in these tables.
    pub digits: usize,
    /// Which values are better.
    pub better: Better,
    /// What it can and cannot tell.
    pub meaning: &'static str,
}

/// Which values of a measure are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Large ones.
    Larger,
    /// Small ones.
    Smaller,
    /// Neither: it is to be near a value of real data, or only explains another measure.
    Neither,
}

impl About {
    /// Values as a cell of a table for a person: the standard error stands beside the value. A dash where there is none.
    pub fn cell(&self, value: Option<f64>, error: Option<f64>) -> String {
        let rounded = |value: f64| format!("{value:.*}", self.digits);
        match (value.map(rounded), error.map(rounded)) {
            (Some(value), Some(error)) => format!("{value} ± {error}"),
            (value, _) => value.unwrap_or_else(|| "–".to_owned()),
        }
    }
}

impl<T> Measure<T> {
    /// One without a standard error, with three digits.
    pub(crate) const fn new(
        column: &'static str,
        name: &'static str,
        better: Better,
        of: fn(&T) -> Option<f64>,
        meaning: &'static str,
    ) -> Self {
        let about = About { column, error_column: None, name, digits: 3, better, meaning };
        Self { about, of, error: None }
    }

    /// With this number of digits after the point.
    pub(crate) const fn digits(mut self, digits: usize) -> Self {
        self.about.digits = digits;
        self
    }

    /// With a standard error.
    pub(crate) const fn error(mut self, column: &'static str, of: fn(&T) -> Option<f64>) -> Self {
        self.about.error_column = Some(column);
        self.error = Some(of);
        self
    }
}

/// What the measures of a list are.
pub fn about<T>(measures: &[Measure<T>]) -> Vec<About> {
    measures.iter().map(|measure| measure.about).collect()
}

/// The columns of a CSV of these measures: of each its own, then that of its standard error if it has one.
pub(crate) fn columns<T>(measures: &[Measure<T>]) -> Vec<&'static str> {
    let of = |measure: &Measure<T>| [Some(measure.about.column), measure.about.error_column];
    measures.iter().flat_map(of).flatten().collect()
}

/// The values of such columns.
pub(crate) fn figures<T>(measures: &[Measure<T>], scores: &T) -> Vec<Option<f64>> {
    let of = |measure: &Measure<T>| [Some((measure.of)(scores)), measure.error.map(|of| of(scores))];
    measures.iter().flat_map(of).flatten().collect()
}

/// Values as the cells of a line of CSV.
pub(crate) fn csv_cells(figures: &[Option<f64>]) -> impl Iterator<Item = String> {
    figures.iter().map(|value| value.map_or_else(String::new, |value| value.to_string()))
}

/// A file of CSV.
pub(crate) fn csv(heading: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(heading).expect("memory");
    rows.for_each(|row| writer.write_record(row).expect("memory, rows of one length"));
    writer.into_inner().expect("memory")
}

/// The names of measures, as the heading of a table for a person.
pub(crate) fn headings<T>(measures: &[Measure<T>]) -> impl Iterator<Item = String> {
    measures.iter().map(|measure| measure.about.name.to_owned())
}

/// The values of the [`columns`] as cells of such a table.
pub(crate) fn cells<T>(measures: &[Measure<T>], figures: &[Option<f64>]) -> Vec<String> {
    let mut figures = figures.iter().copied();
    let cell = |measure: &Measure<T>| {
        let value = figures.next().flatten();
        let error = measure.error.and_then(|_| figures.next().flatten());
        measure.about.cell(value, error)
    };
    measures.iter().map(cell).collect()
}

/// A table for a terminal: the first cell of a row at the left, the others at the right of their columns.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Scores as one flat JSON object, in the order of the [`columns`].
pub(crate) struct Flat<'a, T: 'static>(pub &'static [Measure<T>], pub &'a T);

impl<T> Serialize for Flat<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(columns(self.0).into_iter().zip(figures(self.0, self.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static LIST: [Measure<f64>; 3] = [
        Measure::new("nats", "Nats", Better::Larger, |v: &f64| Some(*v), "")
            .digits(1)
            .error("nats_error", |v| Some(v / 100.0)),
        Measure::new("share", "share", Better::Larger, |_| None, ""),
        Measure::new("count", "N", Better::Larger, |v: &f64| Some(v.round()), "").digits(0),
    ];

    #[test]
    fn table_csv_and_json_have_the_same_columns_and_values() {
        assert_eq!(columns(&LIST), ["nats", "nats_error", "share", "count"]);
        let found = figures(&LIST, &132.46);
        assert_eq!(csv_cells(&found).collect::<Vec<_>>(), ["132.46", "1.3246", "", "132"]);
        assert_eq!(cells(&LIST, &found), ["132.5 ± 1.3", "–", "132"]);
        let json = serde_json::to_string(&Flat(&LIST, &132.46)).unwrap();
        assert_eq!(json, r#"{"nats":132.46,"nats_error":1.3246,"share":null,"count":132.0}"#);
    }

    #[test]
    fn a_value_without_its_error_stands_alone() {
        assert_eq!(cells(&LIST, &[Some(1.0), None, Some(0.25), None]), ["1.0", "0.250", "–"]);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let text = aligned(&[row(["", "σ", "a"]), row(["real", "0.17", "1"])]);
        assert_eq!(text, "         σ  a\nreal  0.17  1\n");
    }
}
