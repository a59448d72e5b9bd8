//! Charts in panels: lines, points, and fields of values behind them, as one SVG.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::axis::Axis;
use crate::labels::{self, Label, Rectangle};
use crate::svg::{CHARACTER, Drawing, shortened};

/// Light, and dark where the reader prefers it; then the colours of series.
const STYLE: &str = concat!(include_str!("style.css"), include_str!("chart.css"));
/// Colours of series in `chart.css`; further series start again with the first.
const COLOURS: usize = 8;
/// Width of the area of a panel, and its height unless it is square.
const AREA: (f64, f64) = (300.0, 220.0);
/// Space of a panel left of its area, right of it, above it and below it.
const MARGINS: (f64, f64, f64, f64) = (66.0, 18.0, 34.0, 50.0);
/// Height of the title, and of a line of the legend or the note.
const HEAD: f64 = 52.0;
const LINE: f64 = 20.0;
/// Strengths of a tint, and the opacity of the strongest.
const STRENGTHS: f64 = 20.0;
const OPACITY: f64 = 0.4;
/// Points of a path at most: enough for any width.
const MOST_POINTS: usize = 600;

/// How the points of a series are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Joined in their order.
    Line,
    /// One by one.
    Dots,
    /// Joined, dashed and grey: something to compare with. The name stands along the line, not in the legend.
    Guide,
}

/// Points of one name. Series of the same name have one colour and one entry of the legend.
#[derive(Clone, Debug)]
pub struct Series {
    /// As the legend calls it.
    pub name: String,
    /// (x, y); those that are not finite are left out.
    pub points: Vec<(f64, f64)>,
    /// How they are drawn.
    pub mark: Mark,
}

impl Series {
    /// Points that are joined.
    pub fn line(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self { name: name.into(), points: points.into_iter().collect(), mark: Mark::Line }
    }

    /// Points one by one.
    pub fn dots(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self { name: name.into(), points: points.into_iter().collect(), mark: Mark::Dots }
    }

    /// Points that are joined to a line to compare with.
    pub fn guide(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self { name: name.into(), points: points.into_iter().collect(), mark: Mark::Guide }
    }
}

/// A field of values in a rectangle, drawn as tints behind the series.
#[derive(Clone, Debug)]
pub struct Field {
    /// The range of x.
    pub x: (f64, f64),
    /// The range of y.
    pub y: (f64, f64),
    /// Columns of the grid.
    pub columns: usize,
    /// A value for each cell, between -1 and 1, row by row from the least y.
    pub values: Vec<f64>,
}

/// One pair of axes with what is drawn on them.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// Above the panel.
    pub heading: String,
    /// Names of the two axes.
    pub axes: (String, String),
    /// What is drawn, the first at the back.
    pub series: Vec<Series>,
    /// What lies behind the series.
    pub field: Option<Field>,
    /// Whether a unit is as long on both axes, as for points of a plane.
    pub plane: bool,
    /// Whether both axes are logarithmic. Points that are not above 0 are then left out.
    pub logarithmic: bool,
    /// Texts at points, each where it hides no other text, no point and no line to compare with, if there is such a place.
    pub labels: Vec<Label>,
    /// Width and height of the area of each panel of the chart, in pixels, if it is not the usual one.
    pub size: Option<(f64, f64)>,
}

/// Panels side by side, with one legend.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// Above all panels.
    pub title: String,
    /// The panels, row by row.
    pub panels: Vec<Panel>,
    /// Panels in a row.
    pub columns: usize,
    /// Small print at the foot.
    pub note: String,
}

