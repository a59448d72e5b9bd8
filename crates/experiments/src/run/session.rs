//! The training loop, from the first step or from a checkpoint.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cgan::checkpoint::Store;
use cgan::{Error, Metrics, Sampler, Trainer};
use data::EMBEDDED;
use figures::write_curves;
use files::Tensors;
use report::State;

use super::diagnosis::Diagnosis;
use super::directory::{RunDirectory, write_whole};
use super::environment::Environment;
use super::experiment::{Experiment, New};
use super::facts::DataFacts;
use super::position::Position;
use super::progress::Progress;
use super::table::{MetricsRow, Table, TimingRow};
use super::validation::Validation;
use super::weights::{self, Header};
use super::{outcome, page};
use crate::config::RunConfig;
use crate::failure::Failure;
use crate::signals::{Outcome, Signals};
use crate::terminal::say;

/// A run that is being trained.
struct Session {
    directory: RunDirectory,
    config: RunConfig,
    experiment: Box<dyn Experiment>,
    trainer: Trainer<f32>,
    sampler: Sampler<f32>,
    store: Store,
    metrics: Table,
    timing: Table,
    validation: Option<Validation>,
    diagnosis: Diagnosis,
    position: Position,
    signals: Signals,
}

/// Trains a new run in a new directory: `out`, or `runs/<name>-<n>`.
///
/// # Errors
/// One line that says what failed and where; [`crate::failure::DIVERGED`] if a number is not finite.
pub(crate) fn start(
    mut config: RunConfig,
    out: Option<&Path>,
    name: &str,
    new: New,
) -> Result<(RunDirectory, Outcome), Failure> {
    let signals = Signals::watch()?;
    let experiment = new(&config, None)?;
    let mut trainer = Trainer::new(&config.gan, experiment.examples(), u64::from(config.run.seed))?;
    let fitted = config.fit_length(trainer.steps_per_epoch());
    if fitted.is_some() {
        trainer = Trainer::new(&config.gan, experiment.examples(), u64::from(config.run.seed))?;
    }
    let position = Position { data_sha256: experiment.data_sha256(), ..Position::default() };
    let directory = RunDirectory::create(out, name)?;
    if let Some(line) = fitted {
        say(format_args!("{}: {line}", experiment.data_name()));
    }
    experiment.save_inputs(&directory)?;
    write_whole(&directory.config(), config.to_toml().as_bytes())?;
    Environment::here().save(&directory.environment())?;
    let mut session = Session::new(directory, config, experiment, trainer, position, signals)?;
    // A run that is killed at any moment can then be resumed.
    session.save()?;
    session.train()
}

