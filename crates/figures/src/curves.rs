//! The curves of a training as one SVG: the losses above, the outputs of the discriminator below.
use std::path::Path;

use cgan::objectives::ObjectiveConfig;

use crate::axis::{Axis, position, rounded, whole_range};
use crate::error::{Error, write};
use crate::history::History;
use crate::plot::{NEEDED, Reference, losses, outputs};
use crate::series::Line;
use crate::svg::{Drawing, shortened, spread};

/// Light, and dark where the reader prefers it. Plain rules, for viewers without CSS variables.
const STYLE: &str = include_str!("style.css");
/// Size of the picture, in pixels of CSS.
const SIZE: (f64, f64) = (820.0, 586.0);
/// Left and right edge of both panels.
const SIDES: (f64, f64) = (64.0, 660.0);
/// Top and bottom edge of the losses.
const LOSSES: (f64, f64) = (84.0, 274.0);
/// Top and bottom edge of the outputs of D.
const OUTPUTS: (f64, f64) = (328.0, 478.0);
/// About how many ticks an axis of x has.
const X_TICKS: usize = 8;
/// About how many ticks an axis of y has.
const Y_TICKS: usize = 6;
/// Baseline of the first of the notes.
const NOTES: f64 = 540.0;
/// Least distance between the labels at the ends of the lines.
const LABEL_GAP: f64 = 17.0;

/// Draws the curves of a run: `d_loss` and `g_loss`, and D(x) = `d_real` and D(G(z)) = `d_fake`, over
/// `epoch`, or over `step` where there is no `epoch`.
///
/// `metrics` is a CSV with a header. Other columns do not matter; rows that are broken or not finite are left
/// out and counted below the picture; without any row the picture says so. Long runs are thinned, so the SVG
/// stays below about 100 kB.
///
/// # Errors
/// [`Error::Read`] if `metrics` cannot be read, [`Error::Columns`] if it lacks a column, and
/// [`Error::Write`] if `svg` cannot be written.
pub fn write_curves(
    metrics: &Path,
    svg: &Path,
    title: &str,
    objective: &ObjectiveConfig,
) -> Result<(), Error> {
    let history = History::read(metrics, &NEEDED)?;
    write(svg, draw(&history, title, objective).as_bytes())
}

fn draw(history: &History, title: &str, objective: &ObjectiveConfig) -> String {
    let mut svg = Drawing::new(SIZE, title, STYLE);
    svg.text("title", (SIDES.0, 38.0), "start", &shortened(title, 72));
    let plots = [losses(history, objective), outputs(history, objective)];
    let all = plots.iter().flat_map(|plot| &plot.lines).flat_map(|line| &line.points);
    let Some(range) = whole_range(all.map(|point| point.0), X_TICKS) else {
        svg.text("quiet", (SIZE.0 / 2.0, SIZE.1 / 2.0), "middle", "no data yet");
        notes(&mut svg, &[&left_out(history.faulty())]);
        return svg.finish();
    };
    let (mut cut, mut smoothed) = (false, false);
    for (plot, (top, bottom), numbered) in [(&plots[0], LOSSES, false), (&plots[1], OUTPUTS, true)] {
        let (y, beyond) = plot.y_range();
        let panel = Panel { x: Axis::new(range, SIDES), y: Axis::new(y, (bottom, top)) };
        let curves: Vec<Curve> = plot
            .drawn()
            .map(|(line, drawn)| Curve { line: drawn, class: &line.class, name: &line.name })
            .collect();
        panel.frame(&mut svg, &plot.heading, numbered);
        panel.curves(&mut svg, &curves, &plot.references);
        cut |= beyond;
        smoothed |= curves.iter().any(|curve| curve.line.smooth.is_some());
    }
    let unit = if history.counts_epochs() { "epoch" } else { "step" };
    svg.text("quiet", ((SIDES.0 + SIDES.1) / 2.0, OUTPUTS.1 + 38.0), "middle", unit);
    let reading = "Bold lines, and the numbers at their ends: running means over about 5 % of the run.";
    let beyond = if cut { "Extreme values lie beyond the axis. " } else { "" };
    notes(
        &mut svg,
        &[
            &last_values(history, unit),
            if smoothed { reading } else { "" },
            &format!("{beyond}{}", left_out(history.faulty())),
        ],
    );
    svg.finish()
}

/// A line of a panel, with the class of its colour and the name of its label.
struct Curve<'a> {
    line: Line,
    class: &'a str,
    name: &'a str,
}

