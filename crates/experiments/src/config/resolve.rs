//! A preset, a file over it, and single settings over both, merged and checked.

use std::path::Path;

use settings::{Node, Problem, assignment, check_table, node_of, overlay};
use toml::{Table, Value};

use super::experiment::Experiment;
use super::presets::{EXTENDS, Preset, WHOLE};
use super::run_config::RunConfig;
use crate::failure::Failure;

/// Tables for both players, and those in which D's own settings stand.
const OWN: [(&str, &str); 2] =
    [("optimizer", "discriminator_optimizer"), ("schedule", "discriminator_schedule")];

/// Settings that were laid over others, and where they came from.
struct Layer {
    from: String,
    table: Table,
}

impl RunConfig {
    /// Merges a preset, a file and single settings (`key=value`), the later over the earlier. A file may name its
    /// preset itself, by `extends`; `preset` is then not to be given. `default` is meant where no preset is named.
    ///
    /// # Errors
    /// One line for an unknown preset or key (with the nearest known one), a wrong type, a file that cannot be
    /// read, or a value outside its range.
    pub fn resolve(
        preset: Option<&str>,
        default: &str,
        file: Option<&Path>,
        settings: &[String],
    ) -> Result<Self, Failure> {
        let node = node_of::<Self>();
        let mut layers = Vec::new();
        let mut parent = preset.map(str::to_owned);
        if let Some(path) = file {
            let (table, extends) = read_file(path)?;
            if let (Some(named), Some(extends)) = (preset, &extends)
                && named != extends
            {
                let path = path.display();
                let why = format!("{path}: it extends the preset {extends}; --preset {named} is another");
                return Err(Failure::usage(why));
            }
            parent = parent.or(extends);
            layers.push(Layer { from: path.display().to_string(), table });
        }
        for setting in settings {
            let from = format!("--set {setting}");
            let table =
                assignment(setting).map_err(|problem| Failure::usage(format!("{from}: {problem}")))?;
            layers.push(Layer { from, table });
        }
        let name = parent.as_deref().unwrap_or(default);
        let base = match name {
            WHOLE => Table::new(),
            name => {
                let of_preset = |problem| Failure::usage(format!("preset {name}: {problem}"));
                Preset::find(name)?.table(&node).map_err(of_preset)?
            }
        };
        Self::merged(name, base, &layers, &node)
    }

    /// The settings of a preset.
    ///
    /// # Errors
    /// If the preset is at fault, which a test excludes.
    pub fn of_preset(preset: &'static Preset) -> Result<Self, Failure> {
        Self::resolve(Some(preset.name), preset.name, None, &[])
    }

    fn merged(name: &str, mut table: Table, layers: &[Layer], node: &Node) -> Result<Self, Failure> {
        for Layer { from, table: over } in layers {
            overlay(&mut table, over.clone(), node)
                .map_err(|problem| Failure::usage(format!("{from}: {problem}")))?;
            // A wrong value is refused even if a later layer replaces it. What is missing may still come.
            match check_table(&table, node) {
                Err(problem) if problem.reason != settings::NOT_GIVEN && sets(over, &problem.key) => {
                    return Err(Failure::usage(format!("{from}: {problem}")));
                }
                _ => {}
            }
        }
        // Epochs that are given later than least steps are meant as they stand.
        let given = |key| layers.iter().rposition(|layer| sets(&layer.table, key));
        if given("run.epochs") > given("run.min_steps")
            && let Some(Value::Table(run)) = table.get_mut("run")
        {
            run.remove("min_steps");
        }
        let read = || {
            if name != WHOLE {
                for (shared, own) in OWN {
                    complete(&mut table, shared, own, node)?;
                }
            }
            Self::from_table(table, node)
        };
        read().map_err(|problem: Problem| {
            // The last layer that sets the value, or else the table around it, brought the fault.
            let ends = problem.key.match_indices('.').map(|(at, _)| at).chain([problem.key.len()]);
            let around: Vec<&str> = ends.map(|end| &problem.key[..end]).collect();
            let by = |key: &&str| layers.iter().rev().find(|layer| sets(&layer.table, key));
            match around.iter().rev().find_map(by) {
                Some(layer) => Failure::usage(format!("{}: {problem}", layer.from)),
                None if name == WHOLE => Failure::usage(format!(
                    "the preset {WHOLE} gives no setting, so that --config or --set must give all: {problem}"
                )),
                None => Failure::usage(format!("preset {name}: {problem}")),
            }
        })
    }