/// Continues a run from its last checkpoint; `epochs` replaces the number of epochs in its settings, `data` the place of
/// its data. Nothing is changed before everything has been checked.
///
/// # Errors
/// As for [`start`]; also if the directory is not a run, has no intact checkpoint, or the data have changed.
pub(crate) fn resume(
    path: &Path,
    epochs: Option<u64>,
    data: Option<String>,
    new: impl Fn(&RunConfig, Option<&RunDirectory>) -> Result<Box<dyn Experiment>, Failure>,
) -> Result<(RunDirectory, Outcome), Failure> {
    let signals = Signals::watch()?;
    let directory = RunDirectory::lock(path)?;
    let mut config = RunConfig::load(&directory.config())?;
    let further = epochs.is_some() || data.is_some();
    config.run.data = data.unwrap_or(config.run.data);
    let experiment = new(&config, Some(&directory)).map_err(|failure| {
        let is_gone = config.run.data != EMBEDDED && !Path::new(&config.run.data).exists();
        if is_gone { failure.with("if the data have moved: cgan resume RUN --data DIR") } else { failure }
    })?;
    let mut trainer = Trainer::new(&config.gan, experiment.examples(), u64::from(config.run.seed))?;
    let store = Store::new(directory.checkpoints());
    let loaded = store.load(&mut trainer)?;
    for line in &loaded.passed_over {
        say(format_args!("{line}; using the one before"));
    }
    let data_sha256 = experiment.data_sha256();
    let position = match Position::from_notes(&loaded.notes) {
        Some(position) => position,
        // A run that was killed before its first checkpoint starts again, if it has no rows yet.
        None if loaded.notes.is_empty() && !directory.has_rows() => {
            Position { data_sha256: data_sha256.clone(), ..Position::default() }
        }
        None => return Err(Failure::data(format!("{}: there is no checkpoint", store.folder().display()))),
    };
    if position.data_sha256 != data_sha256 {
        let path = path.display();
        return Err(Failure::data(format!("{path}: {} has changed since the run began", config.run.data)));
    }
    if let Some(epochs) = epochs {
        config.run.epochs = epochs;
        config.check()?;
        let done = trainer.epoch();
        if (epochs as f64) < done {
            let path = path.display();
            return Err(Failure::usage(format!("--epochs {epochs}: {path} has done {done:.1} already")));
        }
    }
    if let Some(begun) = &position.config {
        unchanged(&config, begun, &directory.config())?;
    }
    let total = trainer.steps_per_epoch().saturating_mul(config.run.epochs);
    if let Some(step) = newer(&directory.best(), total) {
        return Err(Failure::usage(format!(
            "--epochs {}: {} is of step {step}, after their end at step {total}, and the best before is gone; use {} \
             epochs or more",
            config.run.epochs,
            directory.best().display(),
            step.div_ceil(trainer.steps_per_epoch())
        )));
    }
    Table::check(&directory.metrics(), position.metrics_bytes)?;
    Table::check(&directory.timing(), position.timing_bytes)?;
    Table::check(&directory.evaluations(), position.evaluations_bytes)?;
    Table::check(&directory.diagnosis(), position.diagnosis_bytes)?;
    let mut session = Session::new(directory, config, experiment, trainer, position, signals)?;
    let directory = &session.directory;
    if further {
        write_whole(&directory.config(), session.config.to_toml().as_bytes())?;
    }
    let environment = Environment::here();
    match environment.differs_from(&directory.environment()) {
        Some(line) => say(line),
        None => environment.save(&directory.environment())?,
    }
    session.discard_later()?;
    if loaded.notes.is_empty() {
        // As at the start of a run: rows without a checkpoint could not be continued after the next kill.
        session.save()?;
    }
    session.train()
}

/// Checks that the settings are those that a run was begun with, but for its length, the place of its data and what is logged.
fn unchanged(config: &RunConfig, begun: &str, path: &Path) -> Result<(), Failure> {
    let begun = RunConfig::parse(begun).map_err(|why| Failure::data(format!("{}: {why}", path.display())))?;
    let (now, before) = (config.flat(), begun.flat());
    let may_change = |key: &str| key == "run.epochs" || key == "run.data" || key.starts_with("log.");
    let mut keys: Vec<&String> = now.keys().chain(before.keys()).collect();
    keys.sort();
    let Some(key) = keys.into_iter().find(|key| !may_change(key) && now.get(*key) != before.get(*key)) else {
        return Ok(());
    };
    let value = |values: &BTreeMap<String, String>| values.get(key).map_or("none", String::as_str).to_owned();
    Err(Failure::data(format!(
        "{}: {key} is {}, but the run was begun with {}: put it back, or train a new run with --config {0}",
        path.display(),
        value(&now),
        value(&before)
    )))
}

/// The step of weights, if it is after `step`.
fn newer(path: &Path, step: u64) -> Option<u64> {
    let bytes = std::fs::read(path).ok()?;
    let header: Header = Tensors::parse(&bytes).ok()?.entry("cgan").ok()?;
    (header.step > step).then_some(header.step)
}

impl Session {
    fn new(
        directory: RunDirectory,
        config: RunConfig,
        experiment: Box<dyn Experiment>,
        trainer: Trainer<f32>,
        position: Position,
        signals: Signals,
    ) -> Result<Self, Failure> {
        // First everything that can fail for other reasons than the disk; then the tables are cut.
        let sampler = trainer.sampler(experiment.samples_at_a_time(&config))?;
        let (bytes, stop) = (position.evaluations_bytes, || signals.caught());
        let validation = Validation::new(&config, &*experiment, &trainer, &directory, bytes, &stop)?;
        let diagnosis =
            Diagnosis::new(&config, &*experiment, &trainer, &directory, position.diagnosis_bytes)?;
        let (_, (height, width)) = experiment.sample_shape();
        let facts = DataFacts {
            name: experiment.data_name().to_owned(),
            examples: experiment.examples().len(),
            condition: experiment.examples().condition().width(),
            height,
            width,
            spread: diagnosis.data_spread(),
        };
        facts.save_once(&directory)?;
        outcome::clear(&directory)?;
        Ok(Self {
            sampler,
            store: Store::new(directory.checkpoints()),
            metrics: Table::resume(directory.metrics(), position.metrics_bytes)?,
            timing: Table::resume(directory.timing(), position.timing_bytes)?,
            validation,
            diagnosis,
            directory,
            config,
            experiment,
            trainer,
            position,
            signals,
        })
    }

