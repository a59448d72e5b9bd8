//! Evaluation on validation data while a run trains: `evaluations.csv`, and early stopping.
//!
//! The paper used the weights with the best Parzen estimate on validation data.

use std::collections::HashMap;
use std::path::Path;

use cgan::Trainer;

use super::directory::RunDirectory;
use super::experiment::{Experiment, Validator};
use super::table::Table;
use crate::config::RunConfig;
use crate::failure::Failure;

/// Evaluates a run every few epochs, and counts evaluations without improvement.
pub(super) struct Validation {
    every: u64,
    /// Evaluations in a row without improvement that end the run.
    patience: Option<u64>,
    validator: Box<dyn Validator>,
    table: Table,
    best: f64,
    since: u64,
}

impl Validation {
    /// As the settings say, with its table cut to the first `bytes`; `None` if they ask for no evaluations. Fails once
    /// `stop` names a signal.
    pub(super) fn new(
        config: &RunConfig,
        experiment: &dyn Experiment,
        trainer: &Trainer<f32>,
        directory: &RunDirectory,
        bytes: u64,
        stop: &dyn Fn() -> Option<i32>,
    ) -> Result<Option<Self>, Failure> {
        let Some(every) = config.log.evaluate_every else { return Ok(None) };
        let patience = config.early_stopping.map(|stopping| stopping.patience);
        let path = directory.evaluations();
        let validator = experiment.validator(trainer, stop)?;
        let (mut best, mut since) = (f64::NEG_INFINITY, 0);
        for score in scores(&path, bytes, experiment.kind().validation_column)? {
            (best, since) = counted((best, since), score);
        }
        let table = Table::resume(path, bytes)?;
        Ok(Some(Self { every, patience, validator, table, best, since }))
    }

    /// Evaluates if it is due after this epoch. Returns whether the result is the best so far.
    pub(super) fn after_epoch(&mut self, epoch: u64, trainer: &Trainer<f32>) -> Result<bool, Failure> {
        if !epoch.is_multiple_of(self.every) {
            return Ok(false);
        }
        let score = self.validator.validate(epoch, trainer, &mut self.table)?;
        Ok(self.note(score))
    }

    /// Counts an evaluation. Returns whether it is the best so far.
    fn note(&mut self, score: f64) -> bool {
        let best = score > self.best;
        (self.best, self.since) = counted((self.best, self.since), score);
        best
    }

    /// Whether patience is exhausted.
    pub(super) fn is_over(&self) -> bool {
        self.patience.is_some_and(|patience| self.since >= patience)
    }

    /// Whether the best weights are the run's result.
    pub(super) fn keeps_best(&self) -> bool {
        self.patience.is_some() && self.best > f64::NEG_INFINITY
    }

    /// Waits until the rows are on the disk; returns the length of the file.
    pub(super) fn sync(&mut self) -> Result<u64, Failure> {
        self.table.sync()
    }
}

/// The best value and the number of evaluations since, after one more.
fn counted((best, since): (f64, u64), score: f64) -> (f64, u64) {
    if score > best { (score, 0) } else { (best, since + 1) }
}

/// The numbers of a column in the first `bytes` of a table.
fn scores(path: &Path, bytes: u64, column: &str) -> Result<Vec<f64>, Failure> {
    let missing = || Failure::data(format!("{}: no column {column}", path.display()));
    let rows = Table::rows::<HashMap<String, Option<f64>>>(path, bytes)?;
    rows.iter().map(|row| row.get(column).copied().flatten().ok_or_else(missing)).collect()
}