/// The raw numbers at the end of the run.
fn last_values(history: &History, unit: &str) -> String {
    let last = |name: &str| Some((history.points(name).last().copied()?, name.to_owned()));
    let last: Vec<((f64, f64), String)> = NEEDED.into_iter().filter_map(last).collect();
    let end = last.iter().map(|(point, _)| point.0).fold(f64::NEG_INFINITY, f64::max);
    let values: Vec<String> =
        last.iter().map(|(point, name)| format!("{name} {}", rounded(point.1))).collect();
    format!("Last values, {unit} {}: {}", position(end), values.join(" · "))
}

fn left_out(faulty: usize) -> String {
    match faulty {
        0 => String::new(),
        1 => "1 row was broken or not finite and is left out.".into(),
        _ => format!("{faulty} rows were broken or not finite and are left out."),
    }
}

/// One pair of axes.
struct Panel {
    x: Axis,
    y: Axis,
}

impl Panel {
    /// The heading, the axes, and the ticks; those of x are numbered on request.
    fn frame(&self, svg: &mut Drawing, heading: &str, numbered: bool) {
        let (left, right, bottom, top) = (self.x.from, self.x.to, self.y.from, self.y.to);
        svg.text("heading", (left, top - 14.0), "start", heading);
        for (value, label) in self.y.ticks(Y_TICKS) {
            let y = self.y.pixel(value);
            svg.segment("grid", (left, y), (right, y));
            svg.text("tick", (left - 8.0, y + 4.0), "end", &label);
        }
        svg.segment("axis", (left, bottom), (right, bottom));
        for (value, label) in self.x.ticks(X_TICKS) {
            let x = self.x.pixel(value);
            svg.segment("axis", (x, bottom), (x, bottom + 4.0));
            if numbered {
                svg.text("tick", (x, bottom + 18.0), "middle", &label);
            }
        }
    }

    /// The lines, each with its name and last value at its end; and a labelled height to compare them with.
    fn curves(&self, svg: &mut Drawing, curves: &[Curve], references: &[Reference]) {
        let (left, right, bottom, top) = (self.x.from, self.x.to, self.y.from, self.y.to);
        let inside = |reference: &&Reference| (self.y.low..=self.y.high).contains(&reference.value);
        for reference in references.iter().filter(inside) {
            let y = self.y.pixel(reference.value);
            svg.segment("half", (left, y), (right, y));
        }
        let pixel = |&(x, y): &(f64, f64)| (self.x.pixel(x), self.y.pixel(y));
        // The margin keeps half a stroke, and the dots at the ends.
        svg.open_view((left - 4.0, top - 4.0), (right - left + 8.0, bottom - top + 8.0));
        for curve in curves {
            if curve.line.smooth.is_some() {
                svg.path(&format!("raw {}", curve.class), curve.line.raw.iter().map(pixel));
            }
        }
        for curve in curves {
            svg.path(&format!("main {}", curve.class), curve.line.main().iter().map(pixel));
        }
        for curve in curves {
            if let Some(end) = curve.line.main().last().map(pixel) {
                svg.dot(curve.class, end, 3.2);
            }
        }
        svg.close_view();
        let references: Vec<&Reference> = references.iter().filter(inside).collect();
        self.labels(svg, curves, &references);
    }

    fn labels(&self, svg: &mut Drawing, curves: &[Curve], references: &[&Reference]) {
        let mut labels = Vec::new();
        for curve in curves {
            if let Some(&(_, value)) = curve.line.main().last() {
                labels.push((value, curve.class, format!("{} {}", curve.name, rounded(value))));
            }
        }
        let label = |r: &&Reference| (r.value, "quiet", format!("{} {}", r.name, rounded(r.value)));
        labels.extend(references.iter().map(label));
        let wanted: Vec<f64> = labels.iter().map(|label| self.y.pixel(label.0)).collect();
        for (y, (_, class, text)) in spread(&wanted, LABEL_GAP, (self.y.to, self.y.from)).iter().zip(&labels)
        {
            svg.text(class, (self.x.to + 12.0, y + 4.5), "start", text);
        }
    }
}

