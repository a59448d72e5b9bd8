//! The settings as a list for readers.

use crate::schema::{Kind, Node};
use crate::words::{join, possible, range};

/// A setting, as help shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its path, such as `optimizer.adam.beta1`.
    pub key: String,
    /// What it may be: a range, or the possible words.
    pub values: String,
    /// The first sentence of its doc comment.
    pub help: String,
    /// The paper's value, if the field states one.
    pub paper: Option<String>,
}

/// All settings below a table, in the order of the fields; those of every kind of an enum included.
pub fn lines(node: &Node) -> Vec<Line> {
    let mut found = Vec::new();
    table(node, "", &mut found);
    found
}

fn table(node: &Node, path: &str, found: &mut Vec<Line>) {
    let Node::Table(fields) = node else { return };
    for field in fields {
        let key = join(path, &field.name);
        let line = |values: String| Line {
            key: key.clone(),
            values: if field.optional { format!("{values}, or none") } else { values },
            help: first_sentence(&field.help),
            paper: field.paper.clone(),
        };
        match &field.node {
            Node::Table(_) => table(&field.node, &key, found),
            Node::Kinds(kinds) => {
                found.push(line(possible(kinds)));
                kinds.iter().for_each(|kind| of_kind(kind, &key, found));
            }
            Node::Number { integer, low, high } => {
                let what = if *integer { "a whole number" } else { "a number" };
                found.push(line(
                    range(*integer, *low, *high)
                        .map_or(what.to_owned(), |r| format!("{what} {}", r.replace("at ", "of at "))),
                ));
            }
            Node::Text => found.push(line("a text".to_owned())),
            Node::Flag => found.push(line("true or false".to_owned())),
        }
    }
}

fn of_kind(kind: &Kind, path: &str, found: &mut Vec<Line>) {
    if let Some(node @ Node::Table(_)) = &kind.node {
        table(node, &join(path, &kind.name), found);
    }
}

fn first_sentence(text: &str) -> String {
    let end = text.match_indices(". ").map(|(at, _)| at).find(|at| !text[..*at].ends_with("et al"));
    text[..end.unwrap_or(text.len())].trim_end_matches('.').to_owned()
}
