//! The scores as a table for a person, as CSV and as JSON.

use data::Split;
use data::images::MNIST;
use files::spreadsheet;
use serde::Serialize;

use super::reference::Scores;

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
    /// The Fréchet distance between real images and real images.
    pub frechet_floor: f64,
    /// The scores of yardsticks, then of the run.
    pub rows: Vec<Scores>,
}

/// A line of the CSV.
#[derive(Default, Serialize)]
struct Line<'a> {
    name: &'a str,
    samples: Option<usize>,
    parzen_nats: f64,
    parzen_error: f64,
    parzen_sigma: Option<f64>,
    accuracy: Option<f64>,
    frechet: Option<f64>,
    frechet_floor: Option<f64>,
    precision: Option<f64>,
    recall: Option<f64>,
    density: Option<f64>,
    coverage: Option<f64>,
    spread: Option<f64>,
    nearer_to_training: Option<f64>,
    step: Option<u64>,
    data: Option<&'a str>,
    real_images: Option<usize>,
}

impl ImageEvaluation {
    /// As CSV, a line a row; with the rows of Table 1 of the paper if the data are the paper's.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for line in &self.lines() {
            let (name, data) = (spreadsheet::cell(line.name), line.data.map(spreadsheet::cell));
            let line = Line { name: &name, data: data.as_deref(), ..*line };
            writer.serialize(line).expect("memory, rows of one type");
        }
        writer.into_inner().expect("memory")
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let mut lines: Vec<Line> = self.rows.iter().map(|scores| self.line(scores)).collect();
        // The rows before are yardsticks, which have no steps.
        if let Some(own) = lines.last_mut() {
            own.step = self.step;
        }
        if self.is_of_the_paper() {
            let published = PAPER.map(|(name, nats, error)| Line {
                name,
                parzen_nats: nats,
                parzen_error: error,
                ..Line::default()
            });
            // The run stays last.
            let at = lines.len().saturating_sub(1);
            lines.splice(at..at, published);
        }
        lines
    }

    fn line<'a>(&'a self, scores: &'a Scores) -> Line<'a> {
        let manifold = scores.manifold;
        Line {
            name: &scores.name,
            samples: Some(scores.samples),
            parzen_nats: scores.parzen.nats,
            parzen_error: scores.parzen.error,
            parzen_sigma: Some(scores.parzen.sigma),
            accuracy: scores.accuracy,
            frechet: Some(scores.frechet),
            frechet_floor: Some(self.frechet_floor),
            precision: manifold.map(|m| m.precision),
            recall: manifold.map(|m| m.recall),
            density: manifold.map(|m| m.density),
            coverage: manifold.map(|m| m.coverage),
            spread: Some(scores.spread),
            nearer_to_training: Some(scores.nearer),
            step: None,
            data: Some(&self.data),
            real_images: Some(self.real_images),
        }
    }

    /// Whether Table 1 is about these images.
    fn is_of_the_paper(&self) -> bool {
        self.data == MNIST && self.split == Split::Test
    }

    /// As text: a line a row, and an explanation of the columns.
    pub fn to_text(&self) -> String {
        let number = |value: Option<f64>, digits: usize| {
            value.map_or("–".to_owned(), |value| format!("{value:.digits$}"))
        };
        let mut rows = vec![
            [
                "",
                "Parzen nats",
                "σ",
                "accuracy",
                "Fréchet",
                "precision",
                "recall",
                "density",
                "coverage",
                "spread",
                "nearer",
            ]
            .map(str::to_owned),
        ];
        rows.extend(self.lines().iter().map(|line| {
            let frechet =
                line.frechet.map_or("–".to_owned(), |d| format!("{d:.2} ({:.1}x)", d / self.frechet_floor));
            [
                line.name.to_owned(),
                format!("{:.1} ± {:.1}", line.parzen_nats, line.parzen_error),
                number(line.parzen_sigma, 2),
                number(line.accuracy, 4),
                frechet,
                number(line.precision, 3),
                number(line.recall, 3),
                number(line.density, 3),
                number(line.coverage, 3),
                number(line.spread, 3),
                number(line.nearer_to_training, 3),
            ]
        }));
        let widths: [usize; 11] = std::array::from_fn(|column| {
            rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)
        });
        let mut text = String::new();
        for row in &rows {
            let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
            text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
            text.push('\n');
        }
        let other = if self.split == Split::Validation { Split::Test } else { Split::Validation };
        let (split, of) = (self.split.name(), other.name());
        text.push_str(&format!(
            "\nAgainst the {} {split} images of {}. The judge names {:.2} % of real test images rightly. Real {of} images are at a\n\
             Fréchet distance of {:.2}: (1x). Nearer: how probable it is that a sample lies nearer to a training image than\n\
             a real image does that was not trained on; 0.5 is as it should be.\n",
            self.real_images,
            self.data,
            100.0 * self.judge_accuracy,
            self.frechet_floor,
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
