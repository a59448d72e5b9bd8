//! A read-only view of a tape, for drawings and other tools.

use crate::node::Source;
use crate::op::Var;
use crate::tape::Tape;
use crate::{Real, Shape};

/// What a node is, with its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind<'a> {
    /// An input, which the caller sets.
    Input(&'static str),
    /// The leaf of a parameter, with the parameter's dotted path.
    Parameter(&'a str),
    /// An operation.
    Operation(&'static str),
}

/// A node of a tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeView<'a> {
    /// What it is.
    pub kind: NodeKind<'a>,
    /// (rows, columns) of its value.
    pub shape: Shape,
    /// The nodes that it is computed from.
    pub arguments: &'a [Var],
}

impl<T: Real> Tape<T> {
    /// All nodes in the order of recording: that of a [`Var`] is at [`Var::index`].
    pub fn nodes(&self) -> impl Iterator<Item = NodeView<'_>> {
        self.nodes.iter().zip(&self.values).map(|(node, value)| {
            let kind = match &node.source {
                Source::Input(name) => NodeKind::Input(name),
                Source::Parameter(_, name) => NodeKind::Parameter(name),
                Source::Operation(op, _) => NodeKind::Operation(op.name()),
            };
            NodeView { kind, shape: value.shape, arguments: node.arguments() }
        })
    }

    /// All nodes by their number, in the order of recording.
    pub fn vars(&self) -> impl Iterator<Item = Var> + use<T> {
        (0..self.nodes.len()).map(Var)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Parameters;

    #[test]
    fn nodes_show_names_shapes_and_arguments() {
        let mut parameters = Parameters::<f64>::new();
        let w = parameters.push("layer.weight", &[1, 2], |_| ());
        let mut tape = Tape::new();
        let x = tape.input("x", (100, 2));
        let w = tape.parameter(&parameters, w);
        let y = tape.linear(x, w, None).unwrap();
        let nodes: Vec<NodeView> = tape.nodes().collect();
        let want = [
            NodeView { kind: NodeKind::Input("x"), shape: (100, 2), arguments: &[] },
            NodeView { kind: NodeKind::Parameter("layer.weight"), shape: (1, 2), arguments: &[] },
            NodeView { kind: NodeKind::Operation("linear"), shape: (100, 1), arguments: &[x, w] },
        ];
        assert_eq!(nodes, want);
        assert_eq!(nodes[y.index()], want[2]);
    }
}
