//! A run's settings: a preset, a file over it, and single settings over both.

mod merge;
mod presets;
mod tags;

use std::path::Path;

use cgan::GanConfig;
use cgan::config::{DiscriminatorConfig, GeneratorConfig, ObjectiveConfig, OptimizerConfig, UpdatesConfig};
use serde::{Deserialize, Serialize};

pub use presets::{PRESETS, Preset};
pub use tags::TagsConfig;

use crate::failure::Failure;

/// All that a run depends on; `config.toml` of a run folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// What is trained on which data, for how long.
    pub run: Run,
    /// G.
    pub generator: GeneratorConfig,
    /// D.
    pub discriminator: DiscriminatorConfig,
    /// What each player seeks.
    pub objective: ObjectiveConfig,
    /// Who moves when, on how much.
    pub updates: UpdatesConfig,
    /// How they move.
    pub optimizer: OptimizerConfig,
    /// When to stop before the last epoch.
    #[serde(default)]
    pub stop: Stop,
    /// What is written, and how often.
    pub log: Log,
    /// Words and pictures, in the second experiment alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<TagsConfig>,
}

/// What is trained on which data, for how long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Which experiment of the paper.
    pub experiment: Experiment,
    /// `embedded`, or a folder.
    pub data: String,
    /// Of every random number of the run.
    pub seed: u32,
    /// Passes over the training data.
    pub epochs: u64,
}

/// The experiments of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Experiment {
    /// Section 4.1: digits, given their class.
    Mnist,
    /// Section 4.2: words, given a picture.
    Tags,
}

impl Experiment {
    /// What `train` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Experiment::Mnist => "mnist",
            Experiment::Tags => "tags",
        }
    }

    /// The preset that is meant where none is named.
    pub fn default_preset(self) -> &'static str {
        match self {
            Experiment::Mnist => "quick",
            Experiment::Tags => "tags-best",
        }
    }
}

/// When to stop before the last epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// What decides.
    pub on: StopOn,
    /// Evaluations in a row without a better one that end the run.
    pub patience: u64,
}

/// What decides when a run stops, and which of its weights are its result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopOn {
    /// The last epoch alone.
    #[default]
    Epochs,
    /// The Parzen estimate on validation data; the best weights are kept: the paper.
    ValidationParzen,
    /// The share of right tags among the first five, on validation data; the best weights are kept.
    ValidationPrecision,
}

/// What is written, and how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Steps between two lines of `metrics.csv`.
    pub metrics_every: u64,
    /// Epochs between two pictures of samples.
    pub samples_every: u64,
    /// Samples of each class in a picture.
    pub sample_columns: usize,
    /// Steps between two checkpoints.
    pub checkpoint_every: u64,
    /// Epochs between two evaluations on validation data; 0 for none.
    #[serde(default)]
    pub evaluate_every: u64,
}

