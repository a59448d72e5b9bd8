//! The curves of a training as one SVG: the losses above, the outputs of the discriminator below.
use std::path::Path;

use crate::axis::{Axis, legible_range, position, rounded, whole_range};
use crate::error::{Error, write};
use crate::history::{COLUMNS, History};
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

/// What an output of D means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputOfD {
    /// The probability that an example is real: in [0, 1], 0.5 if undecided.
    Probability,
    /// A score without bounds, higher for what is more real.
    Score,
}

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
pub fn write_curves(metrics: &Path, svg: &Path, title: &str, output: OutputOfD) -> Result<(), Error> {
    let history = History::read(metrics)?;
    write(svg, draw(&history, title, output).as_bytes())
}

/// A line of a panel, with the class of its colour and the name of its label.
struct Curve {
    line: Line,
    class: &'static str,
    name: &'static str,
}

fn draw(history: &History, title: &str, output: OutputOfD) -> String {
    let mut svg = Drawing::new(SIZE, title, STYLE);
    svg.text("title", (SIDES.0, 38.0), "start", &shortened(title, 72));
    let all = || history.series.iter().flatten();
    let Some(range) = whole_range(all().map(|point| point.0), X_TICKS) else {
        svg.text("quiet", (SIZE.0 / 2.0, SIZE.1 / 2.0), "middle", "no data yet");
        notes(&mut svg, &[&left_out(history.faulty)]);
        return svg.finish();
    };
    let x = Axis::new(range, SIDES);

    let [d_loss, g_loss, d_real, d_fake] = &history.series;
    let curve = |points, class, name| Curve { line: Line::of(points), class, name };
    let losses = [curve(d_loss, "d", "D loss"), curve(g_loss, "g", "G loss")];
    let outputs = [curve(d_real, "d", "D(x)"), curve(d_fake, "g", "D(G(z))")];
    let range_of = |a: &[(f64, f64)], b: &[(f64, f64)]| {
        let values = a.iter().chain(b).map(|point| point.1);
        legible_range(values).unwrap_or(((0.0, 1.0), false))
    };
    let (loss_range, loss_cut) = range_of(d_loss, g_loss);
    let (heading, (output_range, output_cut), reference) = match output {
        OutputOfD::Probability => {
            let heading = "Output of D: the probability that an image is real";
            (heading, ((0.0, 1.0), false), Some((0.5, "0.5 undecided")))
        }
        OutputOfD::Score => {
            ("Output of D: a score, higher for what is more real", range_of(d_real, d_fake), None)
        }
    };

    let panel = |range, (top, bottom): (f64, f64)| Panel { x, y: Axis::new(range, (bottom, top)) };
    let upper = panel(loss_range, LOSSES);
    let lower = panel(output_range, OUTPUTS);
    upper.frame(&mut svg, "Losses", false);
    upper.curves(&mut svg, &losses, None);
    lower.frame(&mut svg, heading, true);
    lower.curves(&mut svg, &outputs, reference);
    let unit = if history.epochs { "epoch" } else { "step" };
    svg.text("quiet", ((SIDES.0 + SIDES.1) / 2.0, OUTPUTS.1 + 38.0), "middle", unit);

    let smoothed = losses.iter().chain(&outputs).any(|curve| curve.line.smooth.is_some());
    let reading = "Bold lines, and the numbers at their ends: running means over about 5 % of the run.";
    let beyond = if loss_cut || output_cut { "Extreme values lie beyond the axis. " } else { "" };
    notes(
        &mut svg,
        &[
            &last_values(history, unit),
            if smoothed { reading } else { "" },
            &format!("{beyond}{}", left_out(history.faulty)),
        ],
    );
    svg.finish()
}

/// The raw numbers at the end of the run.
fn last_values(history: &History, unit: &str) -> String {
    let last =
        || history.series.iter().zip(COLUMNS).filter_map(|(points, name)| Some((points.last()?, name)));
    let end = last().map(|(point, _)| point.0).fold(f64::NEG_INFINITY, f64::max);
    let values: Vec<String> = last().map(|(point, name)| format!("{name} {}", rounded(point.1))).collect();
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
    fn curves(&self, svg: &mut Drawing, curves: &[Curve; 2], reference: Option<(f64, &str)>) {
        let (left, right, bottom, top) = (self.x.from, self.x.to, self.y.from, self.y.to);
        if let Some((value, _)) = reference {
            let y = self.y.pixel(value);
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
        self.labels(svg, curves, reference);
    }

    fn labels(&self, svg: &mut Drawing, curves: &[Curve; 2], reference: Option<(f64, &str)>) {
        let mut labels = Vec::new();
        for curve in curves {
            if let Some(&(_, value)) = curve.line.main().last() {
                labels.push((value, curve.class, format!("{} {}", curve.name, rounded(value))));
            }
        }
        labels.extend(reference.map(|(value, text)| (value, "quiet", text.to_owned())));
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
    use std::fs;

    const HEADER: &str = "step,epoch,d_loss,g_loss,d_real,d_fake,seconds\n";

    fn drawn(text: &str, title: &str) -> Result<String, Error> {
        let folder = tempfile::tempdir().unwrap();
        let (metrics, svg) = (folder.path().join("metrics.csv"), folder.path().join("curves.svg"));
        fs::write(&metrics, text).unwrap();
        write_curves(&metrics, &svg, title, OutputOfD::Probability)?;
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
        for text in [">MNIST<", ">epoch<", ">0.5 undecided<", ">D loss 1.67<", "d_loss 1.67 · g_loss 1.33"] {
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
        write_curves(&metrics, &svg, "scores", OutputOfD::Score).unwrap();
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
