//! Lines over the course of a training, before they are drawn.

use cgan::objectives::ObjectiveConfig;

use crate::axis::legible_range;
use crate::history::History;
use crate::series::Line;

/// The columns of `metrics.csv` that [`losses`] and [`outputs`] draw.
pub(crate) const NEEDED: [&str; 4] = ["d_loss", "g_loss", "d_real", "d_fake"];

/// One pair of axes: lines over steps or epochs, and heights to compare them with.
#[derive(Clone, Debug, Default)]
pub struct Plot {
    /// What is drawn.
    pub heading: String,
    /// The lines, the first at the back.
    pub lines: Vec<PlotLine>,
    /// Heights to compare them with.
    pub references: Vec<Reference>,
    /// The range of y where the values have one, as a probability has.
    pub range: Option<(f64, f64)>,
}

/// A line of a [`Plot`].
#[derive(Clone, Debug)]
pub struct PlotLine {
    /// Its name, as the legend has it.
    pub name: String,
    /// The class of its colour: `d` or `g` for the players, `c0` to `c7` for others.
    pub class: String,
    /// Its points in the order of x.
    pub points: Vec<(f64, f64)>,
}

/// A height to compare lines with.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Its y.
    pub value: f64,
    /// What it is.
    pub name: String,
}

impl Plot {
    /// A plot of columns: each with the name and the class of its line. Columns without points are left out.
    pub fn of(heading: &str, history: &History, columns: &[(&str, &str, &str)]) -> Self {
        let line = |&(column, name, class): &(&str, &str, &str)| {
            let points = history.points(column);
            (!points.is_empty()).then(|| PlotLine { name: name.to_owned(), class: class.to_owned(), points })
        };
        Self {
            heading: heading.to_owned(),
            lines: columns.iter().filter_map(line).collect(),
            ..Self::default()
        }
    }

    /// The same with a height to compare with, if there is one.
    #[must_use]
    pub fn reference(mut self, value: Option<f64>, name: &str) -> Self {
        self.references.extend(value.map(|value| Reference { value, name: name.to_owned() }));
        self
    }

    /// The range of y, and whether points lie beyond it.
    pub(crate) fn y_range(&self) -> ((f64, f64), bool) {
        if let Some(range) = self.range {
            return (range, false);
        }
        let values = self.lines.iter().flat_map(|line| &line.points).map(|point| point.1);
        let ((low, high), cut) = legible_range(values).unwrap_or(((0.0, 1.0), false));
        // A height that is near is shown; one that is far would flatten the lines.
        let near = |value: f64| value > low - 0.5 * (high - low) && value < high + 0.5 * (high - low);
        let shown = self.references.iter().map(|reference| reference.value).filter(|value| near(*value));
        let (low, high) = shown.fold((low, high), |(low, high), value| (low.min(value), high.max(value)));
        ((low, high), cut)
    }

    /// What is drawn of each line.
    pub(crate) fn drawn(&self) -> impl Iterator<Item = (&PlotLine, Line)> {
        self.lines.iter().map(|line| (line, Line::of(&line.points)))
    }
}

/// The losses of D and G, and what they are at the equilibrium.
pub fn losses(history: &History, objective: &ObjectiveConfig) -> Plot {
    let rest = objective.rest();
    let plot = Plot::of("Losses", history, &[("d_loss", "D loss", "d"), ("g_loss", "G loss", "g")]);
    match rest.g_loss {
        Some(g_loss) if (g_loss - rest.d_loss).abs() < 1e-12 => {
            plot.reference(Some(g_loss), "both at equilibrium")
        }
        g_loss => plot.reference(Some(rest.d_loss), "D at equilibrium").reference(g_loss, "G at equilibrium"),
    }
}

/// D's value for real x and for samples, and what it is at the equilibrium.
pub fn outputs(history: &History, objective: &ObjectiveConfig) -> Plot {
    let columns = [("d_real", "D(x)", "d"), ("d_fake", "D(G(z))", "g")];
    let value = objective.rest().value;
    if objective.d_is_probability() {
        let plot = Plot::of("Output of D: the probability that an example is real", history, &columns);
        let name = if value == Some(0.5) { "undecided" } else { "at equilibrium" };
        Plot { range: Some((0.0, 1.0)), ..plot.reference(value, name) }
    } else {
        Plot::of("Output of D: a score, higher for what is more real", history, &columns)
            .reference(value, "at equilibrium")
    }
}
