//! An SVG and its pieces.
use std::fmt::{Display, Write};

use crate::markup::escape;

/// Width of a character of a legend or a label, on average and in excess.
pub(crate) const CHARACTER: f64 = 7.4;

/// An SVG as it grows, one element a line. All lengths are pixels; (x, y) goes right and down.
pub(crate) struct Drawing(String);

impl Drawing {
    /// A page of `size` = (width, height), its background of the class `page`.
    pub(crate) fn new((width, height): (f64, f64), title: &str, style: &str) -> Self {
        let mut svg = Self(String::new());
        svg.line(format_args!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" {}>"#,
            format_args!(r#"viewBox="0 0 {width} {height}""#)
        ));
        svg.line(format_args!("<title>{}</title>", escape(title)));
        svg.line(format_args!("<style>\n{style}</style>"));
        svg.line(format_args!(r#"<rect class="page" width="{width}" height="{height}"/>"#));
        svg
    }

    pub(crate) fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: &str, text: &str) {
        let text = escape(text);
        self.line(format_args!(
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{text}</text>"#
        ));
    }

    /// A text that begins at a point, turned clockwise by so many degrees.
    pub(crate) fn turned_text(&mut self, class: &str, (x, y): (f64, f64), degrees: f64, text: &str) {
        let text = escape(text);
        self.line(format_args!(
            r#"<text class="{class}" transform="translate({x:.1} {y:.1}) rotate({degrees:.1})">{text}</text>"#
        ));
    }

    pub(crate) fn segment(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        self.line(format_args!(
            r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#
        ));
    }

    pub(crate) fn path(&mut self, class: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        self.line(format_args!(r#"<path class="{class}" d="{}"/>"#, path(points)));
    }

    pub(crate) fn dot(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        self.line(format_args!(r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="{radius}"/>"#));
    }

    /// Tiles of a grid, through which one can see. `d` is in cells: (0, 0) is at `corner`, and (1, 1) is `size` from there.
    pub(crate) fn tiles(&mut self, class: &str, corner: (f64, f64), size: (f64, f64), opacity: f64, d: &str) {
        let ((x, y), (width, height)) = (corner, size);
        self.line(format_args!(
            r#"<path class="{class}" opacity="{opacity:.2}" {} d="{d}"/>"#,
            format_args!(r#"transform="translate({x:.2} {y:.2}) scale({width:.3} {height:.3})""#)
        ));
    }

    /// Clips to a rectangle, until [`Self::close_view`]. A nested viewport needs no id, as a
    /// clip path would, so that many pictures can stand on one page.
    pub(crate) fn open_view(&mut self, (x, y): (f64, f64), (width, height): (f64, f64)) {
        self.line(format_args!(
            r#"<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{x} {y} {width} {height}">"#
        ));
    }

    pub(crate) fn close_view(&mut self) {
        self.line("</svg>");
    }

    pub(crate) fn finish(mut self) -> String {
        self.line("</svg>");
        self.0
    }

    fn line(&mut self, line: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }
}

/// The first `most` characters, the last of them an ellipsis if there are more.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// The `d` of a path through points in pixels.
pub(crate) fn path(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (x, y) in points {
        let letter = if path.is_empty() { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = write!(path, "{letter}{x:.1} {y:.1}");
    }
    path
}

/// Moves heights apart that are closer than `gap`, as little as possible, and keeps them within `low..=high`
/// if there is room.
pub(crate) fn spread(wanted: &[f64], gap: f64, (low, high): (f64, f64)) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    let mut heights = wanted.to_vec();
    // Each round halves what is left of an overlap, for the few labels of a panel quickly enough.
    for _ in 0..60 {
        for pair in order.windows(2) {
            let overlap = gap - (heights[pair[1]] - heights[pair[0]]);
            if overlap > 0.0 {
                heights[pair[0]] -= overlap / 2.0;
                heights[pair[1]] += overlap / 2.0;
            }
        }
        heights.iter_mut().for_each(|height| *height = height.max(low).min(high));
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut() {
        assert_eq!((shortened("äöü", 3), shortened("äöüß", 3)), ("äöü".into(), "äö…".into()));
    }

    #[test]
    fn a_path_has_one_decimal() {
        assert_eq!(path([(1.0, 2.25), (3.16, 4.0)]), "M1.0 2.2L3.2 4.0");
        assert_eq!(path([]), "");
    }

    #[test]
    fn labels_move_apart_and_stay_inside() {
        let close = |a: Vec<f64>, b: [f64; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 0.1);
        assert!(close(spread(&[10.0, 90.0, 50.0], 16.0, (0.0, 100.0)), [10.0, 90.0, 50.0]));
        assert!(close(spread(&[50.0, 50.0, 50.0], 16.0, (0.0, 100.0)), [34.0, 50.0, 66.0]));
        assert!(close(spread(&[100.0, 99.0, 98.0], 16.0, (0.0, 100.0)), [100.0, 84.0, 68.0]));
    }
}