    /// Checks a whole table and reads it.
    fn from_table(table: Table, node: &Node) -> Result<Self, Problem> {
        let experiment = table.get("run").and_then(|run| run.get("experiment")).and_then(Value::as_str);
        if experiment == Some("mnist") && table.contains_key("tags") {
            return Err(Problem::new("tags", "this table belongs to the experiment tags; this is mnist"));
        }
        check_table(&table, node)?;
        let config: Self = settings::read(table)?;
        config.check()?;
        Ok(config)
    }

    /// The experiment that a file of settings names, itself or by its preset.
    ///
    /// # Errors
    /// One line if it cannot be read.
    pub fn experiment_of(path: &Path) -> Result<Option<Experiment>, Failure> {
        let (table, extends) = read_file(path)?;
        let named = table.get("run").and_then(|run| run.get("experiment")).cloned();
        match (named, extends) {
            (Some(name), _) => Ok(name.try_into().ok()),
            (None, Some(preset)) if preset != WHOLE => {
                Ok(Some(Self::of_preset(Preset::find(&preset)?)?.run.experiment))
            }
            (None, _) => Ok(None),
        }
    }

    /// Reads the `config.toml` of a run.
    ///
    /// # Errors
    /// One line if it cannot be read, is not whole, or is that of an earlier version.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let text = text_of(path, Failure::general, Failure::data)?;
        Self::parse(&text).map_err(|why| Failure::data(format!("{}: {why}", path.display())))
    }

    /// Reads a whole configuration from its text.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut table = settings::parse(text).map_err(|problem| problem.to_string())?;
        table.remove(EXTENDS);
        if is_of_earlier_version(&table) {
            return Err("these settings are of an earlier version of cgan, which this one does not read; \
                        train anew, or use the version that made them"
                .to_owned());
        }
        Self::from_table(table, &node_of::<Self>()).map_err(|problem| problem.to_string())
    }
}

/// The most that is read of a file of settings, in bytes.
const MOST: u64 = 1 << 24;

/// The text of a file of settings, in any encoding; the failures are those of a file that cannot be read, and of one that
/// is something else.
fn text_of(
    path: &Path,
    unread: fn(String) -> Failure,
    other: fn(String) -> Failure,
) -> Result<String, Failure> {
    let bytes = files::content::read(path, MOST)
        .map_err(|error| unread(format!("{}: {}", path.display(), files::cause(path, &error))))?;
    let wrong = |why: &str| other(format!("{}: {why}", path.display()));
    if let Some(what) = files::content::described(&bytes) {
        return Err(wrong(&format!("no settings: it is {what}")));
    }
    let text = files::text::decode(bytes).text;
    match text.trim().is_empty() {
        true => Err(wrong("no settings: the file is empty")),
        false => Ok(text),
    }
}

/// Reads a file of settings: its table without `extends`, and that.
fn read_file(path: &Path) -> Result<(Table, Option<String>), Failure> {
    let text = text_of(path, Failure::usage, Failure::usage)?;
    let wrong = |problem: Problem| Failure::usage(format!("{}: {problem}", path.display()));
    let mut table = settings::parse(&text).map_err(wrong)?;
    if is_of_earlier_version(&table) {
        return Err(wrong(Problem::new(
            "",
            "these are settings of an earlier version of cgan; CHANGELOG.md lists the new names",
        )));
    }
    match table.remove(EXTENDS) {
        None => Ok((table, None)),
        Some(Value::String(name)) => {
            if name != WHOLE {
                Preset::find(&name).map_err(|unknown| wrong(Problem::new(EXTENDS, unknown.to_string())))?;
            }
            Ok((table, Some(name)))
        }
        Some(other) => {
            Err(wrong(Problem::new(EXTENDS, format!("{other} is not the name of a preset in quotes"))))
        }
    }
}

/// Whether a table names its optimiser as versions before 0.2 did, in a setting of its own.
fn is_of_earlier_version(table: &Table) -> bool {
    table.get("optimizer").and_then(|optimizer| optimizer.get("kind")).is_some()
}

