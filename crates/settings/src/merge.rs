//! Laying one table of settings over another.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::help::lines;
use crate::problem::Problem;
use crate::schema::{Field, Kind, Node};
use crate::words::{join, nearest, possible};

/// What takes an optional setting away: `--set penalty.r1=none`.
pub(crate) const NONE: &str = "none";

/// Reads TOML.
///
/// # Errors
/// One line, with the number of the line at fault.
pub fn parse(text: &str) -> Result<Table, Problem> {
    text.parse().map_err(|error: toml::de::Error| {
        let line =
            error.span().map(|span| 1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count());
        let place = line.map(|line| format!("line {line}")).unwrap_or_default();
        let what = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        let what = match &*what {
            _ if text.trim_start().starts_with('{') => {
                "this is JSON; settings are TOML, a line `key = value` each under its [table]".to_owned()
            }
            "duplicate key" => "this key or table comes twice; keep one of them".to_owned(),
            what if what.contains("as i128") || what.contains("as u128") => {
                "this number is beyond 64 bits".to_owned()
            }
            what => format!("no TOML, which has lines `key = value`: {what}"),
        };
        Problem::new(place, what)
    })
}

/// More dots than any setting's name has.
const DEEPEST: usize = 16;

/// Reads `a.b.c=value` as a table. A value that is not TOML is a string, so that words need no quotes.
///
/// # Errors
/// If there is no `=`.
pub fn assignment(text: &str) -> Result<Table, Problem> {
    let (key, value) =
        text.split_once('=').ok_or_else(|| Problem::new("", "a setting is written key=value"))?;
    let value = format!("value = {value}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(value.trim().to_owned()));
    // Before a table is built, which is read and dropped by recursion.
    if key.matches('.').count() > DEEPEST {
        let start: String = key.chars().take(40).collect();
        return Err(Problem::new(format!("{start}.."), format!("no setting has more than {DEEPEST} dots")));
    }
    let mut parts = key.trim().rsplit('.');
    let last = parts.next().unwrap_or_default();
    let leaf = Table::from_iter([(last.to_owned(), value)]);
    Ok(parts.fold(leaf, |inner, part| Table::from_iter([(part.to_owned(), Value::Table(inner))])))
}

/// Lays `over` on `base`. Tables are merged key by key. Of an enum, another kind replaces the one in `base`, and
/// the same kind is merged; the bare name of a kind that has settings selects it with its defaults. The word
/// `none` takes an optional setting away. Values are not checked here (`check_table` does).
///
/// # Errors
/// If a key of `over` is unknown, with the nearest known one.
pub fn overlay(base: &mut Table, over: Table, node: &Node) -> Result<(), Problem> {
    let root = node;
    lay(base, over, node, "", root)
}

fn lay(base: &mut Table, over: Table, node: &Node, path: &str, root: &Node) -> Result<(), Problem> {
    for (key, value) in over {
        let at = join(path, &key);
        let Some(field) = node.field(&key) else { return Err(unknown(&at, &value, root)) };
        if field.optional && value.as_str() == Some(NONE) {
            base.remove(&key);
            continue;
        }
        let merged = merged(base.remove(&key), value, field, &at, root)?;
        base.insert(key, merged);
    }
    Ok(())
}

fn merged(old: Option<Value>, new: Value, field: &Field, path: &str, root: &Node) -> Result<Value, Problem> {
    match &field.node {
        Node::Table(_) => match new {
            Value::Table(new) => table(old, new, &field.node, path, root),
            other => Err(Problem::new(path, format!("{other} is not a table of settings"))),
        },
        Node::Kinds(kinds) => kind(old, new, kinds, path, root),
        _ => Ok(new),
    }
}

fn table(old: Option<Value>, new: Table, node: &Node, path: &str, root: &Node) -> Result<Value, Problem> {
    let mut base = match old {
        Some(Value::Table(base)) => base,
        _ => Table::new(),
    };
    lay(&mut base, new, node, path, root)?;
    Ok(Value::Table(base))
}

fn kind(old: Option<Value>, new: Value, kinds: &[Kind], path: &str, root: &Node) -> Result<Value, Problem> {
    let find = |name: &str| {
        let wrong = || Problem::new(path, format!("\"{name}\" is not {}", possible(kinds)));
        kinds.iter().find(|kind| kind.name == name).ok_or_else(wrong)
    };
    let (name, content) = match new {
        Value::String(name) => (name, None),
        Value::Table(table) if table.len() == 1 => {
            let (name, content) = table.into_iter().next().expect("one entry");
            (name, Some(content))
        }
        other => return Ok(other), // The check says what is wrong with it.
    };
    // What the same kind has already stays as a base.
    let own = match old {
        Some(Value::Table(mut table)) => table.remove(&name),
        _ => None,
    };
    let content = match (&find(&name)?.node, content) {
        (Some(node @ Node::Table(_)), None) => table(own, Table::new(), node, path, root)?,
        (Some(node @ Node::Table(_)), Some(Value::Table(new))) => {
            table(own, new, node, &join(path, &name), root)?
        }
        (_, Some(content)) => content,
        (_, None) => return Ok(Value::String(name)),
    };
    Ok(Value::Table(Table::from_iter([(name, content)])))
}

/// The whole path is looked for among all settings, so that a slip in a table's name is found, too.
fn unknown(path: &str, value: &Value, root: &Node) -> Problem {
    let mut wrong = vec![path.to_owned()];
    let mut value = value;
    while let Value::Table(table) = value {
        let Some((key, inner)) = table.iter().next() else { break };
        wrong.push(key.clone());
        value = inner;
    }
    let wrong = wrong.join(".");
    let lines = lines(root);
    let known: Vec<&str> = lines.iter().map(|line| line.key.as_str()).collect();
    if known.contains(&&*wrong) {
        return Problem::new("", format!("{wrong}: write this key without quotes"));
    }
    let within = known.iter().find(|key| key.strip_suffix(&*wrong).is_some_and(|table| table.ends_with('.')));
    let meant = within.copied().unwrap_or_else(|| nearest(&wrong, &known));
    Problem::new("", format!("there is no setting {wrong}; did you mean {meant}?"))
}

/// Reads settings from a whole table that was checked.
///
/// # Errors
/// One line with the key, for what only the type itself refuses.
pub fn read<T: DeserializeOwned>(table: Table) -> Result<T, Problem> {
    T::deserialize(Value::Table(table)).map_err(|error| {
        let text = error.to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let message = lines.next().unwrap_or("cannot be read").to_owned();
        // The second line is "in `key`".
        let key = lines.next().and_then(|line| line.strip_prefix("in `"));
        Problem::new(key.and_then(|line| line.strip_suffix('`')).unwrap_or_default(), message)
    })
}
