//! Looking at validation data while a run trains: `evaluations.csv`, and when to stop.
//!
//! The paper stopped where a Parzen estimate on validation data was best; so can a run.

use std::fs;

use cgan::{Sampler, Trainer};
use serde::{Deserialize, Serialize};

use super::folder::RunFolder;
use super::metrics::Table;
use crate::config::{RunConfig, StopOn};
use crate::data::ImageSet;
use crate::evaluate::{self, Glance, Judge, yardsticks::EACH};
use crate::failure::Failure;
use crate::terminal::say;

/// Samples drawn at a time.
const BATCH: usize = 500;

/// A row of `evaluations.csv`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Row {
    epoch: u64,
    step: u64,
    validation_parzen: f64,
    parzen_error: f64,
    parzen_sigma: f64,
    accuracy: f64,
    spread: f64,
}

/// The watch over a run.
pub(super) struct Watch {
    every: u64,
    /// Evaluations in a row without a better one that end the run.
    patience: Option<u64>,
    judge: Judge,
    glance: Glance,
    sampler: Sampler<f32>,
    classes: usize,
    table: Table,
    best: f64,
    since: u64,
}

impl Watch {
    /// The watch that the settings ask for, its table cut to the first `bytes`.
    pub(super) fn new(
        config: &RunConfig,
        data: &ImageSet,
        trainer: &Trainer<f32>,
        folder: &RunFolder,
        bytes: u64,
    ) -> Result<Option<Self>, Failure> {
        if config.log.evaluate_every == 0 {
            return Ok(None);
        }
        let judge = Judge::of(data, &evaluate::cache()?, |line| say(line))?;
        let patience = (config.stop.on == StopOn::ValidationParzen).then_some(config.stop.patience);
        let path = folder.evaluations();
        let table = Table::resume(path.clone(), bytes)?;
        let mut watch = Self {
            every: config.log.evaluate_every,
            patience,
            judge,
            glance: Glance::new(data),
            sampler: trainer.sampler(BATCH)?,
            classes: data.train.classes,
            table,
            best: f64::NEG_INFINITY,
            since: 0,
        };
        let text = fs::read(&path).map_err(|error| Failure::io(&path, &error))?;
        for row in csv::Reader::from_reader(&text[..]).deserialize() {
            let row: Row = row.map_err(|error| Failure::data(format!("{}: {error}", path.display())))?;
            watch.note(row.validation_parzen);
        }
        Ok(Some(watch))
    }

    /// After an epoch: evaluates if it is time to; whether that was the best so far.
    pub(super) fn epoch(&mut self, epoch: u64, trainer: &Trainer<f32>) -> Result<bool, Failure> {
        if !epoch.is_multiple_of(self.every) {
            return Ok(false);
        }
        let samples = evaluate::draw(&mut self.sampler, &trainer.best_parameters(), self.classes, EACH);
        let parzen = self.glance.parzen(&samples);
        let verdict = self.judge.judge(samples.images.view())?;
        self.table.push(&Row {
            epoch,
            step: trainer.steps(),
            validation_parzen: parzen.nats,
            parzen_error: parzen.error,
            parzen_sigma: parzen.sigma,
            accuracy: verdict.accuracy(&samples.labels),
            spread: samples.spread(self.classes),
        })?;
        Ok(self.note(parzen.nats))
    }

    /// Counts an evaluation; whether it is the best so far.
    fn note(&mut self, nats: f64) -> bool {
        let best = nats > self.best;
        (self.best, self.since) = if best { (nats, 0) } else { (self.best, self.since + 1) };
        best
    }

    /// Whether the patience is over.
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
