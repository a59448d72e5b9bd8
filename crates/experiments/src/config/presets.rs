//! The presets: TOML files that list what differs from their parent, each line with its source.

use std::collections::BTreeMap;

use settings::{Node, overlay};
use toml::{Table, Value};

use crate::failure::Failure;

/// A named configuration.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// What `--preset` takes.
    pub name: &'static str,
    /// The file: what differs from the parent, with a source for each value.
    pub text: &'static str,
}

macro_rules! presets {
    ($($name:literal),* $(,)?) => {
        /// All presets; the first is the default.
        pub const PRESETS: &[Preset] =
            &[$(Preset { name: $name, text: include_str!(concat!("../../presets/", $name, ".toml")) }),*];
    };
}

presets![
    "quick",
    "best",
    "best-sgd",
    "paper",
    "paper-hidden-layer",
    "paper-trained",
    "original",
    "goodfellow-2014",
    "tags-best",
    "tags-paper"
];

/// The key that names a file's parent.
pub(super) const EXTENDS: &str = "extends";

/// What a file extends that holds all settings, such as the `config.toml` of a run.
pub(super) const WHOLE: &str = "none";

impl Preset {
    /// The preset of this name.
    ///
    /// # Errors
    /// One line that names the nearest, and all.
    pub fn find(name: &str) -> Result<&'static Preset, Failure> {
        PRESETS.iter().find(|preset| preset.name == name).ok_or_else(|| {
            let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
            let nearest = settings::nearest(name, &names);
            let all = names.join(", ");
            Failure::usage(format!("there is no preset {name}; did you mean {nearest}? All: {all}"))
        })
    }

    /// The first line of the file.
    pub fn title(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches("# ")
    }

    /// The ancestors and this preset, the oldest first.
    pub fn chain(&'static self) -> Vec<&'static Preset> {
        let mut chain = vec![self];
        while let Some(name) = chain[0].own().get(EXTENDS).and_then(|name| name.as_str().map(str::to_owned)) {
            chain.insert(0, Preset::find(&name).expect("a preset is tested to have a parent"));
        }
        chain
    }

    /// What the file itself says.
    fn own(&self) -> Table {
        self.text.parse().expect("a preset is tested to parse")
    }

    /// All settings, as far as they are given by this preset or an ancestor.
    pub(super) fn table(&'static self, node: &Node) -> Result<Table, settings::Problem> {
        let mut table = Table::new();
        for preset in self.chain() {
            let mut own = preset.own();
            own.remove(EXTENDS);
            overlay(&mut table, own, node)?;
        }
        Ok(table)
    }

    /// Where each value comes from: the comment beside it in the preset that sets it last, by the setting's path.
    pub fn sources(&'static self) -> BTreeMap<String, Source> {
        let mut sources = BTreeMap::new();
        for preset in self.chain() {
            for (key, comment) in comments(preset.text) {
                // What a new table replaces has no source any more.
                sources.retain(|old: &String, _| !old.starts_with(&format!("{key}.")));
                sources.insert(key, Source { preset: preset.name, comment });
            }
        }
        sources
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The preset that sets it.
    pub preset: &'static str,
    /// The comment beside it there.
    pub comment: String,
}

/// The path and the comment of every line that sets a value. The comment of a table's header is that of every line of
/// the table without a comment of its own.
fn comments(text: &str) -> Vec<(String, String)> {
    let (mut found, mut section, mut of_section) = (Vec::new(), String::new(), String::new());
    for line in text.lines() {
        let (code, comment) = split_comment(line);
        if let Some(header) = code.strip_prefix('[').and_then(|code| code.strip_suffix(']')) {
            (section, of_section) = (format!("{header}."), comment.to_owned());
        } else if let Some((key, _)) = code.split_once('=').filter(|(key, _)| key.trim() != EXTENDS) {
            let comment = if comment.is_empty() { &of_section } else { comment };
            found.push((format!("{section}{}", key.trim()), comment.to_owned()));
        }
    }
    found
}

/// A line of TOML without its comment, and the comment. A `#` within quotes begins none.
fn split_comment(line: &str) -> (&str, &str) {
    let mut quoted = false;
    let start = line.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == '#' && !quoted
    });
    match start {
        Some((at, _)) => (line[..at].trim(), line[at + 1..].trim()),
        None => (line.trim(), ""),
    }
}

/// Every value of a table by the path of its setting, as TOML writes it. Of a kind with settings, its name; a kind
/// whose content is one value, such as `{ uniform = 0.05 }`, is one setting.
pub(super) fn flat(table: &Table, node: &Node) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(&Value::Table(table.clone()), node, "", &mut found);
    found
}

fn collect(value: &Value, node: &Node, path: &str, found: &mut BTreeMap<String, String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (value, node) {
        (Value::Table(table), Node::Table(fields)) if !table.is_empty() => {
            for field in fields {
                if let Some(value) = table.get(&field.name) {
                    collect(value, &field.node, &below(&field.name), found);
                }
            }
        }
        (Value::Table(table), Node::Kinds(kinds)) => {
            for kind in kinds {
                match (table.get(&kind.name), &kind.node) {
                    (Some(content), Some(node @ Node::Table(_))) => {
                        found.insert(path.to_owned(), kind.name.clone());
                        collect(content, node, &below(&kind.name), found);
                    }
                    (Some(content), _) => {
                        found.insert(path.to_owned(), format!("{{ {} = {content} }}", kind.name));
                    }
                    (None, _) => {}
                }
            }
        }
        (value, _) => {
            found.insert(path.to_owned(), value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_preset_has_a_source() {
        for preset in PRESETS {
            for (key, comment) in comments(preset.text) {
                assert!(!comment.is_empty(), "{}: {key} has no source", preset.name);
            }
        }
    }

    #[test]
    fn a_source_is_that_of_the_preset_that_sets_the_value_last() {
        let sources = Preset::find("quick").unwrap().sources();
        assert_eq!(sources["generator.z_units"].preset, "paper");
        assert_eq!(sources["penalty.r1.interval"].preset, "best");
        assert_eq!(sources["penalty.r1.weight"].preset, "quick");
        assert!(sources["generator.noise_width"].comment.contains("dimensionality 100"));
    }

    #[test]
    fn a_sign_of_comment_in_quotes_is_none() {
        assert_eq!(split_comment("a = \"x # y\" # why"), ("a = \"x # y\"", "why"));
        assert_eq!(split_comment("[a]"), ("[a]", ""));
    }
}