/// Small print at the foot; the picture must be clear without it.
fn notes(svg: &mut Drawing, lines: &[&str]) {
    for (index, line) in lines.iter().filter(|line| !line.is_empty()).enumerate() {
        svg.text("note", (SIDES.0, NOTES + 17.0 * index as f64), "start", line.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgan::objectives::{NonSaturating, Wasserstein};
    use std::fs;

    const CROSS_ENTROPY: ObjectiveConfig =
        ObjectiveConfig::NonSaturating(NonSaturating { label_smoothing: None, discriminator_scale: 1.0 });
    const HEADER: &str = "step,epoch,d_loss,g_loss,d_real,d_fake,seconds\n";

    fn drawn(text: &str, title: &str) -> Result<String, Error> {
        let folder = tempfile::tempdir().unwrap();
        let (metrics, svg) = (folder.path().join("metrics.csv"), folder.path().join("curves.svg"));
        fs::write(&metrics, text).unwrap();
        write_curves(&metrics, &svg, title, &CROSS_ENTROPY)?;
        let svg = fs::read_to_string(svg).unwrap();
        assert_well_formed(&svg);
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        Ok(svg)
    }

    /// Every element is closed in order, and the text has no stray markup.
    fn assert_well_formed(svg: &str) {
        let mut open = Vec::new();
        for piece in svg.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').expect("a tag ends");
            assert!(tag.matches('"').count().is_multiple_of(2), "{tag}");
            assert!(text.split('&').skip(1).all(|entity| entity.contains(';')), "{text}");
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') {
                open.push(tag.split(' ').next().unwrap());
            }
        }
        assert!(open.is_empty() && svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    }

    fn rows(count: usize) -> String {
        let row = |i: usize| {
            let (t, wave) = (i as f64 / count as f64, (i as f64 * 0.7).sin());
            format!(
                "{i},{},{},{},{},{},1\n",
                100.0 * t,
                1.0 + wave,
                2.0 - wave,
                0.7 + 0.1 * wave,
                0.3 - 0.1 * wave
            )
        };
        (0..count).map(row).fold(HEADER.to_owned(), |text, row| text + &row)
    }

    #[test]
    fn both_panels_have_their_lines_labels_and_final_values() {
        let svg = drawn(&rows(20), "MNIST").unwrap();
        for text in [">MNIST<", ">epoch<", ">undecided 0.500<", ">D loss 1.67<", "d_loss 1.67 · g_loss 1.33"]
        {
            assert!(svg.contains(text), "{text}");
        }
        assert_eq!((svg.matches("class=\"main ").count(), svg.matches("class=\"raw ").count()), (4, 0));
    }

    #[test]
    fn long_runs_are_smoothed_and_stay_small() {
        let svg = drawn(&rows(200_000), "long").unwrap();
        assert_eq!((svg.matches("class=\"main ").count(), svg.matches("class=\"raw ").count()), (4, 4));
        assert!(svg.len() < 100_000, "{}", svg.len());
    }

    #[test]
    fn without_data_the_picture_says_so() {
        for text in ["", HEADER, &format!("{HEADER}1,2,"), &format!("{HEADER}1,2,NaN,1,1,1,1\n")] {
            assert!(drawn(text, "empty").unwrap().contains("no data yet"), "{text}");
        }
    }

    #[test]
    fn odd_data_still_makes_a_picture() {
        let one = drawn(&format!("{HEADER}0,0,1,1,0.5,0.5,1\n"), "one").unwrap();
        assert_eq!(one.matches("<circle").count(), 4);
        let huge = drawn(&format!("{HEADER}0,0,-3e38,3e38,9,-9,1\n1,1,1e-30,,,,\n2,2,inf,1,1,1,1\n"), "huge")
            .unwrap();
        assert!(huge.contains("1 row was broken"));
    }

    #[test]
    fn scores_have_an_axis_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let (metrics, svg) = (folder.path().join("metrics.csv"), folder.path().join("curves.svg"));
        fs::write(&metrics, format!("{HEADER}0,0,1,1,-40,30,1\n1,1,1,1,-60,50,1\n")).unwrap();
        write_curves(
            &metrics,
            &svg,
            "scores",
            &ObjectiveConfig::Wasserstein(Wasserstein { discriminator_scale: 1.0 }),
        )
        .unwrap();
        let svg = fs::read_to_string(svg).unwrap();
        assert!(svg.contains("a score") && svg.contains("20</text>") && !svg.contains("undecided"), "{svg}");
    }

    #[test]
    fn titles_are_escaped_and_errors_passed_on() {
        let svg = drawn(&rows(3), "a <b> & \"c\"").unwrap();
        assert!(svg.contains("<title>a &lt;b&gt; &amp; &quot;c&quot;</title>"));
        assert!(
            drawn("step,d_loss\n", "x").unwrap_err().to_string().contains("no column g_loss, d_real, d_fake")
        );
    }
}
