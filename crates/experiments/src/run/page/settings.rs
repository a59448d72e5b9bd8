//! The settings of a run beside those of presets, and the command that repeats it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use data::EMBEDDED;
use report::{Setting, Settings};
use settings::{Node, lines, node_of};

use crate::config::{PRESETS, Preset, RunConfig};

/// Settings that have a flag of their own, or that say nothing about the nets.
const OWN_FLAGS: [&str; 5] = ["run.data", "run.seed", "run.epochs", "run.min_steps", "run.experiment"];

/// The preset of the same experiment from which the fewest settings differ, and its values.
pub(super) type Nearest = (&'static str, BTreeMap<String, String>);

/// Every value of `config` beside those of the nearest preset and of the paper's recipe.
pub(super) fn beside_presets(config: &RunConfig, nearest: &Nearest, paper: &'static str) -> Settings {
    let (preset, of_preset) = nearest;
    let of_paper = preset_values(paper);
    let own = config.flat();
    let says: BTreeMap<String, String> =
        lines(&node_of::<RunConfig>()).into_iter().filter_map(|line| Some((line.key, line.paper?))).collect();
    let keys: BTreeSet<&String> = own.keys().chain(of_preset.keys()).chain(of_paper.keys()).collect();
    let rows = keys
        .into_iter()
        .filter(|key| *key != "run.data" && *key != "tags.word_vectors")
        .map(|key| Setting {
            key: key.clone(),
            value: own.get(key).cloned(),
            preset: of_preset.get(key).cloned(),
            paper: of_paper.get(key).cloned(),
            paper_says: says.get(key).cloned(),
        })
        .collect();
    Settings { preset: (*preset).to_owned(), paper: paper.to_owned(), rows }
}

fn preset_values(name: &'static str) -> BTreeMap<String, String> {
    let preset = Preset::find(name).expect("a preset of this program");
    RunConfig::of_preset(preset).expect("a preset is tested to be whole").flat()
}

/// See [`Nearest`].
pub(super) fn nearest(config: &RunConfig) -> Nearest {
    let own = config.flat();
    let of_experiment = PRESETS.iter().filter_map(|preset| {
        let values = preset_values(preset.name);
        (values.get("run.experiment") == own.get("run.experiment")).then_some((preset.name, values))
    });
    let distance = |values: &BTreeMap<String, String>| {
        differing(&own, values).filter(|key| !OWN_FLAGS.contains(key)).count()
    };
    of_experiment.min_by_key(|(_, values)| distance(values)).expect("every experiment has a preset")
}

/// The keys at which two differ.
fn differing<'a>(
    a: &'a BTreeMap<String, String>,
    b: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = &'a str> {
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    keys.into_iter().filter(|key| a.get(*key) != b.get(*key)).map(String::as_str)
}

