//! What a run needs to know of an experiment; all else is the same for every experiment.

use std::path::{Path, PathBuf};

use autograd::Parameters;
use cgan::{Examples, Sampler, Trainer};
use data::Split;
use evaluation::About;
use ndarray::Array2;

use super::directory::RunDirectory;
use super::facts::DataFacts;
use super::table::Table;
use super::weights::Weights;
use crate::config::RunConfig;
use crate::failure::Failure;

/// Makes the experiment of a new run, or of a run that has its inputs in its directory.
pub(crate) type New = fn(&RunConfig, Option<&RunDirectory>) -> Result<Box<dyn Experiment>, Failure>;

/// A kind of experiment: its line of the registry.
pub(crate) struct Kind {
    /// The preset that is meant where none is named.
    pub(crate) default_preset: &'static str,
    /// Reads its data. Fails with one line that says what is wrong with them, or with the inputs in the
    /// directory.
    pub(crate) new: New,
    /// The ending of the files that show samples.
    pub(crate) extension: &'static str,
    /// What these files show.
    pub(crate) samples_show: fn(&RunConfig) -> &'static str,
    /// The column of `evaluations.csv` that early stopping maximises.
    pub(crate) validation_column: &'static str,
    /// What `cgan evaluate` measures.
    pub(crate) measures: fn() -> Vec<About>,
    /// What x and y are, for the page of a run.
    pub(crate) task: report::Task,
    /// A run in a sentence.
    pub(crate) sentence: fn(&RunConfig, Option<&DataFacts>) -> String,
    /// What a run drew while it trained.
    pub(crate) samples: fn(&RunDirectory) -> report::Samples,
    /// The preset of the paper's recipe.
    pub(crate) paper_preset: &'static str,
    /// The paper's Parzen estimate, in nats, if it has one.
    pub(crate) paper_nats: fn(&RunConfig) -> Option<f64>,
    /// The commands that usually follow the training of a run, with `RUN` for its path, and what they show.
    pub(crate) next: &'static [(&'static str, &'static str)],
    /// Evaluates a trained run.
    pub(crate) evaluate: fn(Weights, &EvaluationRequest) -> Result<Report, Failure>,
}

/// What `cgan evaluate` is to measure.
pub(crate) struct EvaluationRequest {
    /// The run directory, or a file of weights.
    pub(crate) run: PathBuf,
    /// The data set, as settings name it.
    pub(crate) data: String,
    /// Whether the user named it, so that it may be another than the run's.
    pub(crate) data_is_chosen: bool,
    /// The images that no net was trained on.
    pub(crate) split: Split,
    /// Without yardsticks and baselines.
    pub(crate) alone: bool,
    /// Digits: also what a classifier learns from samples alone.
    pub(crate) classification: bool,
    /// Tagging: rank all words.
    pub(crate) all_words: bool,
}

/// The result of an evaluation.
pub(crate) struct Report {
    /// For a terminal.
    pub(crate) text: String,
    /// For a program.
    pub(crate) json: String,
}

/// An experiment with its data.
pub(crate) trait Experiment {
    /// Its line of the registry.
    fn kind(&self) -> &'static Kind;

    /// The training examples.
    fn examples(&self) -> &dyn Examples<f32>;

    /// The data set's name.
    fn data_name(&self) -> &str;

    /// SHA-256 of the data.
    fn data_sha256(&self) -> String;

    /// Writes what the run needs beside its weights into its new directory.
    fn save_inputs(&self, directory: &RunDirectory) -> Result<(), Failure>;

    /// The number of the first class in the data set's files (0 where there are no classes), and rows and
    /// columns of a sample (1 row for a vector).
    fn sample_shape(&self) -> (usize, (usize, usize));

    /// Classes, counted from 0, that have no training example.
    fn absent_classes(&self) -> Vec<usize> {
        Vec::new()
    }

    /// Samples drawn at a time for [`Experiment::draw_samples`].
    fn samples_at_a_time(&self, config: &RunConfig) -> usize;

    /// Draws samples with the same noise every time, and shows them in a file.
    fn draw_samples(
        &self,
        config: &RunConfig,
        sampler: &mut Sampler<f32>,
        parameters: &Parameters<f32>,
        path: &Path,
    ) -> Result<(), Failure>;

    /// What a run is diagnosed with.
    fn probe(&self) -> Probe;

    /// Evaluates on validation data while the run trains. What takes minutes to prepare ends with a failure once `stop`
    /// names a signal.
    fn validator(
        &self,
        trainer: &Trainer<f32>,
        stop: &dyn Fn() -> Option<i32>,
    ) -> Result<Box<dyn Validator>, Failure>;
}

/// What a run is diagnosed with: a few conditions for G, and pairs for D.
pub(crate) struct Probe {
    /// Conditions to draw samples under, (n, columns).
    pub(crate) conditions: Array2<f32>,
    /// x and conditions of training data.
    pub(crate) training: (Array2<f32>, Array2<f32>),
    /// x and conditions that no net was trained on.
    pub(crate) validation: (Array2<f32>, Array2<f32>),
    /// Standard deviation of an entry of x under one condition, where many x share one.
    pub(crate) spread: Option<f64>,
}

/// Evaluates on validation data.
pub(crate) trait Validator {
    /// Evaluates, appends a row to the table, and returns the value of [`Kind::validation_column`].
    fn validate(&mut self, epoch: u64, trainer: &Trainer<f32>, table: &mut Table) -> Result<f64, Failure>;
}
