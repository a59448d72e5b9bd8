//! The graph as Graphviz DOT.

use std::fmt::Write;

use super::node::{Kind, Node, legend_of, used};

/// Sans serif, whatever the system has; as in the SVG, parameters are small.
const HEAD: &str = r##"digraph tape {
  rankdir=TB; nodesep=0.2; ranksep=0.3; bgcolor="#ffffff";
  node [fontname="Helvetica,Arial,sans-serif", fontsize=11, margin="0.12,0.06", height=0.4, penwidth=1.2, style=filled];
  edge [color="#7a828d", arrowsize=0.6];
"##;

pub(super) fn write(nodes: &[Node]) -> String {
    let mut dot = HEAD.to_owned();
    let mut written = vec![false; nodes.len()];
    let used = used(nodes);
    // Writing to a string cannot fail.
    for (index, node) in nodes.iter().enumerate() {
        if node.kind == Kind::Parameter && used[index] {
            continue; // beside its first user
        }
        let mut beside: Vec<usize> = Vec::new();
        for &argument in &node.arguments {
            if nodes[argument].kind == Kind::Parameter && !written[argument] {
                written[argument] = true;
                beside.push(argument);
            }
        }
        let line = statement(index, node);
        if beside.is_empty() {
            let _ = writeln!(dot, "  {line}");
        } else {
            let beside: Vec<String> =
                beside.into_iter().map(|index| statement(index, &nodes[index])).collect();
            let _ = writeln!(dot, "  {{ rank=same; {} {line} }}", beside.join(" "));
        }
    }
    for (to, node) in nodes.iter().enumerate() {
        for &from in &node.arguments {
            // Shared weights are to stand beside one of their users, and not to pull at the others.
            let style = match nodes[from].kind {
                Kind::Parameter => " [constraint=false, arrowsize=0.4, color=\"#b8902f\"]",
                _ => "",
            };
            let _ = writeln!(dot, "  n{from} -> n{to}{style};");
        }
    }
    dot + &legend(nodes) + "}\n"
}

fn statement(index: usize, node: &Node) -> String {
    let (fill, line) = colours(if node.mark.is_some() { None } else { Some(node.kind) });
    let label = format!("{}\\n{}", quoted(node.title()), quoted(&node.detail()));
    let shape = match node.kind {
        Kind::Input => "shape=ellipse, margin=\"0.02,0.02\"",
        Kind::Parameter => "shape=note, fontsize=8, height=0.2",
        Kind::Operation => "shape=box",
    };
    format!("n{index} [label=\"{label}\", {shape}, fillcolor=\"{fill}\", color=\"{line}\"];")
}

/// Fill and outline of a kind, or of what is marked.
fn colours(kind: Option<Kind>) -> (&'static str, &'static str) {
    match kind {
        Some(Kind::Input) => ("#e3f3e6", "#3c8d52"),
        Some(Kind::Parameter) => ("#fbf3dd", "#b8902f"),
        Some(Kind::Operation) => ("#f3f4f6", "#7a828d"),
        None => ("#dcebfa", "#0068b0"),
    }
}

/// What the colours mean, of the kinds that occur.
fn legend(nodes: &[Node]) -> String {
    let entries: String = legend_of(nodes)
        .into_iter()
        .map(|(kind, text)| {
            let (fill, line) = colours(kind);
            format!(r#"<td bgcolor="{fill}" color="{line}" border="1">{text}</td>"#)
        })
        .collect();
    match entries.as_str() {
        "" => String::new(),
        _ => format!(
            "  legend [shape=plain, style=solid, label=<<table border=\"0\" cellspacing=\"6\"><tr>{entries}</tr></table>>];\n"
        ),
    }
}

/// Text between quotation marks. Graphviz takes a backslash for the start of an escape.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r', '\0'], " ")
}

#[cfg(test)]
mod tests {
    use super::super::node::{nodes_of, tests::example};
    use super::*;

    #[test]
    fn every_node_and_every_edge_is_there_once() {
        let (tape, marks) = example();
        let nodes = nodes_of(&tape, &marks);
        let dot = write(&nodes);
        for (to, node) in nodes.iter().enumerate() {
            assert_eq!(dot.matches(&format!(" n{to} [label=")).count(), 1, "node {to} of {dot}");
            for from in 0..nodes.len() {
                let times = node.arguments.iter().filter(|&&argument| argument == from).count();
                let edge = |line: &&str| {
                    line.trim_end_matches(';').split(" [").next() == Some(&format!("  n{from} -> n{to}"))
                };
                assert_eq!(dot.lines().filter(edge).count(), times, "{from} to {to} in {dot}");
            }
        }
        assert_eq!(dot.matches(" -> ").count(), nodes.iter().map(|f| f.arguments.len()).sum::<usize>());
        assert_eq!(dot.matches('{').count(), dot.matches('}').count());
        assert!(dot.contains(r#"label="h \\ \"hidden\" & <co>\nrelu · 4 × 3""#), "{dot}");
    }

    #[test]
    fn an_empty_tape_is_an_empty_graph() {
        let dot = write(&[]);
        assert!(dot.starts_with("digraph") && dot.ends_with("}\n") && !dot.contains("legend"));
    }
}
