//! The graph as an SVG of its own.

use std::fmt::{Display, Write};

use super::layout::{Layout, Pass, layout};
use super::node::{Kind, Node, legend_of, used};
use super::rows::Extent;
use super::text::measure;
use crate::markup::escape;

/// Classes and their colours, light and dark. Under one class, since an SVG within a page shares its styles.
const STYLE: &str = include_str!("style.css");
/// Sizes of type, as in the style.
const TITLE: f64 = 12.5;
const DETAIL: f64 = 10.5;
const SMALL: f64 = 9.5;
const KEY: f64 = 11.0;
/// Height of a block, and of a line of a card.
const BLOCK: f64 = 38.0;
const LINE: f64 = 12.5;
/// Room around the picture, beside text, and between a card and its block.
const MARGIN: f64 = 18.0;
const PAD: f64 = 10.0;
const TIE: f64 = 12.0;
/// Height of the strip with the legend, and of a sample in it.
const LEGEND: f64 = 40.0;
const SAMPLE: (f64, f64) = (22.0, 14.0);
/// In the legend's place when there is nothing to tell apart.
const EMPTY: &str = "an empty tape";

/// The parameters of one operation, listed on a card on its left.
struct Card {
    lines: Vec<(&'static str, String)>,
    /// Whether each of them was already shown beside an earlier operation.
    again: bool,
    width: f64,
}

impl Card {
    /// `None` for an operation without parameters.
    fn of(node: &Node, nodes: &[Node], shown: &mut [bool]) -> Option<Self> {
        let parameters: Vec<usize> =
            node.arguments.iter().copied().filter(|&index| nodes[index].kind == Kind::Parameter).collect();
        // Dotted paths that agree up to their last part say it once.
        let owner = |index: usize| nodes[index].title().rsplit_once('.').map(|(owner, _)| owner);
        let first = owner(*parameters.first()?);
        let shared = first.filter(|_| parameters.iter().all(|&index| owner(index) == first));
        let mut lines: Vec<(&str, String)> =
            shared.into_iter().map(|owner| ("card owner", owner.to_owned())).collect();
        for &index in &parameters {
            let node = &nodes[index];
            let title = shared.map_or(node.title(), |owner| &node.title()[owner.len() + 1..]);
            let class = if node.mark.is_some() { "card strong" } else { "card" };
            let separator = if node.mark.is_some() { " · " } else { " " };
            lines.push((class, format!("{title}{separator}{}", node.detail())));
        }
        let width =
            lines.iter().map(|(class, text)| measure(text, SMALL, *class != "card")).fold(0.0, f64::max);
        let again = parameters.iter().all(|&index| shown[index]);
        parameters.into_iter().for_each(|index| shown[index] = true);
        Some(Self { lines, again, width: width + PAD })
    }

    fn height(&self) -> f64 {
        self.lines.len() as f64 * LINE + 5.0
    }
}

/// A node on its way into the picture.
struct Block<'a> {
    node: &'a Node,
    half: f64,
    card: Option<Card>,
}

impl Block<'_> {
    fn extent(&self) -> Extent {
        let (beside, height) =
            self.card.as_ref().map_or((0.0, 0.0), |card| (TIE + card.width, card.height()));
        Extent { left: self.half + beside, right: self.half, height: BLOCK.max(height) }
    }
}