impl Chart {
    /// The chart as an SVG.
    pub fn svg(&self) -> String {
        let columns = self.columns.clamp(1, self.panels.len().max(1));
        let plane = self.panels.iter().any(|panel| panel.plane);
        let usual = (AREA.0, if plane { AREA.0 } else { AREA.1 });
        let area = self.panels.iter().find_map(|panel| panel.size).unwrap_or(usual);
        let size = (MARGINS.0 + area.0 + MARGINS.1, MARGINS.2 + area.1 + MARGINS.3);
        let width = size.0 * columns as f64;
        let names = self.names();
        let legend = legend_places(&names, width);
        let legend_lines = legend.last().map_or(0.0, |(_, line)| line + 1.0);
        let top = HEAD + LINE * legend_lines;
        let rows = self.panels.len().div_ceil(columns) as f64;
        let note = if self.note.is_empty() { 0.0 } else { LINE };
        let mut svg = Drawing::new((width, top + size.1 * rows + note + 8.0), &self.title, STYLE);
        svg.text("title", (MARGINS.0, 34.0), "start", &shortened(&self.title, (width / 10.0) as usize));
        for ((x, line), name) in legend.iter().zip(&names) {
            let y = HEAD + LINE * line;
            svg.dot(&colour(&names, name), (x + 5.0, y), 5.0);
            svg.text("", (x + 16.0, y + 4.5), "start", name);
        }
        for (index, panel) in self.panels.iter().enumerate() {
            let corner = ((index % columns) as f64 * size.0, top + (index / columns) as f64 * size.1);
            panel.draw(&mut svg, (corner.0 + MARGINS.0, corner.1 + MARGINS.2), area, &names);
        }
        if !self.note.is_empty() {
            svg.text("note", (MARGINS.0, top + size.1 * rows + 12.0), "start", &self.note);
        }
        svg.finish()
    }

    /// The names of all series in the legend, each once.
    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        let all = self.panels.iter().flat_map(|panel| &panel.series);
        for series in all.filter(|series| series.mark != Mark::Guide) {
            if !names.contains(&series.name.as_str()) {
                names.push(&series.name);
            }
        }
        names
    }
}

/// Where the entries of the legend stand: their left edges, and their lines.
fn legend_places(names: &[&str], width: f64) -> Vec<(f64, f64)> {
    let (mut x, mut line) = (MARGINS.0, 0.0);
    let place = |name: &&str| {
        let long = 16.0 + CHARACTER * name.chars().count() as f64 + 18.0;
        if x > MARGINS.0 && x + long > width {
            (x, line) = (MARGINS.0, line + 1.0);
        }
        let at = (x, line);
        x += long;
        at
    };
    names.iter().map(place).collect()
}

fn colour(names: &[&str], name: &str) -> String {
    let index = names.iter().position(|other| *other == name).unwrap_or(0);
    format!("c{}", index % COLOURS)
}

impl Panel {
    fn finite(&self) -> impl Iterator<Item = (f64, f64)> {
        let points = self.series.iter().flat_map(|series| series.points.iter().copied());
        let corners = self.field.iter().flat_map(|field| [(field.x.0, field.y.0), (field.x.1, field.y.1)]);
        points.chain(corners).filter(|point| self.shows(*point))
    }

    /// Whether a point has a place on the axes.
    fn shows(&self, (x, y): (f64, f64)) -> bool {
        let least = if self.logarithmic { 0.0 } else { f64::NEG_INFINITY };
        x.is_finite() && y.is_finite() && x > least && y > least
    }

    /// The axes, with some room around the points.
    fn axes_of(&self, (left, top): (f64, f64), (width, height): (f64, f64)) -> (Axis, Axis) {
        let range = |values: &mut dyn Iterator<Item = f64>| {
            values.fold(None, |range: Option<(f64, f64)>, x| {
                Some(range.map_or((x, x), |(low, high)| (low.min(x), high.max(x))))
            })
        };
        let padded = |range: Option<(f64, f64)>| {
            let (low, high) = range.unwrap_or((if self.logarithmic { 0.1 } else { 0.0 }, 1.0));
            if self.logarithmic {
                let pad = (high / low).powf(0.04);
                return (low / pad, high * pad);
            }
            (low - 0.04 * (high - low), high + 0.04 * (high - low))
        };
        let mut x = padded(range(&mut self.finite().map(|point| point.0)));
        let mut y = padded(range(&mut self.finite().map(|point| point.1)));
        if self.plane {
            let half = (x.1 - x.0).max(y.1 - y.0) / 2.0;
            let around = |(low, high): (f64, f64)| ((low + high) / 2.0 - half, (low + high) / 2.0 + half);
            (x, y) = (around(x), around(y));
        }
        let axis = if self.logarithmic { Axis::logarithmic } else { Axis::new };
        (axis(x, (left, left + width)), axis(y, (top + height, top)))
    }

