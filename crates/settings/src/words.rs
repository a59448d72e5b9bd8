//! Settings in words: paths, ranges, kinds, and the name that was probably meant.

use crate::schema::{Bound, Kind};

/// A range in words: `in [0, 1)`, `in 1 to 8`, `at least 0`.
pub(crate) fn range(integer: bool, low: Option<Bound>, high: Option<Bound>) -> Option<String> {
    match (low, high) {
        (None, None) => None,
        (Some(low), None) if low.exclusive => Some(format!("above {}", low.value)),
        (Some(low), None) => Some(format!("at least {}", low.value)),
        (None, Some(high)) if high.exclusive => Some(format!("below {}", high.value)),
        (None, Some(high)) => Some(format!("at most {}", high.value)),
        (Some(low), Some(high)) if integer => Some(format!("in {} to {}", low.value, high.value)),
        (Some(low), Some(high)) => {
            let (open, close) =
                (if low.exclusive { '(' } else { '[' }, if high.exclusive { ')' } else { ']' });
            Some(format!("in {open}{}, {}{close}", low.value, high.value))
        }
    }
}

/// The kinds in words: `one of adam, sgd`.
pub(crate) fn possible(kinds: &[Kind]) -> String {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
    format!("one of {}", names.join(", "))
}

/// The path of a key below a table.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The known name that is the fewest edits away, in any case.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> &'a str {
    let name = name.to_lowercase();
    let edits = |known: &&&str| strsim::damerau_levenshtein(&name, &known.to_lowercase());
    known.iter().min_by_key(edits).copied().unwrap_or_default()
}