pub(super) fn write(nodes: &[Node]) -> String {
    let used = used(nodes);
    let mut shown = vec![false; nodes.len()];
    let mut block_of = vec![None; nodes.len()];
    let (mut blocks, mut edges) = (Vec::new(), Vec::new());
    for (index, node) in nodes.iter().enumerate() {
        if node.kind == Kind::Parameter && used[index] {
            continue; // on the cards of its users
        }
        block_of[index] = Some(blocks.len());
        edges.extend(node.arguments.iter().filter_map(|&from| Some((block_of[from]?, blocks.len()))));
        let title = measure(node.title(), TITLE, node.mark.is_some());
        let half = PAD + title.max(measure(&node.detail(), DETAIL, false)).max(40.0) / 2.0;
        blocks.push(Block { node, half, card: Card::of(node, nodes, &mut shown) });
    }
    let extents: Vec<Extent> = blocks.iter().map(Block::extent).collect();
    let Layout { width, height, centres, routes } = layout(&extents, &edges);

    let legend = Legend::of(nodes, &blocks);
    let width = (width.max(legend.width) + 2.0 * MARGIN).ceil();
    let height = (height + LEGEND + 2.0 * MARGIN).ceil();
    let mut svg = Svg(String::new());
    svg.line(format_args!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="tape" role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}">"#
    ));
    svg.line("<title>A recorded tape</title>");
    svg.line(format_args!("<style>\n{STYLE}</style>"));
    svg.line(format_args!(r#"<rect class="page" width="{width}" height="{height}"/>"#));
    legend.draw(&mut svg);
    svg.line(format_args!(r#"<g transform="translate({MARGIN} {})">"#, MARGIN + LEGEND));
    routes.iter().zip(&edges).for_each(|(route, edge)| svg.edge(route, centres[edge.0].1, centres[edge.1].1));
    blocks.iter().zip(centres).for_each(|(block, centre)| svg.block(block, centre));
    svg.line("</g>\n</svg>");
    svg.0
}

/// The strip at the top: samples of what occurs, each with its name and where it starts.
struct Legend {
    entries: Vec<(f64, String, &'static str)>,
    width: f64,
}

impl Legend {
    fn of(nodes: &[Node], blocks: &[Block]) -> Self {
        let mut samples: Vec<(String, &str)> = Vec::new();
        for (kind, name) in legend_of(nodes) {
            samples.push((kind.map_or("operation marked", class).to_owned(), name));
            if kind == Some(Kind::Parameter) && blocks.iter().flat_map(|b| &b.card).any(|card| card.again) {
                samples.push(("parameter again".to_owned(), "the same parameter again"));
            }
        }
        let mut width = 0.0;
        let place = |(class, name): (String, &'static str)| {
            let start = width;
            width += SAMPLE.0 + 6.0 + measure(name, KEY, false) + 10.0;
            (start, class, name)
        };
        let entries = samples.into_iter().map(place).collect();
        Self { entries, width: width.max(measure(EMPTY, KEY, false)) }
    }

    fn draw(&self, svg: &mut Svg) {
        for (start, class, name) in &self.entries {
            let (x, middle) = (MARGIN + start, MARGIN + SAMPLE.1 / 2.0);
            svg.rect(class, (x, middle - SAMPLE.1 / 2.0), SAMPLE);
            svg.text("key", (x + SAMPLE.0 + 6.0, middle + KEY * 0.35), name);
        }
        if self.entries.is_empty() {
            svg.text("key", (MARGIN, MARGIN + KEY), EMPTY);
        }
    }
}

struct Svg(String);

impl Svg {
    fn block(&mut self, block: &Block, (x, y): (f64, f64)) {
        let node = block.node;
        let (marked, strong) = if node.mark.is_some() { (" marked", "strong") } else { ("", "name") };
        let corner = (x - block.half, y - BLOCK / 2.0);
        self.rect(&format!("{}{marked}", class(node.kind)), corner, (2.0 * block.half, BLOCK));
        self.text(strong, (x, y - 3.0), node.title());
        self.text("detail", (x, y + 12.0), &node.detail());
        if let Some(card) = &block.card {
            let (left, top) = (corner.0 - TIE - card.width, y - card.height() / 2.0);
            let again = if card.again { " again" } else { "" };
            self.rect(&format!("parameter{again}"), (left, top), (card.width, card.height()));
            self.line(format_args!(r#"<path class="edge tie" d="M{:.1} {y:.1}h{TIE}"/>"#, corner.0 - TIE));
            for (number, (class, text)) in card.lines.iter().enumerate() {
                self.text(class, (left + PAD / 2.0, top + (number + 1) as f64 * LINE - 0.5), text);
            }
        }
    }

    /// From the lower side of a block of centre `from` to an arrow on the upper side of one of centre `to`:
    /// upright along rows, and curved between them.
    fn edge(&mut self, route: &[Pass], from: f64, to: f64) {
        let [first, .., last] = route else { return };
        let mut path = format!("M{:.1} {:.1}V{:.1}", first.x, from + BLOCK / 2.0, first.bottom);
        let tip = to - BLOCK / 2.0;
        for pair in route.windows(2) {
            let (x, top, end) = (pair[1].x, pair[1].top, pair[1].bottom.min(tip - 5.0));
            let middle = (pair[0].bottom + top) / 2.0;
            // Writing to a string cannot fail.
            let _ = write!(path, "C{:.1} {middle:.1} {x:.1} {middle:.1} {x:.1} {top:.1}V{end:.1}", pair[0].x);
        }
        self.line(format_args!(r#"<path class="edge" d="{path}"/>"#));
        self.line(format_args!(r#"<path class="tip" d="M{:.1} {tip:.1}l-3.2 -6.5h6.4z"/>"#, last.x));
    }

    fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
        // Inputs are round, operations rounded, parameters square: kinds differ without their colours, too.
        let radius = match class.split(' ').next() {
            Some("input") => height / 2.0,
            Some("parameter") => 0.0,
            _ => 5.0,
        };
        self.line(format_args!(
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="{radius}"/>"#
        ));
    }

    fn text(&mut self, class: &str, (x, y): (f64, f64), text: &str) {
        self.line(format_args!(r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{}</text>"#, escape(text)));
    }

    fn line(&mut self, line: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Input => "input",
        Kind::Parameter => "parameter",
        Kind::Operation => "operation",
    }
}

#[cfg(test)]
mod tests {
    use super::super::node::{nodes_of, tests::example};
    use super::*;

    /// Whether every tag is closed in its turn, and no other `<` or `&` stands anywhere.
    fn well_formed(svg: &str) -> bool {
        let mut open: Vec<&str> = Vec::new();
        for piece in svg.split('<').skip(1) {
            let Some((tag, text)) = piece.split_once('>') else { return false };
            let stray = |part: &str| {
                ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;"].iter().all(|entity| !part.starts_with(entity))
            };
            if text.contains('>') || text.match_indices('&').any(|(at, _)| stray(&text[at..])) {
                return false;
            }
            match tag.strip_prefix('/') {
                Some(name) if open.pop() != Some(name) => return false,
                None if !tag.ends_with('/') => open.push(tag.split(' ').next().unwrap_or_default()),
                _ => (),
            }
        }
        open.is_empty()
    }

    /// x, y, width and height of every box but the page.
    fn boxes(svg: &str) -> Vec<[f64; 4]> {
        let number = |line: &str, key: &str| -> f64 {
            let (_, rest) = line.split_once(&format!(" {key}=\"")).expect(key);
            rest[..rest.find('"').unwrap()].parse().unwrap()
        };
        let rects = svg.lines().filter(|line| line.starts_with("<rect") && !line.contains("page"));
        rects.map(|line| ["x", "y", "width", "height"].map(|key| number(line, key))).collect()
    }

    #[test]
    fn the_picture_is_whole_and_names_are_escaped() {
        let (tape, marks) = example();
        let svg = crate::graph::svg(&tape, &marks);
        assert!(well_formed(&svg), "{svg}");
        for text in [
            "h \\ &quot;hidden&quot; &amp; &lt;co&gt;",
            "x&lt;0&gt;",
            "L = loss",
            "mean · 1 × 1",
            "alone",
            "unused",
        ] {
            assert!(svg.contains(&format!(">{text}<")), "{text} in {svg}");
        }
        // Each of the ten edges between blocks has its tip, and each of the two layers' weights their card.
        assert_eq!((svg.matches("\"tip\"").count(), svg.matches("\"edge tie\"").count()), (10, 2));
        assert!(!well_formed("<a><b></a></b>") && !well_formed("<a>&</a>") && !well_formed("<a>"));
    }

    #[test]
    fn boxes_do_not_overlap() {
        let (tape, marks) = example();
        let svg = crate::graph::svg(&tape, &marks);
        let (strip, graph) = svg.split_once("<g ").unwrap();
        assert_eq!(boxes(strip).len(), 5);
        let boxes = boxes(graph);
        // Two inputs of use, one without, a parameter without, seven operations, two cards.
        assert_eq!(boxes.len(), 13);
        for (i, [x, y, w, h]) in boxes.iter().enumerate() {
            for [x2, y2, w2, h2] in &boxes[..i] {
                let apart = x + w <= *x2 || x2 + w2 <= *x || y + h <= *y2 || y2 + h2 <= *y;
                assert!(apart, "{:?} in {boxes:?}", boxes[i]);
            }
        }
    }

    #[test]
    fn an_empty_tape_says_so() {
        let svg = write(&nodes_of(&autograd::Tape::<f32>::new(), &[]));
        assert!(well_formed(&svg) && svg.contains("an empty tape"), "{svg}");
    }
}
