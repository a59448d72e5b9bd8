//! The scores as a table for a person, as CSV and as JSON.

use data::Split;
use data::images::MNIST;
use files::spreadsheet;
use serde::{Serialize, Serializer};

use super::measures::MEASURES;
use super::reference::Scores;
use crate::measure::{Flat, aligned, cells, columns, csv, csv_cells, figures, headings};

/// Table 1 of the paper: log-likelihood on MNIST's test images and its standard error, in nats.
pub const PAPER: [(&str, f64, f64); 5] = [
    ("paper: DBN", 138.0, 2.0),
    ("paper: stacked CAE", 121.0, 1.6),
    ("paper: deep GSN", 214.0, 1.1),
    ("paper: adversarial nets", 225.0, 2.0),
    ("paper: conditional adversarial nets", 132.0, 1.8),
];

/// The paper's estimate for these nets and its standard error, in nats.
pub fn published(conditional: bool) -> (f64, f64) {
    let kind = if conditional { "paper: conditional adversarial nets" } else { "paper: adversarial nets" };
    let row = PAPER.iter().find(|(name, ..)| *name == kind);
    row.map(|(_, nats, error)| (*nats, *error)).expect("a row of the table")
}

/// How an estimate on MNIST's test images compares with the paper's row of the same kind of nets.
fn against_the_paper(nats: f64, conditional: bool) -> String {
    let kind = if conditional { "conditional adversarial nets" } else { "adversarial nets" };
    let (paper, error) = published(conditional);
    let (difference, word) = match nats - paper {
        more if more >= 0.0 => (more, "more"),
        fewer => (-fewer, "fewer"),
    };
    format!("{nats:.1} nats: {difference:.1} {word} than the paper's {kind} ({paper} ± {error}, Table 1)")
}

/// The results of an evaluation.
#[derive(Clone, Debug, Serialize)]
pub struct ImageEvaluation {
    /// Name of the data set.
    pub data: String,
    /// The images that samples were measured against.
    pub split: Split,
    /// How many of them there are.
    pub real_images: usize,
    /// The data set that the run was trained on, if it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trained_on: Option<String>,
    /// Updates of G of the weights that were measured, if a run was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<u64>,
    /// The judge's accuracy on real test images.
    pub judge_accuracy: f64,
    /// The scores of yardsticks, then of the run.
    #[serde(serialize_with = "rows")]
    pub rows: Vec<Scores>,
}

/// A line of the table: scores, or a row of the paper.
struct Line<'a> {
    name: &'a str,
    samples: Option<u64>,
    /// Of the columns of [`MEASURES`].
    figures: Vec<Option<f64>>,
    step: Option<u64>,
}

impl<'a> Line<'a> {
    fn of(scores: &'a Scores) -> Self {
        let figures = figures(&MEASURES, scores);
        Self { name: &scores.name, samples: Some(scores.samples as u64), figures, step: None }
    }
}

/// Scores in JSON.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    samples: usize,
    #[serde(flatten)]
    measures: Flat<'a, Scores>,
    /// σ and the estimate on validation images, by which σ was chosen.
    parzen_curve: &'a [(f64, f64)],
    confusion: &'a [Vec<usize>],
}

fn rows<S: Serializer>(rows: &[Scores], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rows.iter().map(|scores| Row {
        name: &scores.name,
        samples: scores.samples,
        measures: Flat(&MEASURES, scores),
        parzen_curve: &scores.parzen.curve,
        confusion: &scores.confusion,
    }))
}

impl ImageEvaluation {
    /// As CSV, a line a row; with the rows of Table 1 of the paper if the data are the paper's.
    pub fn to_csv(&self) -> Vec<u8> {
        let heading =
            [&["name", "samples"][..], &columns(&MEASURES), &["step", "data", "real_images"]].concat();
        csv(
            &heading,
            self.lines().iter().map(|line| {
                let number =
                    |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
                let mut cells = vec![spreadsheet::cell(line.name).into_owned(), number(line.samples)];
                cells.extend(csv_cells(&line.figures));
                cells.push(number(line.step));
                // The paper's figures are of images that are not at hand.
                cells.extend(match line.samples {
                    Some(_) => [spreadsheet::cell(&self.data).into_owned(), self.real_images.to_string()],
                    None => Default::default(),
                });
                cells
            }),
        )
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let mut lines: Vec<Line> = self.rows.iter().map(Line::of).collect();
        // The rows before are yardsticks, which have no steps.
        if let Some(own) = lines.last_mut() {
            own.step = self.step;
        }
        if self.is_of_the_paper() {
            let published = PAPER.map(|(name, nats, error)| {
                let of = |column: &str| match column {
                    "parzen_nats" => Some(nats),
                    "parzen_error" => Some(error),
                    _ => None,
                };
                let figures = columns(&MEASURES).into_iter().map(of).collect();
                Line { name, samples: None, figures, step: None }
            });
            // The run stays last.
            let at = lines.len().saturating_sub(1);
            lines.splice(at..at, published);
        }
        lines
    }

    /// Whether Table 1 is about these images.
    fn is_of_the_paper(&self) -> bool {
        self.data == MNIST && self.split == Split::Test
    }

    /// As text: a line a row, and an explanation of the columns.
    pub fn to_text(&self) -> String {
        let mut rows = vec![std::iter::once(String::new()).chain(headings(&MEASURES)).collect::<Vec<_>>()];
        rows.extend(self.lines().iter().map(|line| {
            let own = cells(&MEASURES, &line.figures);
            std::iter::once(line.name.to_owned()).chain(own).collect()
        }));
        let mut text = aligned(&rows);
        text.push_str(&format!(
            "\nAgainst the {} {} images of {}. The judge names {:.2} % of real test images rightly.\n\
             `cgan measures mnist` says what each measure can tell.\n",
            self.real_images,
            self.split.name(),
            self.data,
            100.0 * self.judge_accuracy,
        ));
        if let Some(other) = &self.trained_on {
            text.push_str(&format!("The run was trained on other data: {other}.\n"));
        }
        if let Some(own) = self.rows.last().filter(|_| self.is_of_the_paper()) {
            let compared = against_the_paper(own.parzen.nats, own.accuracy.is_some());
            text.push_str(&format!("{}: {compared}.\n", own.name));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::parzen::Parzen;

    #[test]
    fn a_row_of_the_paper_has_its_estimate_and_nothing_else() {
        let run = Scores {
            name: "run".to_owned(),
            samples: 1,
            parzen: Parzen { nats: 1.0, error: 0.5, sigma: 0.2, curve: Vec::new() },
            accuracy: None,
            confusion: Vec::new(),
            frechet: 3.0,
            frechet_floor: 2.0,
            manifold: None,
            spread: 0.0,
            nearer: 0.5,
        };
        let evaluation = ImageEvaluation {
            data: MNIST.to_owned(),
            split: Split::Test,
            real_images: 9,
            trained_on: None,
            step: Some(7),
            judge_accuracy: 1.0,
            rows: vec![run],
        };
        let csv = String::from_utf8(evaluation.to_csv()).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[1], "paper: DBN,,138,2,,,,,,,,,,,,,");
        assert_eq!(lines[6], "run,1,1,0.5,0.2,,3,2,,,,,0,0.5,7,mnist,9");
        assert_eq!(lines.len(), 7);
    }
}
