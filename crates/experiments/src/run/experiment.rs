//! What the training loop needs of an experiment: all else is the same for both.

use std::path::Path;

use autograd::Parameters;
use cgan::{Examples, Sampler, Trainer};

use super::digits::Digits;
use super::folder::RunFolder;
use super::metrics::Table;
use super::tagging::Tagging;
use crate::config::{Experiment as Which, RunConfig};
use crate::failure::Failure;

/// One of the paper's two.
pub(crate) trait Experiment {
    /// What is learned from.
    fn examples(&self) -> &dyn Examples<f32>;

    /// The data set's name.
    fn name(&self) -> &str;

    /// SHA-256 of the data.
    fn sha256(&self) -> String;

    /// Puts what the run needs beside its weights into its new folder.
    fn furnish(&self, folder: &RunFolder) -> Result<(), Failure>;

    /// What the files call the first class (0 where there are none), and rows and columns of a sample (1 row for a
    /// vector).
    fn shape(&self) -> (usize, (usize, usize));

    /// Samples drawn at a time for [`Experiment::draw`].
    fn batch(&self, config: &RunConfig) -> usize;

    /// The ending of the files that show samples.
    fn ending(&self) -> &'static str;

    /// Draws samples with the same noise every time, and shows them in a file.
    fn draw(
        &self,
        config: &RunConfig,
        sampler: &mut Sampler<f32>,
        parameters: &Parameters<f32>,
        path: &Path,
    ) -> Result<(), Failure>;

    /// Who looks at validation data while the run trains.
    fn eye(&self, trainer: &Trainer<f32>) -> Result<Box<dyn Eye>, Failure>;
}

/// Looks at validation data.
pub(crate) trait Eye {
    /// Evaluates, appends a row to the table, and returns what is to become greater.
    fn look(&mut self, epoch: u64, trainer: &Trainer<f32>, table: &mut Table) -> Result<f64, Failure>;

    /// That number's column in the table.
    fn column(&self) -> &'static str;
}

/// The experiment of a new run.
///
/// # Errors
/// One line that says what is wrong with the data.
pub(crate) fn new(config: &RunConfig) -> Result<Box<dyn Experiment>, Failure> {
    Ok(match config.run.experiment {
        Which::Mnist => Box::new(Digits::new(config)?),
        Which::Tags => Box::new(Tagging::new(config, None)?),
    })
}

/// The experiment of a run that goes on.
///
/// # Errors
/// As for [`new`]; also if the folder lacks what it was furnished with.
pub(super) fn of_run(config: &RunConfig, folder: &RunFolder) -> Result<Box<dyn Experiment>, Failure> {
    Ok(match config.run.experiment {
        Which::Mnist => Box::new(Digits::new(config)?),
        Which::Tags => Box::new(Tagging::new(config, Some(folder))?),
    })
}
