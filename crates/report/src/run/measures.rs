//! What `cgan evaluate` has measured.

use evaluation::About;

use super::samples::{Picture, Shown};

/// What `cgan evaluate` has measured; parts that are missing are empty.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    /// What is measured in this experiment.
    pub about: Vec<About>,
    /// Updates of G that the run's weights have had, if they can be read.
    pub step: Option<u64>,
    /// `evaluation.csv`: yardsticks or baselines and the paper's figures, then the run.
    pub evaluation: Table,
    /// `parzen.csv`: σ and the estimate on validation images, by which σ was chosen.
    pub parzen: Vec<(f64, f64)>,
    /// `confusion.csv`: a row for each class that was asked for, a column for each that was seen.
    pub confusion: Table,
    /// `classification.csv`: accuracy of classifiers that learned from samples alone.
    pub classification: Table,
    /// Samples, and below them their nearest training images.
    pub nearest: Option<Picture>,
    /// Table 2 of the paper: pictures and the words of G.
    pub table2: Vec<(Shown, Vec<String>)>,
}

/// A CSV file.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The names of the columns.
    pub header: Vec<String>,
    /// The rows, each as long as the header.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|own| own == name)
    }

    pub(crate) fn value(&self, row: usize, column: &str) -> Option<f64> {
        let text = self.rows.get(row)?.get(self.column(column)?)?;
        text.parse().ok().filter(|value: &f64| value.is_finite())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// The figures of the run itself.
#[derive(Clone, Copy)]
pub(crate) struct Own<'a>(&'a Table);

impl Own<'_> {
    pub(crate) fn get(self, column: &str) -> Option<f64> {
        self.0.value(self.0.rows.len().checked_sub(1)?, column)
    }
}

impl Measures {
    /// The last row of `evaluation.csv`, which is the run's.
    pub(crate) fn own(&self) -> Option<Own<'_>> {
        (!self.evaluation.is_empty()).then_some(Own(&self.evaluation))
    }

    /// If a table of figures is of other weights than the run has now: the step at which it was measured, if the table says
    /// it, and the step of the weights.
    fn outdated(&self, table: &Table) -> Option<(Option<u64>, u64)> {
        let now = self.step.filter(|_| !table.is_empty())?;
        let measured = Own(table).get("step").map(|step| step as u64);
        (measured != Some(now)).then_some((measured, now))
    }

    /// A sentence about figures that are of other weights than the run has now.
    pub(crate) fn warning(&self, table: &Table) -> Option<String> {
        let (measured, now) = self.outdated(table)?;
        Some(match measured {
            Some(step) => format!("Measured at step {step}; the weights of this run are of step {now}."),
            None => format!(
                "It is not recorded at which step this was measured; the weights of this run are of step {now}."
            ),
        })
    }

    /// A figure of the last row with such a name.
    fn of(&self, name: impl Fn(&str) -> bool, column: &str) -> Option<f64> {
        let row = self.evaluation.rows.iter().rposition(|row| row.first().is_some_and(|own| name(own)))?;
        self.evaluation.value(row, column)
    }

    /// A figure of real images: of the row with the most of them. How many these are depends on the data set.
    pub(crate) fn real(&self, column: &str) -> Option<f64> {
        self.of(|name| name.ends_with(" real images a class"), column)
    }

    /// The class of which the fewest samples are named as asked, and their share.
    pub(crate) fn worst_class(&self) -> Option<(String, f64)> {
        let share = |index: usize| {
            let row = &self.confusion.rows[index];
            let counts: Vec<f64> = row[1..].iter().filter_map(|count| count.parse().ok()).collect();
            let sum: f64 = counts.iter().sum();
            // Rows of the classes in order, so the own class stands at the row's place.
            (counts.len() == self.confusion.rows.len() && sum > 0.0)
                .then(|| (row[0].clone(), counts[index] / sum))
        };
        (0..self.confusion.rows.len()).filter_map(share).min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

#[cfg(test)]
impl Table {
    /// Of the text of a CSV file without quotes.
    pub(crate) fn of(text: &str) -> Self {
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        Self { header: lines.next().unwrap(), rows: lines.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_row_is_the_run() {
        let measures = Measures {
            evaluation: Table::of(
                "name,parzen_nats,accuracy\n1,000 real,242,1\npaper,132,\nrun,150,0.98"
                    .replace("1,000", "1000")
                    .as_str(),
            ),
            ..Measures::default()
        };
        let own = measures.own().unwrap();
        assert_eq!(
            (own.get("parzen_nats"), own.get("accuracy"), own.get("recall")),
            (Some(150.0), Some(0.98), None)
        );
        assert_eq!(
            (
                measures.of(|name| name == "paper", "parzen_nats"),
                measures.of(|name| name == "paper", "accuracy")
            ),
            (Some(132.0), None)
        );
        let rows = "name,spread\n10 real images a class,0.2\n1 to 25 real images a class,0.3\nrun,0.1";
        let measures = Measures { evaluation: Table::of(rows), ..Measures::default() };
        assert_eq!((measures.real("spread"), measures.real("recall")), (Some(0.3), None));
        assert!(Measures::default().own().is_none());
    }

    #[test]
    fn figures_of_other_weights_are_told() {
        let mut measures = Measures {
            evaluation: Table::of("name,parzen_nats,step\nyardstick,1,\nrun,150,20"),
            classification: Table::of("name,test\nrun,0.9"),
            ..Measures::default()
        };
        assert_eq!(measures.warning(&measures.evaluation), None, "no weights to compare with");
        measures.step = Some(20);
        assert_eq!(measures.warning(&measures.evaluation), None);
        assert_eq!(measures.warning(&measures.confusion), None, "no table");
        assert!(measures.warning(&measures.classification).unwrap().contains("not recorded"));
        measures.step = Some(30);
        let warning = measures.warning(&measures.evaluation).unwrap();
        assert_eq!(warning, "Measured at step 20; the weights of this run are of step 30.");
    }

    #[test]
    fn the_worst_class_is_that_with_the_least_share() {
        let confusion = Table::of("asked,seen_0,seen_1\n0,9,1\n1,3,1");
        let measures = Measures { confusion, ..Measures::default() };
        assert_eq!(measures.worst_class(), Some(("1".to_owned(), 0.25)));
        assert_eq!(Measures::default().worst_class(), None);
        let any = Measures { confusion: Table::of("asked,seen_0,seen_1\nany,9,1"), ..Measures::default() };
        assert_eq!(any.worst_class(), None);
    }
}
