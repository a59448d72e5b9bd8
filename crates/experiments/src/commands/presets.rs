//! `cgan presets`: the named configurations, whole or as differences. `cgan schema`: what a file of settings may hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::json;
use settings::document;

use crate::cli::PresetsArgs;
use crate::config::{PRESETS, Preset, RunConfig, Source};
use crate::failure::Failure;
use crate::terminal::print;

pub(super) fn presets(args: &PresetsArgs) -> Result<(), Failure> {
    if let Some([a, b]) = args.diff.as_deref() {
        return print(&difference(Preset::find(a)?, Preset::find(b)?)?);
    }
    if let Some(name) = &args.name {
        return print(&resolved(Preset::find(name)?)?);
    }
    for preset in PRESETS {
        print(&format!("{:<18} {}\n", preset.name, preset.title()))?;
    }
    Ok(())
}

/// Prints the schema.
pub(super) fn schema() -> Result<(), Failure> {
    let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).chain(["none"]).collect();
    let extends = json!({ "description": "The preset that this file differs from.", "enum": names });
    let schema = document::<RunConfig>(&[("extends", extends)]);
    print(&format!("{:#}\n", schema))
}

/// All values of a preset as TOML, each with the preset that sets it and its source.
fn resolved(preset: &'static Preset) -> Result<String, Failure> {
    let (config, sources) = (RunConfig::of_preset(preset)?, preset.sources());
    let (mut text, mut section) = (format!("# {}\n", preset.title()), String::new());
    for line in config.to_toml().lines() {
        if let Some(header) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = format!("{header}.");
        }
        let source =
            line.split_once(" = ").and_then(|(key, _)| source_of(&sources, &format!("{section}{key}")));
        let _ = match source {
            Some(Source { preset, comment }) => writeln!(text, "{line:<32} # {preset}: {comment}"),
            None => writeln!(text, "{line}"),
        };
    }
    Ok(text)
}

/// The settings in which two presets differ, a line each, with the source of the second's value.
fn difference(a: &'static Preset, b: &'static Preset) -> Result<String, Failure> {
    let (of_a, of_b) = (RunConfig::of_preset(a)?.flat(), RunConfig::of_preset(b)?.flat());
    let sources = b.sources();
    let keys: BTreeSet<&String> = of_a.keys().chain(of_b.keys()).collect();
    let rows: Vec<[String; 4]> = keys
        .into_iter()
        .filter(|key| of_a.get(*key) != of_b.get(*key))
        .map(|key| {
            let value = |settings: &BTreeMap<String, String>| {
                settings.get(key).cloned().unwrap_or_else(|| "-".to_owned())
            };
            let source = source_of(&sources, key).map(|source| source.comment.clone()).unwrap_or_default();
            [key.clone(), value(&of_a), value(&of_b), source]
        })
        .collect();
    let head = ["setting", a.name, b.name, "source"].map(str::to_owned);
    let rows = [head].into_iter().chain(rows);
    let rows: Vec<[String; 4]> = rows.collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2)];
    Ok(rows.iter().fold(String::new(), |mut text, [key, a, b, source]| {
        let line = format!("{key:<0$}  {a:<1$}  {b:<2$}  {source}", widths[0], widths[1], widths[2]);
        let _ = writeln!(text, "{}", line.trim_end());
        text
    }))
}

/// The source of a setting: its own, or that of the table that was written as one value.
fn source_of<'a>(sources: &'a BTreeMap<String, Source>, key: &str) -> Option<&'a Source> {
    let ends = key.match_indices('.').map(|(at, _)| at).chain([key.len()]);
    ends.filter_map(|end| sources.get(&key[..end])).next_back()
}