    fn draw(&self, svg: &mut Drawing, corner: (f64, f64), area: (f64, f64), names: &[&str]) {
        let (x, y) = self.axes_of(corner, area);
        svg.text("heading", (x.from, y.to - 12.0), "start", &self.heading);
        svg.text("quiet", ((x.from + x.to) / 2.0, y.from + 36.0), "middle", &self.axes.0);
        svg.text("quiet", (x.from - 8.0, y.to - 12.0), "end", &self.axes.1);
        svg.open_view((x.from, y.to), area);
        if let Some(field) = &self.field {
            field.draw(svg, x, y);
        }
        svg.close_view();
        for (value, label) in y.ticks(5) {
            let at = y.pixel(value);
            svg.segment("grid", (x.from, at), (x.to, at));
            svg.text("tick", (x.from - 8.0, at + 4.0), "end", &label);
        }
        svg.segment("axis", (x.from, y.from), (x.to, y.from));
        for (value, label) in x.ticks(5) {
            let at = x.pixel(value);
            if self.logarithmic {
                svg.segment("grid", (at, y.from), (at, y.to));
            }
            svg.segment("axis", (at, y.from), (at, y.from + 4.0));
            svg.text("tick", (at, y.from + 18.0), "middle", &label);
        }
        svg.open_view((x.from - 4.0, y.to - 4.0), (area.0 + 8.0, area.1 + 8.0));
        for series in &self.series {
            let class = colour(names, &series.name);
            let pixels = self.pixels(series, x, y);
            match series.mark {
                Mark::Dots if self.labels.is_empty() => {
                    pixels.into_iter().for_each(|at| svg.dot(&class, at, 2.6));
                }
                // Points that have names are looked at one by one.
                Mark::Dots => pixels.into_iter().for_each(|at| svg.dot(&class, at, 4.5)),
                Mark::Guide => svg.path("main thin half", pixels),
                Mark::Line => {
                    let every = pixels.len().div_ceil(MOST_POINTS).max(1);
                    let last = pixels.last().copied().filter(|_| !(pixels.len() - 1).is_multiple_of(every));
                    svg.path(&format!("main thin {class}"), pixels.into_iter().step_by(every).chain(last));
                }
            }
        }
        svg.close_view();
        let of = |mark| self.series.iter().filter(move |series| series.mark == mark);
        let guides: Vec<(&str, Vec<(f64, f64)>)> =
            of(Mark::Guide).map(|guide| (&*guide.name, self.pixels(guide, x, y))).collect();
        let dots: Vec<(f64, f64)> = of(Mark::Dots).flat_map(|series| self.pixels(series, x, y)).collect();
        let shown = self.labels.iter().filter(|label| self.shows(label.at));
        let texts = shown.map(|label| ((x.pixel(label.at.0), y.pixel(label.at.1)), &*label.text));
        let area =
            Rectangle { left: x.from, right: x.to + MARGINS.1, top: y.to - labels::HEIGHT, bottom: y.from };
        labels::draw(svg, area, texts, &dots, &guides);
    }

    /// Where the points of a series are that have a place on the axes.
    fn pixels(&self, series: &Series, x: Axis, y: Axis) -> Vec<(f64, f64)> {
        let shown = series.points.iter().filter(|point| self.shows(**point));
        shown.map(|point| (x.pixel(point.0), y.pixel(point.1))).collect()
    }
}

