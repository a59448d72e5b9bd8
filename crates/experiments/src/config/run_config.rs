//! All that a run depends on.

use std::collections::BTreeMap;

use cgan::GanConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use settings::{Problem, node_of};
use toml::Table;

use super::experiment::{Experiment, StopOn};
use super::presets::{EXTENDS, WHOLE, flat};
use super::tags::TagsConfig;

/// All that a run depends on; `config.toml` of a run folder.
///
/// Unknown keys are refused by the check against the schema, since `serde` cannot do it beside `flatten`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunConfig {
    /// What is trained on which data, for how long.
    pub run: Run,
    /// Word vectors and pictures; in the experiment `tags` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<TagsConfig>,
    /// The nets and their training.
    #[serde(flatten)]
    pub gan: GanConfig,
    /// When to stop before the last epoch, and which weights are the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<EarlyStopping>,
    /// What is written, and how often.
    pub log: Log,
}

/// What is trained on which data, for how long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Which experiment of the paper.
    pub experiment: Experiment,
    /// `embedded`, or a folder.
    pub data: String,
    /// Seed of every random number of the run.
    #[schemars(extend("paper" = "open"))]
    pub seed: u32,
    /// Passes over the training data.
    #[schemars(range(min = 1), extend("paper" = "until a Parzen estimate on validation data is best", "unit" = "epochs"))]
    pub epochs: u64,
    /// Least number of training steps: on a small set there are more epochs, and all settings in epochs grow with them.
    /// `run.epochs` that is given later takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub min_steps: Option<u64>,
}

/// Early stopping: the run ends when validation no longer improves, and its result are the weights of the best
/// evaluation. Without it, a run goes to its last epoch, whose weights are the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlyStopping {
    /// The measure that decides.
    #[schemars(extend("paper" = "validation_parzen"))]
    pub on: StopOn,
    /// Evaluations in a row without a better one that end the run.
    #[schemars(range(min = 1), extend("paper" = "open"))]
    pub patience: u64,
}

/// What is written, and how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Steps between two lines of `metrics.csv`.
    #[schemars(range(min = 1))]
    pub metrics_every: u64,
    /// Epochs between two pictures of samples.
    #[schemars(range(min = 1), extend("unit" = "epochs"))]
    pub samples_every: u64,
    /// Samples of each class in a picture; in the experiment `mnist` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub sample_columns: Option<usize>,
    /// Steps between two checkpoints.
    #[schemars(range(min = 1))]
    pub checkpoint_every: u64,
    /// Epochs between two evaluations on validation data, written to `evaluations.csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("unit" = "epochs"))]
    pub evaluate_every: Option<u64>,
}

impl RunConfig {
    /// All settings as TOML, marked as whole.
    pub fn to_toml(&self) -> String {
        let settings = toml::to_string(self).expect("tables, strings and numbers");
        format!("{EXTENDS} = \"{WHOLE}\" # all settings are here\n\n{settings}")
    }

    /// Every value by the path of its setting.
    pub fn flat(&self) -> BTreeMap<String, String> {
        let table = Table::try_from(self).expect("tables, strings and numbers");
        flat(&table, &node_of::<Self>())
    }

    /// Checks every setting against its range, and combinations of settings.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn check(&self) -> Result<(), Problem> {
        settings::check(self)?;
        let experiment = self.run.experiment;
        let refuse = |key: &str, reason: String| Err(Problem::new(key, reason));
        let name = experiment.name();
        if experiment == Experiment::Tags && self.tags.is_none() {
            return refuse("tags", "the experiment tags needs this table".to_owned());
        }
        if experiment == Experiment::Tags && !self.gan.is_conditional() {
            return refuse(
                "generator.y_units",
                "the experiment tags needs the picture as a condition".to_owned(),
            );
        }
        match (experiment, self.log.sample_columns) {
            (Experiment::Mnist, None) => {
                return refuse("log.sample_columns", "the experiment mnist needs this setting".to_owned());
            }
            (Experiment::Tags, Some(_)) => {
                let reason = "the experiment tags draws no classes, so this has no effect; use none";
                return refuse("log.sample_columns", reason.to_owned());
            }
            _ => {}
        }
        if let Some(EarlyStopping { on, .. }) = self.early_stopping {
            if on != experiment.measure() {
                return refuse("early_stopping.on", format!("the experiment {name} does not measure this"));
            }
            if self.log.evaluate_every.is_none() {
                return refuse("log.evaluate_every", "early_stopping needs this setting".to_owned());
            }
        }
        self.gan.check().map_err(|error| match error {
            cgan::Error::Config { key, reason } => Problem::new(key, reason),
            other => Problem::new("", other.to_string()),
        })
    }
}
