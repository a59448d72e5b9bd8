//! What a drawing shows of the nodes of a tape.

use autograd::{NodeKind, NodeView, Real, Shape, Tape, Var};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Input,
    Parameter,
    Operation,
}

/// What a drawing shows of a node.
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The name of the input, the parameter or the operation.
    pub(super) name: String,
    pub(super) mark: Option<String>,
    pub(super) shape: Shape,
    /// The nodes that it is computed from.
    pub(super) arguments: Vec<usize>,
}

impl Node {
    /// The mark where there is one, else the name.
    pub(super) fn title(&self) -> &str {
        self.mark.as_deref().unwrap_or(&self.name)
    }

    /// The shape, after the name where a mark stands in the name's place.
    pub(super) fn detail(&self) -> String {
        let (rows, columns) = self.shape;
        match self.mark {
            Some(_) => format!("{} · {rows} × {columns}", self.name),
            None => format!("{rows} × {columns}"),
        }
    }
}

/// The nodes of a tape, with the names that `marks` give them.
///
/// # Panics
/// If a mark is not on a node of this tape.
pub(super) fn nodes_of<T: Real>(tape: &Tape<T>, marks: &[(Var, &str)]) -> Vec<Node> {
    let drawn = |node: NodeView| {
        let (kind, name) = match node.kind {
            NodeKind::Input(name) => (Kind::Input, name),
            NodeKind::Parameter(name) => (Kind::Parameter, name),
            NodeKind::Operation(name) => (Kind::Operation, name),
        };
        let arguments = node.arguments.iter().map(|var| var.index()).collect();
        Node { kind, name: name.to_owned(), mark: None, shape: node.shape, arguments }
    };
    let mut nodes: Vec<Node> = tape.nodes().map(drawn).collect();
    for (var, name) in marks {
        let mark = &mut nodes[var.index()].mark;
        // A node may be two things at once: without a non-linearity, G's sample is its last linear layer.
        *mark = Some(mark.take().map_or_else(|| (*name).to_owned(), |first| format!("{first} = {name}")));
    }
    nodes
}

/// Whether some node is computed from this one.
pub(super) fn used(nodes: &[Node]) -> Vec<bool> {
    let mut used = vec![false; nodes.len()];
    nodes.iter().flat_map(|node| &node.arguments).for_each(|&index| used[index] = true);
    used
}

/// The entries of the legend with their names: the kinds that occur, and `None` for marked nodes.
pub(super) fn legend_of(nodes: &[Node]) -> Vec<(Option<Kind>, &'static str)> {
    let kinds = [(Kind::Input, "input"), (Kind::Parameter, "parameter"), (Kind::Operation, "operation")];
    let occurring = kinds.into_iter().filter(|(kind, _)| nodes.iter().any(|node| node.kind == *kind));
    let marked = nodes.iter().any(|node| node.mark.is_some()).then_some((None, "named result"));
    occurring.map(|(kind, name)| (Some(kind), name)).chain(marked).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use autograd::Parameters;

    use super::*;

    /// Two passes through shared weights, a skip over a layer, a node without users, and names that need
    /// escaping.
    pub(in crate::graph) fn example() -> (Tape<f64>, Vec<(Var, &'static str)>) {
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
        let nodes = nodes_of(&tape, &marks);
        let (plain, marked) = (&nodes[6], &nodes[nodes.len() - 1]);
        assert_eq!((plain.title(), plain.detail().as_str()), ("linear", "4 × 3"));
        assert_eq!((marked.title(), marked.detail().as_str()), ("L = loss", "mean · 1 × 1"));
        let unused: Vec<usize> = (0..nodes.len()).filter(|&index| !used(&nodes)[index]).collect();
        assert_eq!(unused, [2, 5, nodes.len() - 1]);
    }
}