impl Field {
    fn draw(&self, svg: &mut Drawing, x: Axis, y: Axis) {
        let rows = self.values.len() / self.columns.max(1);
        let step = ((self.x.1 - self.x.0) / self.columns as f64, (self.y.1 - self.y.0) / rows.max(1) as f64);
        let corner = (x.pixel(self.x.0), y.pixel(self.y.0));
        let size = (x.pixel(self.x.0 + step.0) - corner.0, y.pixel(self.y.0 + step.1) - corner.1);
        // Cells of one tint are one path, and a run of them in a row is one tile.
        let tint = |value: &f64| {
            let strength = (STRENGTHS * value.abs().min(1.0)).round() as u32;
            (value.is_finite() && strength > 0).then_some((*value > 0.0, strength))
        };
        let mut tints: BTreeMap<(bool, u32), String> = BTreeMap::new();
        for (row, values) in self.values.chunks(self.columns.max(1)).enumerate() {
            let mut column = 0;
            for run in values.chunk_by(|a, b| tint(a) == tint(b)) {
                if let Some(key) = tint(&run[0]) {
                    let long = run.len();
                    // Writing to a string cannot fail.
                    let _ = write!(tints.entry(key).or_default(), "M{column} {row}h{long}v1h-{long}z");
                }
                column += run.len();
            }
        }
        for ((high, strength), d) in tints {
            let class = if high { "high" } else { "low" };
            svg.tiles(class, corner, size, OPACITY * f64::from(strength) / STRENGTHS, &d);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(panels: Vec<Panel>) -> Chart {
        Chart { title: "a <b>".to_owned(), panels, columns: 2, note: "small".to_owned() }
    }

    fn panel(series: Vec<Series>) -> Panel {
        Panel { heading: "p".to_owned(), axes: ("x".to_owned(), "y".to_owned()), series, ..Panel::default() }
    }

    #[test]
    fn panels_have_their_series_and_one_legend() {
        let line = Series::line("V", (0..5000).map(|i| (f64::from(i), f64::from(i * i))));
        let dots = Series::dots("measured", [(0.0, 1.0), (f64::NAN, 2.0), (3.0, 4.0)]);
        let svg =
            chart(vec![panel(vec![line.clone(), dots.clone()]), panel(vec![dots]), panel(vec![line])]).svg();
        assert_eq!(svg.matches("class=\"main thin c0\"").count(), 2);
        // A legend of two, and twice two points that are finite.
        assert_eq!(svg.matches("<circle").count(), 2 + 2 * 2);
        assert_eq!((svg.matches(">V</text>").count(), svg.matches(">measured</text>").count()), (1, 1));
        assert!(svg.len() < 60_000 && !svg.contains("NaN") && svg.contains("a &lt;b&gt;"), "{}", svg.len());
    }

    #[test]
    fn a_plane_has_units_of_one_length() {
        let panel = Panel { plane: true, ..panel(vec![Series::dots("a", [(0.0, 0.0), (10.0, 1.0)])]) };
        let (x, y) = panel.axes_of((0.0, 0.0), (300.0, 300.0));
        assert!((x.pixel(1.0) - x.pixel(0.0) - (y.pixel(0.0) - y.pixel(1.0))).abs() < 1e-9);
    }

    /// The x, y and text of every label in the SVG of a panel.
    fn label_places(svg: &str) -> Vec<(f64, f64, String)> {
        let number = |text: &str, name: &str| -> f64 {
            let (_, rest) = text.split_once(&format!("{name}=\"")).unwrap();
            rest.split_once('"').unwrap().0.parse().unwrap()
        };
        let labels = svg.lines().filter(|line| line.contains("class=\"\"") && line.contains(">label "));
        labels
            .map(|line| {
                let text = line.split_once('>').unwrap().1.trim_end_matches("</text>");
                (number(line, " x"), number(line, " y"), text.to_owned())
            })
            .collect()
    }

    /// The height of the level line of a panel.
    fn label_guide(svg: &str) -> f64 {
        let line = svg.lines().find(|line| line.contains("main thin half")).unwrap();
        let (_, d) = line.split_once(" d=\"M").unwrap();
        d.split(['L', '"']).next().unwrap().split_once(' ').unwrap().1.parse().unwrap()
    }

    #[test]
    fn labels_hide_no_other_label_and_no_line_and_stay_inside() {
        let points: Vec<(f64, f64)> =
            (0..8).map(|i| (10.0 + f64::from(i % 3), 20.0 + f64::from(i))).collect();
        let labels = points.iter().enumerate().map(|(i, at)| Label { at: *at, text: format!("label {i}") });
        let labels: Vec<Label> = labels.collect();
        // A line through the midst of them.
        let series = vec![Series::dots("a", points), Series::guide("limit", [(1.0, 23.0), (100.0, 23.0)])];
        let size = Some((600.0, 400.0));
        let panel = Panel { logarithmic: true, size, labels, ..panel(series) };
        let svg = Chart { title: "t".to_owned(), panels: vec![panel], columns: 1, note: String::new() }.svg();
        let places = label_places(&svg);
        assert_eq!(places.len(), 8);
        for (number, (x, y, text)) in places.iter().enumerate() {
            let width = CHARACTER * text.chars().count() as f64;
            assert!(*x >= MARGINS.0 && x + width <= MARGINS.0 + 600.0 + MARGINS.1, "{text} at {x}");
            let guide = label_guide(&svg);
            assert!(
                y + 3.5 <= guide || y + 3.5 - labels::HEIGHT >= guide,
                "{text} at {y} on the line at {guide}"
            );
            for (other_x, other_y, other) in &places[..number] {
                assert!(
                    (x - other_x).abs() >= width || (y - other_y).abs() >= labels::HEIGHT,
                    "{text} on {other}"
                );
            }
        }
        // The guide is drawn with its name, and not in the legend.
        assert_eq!(svg.matches("rotate(0.0)\">limit</text>").count(), 1);
        assert_eq!((svg.matches("main thin half").count(), svg.matches("<circle").count()), (1, 1 + 8));
    }

    #[test]
    fn logarithmic_axes_leave_out_what_is_not_above_zero() {
        let points = [(0.0, 1.0), (-1.0, 1.0), (1.0, 0.0), (1.0, 10.0), (100.0, 1000.0)];
        let panel = Panel { logarithmic: true, ..panel(vec![Series::dots("a", points)]) };
        let (x, y) = panel.axes_of((0.0, 0.0), (300.0, 220.0));
        assert!(
            x.low < 1.0 && x.high > 100.0 && x.low > 0.5 && y.low > 5.0,
            "{} {} {}",
            x.low,
            x.high,
            y.low
        );
        // A straight line of the formula y = 10 x^1 is one in the picture, too.
        let middle = (x.pixel(10.0), y.pixel(100.0));
        let ends = ((x.pixel(1.0) + x.pixel(100.0)) / 2.0, (y.pixel(10.0) + y.pixel(1000.0)) / 2.0);
        assert!((middle.0 - ends.0).abs() < 1e-9 && (middle.1 - ends.1).abs() < 1e-9);
        let svg = chart(vec![panel]).svg();
        assert_eq!(svg.matches("<circle").count(), 1 + 2);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn a_field_is_tinted_by_sign_and_size() {
        let field = Field { x: (0.0, 2.0), y: (0.0, 1.0), columns: 2, values: vec![-1.0, 0.5, -1.0, -1.0] };
        let svg = chart(vec![Panel { field: Some(field), ..panel(vec![]) }]).svg();
        assert!(
            svg.contains("d=\"M0 0h1v1h-1zM0 1h2v1h-2z\"") && svg.contains("d=\"M1 0h1v1h-1z\""),
            "{svg}"
        );
        assert!(svg.contains("class=\"low\"") && svg.contains("class=\"high\""), "{svg}");
        assert!(svg.contains("opacity=\"0.40\"") && svg.contains("opacity=\"0.20\""), "{svg}");
    }

    #[test]
    fn without_points_there_is_a_chart_all_the_same() {
        let svg = chart(vec![panel(vec![])]).svg();
        assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN"));
        assert!(Chart::default().svg().ends_with("</svg>\n"));
    }

    #[test]
    fn a_long_legend_takes_several_lines() {
        let names: Vec<String> = (0..9).map(|i| format!("a rather long name {i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let places = legend_places(&names, 400.0);
        assert!(places.last().unwrap().1 >= 4.0 && places.iter().all(|(x, _)| *x < 400.0));
    }
}