    /// What a killed process left of steps after the checkpoint goes: they are trained again, or never, with fewer epochs.
    fn discard_later(&mut self) -> Result<(), Failure> {
        let step = self.trainer.steps();
        let done = step / self.trainer.steps_per_epoch();
        for (epoch, path) in self.directory.sampled(&[self.experiment.kind().extension, "csv"]) {
            if epoch > done {
                std::fs::remove_file(&path).map_err(|error| Failure::io(&path, &error))?;
            }
        }
        match newer(&self.directory.weights(), step) {
            Some(_) => self.export(),
            None => Ok(()),
        }
    }

    fn train(mut self) -> Result<(RunDirectory, Outcome), Failure> {
        let per_epoch = self.trainer.steps_per_epoch();
        let total = per_epoch.saturating_mul(self.config.run.epochs);
        let updates = &self.config.gan.updates;
        let images_per_step = (updates.batch * updates.discriminator_steps) as u64;
        let progress = Progress::new(
            self.position.seconds,
            self.trainer.steps(),
            total,
            self.config.run.epochs,
            images_per_step,
        );
        let mut outcome = Outcome::Finished;
        if self.trainer.steps() >= total {
            progress.say("all epochs are done already; --epochs N trains further");
        }

        while self.trainer.steps() < total && !self.is_over() {
            let metrics = match self.trainer.step(self.experiment.examples()) {
                Ok(metrics) => metrics,
                Err(error) => {
                    progress.finish();
                    return Err(self.diverged(error));
                }
            };
            if metrics.gradient_penalty > 0.0 {
                self.position.gradient_penalty = metrics.gradient_penalty;
            }
            let step = self.trainer.steps();
            progress.step(step, self.trainer.epoch(), &metrics);
            if step.is_multiple_of(self.config.log.metrics_every) {
                self.log(&metrics)?;
            }
            if step.is_multiple_of(per_epoch) {
                self.end_epoch(step / per_epoch, &progress)?;
                progress.epoch(step, self.trainer.epoch(), &metrics);
            }
            self.position.seconds = progress.pace(step).0;
            if let Some(signal) = self.signals.caught().filter(|_| step < total && !self.is_over()) {
                outcome = Outcome::Interrupted(signal);
                break;
            }
            if step.is_multiple_of(self.config.log.checkpoint_every) && step < total {
                self.save()?;
            }
        }
        let last = self.trainer.steps() / per_epoch;
        if outcome == Outcome::Finished && !self.samples(last).exists() {
            let path = self.samples(last);
            self.draw_samples(&path)?;
        }
        self.save()?;
        self.export()?;
        if outcome == Outcome::Finished {
            self.keep_best(&progress)?;
        }
        let state = match outcome {
            Outcome::Interrupted(_) => State::Stopped,
            Outcome::Finished if self.is_over() => State::EndedEarly,
            Outcome::Finished => State::Finished,
        };
        outcome::save(&self.directory, &state)?;
        self.write_page(state);
        progress.finish();
        if let Outcome::Interrupted(_) = outcome {
            progress.say(&format!("saved at step {}", self.trainer.steps()));
        }
        Ok((self.directory, outcome))
    }

    fn log(&mut self, metrics: &Metrics) -> Result<(), Failure> {
        let (step, epoch) = (self.trainer.steps(), self.trainer.epoch());
        let (penalty, norms) = (self.position.gradient_penalty, self.trainer.gradient_norms());
        self.metrics.push(&MetricsRow::new(step, epoch, metrics, penalty, norms))
    }

