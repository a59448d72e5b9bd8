//! Texts in a chart: labels at points, and the names of lines to compare with. No label hides another, a point or such a line,
//! as long as there is a place where it does not.

use crate::svg::{CHARACTER, Drawing};

/// Height of a line of a label.
pub(crate) const HEIGHT: f64 = 15.0;

/// Distance of a label from its point.
const DISTANCE: f64 = 7.0;

/// A text at a point.
#[derive(Clone, Debug)]
pub struct Label {
    /// (x, y) in data.
    pub at: (f64, f64),
    /// What is written, on whichever side of the point there is room.
    pub text: String,
}

/// Draws the names of `guides` along them, then `texts` (where their points are, and what they say) one by one: right of the
/// point, left of it, above or below, and then further away, wherever the text first lies within `area` and hides none of
/// `dots`, no earlier text and no guide. A line leads to a text that is further away. All in pixels.
pub(crate) fn draw<'a>(
    svg: &mut Drawing,
    area: Rectangle,
    texts: impl Iterator<Item = ((f64, f64), &'a str)>,
    dots: &[(f64, f64)],
    guides: &[(&str, Vec<(f64, f64)>)],
) {
    let mut taken: Vec<Rectangle> = dots.iter().map(|at| Rectangle::around(*at, 5.0)).collect();
    for (name, pixels) in guides {
        taken.extend(pixels.windows(2).flat_map(|pair| squares(pair[0], pair[1], 1.5)));
        if let Some(text) = GuideText::of(name, pixels) {
            taken.extend(squares(text.above(text.start), text.above(text.end()), HEIGHT / 2.0));
            svg.turned_text("quiet", text.start, text.angle.to_degrees(), name);
        }
    }
    for (at, text) in texts {
        let places = places(at, CHARACTER * text.chars().count() as f64);
        let free = |(_, place): &&(i32, Rectangle)| {
            place.is_within(&area) && taken.iter().all(|other| !place.meets(other))
        };
        let (further, place) = *places.iter().find(free).unwrap_or(&places[0]);
        if further > 0 {
            let end = (at.0.clamp(place.left, place.right), at.1.clamp(place.top, place.bottom));
            svg.segment("axis", at, end);
        }
        svg.text("", (place.left, place.bottom - 3.5), "start", text);
        taken.push(place);
    }
}

/// The places of a text of this width around a point, the nearest first, with how many heights further away each is.
fn places(at: (f64, f64), width: f64) -> Vec<(i32, Rectangle)> {
    let around = |further: i32| {
        let gap = DISTANCE + HEIGHT * f64::from(further);
        let (right, left, middle) = (at.0 + gap, at.0 - gap - width, at.0 - width / 2.0);
        let (beside, above, below) = (at.1 - HEIGHT / 2.0, at.1 - gap - HEIGHT, at.1 + gap);
        [
            (right, beside),
            (left, beside),
            (middle, above),
            (middle, below),
            (right, above),
            (right, below),
            (left, above),
            (left, below),
        ]
        .map(|(left, top)| (further, Rectangle { left, right: left + width, top, bottom: top + HEIGHT }))
    };
    (0..6).flat_map(around).collect()
}

/// Where the name of a line to compare with stands: along its first piece, a little above.
struct GuideText {
    start: (f64, f64),
    /// Clockwise, in radians.
    angle: f64,
    length: f64,
}

impl GuideText {
    /// `None` without a name or a line.
    fn of(name: &str, pixels: &[(f64, f64)]) -> Option<Self> {
        let &[from, to, ..] = pixels else { return None };
        let angle = (to.1 - from.1).atan2(to.0 - from.0);
        let (along, above) = (10.0, 5.0);
        let start = (
            from.0 + along * angle.cos() + above * angle.sin(),
            from.1 + along * angle.sin() - above * angle.cos(),
        );
        let length = CHARACTER * name.chars().count() as f64;
        (!name.is_empty()).then_some(Self { start, angle, length })
    }

    fn end(&self) -> (f64, f64) {
        (self.start.0 + self.length * self.angle.cos(), self.start.1 + self.length * self.angle.sin())
    }

    /// The middle of the text's height at a point of its base.
    fn above(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let half = HEIGHT / 3.0;
        (x + half * self.angle.sin(), y - half * self.angle.cos())
    }
}

/// Squares that cover a piece of a line.
fn squares(from: (f64, f64), to: (f64, f64), half: f64) -> impl Iterator<Item = Rectangle> {
    let count = ((to.0 - from.0).hypot(to.1 - from.1) / (2.0 * half)).ceil().max(1.0) as usize;
    (0..=count).map(move |i| {
        let part = i as f64 / count as f64;
        Rectangle::around((from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1)), half)
    })
}

/// What a text or a point covers, or may cover, in pixels.
#[derive(Clone, Copy)]
pub(crate) struct Rectangle {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

impl Rectangle {
    fn around((x, y): (f64, f64), half: f64) -> Self {
        Self { left: x - half, right: x + half, top: y - half, bottom: y + half }
    }

    fn is_within(&self, area: &Self) -> bool {
        self.left >= area.left
            && self.right <= area.right
            && self.top >= area.top
            && self.bottom <= area.bottom
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}
