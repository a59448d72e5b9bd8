//! Checking a table of settings against its schema.

use schemars::JsonSchema;
use serde::Serialize;
use toml::Value;

use crate::problem::Problem;
use crate::schema::node_of;
use crate::schema::{Bound, Kind, Node};
use crate::words::{join, nearest, possible, range};

/// The reason of a problem with a setting that is missing.
pub const NOT_GIVEN: &str = "this setting is not given";

/// Checks every value of `settings` against its range.
///
/// # Errors
/// The first setting that is outside, in the order of the fields.
pub fn check<T: Serialize + JsonSchema>(settings: &T) -> Result<(), Problem> {
    let value = Value::try_from(settings).map_err(|error| Problem::new("", error.to_string()))?;
    walk(&value, &node_of::<T>(), "")
}

/// Checks a whole table: unknown and missing keys, types, ranges and kinds.
///
/// # Errors
/// The first setting that is wrong.
pub fn check_table(table: &toml::Table, node: &Node) -> Result<(), Problem> {
    walk(&Value::Table(table.clone()), node, "")
}

fn walk(value: &Value, node: &Node, path: &str) -> Result<(), Problem> {
    match node {
        Node::Table(fields) => {
            let Value::Table(table) = value else {
                return Err(Problem::new(path, format!("{} is not a table of settings", shown(value))));
            };
            let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            if let Some(key) = table.keys().find(|key| !known.contains(&key.as_str())) {
                return Err(unknown(&join(path, key), &known, path));
            }
            for field in fields {
                match table.get(&field.name) {
                    Some(value) => walk(value, &field.node, &join(path, &field.name))?,
                    None if field.optional || field.default.is_some() => {}
                    None => return Err(Problem::new(join(path, &field.name), NOT_GIVEN)),
                }
            }
            Ok(())
        }
        Node::Kinds(kinds) => walk_kind(value, kinds, path),
        Node::Number { integer, low, high } => number(value, *integer, *low, *high, path),
        Node::Text if value.is_str() => Ok(()),
        Node::Text => Err(Problem::new(path, format!("{} is not a text in quotes", shown(value)))),
        Node::Flag if value.is_bool() => Ok(()),
        Node::Flag => Err(Problem::new(path, format!("{} is not true or false", shown(value)))),
    }
}

fn walk_kind(value: &Value, kinds: &[Kind], path: &str) -> Result<(), Problem> {
    let (name, content) = match value {
        Value::String(name) => (name, None),
        Value::Table(table) if table.len() == 1 => {
            let (name, content) = table.iter().next().expect("one entry");
            (name, Some(content))
        }
        Value::Table(table) if table.len() > 1 => {
            let names: Vec<&str> = table.keys().map(String::as_str).collect();
            return Err(Problem::new(path, format!("{} are given; choose one", names.join(" and "))));
        }
        other => return Err(Problem::new(path, format!("{} is not {}", shown(other), possible(kinds)))),
    };
    let Some(kind) = kinds.iter().find(|kind| kind.name == *name) else {
        return Err(Problem::new(path, format!("\"{name}\" is not {}", possible(kinds))));
    };
    match (&kind.node, content) {
        (None, None) => Ok(()),
        (Some(node), Some(content)) => walk(content, node, &join(path, name)),
        (Some(_), None) => Err(Problem::new(path, format!("\"{name}\" needs a value: {{ {name} = .. }}"))),
        (None, Some(_)) => Err(Problem::new(path, format!("\"{name}\" is a word and takes no value"))),
    }
}

fn number(
    value: &Value,
    integer: bool,
    low: Option<Bound>,
    high: Option<Bound>,
    path: &str,
) -> Result<(), Problem> {
    let found = match value {
        Value::Integer(n) => *n as f64,
        Value::Float(x) if !integer => *x,
        _ => {
            let what = match integer {
                true if is_too_large(value) => return Err(Problem::new(path, too_large(value))),
                true => "a whole number",
                false => "a number",
            };
            return Err(Problem::new(path, format!("{} is not {what}", shown(value))));
        }
    };
    let above = low.is_none_or(|low| if low.exclusive { found > low.value } else { found >= low.value });
    let below = high.is_none_or(|high| if high.exclusive { found < high.value } else { found <= high.value });
    if found.is_finite() && above && below {
        return Ok(());
    }
    // Without three hundred digits.
    let found = if found.abs() < 1e16 { found.to_string() } else { format!("{found:e}") };
    let reason = match range(integer, low, high) {
        Some(range) => format!("{found} is not {range}"),
        None => format!("{found} is not a finite number"),
    };
    Err(Problem::new(path, reason))
}

/// Whether this is a whole number beyond those that TOML has, which a command line gives as a text and a file as a float.
fn is_too_large(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
            !digits.is_empty()
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && text.parse::<i64>().is_err()
        }
        Value::Float(x) => x.fract() == 0.0 && x.abs() >= i64::MAX as f64,
        _ => false,
    }
}

fn too_large(value: &Value) -> String {
    let found = value.as_str().map_or_else(|| shown(value).to_string(), str::to_owned);
    format!("{found} is beyond the largest whole number, {}", i64::MAX)
}

fn unknown(key: &str, known: &[&str], path: &str) -> Problem {
    let name = key.rsplit('.').next().unwrap_or(key);
    let hint = match known {
        [] => String::from("nothing can be set there"),
        known => format!("did you mean {}?", join(path, nearest(name, known))),
    };
    Problem::new("", format!("there is no setting {key}; {hint}"))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Table(_) => "a table".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        other => other.to_string(),
    }
}