/// What is stated for D alone is laid over what serves both players.
fn complete(table: &mut Table, shared: &str, own: &str, node: &Node) -> Result<(), Problem> {
    let (Some(base), Some(over)) = (table.get(shared).cloned(), table.remove(own)) else { return Ok(()) };
    // As if both stood under D's own key, which says what they may be.
    let mut both = Table::from_iter([(own.to_owned(), base)]);
    // A minimum that is stated for both has no effect on a rate of D that does not decay.
    let constant = over.get("decay").and_then(Value::as_float) == Some(1.0);
    if let (true, Some(Value::Table(schedule))) = (constant, both.get_mut(own)) {
        schedule.remove("min_learning_rate");
    }
    overlay(&mut both, Table::from_iter([(own.to_owned(), over)]), node)?;
    table.extend(both);
    Ok(())
}

/// Whether a table gives the setting `key`, or a part of it.
fn sets(table: &Table, key: &str) -> bool {
    let mut table = table;
    for part in key.split('.') {
        match table.get(part) {
            Some(Value::Table(inner)) => table = inner,
            Some(_) => return true,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::presets::PRESETS;
    use super::*;

    fn settings(settings: &[&str]) -> Result<RunConfig, Failure> {
        let settings: Vec<String> = settings.iter().map(|text| (*text).to_owned()).collect();
        RunConfig::resolve(None, "quick", None, &settings)
    }

    #[test]
    fn every_preset_is_whole_and_survives_being_written() {
        for preset in PRESETS {
            let config = RunConfig::of_preset(preset).unwrap();
            assert_eq!(RunConfig::parse(&config.to_toml()).unwrap(), config, "{}", preset.name);
        }
    }

    #[test]
    fn none_takes_all_penalties_away() {
        let config = settings(&["penalty=none"]).unwrap();
        assert_eq!(config, settings(&["penalty.r1=none", "penalty.r2=none"]).unwrap());
        assert!(config.gan.penalty.r1.is_none());
        let again = settings(&["penalty=none", "penalty.r1.weight=3"]).unwrap();
        assert_eq!(again.gan.penalty.r1.unwrap().0.weight, 3.0);
    }

    #[test]
    fn a_run_s_configuration_brings_all_of_its_settings() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        // D's schedule has no minimum where the shared one has: neither may come back from a parent.
        let config = settings(&["penalty.r1=none", "schedule.min_learning_rate=1e-5", "run.seed=7"]).unwrap();
        let config = {
            let mut config = config;
            config.gan.discriminator_schedule.as_mut().unwrap().min_learning_rate = None;
            config
        };
        std::fs::write(&path, config.to_toml()).unwrap();
        assert_eq!(RunConfig::resolve(None, "quick", Some(&path), &[]).unwrap(), config);
        let one = ["run.seed=8".to_owned()];
        assert_eq!(RunConfig::resolve(None, "best", Some(&path), &one).unwrap().run.seed, 8);
        let failure = RunConfig::resolve(Some("best"), "best", Some(&path), &[]).unwrap_err().to_string();
        assert!(failure.contains("--preset best"), "{failure}");
    }

    #[test]
    fn what_is_stated_for_d_alone_is_laid_over_what_serves_both() {
        let config = settings(&["discriminator_schedule.decay=1.5", "schedule.warmup_epochs=3"]).unwrap();
        let own = config.gan.discriminator_schedule.unwrap();
        let preset = settings(&[]).unwrap().gan;
        let rate = preset.discriminator_schedule.unwrap().learning_rate;
        assert_eq!((own.decay, own.warmup_epochs, own.learning_rate), (1.5, Some(3.0), rate));
        assert_eq!(config.gan.schedule.decay, preset.schedule.decay);
    }

    #[test]
    fn settings_replace_values_of_every_kind() {
        let config = settings(&[
            "schedule.learning_rate=0.05",
            "penalty.r1.weight=3",
            "objective=minimax",
            "generator.init.y={ normal = 0.1 }",
            "generator.init.z=\"zeros\"",
            "generator.dropout={ rate = 0.5, when_sampling = true }",
            "discriminator.x.maxout.units=12",
        ])
        .unwrap()
        .gan;
        assert_eq!(config.schedule.learning_rate, 0.05);
        assert_eq!(config.penalty.r1.unwrap().0.weight, 3.0);
        assert!(toml::to_string(&config).unwrap().contains("[objective.minimax]"));
        assert_eq!(config.generator.init.y, Some(layers::Init::Normal(0.1)));
        assert_eq!(config.generator.init.z, layers::Init::Zeros);
        assert!(config.generator.dropout.unwrap().when_sampling);
        assert_eq!(config.discriminator.x, layers::HiddenConfig::Maxout { units: 12, pieces: 5 });
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (setting, parts) in [
            (
                "schedule.learning_rat=0.05",
                &["schedule.learning_rat", "did you mean schedule.learning_rate?"][..],
            ),
            ("shedule.learning_rate=0.05", &["did you mean schedule.learning_rate?"]),
            ("schedule.learning_rate=fast", &["schedule.learning_rate", "fast", "a number"]),
            ("generator.z_units=-3", &["generator.z_units", "-3"]),
            ("generator.z_units=0", &["generator.z_units", "not in 1 to"]),
            ("discriminator.dropout=1.0", &["discriminator.dropout", "(0, 1)"]),
            ("objective=maximin", &["maximin", "minimax", "non_saturating"]),
            ("generator.init.z={ uniforn = 1.0 }", &["uniforn", "uniform"]),
            ("generator=3", &["generator", "table of settings"]),
            ("schedule.decay=0.99", &["schedule.decay"]),
            ("mismatched_pairs.weight=-1", &["mismatched_pairs.weight", "0"]),
            ("optimizer.adagrad.epsilon=1", &["adagrad", "adam", "sgd"]),
            ("nonsense", &["key=value"]),
            ("run.seed=-1", &["run.seed"]),
        ] {
            let failure = settings(&[setting]).unwrap_err();
            let text = failure.to_string();
            assert_eq!(text.lines().count(), 1, "{text}");
            assert_eq!(failure.code, crate::failure::USAGE, "{text}");
            assert!(text.starts_with("--set "), "{text}");
            for part in parts {
                assert!(text.contains(part), "{setting}: {text} lacks {part}");
            }
        }
    }

    #[test]
    fn settings_without_effect_are_refused() {
        for (setting, key) in [
            ("log.sample_columns=none", "log.sample_columns"),
            ("tags.whiten=1", "tags: this table belongs to the experiment tags"),
            ("early_stopping={ on = \"validation_precision\", patience = 3 }", "early_stopping.on"),
            ("early_stopping={ on = \"validation_parzen\", patience = 3 }", "log.evaluate_every"),
        ] {
            let failure = settings(&[setting]).unwrap_err().to_string();
            assert!(failure.contains(key), "{setting}: {failure}");
        }
    }

    #[test]
    fn a_batch_of_one_has_no_mismatched_pair() {
        assert!(settings(&["updates.batch=1", "mismatched_pairs=none"]).is_ok());
        let failure = settings(&["updates.batch=1", "mismatched_pairs.weight=0.5"]).unwrap_err().to_string();
        assert!(failure.contains("mismatched_pairs"), "{failure}");
    }

    #[test]
    fn files_may_be_partial_and_their_faults_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my.toml");
        std::fs::write(&path, "[updates]\nbatch = 20\n").unwrap();
        assert_eq!(
            RunConfig::resolve(Some("paper"), "quick", Some(&path), &[]).unwrap().gan.updates.batch,
            20
        );
        std::fs::write(&path, "extends = \"paper\"\n[updates]\nbatch = 20\n").unwrap();
        let config = RunConfig::resolve(None, "quick", Some(&path), &[]).unwrap();
        assert_eq!((config.run.epochs, config.gan.updates.batch), (576, 20));
        for (text, part) in [
            ("[updates]\nbatch = \"many\"\n", "updates.batch"),
            ("[updates]\nbatches = 3\n", "did you mean updates.batch?"),
            ("[updates\n", "line 1"),
        ] {
            std::fs::write(&path, text).unwrap();
            let failure = RunConfig::resolve(None, "quick", Some(&path), &[]).unwrap_err().to_string();
            assert!(failure.contains("my.toml") && failure.contains(part), "{failure}");
            assert_eq!(failure.lines().count(), 1, "{failure}");
        }
        assert!(RunConfig::resolve(None, "quick", Some(&folder.path().join("none.toml")), &[]).is_err());
    }

    #[test]
    fn an_unknown_preset_names_the_nearest_and_all() {
        let failure = RunConfig::resolve(Some("papr"), "quick", None, &[]).unwrap_err().to_string();
        assert!(
            failure.contains("did you mean paper?") && failure.contains("paper-hidden-layer"),
            "{failure}"
        );
    }
}
