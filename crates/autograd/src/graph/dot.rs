//! The graph as Graphviz DOT.

use std::fmt::Write;

use super::{Figure, Kind, legend_of, used};

/// Sans serif, whatever the system has; as in the SVG, parameters are small.
const HEAD: &str = r##"digraph tape {
  rankdir=TB; nodesep=0.2; ranksep=0.3; bgcolor="#ffffff";
  node [fontname="Helvetica,Arial,sans-serif", fontsize=11, margin="0.12,0.06", height=0.4, penwidth=1.2, style=filled];
  edge [color="#7a828d", arrowsize=0.6];
"##;

pub(super) fn write(figures: &[Figure]) -> String {
    let mut dot = HEAD.to_owned();
    let mut written = vec![false; figures.len()];
    let used = used(figures);
    // Writing to a string cannot fail.
    for (index, figure) in figures.iter().enumerate() {
        if figure.kind == Kind::Parameter && used[index] {
            continue; // beside its first user
        }
        let mut beside: Vec<usize> = Vec::new();
        for &argument in &figure.arguments {
            if figures[argument].kind == Kind::Parameter && !written[argument] {
                written[argument] = true;
                beside.push(argument);
            }
        }
        let line = node(index, figure);
        if beside.is_empty() {
            let _ = writeln!(dot, "  {line}");
        } else {
            let beside: Vec<String> = beside.into_iter().map(|index| node(index, &figures[index])).collect();
            let _ = writeln!(dot, "  {{ rank=same; {} {line} }}", beside.join(" "));
        }
    }
    for (to, figure) in figures.iter().enumerate() {
        for &from in &figure.arguments {
            // Shared weights are to stand beside one of their users, and not to pull at the others.
            let style = match figures[from].kind {
                Kind::Parameter => " [constraint=false, arrowsize=0.4, color=\"#b8902f\"]",
                _ => "",
            };
            let _ = writeln!(dot, "  n{from} -> n{to}{style};");
        }
    }
    dot + &legend(figures) + "}\n"
}

fn node(index: usize, figure: &Figure) -> String {
    let (fill, line) = colours(if figure.mark.is_some() { None } else { Some(figure.kind) });
    let label = format!("{}\\n{}", quoted(figure.title()), quoted(&figure.detail()));
    let shape = match figure.kind {
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
fn legend(figures: &[Figure]) -> String {
    let entries: String = legend_of(figures)
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
    use super::super::{figures, tests::example};
    use super::*;

    #[test]
    fn every_node_and_every_edge_is_there_once() {
        let (tape, marks) = example();
        let figures = figures(&tape, &marks);
        let dot = write(&figures);
        for (to, figure) in figures.iter().enumerate() {
            assert_eq!(dot.matches(&format!(" n{to} [label=")).count(), 1, "node {to} of {dot}");
            for from in 0..figures.len() {
                let times = figure.arguments.iter().filter(|&&argument| argument == from).count();
                let edge = |line: &&str| {
                    line.trim_end_matches(';').split(" [").next() == Some(&format!("  n{from} -> n{to}"))
                };
                assert_eq!(dot.lines().filter(edge).count(), times, "{from} to {to} in {dot}");
            }
        }
        assert_eq!(dot.matches(" -> ").count(), figures.iter().map(|f| f.arguments.len()).sum::<usize>());
        assert_eq!(dot.matches('{').count(), dot.matches('}').count());
        assert!(dot.contains(r#"label="h \\ \"hidden\" & <co>\nrelu · 4 × 3""#), "{dot}");
    }

    #[test]
    fn an_empty_tape_is_an_empty_graph() {
        let dot = write(&[]);
        assert!(dot.starts_with("digraph") && dot.ends_with("}\n") && !dot.contains("legend"));
    }
}
