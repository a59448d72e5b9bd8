//! A plot as wide as its place on a page, without a script: positions along x are percentages.
//!
//! Lines stand in a picture of their own that is stretched to the width; `vector-effect` keeps their strokes. Colours
//! come from the page's style.

use std::fmt::Write;

use crate::axis::{Axis, rounded, whole_range};
use crate::markup::escape;
use crate::plot::Plot;
use crate::svg::path;

/// Height of the picture, and where its area begins and ends.
const HEIGHT: f64 = 216.0;
const AREA: (f64, f64) = (10.0, 186.0);
/// Width of the labels of y.
const LABELS: f64 = 56.0;
/// Units of x across the area, before it is stretched.
const UNITS: f64 = 1000.0;
/// About how many ticks the axes have: few, since a telephone is narrow.
const TICKS: (usize, usize) = (5, 5);

impl Plot {
    /// The range of x of these plots, so that they can share one; `None` where none has a point.
    pub fn x_range<'a>(plots: impl IntoIterator<Item = &'a Self>) -> Option<(f64, f64)> {
        let points = plots.into_iter().flat_map(|plot| &plot.lines).flat_map(|line| &line.points);
        whole_range(points.map(|point| point.0), TICKS.0)
    }

    /// The plot as HTML: labels of y, and beside them the lines over `x_range`. `unit` names x.
    ///
    /// The label for screen readers says the last value of each line.
    pub fn fluid(&self, x_range: (f64, f64), unit: &str) -> String {
        let x = Axis::new(x_range, (0.0, UNITS));
        let y = Axis::new(self.y_range().0, (AREA.1, AREA.0));
        let mut labels = String::new();
        let mut grid = String::new();
        // Writing to a string cannot fail.
        for (value, label) in y.ticks(TICKS.1) {
            let at = y.pixel(value);
            let _ = write!(labels, "<text x=\"{}\" y=\"{:.1}\">{label}</text>", LABELS - 8.0, at + 4.0);
            let _ = write!(grid, "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>");
        }
        for (value, label) in x.ticks(TICKS.0) {
            let at = x.pixel(value) / UNITS * 100.0;
            let anchor = if at > 97.0 { "end" } else { "middle" };
            let _ = write!(
                grid,
                "<text x=\"{at:.2}%\" y=\"{:.1}\" text-anchor=\"{anchor}\">{label}</text>",
                AREA.1 + 18.0
            );
        }
        for reference in self.references.iter().filter(|r| (y.low..=y.high).contains(&r.value)) {
            let at = y.pixel(reference.value);
            let _ = write!(grid, "<line class=\"half\" x1=\"0\" x2=\"100%\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>");
        }
        let mut lines = String::new();
        let pixel = |&(at, value): &(f64, f64)| (x.pixel(at), y.pixel(value));
        for (line, drawn) in self.drawn() {
            if drawn.smooth.is_some() {
                let d = path(drawn.raw.iter().map(pixel));
                let _ = write!(lines, "<path class=\"raw {}\" d=\"{d}\"/>", line.class);
            }
            let d = path(drawn.main().iter().map(pixel));
            let _ = write!(lines, "<path class=\"main {}\" d=\"{d}\"/>", line.class);
        }
        format!(
            "<div class=\"plot\"><svg class=\"labels\" width=\"{LABELS}\" height=\"{HEIGHT}\" aria-hidden=\"true\">{labels}</svg>\
             <svg class=\"area\" width=\"100%\" height=\"{HEIGHT}\" role=\"img\" aria-label=\"{}\">{grid}\
             <svg class=\"lines\" width=\"100%\" height=\"{HEIGHT}\" viewBox=\"0 0 {UNITS} {HEIGHT}\" \
             preserveAspectRatio=\"none\">{lines}</svg></svg></div>\n",
            escape(&self.summary(unit))
        )
    }

    /// The plot in words.
    fn summary(&self, unit: &str) -> String {
        let last = self.lines.iter().filter_map(|line| Some((line.points.last()?, &line.name)));
        let ends: Vec<String> = last
            .map(|((x, y), name)| format!("{name} {} at {unit} {}", rounded(*y), crate::axis::position(*x)))
            .collect();
        let references = self.references.iter().map(|r| format!("{} {}", r.name, rounded(r.value)));
        let all: Vec<String> = ends.into_iter().chain(references).collect();
        format!("{}: {}", self.heading, all.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::{PlotLine, Reference};

    #[test]
    fn a_plot_has_its_lines_its_heights_and_its_words() {
        let points = |count: u32| (0..count).map(|i| (f64::from(i), f64::from(i % 7))).collect();
        let line =
            |name: &str, count| PlotLine { name: name.into(), class: "d".into(), points: points(count) };
        let plot = Plot {
            heading: "a <b>".into(),
            lines: vec![line("few", 8), line("many", 5000)],
            references: vec![
                Reference { value: 3.0, name: "near".into() },
                Reference { value: 1e6, name: "far".into() },
            ],
            range: None,
        };
        let range = Plot::x_range([&plot]).unwrap();
        assert_eq!(range, (0.0, 5000.0));
        let html = plot.fluid(range, "step");
        assert_eq!(html.matches("<path").count(), 3);
        assert_eq!(html.matches("class=\"half\"").count(), 1);
        assert!(
            html.contains("a &lt;b&gt;: few 0.000 at step 7; many 1.00 at step 4999; near 3.00"),
            "{html}"
        );
        assert!(!html.contains("style=") && !html.contains("NaN"));
    }

    #[test]
    fn without_points_there_is_an_empty_plot() {
        assert_eq!(Plot::x_range([&Plot::default()]), None);
        assert!(!Plot::default().fluid((0.0, 1.0), "epoch").contains("NaN"));
    }
}