    fn end_epoch(&mut self, epoch: u64, progress: &Progress) -> Result<(), Failure> {
        let step = self.trainer.steps();
        let (seconds, pace) = progress.pace(step);
        let images_per_second = progress.images_per_second(pace);
        self.timing.push(&TimingRow { epoch, step, seconds, steps_per_second: pace, images_per_second })?;
        for line in self.diagnosis.after_epoch(epoch, &self.trainer)? {
            progress.say(&format!("diagnosis: {line}"));
        }
        if epoch.is_multiple_of(self.config.log.samples_every) || epoch == self.config.run.epochs {
            let path = self.samples(epoch);
            self.draw_samples(&path)?;
            self.export()?;
            self.write_page(State::Training);
        }
        let Some(validation) = &mut self.validation else { return Ok(()) };
        if validation.after_epoch(epoch, &self.trainer)? && validation.keeps_best() {
            self.export_weights(&self.directory.best())?;
            let path = self.directory.best_samples(self.experiment.kind().extension);
            self.draw_samples(&path)?;
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.validation.as_ref().is_some_and(Validation::is_over)
    }

    /// With early stopping, the weights that are best by validation become the run's.
    fn keep_best(&self, progress: &Progress) -> Result<(), Failure> {
        let Some(validation) = self.validation.as_ref().filter(|validation| validation.keeps_best()) else {
            return Ok(());
        };
        if validation.is_over() {
            progress.say(
                "early stopping: no improvement on validation data for early_stopping.patience evaluations",
            );
        }
        let best = self.directory.best();
        let bytes = std::fs::read(&best).map_err(|error| Failure::io(&best, &error))?;
        write_whole(&self.directory.weights(), &bytes)
    }

    fn samples(&self, epoch: u64) -> PathBuf {
        self.directory.samples(epoch, self.experiment.kind().extension)
    }

    fn draw_samples(&mut self, path: &Path) -> Result<(), Failure> {
        self.experiment.draw_samples(&self.config, &mut self.sampler, &self.trainer.ema_parameters(), path)
    }

    fn draw_curves(&self) -> Result<(), Failure> {
        let title = self.directory.path().file_name().unwrap_or_default().to_string_lossy();
        Ok(write_curves(self.metrics.path(), &self.directory.curves(), &title, &self.config.gan.objective)?)
    }

    /// The page of the run as it is now.
    fn write_page(&self, state: State) {
        page::renew(&self.directory, self.experiment.kind(), Some(state));
    }

    /// The curves and the weights as they are now.
    fn export(&self) -> Result<(), Failure> {
        self.draw_curves()?;
        self.export_weights(&self.directory.weights())
    }

    fn export_weights(&self, path: &Path) -> Result<(), Failure> {
        // Weights are shared, and the path of the data is private.
        let mut config = self.config.clone();
        self.experiment.data_name().clone_into(&mut config.run.data);
        let (first_label, (height, width)) = self.experiment.sample_shape();
        let header = Header {
            config: config.to_toml(),
            step: self.trainer.steps(),
            condition: self.experiment.examples().condition(),
            first_label,
            height,
            width,
            absent: self.experiment.absent_classes(),
            data_sha256: Some(self.position.data_sha256.clone()),
        };
        weights::save(path, &self.trainer.ema_parameters(), &header)
    }

    fn save(&mut self) -> Result<(), Failure> {
        // The tables first: every row that a checkpoint counts must be on the disk.
        self.position.metrics_bytes = self.metrics.sync()?;
        self.position.timing_bytes = self.timing.sync()?;
        if let Some(validation) = &mut self.validation {
            self.position.evaluations_bytes = validation.sync()?;
        }
        self.position.diagnosis_bytes = self.diagnosis.sync()?;
        self.position.config = Some(self.config.to_toml());
        self.store.save(&self.trainer, &self.position.to_notes())?;
        Ok(())
    }

    /// After divergence the last checkpoint is kept, and the curves show the steps before.
    fn diverged(&mut self, error: Error) -> Failure {
        let failure = Failure::from(error);
        let state = State::Diverged(failure.to_string());
        if let Err(more) = outcome::save(&self.directory, &state) {
            return failure.with(more);
        }
        self.write_page(state);
        match self.draw_curves() {
            Ok(()) => failure.with(format!("see {}", self.directory.curves().display())),
            Err(more) => failure.with(more),
        }
    }
}
