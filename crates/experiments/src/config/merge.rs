//! Laying one table of settings over another, with keys checked against a whole one.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

/// Reads TOML; an error is one line.
pub(super) fn parse(text: &str) -> Result<Table, String> {
    text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
        let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        format!("{place}{}", error.message())
    })
}

/// Reads `a.b.c=value`. A value that is not TOML is taken as a string, so that words need no quotes.
pub(super) fn setting(text: &str) -> Result<Table, String> {
    let (key, value) = text.split_once('=').ok_or("settings are written key=value")?;
    let value = format!("value = {value}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(value.trim().to_owned()));
    let mut parts = key.trim().rsplit('.');
    let last = parts.next().unwrap_or_default();
    let leaf = Table::from_iter([(last.to_owned(), value)]);
    Ok(parts.fold(leaf, |inner, part| Table::from_iter([(part.to_owned(), Value::Table(inner))])))
}

/// Lays `over` on `base`. Every key must be one of `schema`.
pub(super) fn overlay(base: &mut Table, over: Table, schema: &Table) -> Result<(), String> {
    let mut known = Vec::new();
    paths("", schema, &mut known);
    lay(base, over, "", schema, &known)
}

fn lay(base: &mut Table, over: Table, prefix: &str, schema: &Table, known: &[String]) -> Result<(), String> {
    for (key, value) in over {
        let path = format!("{prefix}{key}");
        match (schema.get(&key), value) {
            (None, value) => {
                // A whole path is looked for, so that a slip in a section's name is found, too.
                let mut wrong = vec![];
                match &value {
                    Value::Table(table) => paths(&format!("{path}."), table, &mut wrong),
                    _ => wrong.push(path.clone()),
                }
                let wrong = wrong.first().unwrap_or(&path);
                let names: Vec<&str> = known.iter().map(String::as_str).collect();
                return Err(format!("there is no setting {wrong}; did you mean {}?", nearest(wrong, &names)));
            }
            (Some(Value::Table(section)), Value::Table(over)) if is_section(prefix) => {
                let slot = base.entry(key).or_insert_with(|| Value::Table(section.clone()));
                let Value::Table(slot) = slot else { return Err(format!("{path} is not a section")) };
                lay(slot, over, &format!("{path}."), section, known)?;
            }
            (Some(Value::Table(_)), _) if is_section(prefix) => {
                return Err(format!("{path} is a section, not a setting"));
            }
            (Some(_), value) => {
                base.insert(key, value);
            }
        }
    }
    Ok(())
}

/// Whether a table under this path is a section; the tables of an initialisation are values.
fn is_section(prefix: &str) -> bool {
    !prefix.ends_with("init.")
}

/// The paths of all settings.
fn paths(prefix: &str, table: &Table, found: &mut Vec<String>) {
    for (key, value) in table {
        match value {
            Value::Table(section) if is_section(prefix) => paths(&format!("{prefix}{key}."), section, found),
            _ => found.push(format!("{prefix}{key}")),
        }
    }
}

/// Reads a whole table; an error is one line with the key.
pub(super) fn read<T: DeserializeOwned>(table: &Table) -> Result<T, String> {
    T::deserialize(Value::Table(table.clone())).map_err(|error| {
        let text = error.to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let message = lines.next().unwrap_or("cannot be read").to_owned();
        // The second line is "in `key`".
        match lines.next().and_then(|line| line.strip_prefix("in `")).and_then(|line| line.strip_suffix('`'))
        {
            Some(key) => format!("{key}: {message}"),
            None => message,
        }
    })
}

/// The known name that is the fewest edits away.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> &'a str {
    known.iter().min_by_key(|known| strsim::damerau_levenshtein(name, known)).copied().unwrap_or_default()
}