impl RunConfig {
    /// Merges a preset, a file and single settings (`key=value`), the later over the earlier.
    ///
    /// # Errors
    /// One line for an unknown preset or key (with the nearest known one), a wrong type, a file that cannot be
    /// read, or a value outside its range.
    pub fn resolve(preset: &str, file: Option<&Path>, settings: &[String]) -> Result<Self, Failure> {
        let mut table = Preset::find(preset)?.table();
        let schema = table.clone();
        let mut config: Self =
            merge::read(&table).map_err(|why| Failure::usage(format!("preset {preset}: {why}")))?;
        // Read after each layer, so that a wrong type is blamed on the one that brought it.
        let mut lay = |from: &str, over: Result<toml::Table, String>| {
            config = over
                .and_then(|over| merge::overlay(&mut table, over, &schema))
                .and_then(|()| merge::read(&table))
                .map_err(|why| Failure::usage(format!("{from}: {why}")))?;
            Ok::<_, Failure>(())
        };
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
            lay(&path.display().to_string(), text.and_then(|text| merge::parse(&text)))?;
        }
        for setting in settings {
            lay(&format!("--set {setting}"), merge::setting(setting))?;
        }
        config.check()?;
        Ok(config)
    }

    /// The experiment that a file of settings names, if it does.
    ///
    /// # Errors
    /// One line if it cannot be read.
    pub fn experiment_of(path: &Path) -> Result<Option<Experiment>, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::io(path, &error))?;
        let table =
            merge::parse(&text).map_err(|why| Failure::usage(format!("{}: {why}", path.display())))?;
        let named = table.get("run").and_then(|run| run.get("experiment")).cloned();
        Ok(named.and_then(|name| name.try_into().ok()))
    }

    /// Reads the `config.toml` of a run.
    ///
    /// # Errors
    /// One line if it cannot be read, or is not whole.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::io(path, &error))?;
        let config = Self::parse(&text).map_err(|why| Failure::data(format!("{}: {why}", path.display())))?;
        config.check()?;
        Ok(config)
    }

    /// Reads a whole configuration from its text.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        merge::read(&merge::parse(text)?)
    }

    /// As TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("tables, strings and numbers")
    }

    /// What the mathematics depends on.
    pub fn gan(&self) -> GanConfig {
        GanConfig {
            generator: self.generator.clone(),
            discriminator: self.discriminator.clone(),
            objective: self.objective,
            updates: self.updates,
            optimizer: self.optimizer,
        }
    }

    /// Checks every setting against its range.
    ///
    /// # Errors
    /// The first that is outside.
    pub fn check(&self) -> Result<(), Failure> {
        let at_least_one = [
            ("run.epochs", self.run.epochs),
            ("log.metrics_every", self.log.metrics_every),
            ("log.samples_every", self.log.samples_every),
            ("log.sample_columns", self.log.sample_columns as u64),
            ("log.checkpoint_every", self.log.checkpoint_every),
        ];
        for (key, value) in at_least_one {
            if value == 0 {
                return Err(Failure::usage(format!("{key}: 0 is not at least 1")));
            }
        }
        let own = match self.run.experiment {
            Experiment::Mnist => StopOn::ValidationParzen,
            Experiment::Tags => StopOn::ValidationPrecision,
        };
        if ![StopOn::Epochs, own].contains(&self.stop.on) {
            return Err(Failure::usage("stop.on: that is measured in the other experiment"));
        }
        if self.tags.is_some() != (self.run.experiment == Experiment::Tags) {
            return Err(Failure::usage("the section tags belongs to the experiment tags, and to no other"));
        }
        if let Some(tags) = &self.tags {
            for (key, value) in
                [("whiten", tags.whiten), ("word_length", tags.word_length), ("word_noise", tags.word_noise)]
            {
                if !(0.0..=1e6).contains(&value) {
                    return Err(Failure::usage(format!("tags.{key}: {value} is not in 0 to 1e6")));
                }
            }
            if tags.least == 0 {
                return Err(Failure::usage("tags.least: 0 is not at least 1"));
            }
        }
        if self.stop.on != StopOn::Epochs {
            for (key, value) in
                [("log.evaluate_every", self.log.evaluate_every), ("stop.patience", self.stop.patience)]
            {
                if value == 0 {
                    return Err(Failure::usage(format!("{key}: 0, where stop.on needs at least 1")));
                }
            }
        }
        let columns = self.log.sample_columns;
        if columns > 1000 {
            return Err(Failure::usage(format!(
                "log.sample_columns: {columns} is more than a picture holds, 1000"
            )));
        }
        Ok(self.gan().check()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(settings: &[&str]) -> Result<RunConfig, Failure> {
        let settings: Vec<String> = settings.iter().map(|text| (*text).to_owned()).collect();
        RunConfig::resolve("quick", None, &settings)
    }

    #[test]
    fn every_preset_is_whole_and_survives_being_written() {
        for preset in PRESETS {
            let config = RunConfig::resolve(preset.name, None, &[]).unwrap();
            assert_eq!(RunConfig::parse(&config.to_toml()).unwrap(), config, "{}", preset.name);
        }
    }

    #[test]
    fn every_value_of_a_preset_of_the_paper_has_a_source() {
        for preset in PRESETS.iter().filter(|preset| preset.name.starts_with("paper")) {
            let mut section_has_source = false;
            for line in preset.text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                if line.starts_with('[') {
                    section_has_source = line.contains('#') || ["[run]", "[log]"].contains(&line);
                } else {
                    let known =
                        section_has_source || line.contains('#') || line == "discriminator_ratio = 1.0";
                    assert!(known, "{}: {line}", preset.name);
                }
            }
        }
    }

    #[test]
    fn settings_replace_values_of_every_kind() {
        let config = settings(&[
            "optimizer.learning_rate=0.05",
            "objective.r1=3",
            "objective.generator=minimax",
            "generator.init.y={ normal = 0.1 }",
            "generator.init.z=\"zeros\"",
            "generator.dropout_when_sampling=true",
            "discriminator.x.units=12",
        ])
        .unwrap();
        assert_eq!(config.optimizer.learning_rate, 0.05);
        assert_eq!(config.objective.r1, 3.0);
        assert_eq!(config.objective.generator, cgan::config::GeneratorLoss::Minimax);
        assert_eq!(config.generator.init.y, layers::Init::Normal(0.1));
        assert_eq!(config.generator.init.z, layers::Init::Zeros);
        assert!(config.generator.dropout_when_sampling);
        assert_eq!((config.discriminator.x.units, config.discriminator.x.pieces), (12, 5));
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (setting, parts) in [
            (
                "optimizer.learning_rat=0.05",
                &["optimizer.learning_rat", "did you mean optimizer.learning_rate?"][..],
            ),
            ("optimiser.learning_rate=0.05", &["did you mean optimizer.learning_rate?"]),
            ("optimizer.learning_rate=fast", &["optimizer.learning_rate", "fast", "f64"]),
            ("generator.z_units=-3", &["generator.z_units", "-3"]),
            ("generator.z_units=0", &["generator.z_units", "not in 1 to"]),
            ("generator.dropout=1.0", &["generator.dropout", "[0, 1)"]),
            ("objective.generator=maximin", &["maximin", "minimax", "non_saturating"]),
            ("generator.init.z={ uniforn = 1.0 }", &["uniforn", "uniform"]),
            ("generator=3", &["generator", "section"]),
            ("optimizer.decay=0.99", &["optimizer.decay"]),
            ("objective.mismatched=-1", &["objective.mismatched", "at least 0"]),
            ("nonsense", &["key=value"]),
            ("run.seed=-1", &["run.seed"]),
        ] {
            let failure = settings(&[setting]).unwrap_err();
            let text = failure.to_string();
            assert_eq!(text.lines().count(), 1, "{text}");
            assert_eq!(failure.code, crate::failure::USAGE, "{text}");
            for part in parts {
                assert!(text.contains(part), "{setting}: {text} lacks {part}");
            }
        }
    }

    #[test]
    fn a_batch_of_one_has_no_mismatched_pair() {
        assert!(settings(&["updates.batch=1", "objective.mismatched=0"]).is_ok());
        let failure = settings(&["updates.batch=1", "objective.mismatched=0.5"]).unwrap_err().to_string();
        assert!(failure.contains("objective.mismatched"), "{failure}");
    }

    #[test]
    fn files_may_be_partial_and_their_faults_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my.toml");
        std::fs::write(&path, "[updates]\nbatch = 20\n").unwrap();
        assert_eq!(RunConfig::resolve("paper", Some(&path), &[]).unwrap().updates.batch, 20);
        for (text, part) in [
            ("[updates]\nbatch = \"many\"\n", "updates.batch"),
            ("[updates]\nbatches = 3\n", "did you mean updates.batch?"),
            ("[updates\n", "line 1"),
        ] {
            std::fs::write(&path, text).unwrap();
            let failure = RunConfig::resolve("quick", Some(&path), &[]).unwrap_err().to_string();
            assert!(failure.contains("my.toml") && failure.contains(part), "{failure}");
            assert_eq!(failure.lines().count(), 1, "{failure}");
        }
        assert!(RunConfig::resolve("quick", Some(&folder.path().join("none.toml")), &[]).is_err());
    }

    #[test]
    fn an_unknown_preset_names_the_nearest_and_all() {
        let failure = RunConfig::resolve("papr", None, &[]).unwrap_err().to_string();
        assert!(failure.contains("did you mean paper?") && failure.contains("paper-slow-decay"), "{failure}");
    }
}
