//! Pictures of a tape: Graphviz DOT for further work, and an SVG that needs no other program.
//!
//! Both run from top to bottom, in the direction of evaluation. Parameters are leaves of which an operation
//! has several, so they stand small beside it; one that several operations share is one node of the DOT, and
//! in the SVG stands beside each of them, dashed from the second time on.
//!
//! ```
//! use autograd::{Parameters, Tape};
//! # fn main() -> Result<(), autograd::Error> {
//! let mut parameters = Parameters::<f32>::new();
//! let w = parameters.push("layer.weight", &[1, 2], |_| ());
//! let mut tape = Tape::new();
//! let x = tape.input("x", (100, 2));
//! let w = tape.parameter(&parameters, w);
//! let y = tape.linear(x, w, None)?;
//!
//! let svg = tape.svg(&[(y, "score")]);
//! assert!(svg.contains("score") && svg.contains("100 × 2"));
//! assert!(tape.dot(&[]).contains("n0 -> n2"));
//! # Ok(())
//! # }
//! ```

mod dot;
mod layout;
mod order;
mod place;
mod svg;
mod text;

pub use text::escape;

use crate::{NodeKind, NodeView, Real, Shape, Tape, Var};

impl<T: Real> Tape<T> {
    /// The tape as a graph for Graphviz; `marks` give nodes readable names.
    ///
    /// # Panics
    /// If a mark is not on a node of this tape.
    pub fn dot(&self, marks: &[(Var, &str)]) -> String {
        dot::write(&figures(self, marks))
    }

    /// The tape as a picture; `marks` give nodes readable names.
    ///
    /// # Panics
    /// If a mark is not on a node of this tape.
    pub fn svg(&self, marks: &[(Var, &str)]) -> String {
        svg::write(&figures(self, marks))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Input,
    Parameter,
    Operation,
}

/// What a picture shows of a node.
struct Figure {
    kind: Kind,
    /// Of the input, the parameter or the operation.
    name: String,
    mark: Option<String>,
    shape: Shape,
    /// The nodes that it is computed from.
    arguments: Vec<usize>,
}

impl Figure {
    /// The mark where there is one, else the name.
    fn title(&self) -> &str {
        self.mark.as_deref().unwrap_or(&self.name)
    }

    /// The shape, after the name where a mark stands in the name's place.
    fn detail(&self) -> String {
        let (rows, columns) = self.shape;
        match self.mark {
            Some(_) => format!("{} · {rows} × {columns}", self.name),
            None => format!("{rows} × {columns}"),
        }
    }
}

fn figures<T: Real>(tape: &Tape<T>, marks: &[(Var, &str)]) -> Vec<Figure> {
    let figure = |node: NodeView| {
        let (kind, name) = match node.kind {
            NodeKind::Input(name) => (Kind::Input, name),
            NodeKind::Parameter(name) => (Kind::Parameter, name),
            NodeKind::Operation(name) => (Kind::Operation, name),
        };
        let arguments = node.arguments.iter().map(|var| var.index()).collect();
        Figure { kind, name: name.to_owned(), mark: None, shape: node.shape, arguments }
    };
    let mut figures: Vec<Figure> = tape.nodes().map(figure).collect();
    for (var, name) in marks {
        let mark = &mut figures[var.index()].mark;
        // A node may be two things at once: without a non-linearity, G's sample is its last linear layer.
        *mark = Some(mark.take().map_or_else(|| (*name).to_owned(), |first| format!("{first} = {name}")));
    }
    figures
}

/// Whether some node is computed from this one.
fn used(figures: &[Figure]) -> Vec<bool> {
    let mut used = vec![false; figures.len()];
    figures.iter().flat_map(|figure| &figure.arguments).for_each(|&index| used[index] = true);
    used
}

/// What there is to tell apart, and what to call it: the kinds that occur, and `None` for marked nodes.
fn legend_of(figures: &[Figure]) -> Vec<(Option<Kind>, &'static str)> {
    let kinds = [(Kind::Input, "input"), (Kind::Parameter, "parameter"), (Kind::Operation, "operation")];
    let occurring = kinds.into_iter().filter(|(kind, _)| figures.iter().any(|figure| figure.kind == *kind));
    let marked = figures.iter().any(|figure| figure.mark.is_some()).then_some((None, "named result"));
    occurring.map(|(kind, name)| (Some(kind), name)).chain(marked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Parameters;

    /// Two passes through shared weights, a skip over a layer, a node without users, and names that need
    /// escaping.
    pub(super) fn example() -> (Tape<f64>, Vec<(Var, &'static str)>) {
        let mut parameters = Parameters::new();
        let w = parameters.push("net.\"w\" & <b>", &[3, 3], |_| ());
        let b = parameters.push("net.bias", &[3], |_| ());
        let alone = parameters.push("alone", &[7], |_| ());
        let mut tape = Tape::new();
        let [w, b, _] = [w, b, alone].map(|id| tape.parameter(&parameters, id));
        let [x, y] = ["x<0>", "y"].map(|name| tape.input(name, (4, 3)));
        tape.input("unused", (1, 1));
        let first = tape.linear(x, w, Some(b)).unwrap();
        let second = tape.relu(first).unwrap();
        let third = tape.linear(second, w, Some(b)).unwrap();
        let both = tape.concat(third, x).unwrap();
        let double = tape.add(y, y).unwrap();
        let all = tape.concat(both, double).unwrap();
        let loss = tape.mean(all).unwrap();
        (tape, vec![(second, "h \\ \"hidden\" & <co>"), (loss, "L"), (loss, "loss"), (w, "W")])
    }

    #[test]
    fn marks_stand_in_the_place_of_names() {
        let (tape, marks) = example();
        let figures = figures(&tape, &marks);
        let (plain, marked) = (&figures[6], &figures[figures.len() - 1]);
        assert_eq!((plain.title(), plain.detail().as_str()), ("linear", "4 × 3"));
        assert_eq!((marked.title(), marked.detail().as_str()), ("L = loss", "mean · 1 × 1"));
        let unused: Vec<usize> = (0..figures.len()).filter(|&index| !used(&figures)[index]).collect();
        assert_eq!(unused, [2, 5, figures.len() - 1]);
    }
}