/// The command that repeats a run with the same bits. The folder of its data stands there by its name alone, since pages
/// are shared and paths are private.
pub(super) fn command(config: &RunConfig, nearest: &Nearest) -> String {
    let (preset, values) = nearest;
    let own = config.flat();
    let mut settings: Vec<String> = Vec::new();
    for key in differing(&own, values).filter(|key| !OWN_FLAGS.contains(key)) {
        let setting = match own.get(key) {
            Some(value) => Some(format!("{key}={value}")),
            None => taken_away(key, &own),
        };
        settings.extend(setting.filter(|setting| !settings.contains(setting)));
    }
    let mut words = vec!["cgan".to_owned(), "train".into(), config.run.experiment.name().into()];
    let mut flag = |name: &str, value: String| words.extend([name.to_owned(), value]);
    flag("--preset", (*preset).to_owned());
    if own.get("run.seed") != values.get("run.seed") {
        flag("--seed", config.run.seed.to_string());
    }
    if own.get("run.epochs") != values.get("run.epochs") {
        flag("--epochs", config.run.epochs.to_string());
    }
    if config.run.data != EMBEDDED {
        flag("--data", last_part(&config.run.data));
    }
    if repeats(config, preset, &settings) {
        settings.into_iter().for_each(|setting| flag("--set", setting));
    } else {
        words.truncate(3);
        words.extend(["--config".to_owned(), "config.toml".to_owned()]);
    }
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

/// The setting that takes a value of the preset away; `None` where another kind has replaced the table around it.
fn taken_away(key: &str, own: &BTreeMap<String, String>) -> Option<String> {
    let ends = key.match_indices('.').map(|(at, _)| at).chain([key.len()]);
    let mut paths = ends.map(|end| &key[..end]);
    let is_there =
        |path: &str| own.keys().any(|other| other.starts_with(&format!("{path}.")) || other == path);
    // The outermost table that is gone as a whole and may be.
    let gone = paths.find(|path| !is_there(path) && is_optional(path))?;
    let around = gone.rsplit_once('.').map_or("", |(around, _)| around);
    (!own.contains_key(around)).then(|| format!("{gone}=none"))
}

/// Whether a setting may be absent.
fn is_optional(path: &str) -> bool {
    let mut node = node_of::<RunConfig>();
    let mut optional = false;
    for name in path.split('.') {
        node = match node {
            Node::Table(fields) => {
                let Some(field) = fields.into_iter().find(|field| field.name == name) else { return false };
                optional = field.optional;
                field.node
            }
            Node::Kinds(kinds) => {
                let Some(inner) = kinds.into_iter().find(|kind| kind.name == name).and_then(|kind| kind.node)
                else {
                    return false;
                };
                optional = false;
                inner
            }
            _ => return false,
        };
    }
    optional
}

fn last_part(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Whether these settings over the preset are those of the run.
fn repeats(config: &RunConfig, preset: &'static str, settings: &[String]) -> bool {
    RunConfig::resolve(Some(preset), preset, None, settings).is_ok_and(|mut repeated| {
        repeated.run = config.run.clone();
        repeated == *config
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(preset: &'static str, settings: &[&str]) -> RunConfig {
        let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        RunConfig::resolve(Some(preset), preset, None, &settings).unwrap()
    }

    #[test]
    fn a_preset_s_own_command_has_nothing_else() {
        for preset in PRESETS {
            let config = RunConfig::of_preset(preset).unwrap();
            let experiment = config.run.experiment.name();
            assert_eq!(
                command(&config, &nearest(&config)),
                format!("cgan train {experiment} --preset {}", preset.name)
            );
        }
    }

    #[test]
    fn the_command_leads_to_the_same_settings() {
        let cases: [(&str, &[&str]); 5] = [
            ("quick", &["run.seed=3", "run.epochs=2", "penalty.r1=none"]),
            ("best", &["schedule.learning_rate=0.001", "generator.init.z.uniform=0.05"]),
            ("quick", &["objective=wasserstein", "penalty.r1=none", "penalty.wgan_gp.weight=10"]),
            ("paper", &["updates.order=alternating", "generator.dropout.when_sampling=false"]),
            ("tags-best", &["generator.noise_width=50"]),
        ];
        for (preset, settings) in cases {
            let config = resolved(preset, settings);
            let words = shlex::split(&command(&config, &nearest(&config))).unwrap();
            let sets: Vec<String> =
                words.windows(2).filter(|pair| pair[0] == "--set").map(|pair| pair[1].clone()).collect();
            assert!(!words.contains(&"--config".to_owned()), "{words:?}");
            assert!(
                repeats(&config, PRESETS.iter().find(|p| p.name == words[4]).unwrap().name, &sets),
                "{words:?}"
            );
        }
    }

    #[test]
    fn the_nearest_preset_is_the_run_s_own() {
        let config = resolved("best", &["run.seed=7", "updates.batch=50"]);
        let settings = beside_presets(&config, &nearest(&config), "paper");
        assert_eq!((settings.preset.as_str(), settings.paper.as_str()), ("best", "paper"));
        let differ: Vec<&str> =
            settings.rows.iter().filter(|row| row.value != row.preset).map(|row| row.key.as_str()).collect();
        assert_eq!(differ, ["run.seed", "updates.batch"]);
    }
}
