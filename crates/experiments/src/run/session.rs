//! The training loop, from the first step or from a checkpoint.

use std::path::Path;

use cgan::checkpoint::{Notes, Store};
use cgan::{Error, Metrics, Sampler, Trainer};
use layers::Input;
use ndarray::Array2;

use super::environment::Environment;
use super::folder::{Outcome, RunFolder, write_whole};
use super::metrics::{MetricsRow, Table, TimingRow};
use super::progress::Progress;
use super::signals::Signals;
use super::weights::{self, About};
use crate::config::RunConfig;
use crate::data::ImageSet;
use crate::failure::Failure;
use crate::report::{Grid, write_curves};

/// A run that is being trained.
struct Session {
    folder: RunFolder,
    config: RunConfig,
    data: ImageSet,
    trainer: Trainer<f32>,
    sampler: Sampler<f32>,
    store: Store,
    metrics: Table,
    timing: Table,
    signals: Signals,
}

/// Trains a new run in a new folder: `out`, or `runs/<name>-<n>`.
///
/// # Errors
/// One line that says what failed and where; [`crate::failure::DIVERGED`] if a number is not finite.
pub fn start(config: RunConfig, out: Option<&Path>, name: &str) -> Result<(RunFolder, Outcome), Failure> {
    let signals = Signals::watch()?;
    let data = ImageSet::of(&config.run.data)?;
    let trainer = Trainer::new(&config.gan(), &data.train, u64::from(config.run.seed))?;
    let folder = RunFolder::create(out, name)?;
    write_whole(&folder.config(), config.to_toml().as_bytes())?;
    Environment::here().save(&folder.environment())?;
    let (metrics, timing) = (Table::create(folder.metrics())?, Table::create(folder.timing())?);
    let mut session = Session {
        sampler: trainer.sampler(data.train.classes * config.log.sample_columns)?,
        store: Store::new(folder.checkpoints()),
        folder,
        config,
        data,
        trainer,
        metrics,
        timing,
        signals,
    };
    // So that there is something to resume from at whatever moment the run is killed.
    session.save()?;
    session.train()
}

/// Goes on with a run from its last checkpoint; `epochs` extends or shortens it.
///
/// # Errors
/// As for [`start`]; also if the folder is no run, or holds no checkpoint that is whole.
pub fn resume(path: &Path, epochs: Option<u64>) -> Result<(RunFolder, Outcome), Failure> {
    let signals = Signals::watch()?;
    let folder = RunFolder::open(path)?;
    let mut config = RunConfig::load(&folder.config())?;
    let data = ImageSet::of(&config.run.data)?;
    let mut trainer = Trainer::new(&config.gan(), &data.train, u64::from(config.run.seed))?;
    let store = Store::new(folder.checkpoints());
    let loaded = store.load(&mut trainer)?;
    for line in &loaded.passed_over {
        eprintln!("{line}; using the one before");
    }
    if let Some(epochs) = epochs {
        config.run.epochs = epochs;
        config.check()?;
        if (epochs as f64) < trainer.epoch() {
            let done = trainer.epoch();
            return Err(Failure::usage(format!(
                "--epochs {epochs}: {} has done {done:.1} already",
                path.display()
            )));
        }
        write_whole(&folder.config(), config.to_toml().as_bytes())?;
    }
    if let Some(line) = Environment::here().differs_from(&folder.environment()) {
        eprintln!("{line}");
    }
    let has_rows = std::fs::metadata(folder.metrics()).is_ok_and(|file| file.len() > 0);
    let bytes = |key: &str| -> Result<u64, Failure> {
        match loaded.notes.get(key).map(|bytes| bytes.parse()) {
            Some(Ok(bytes)) => Ok(bytes),
            // A run killed before its first checkpoint begins again, if it has nothing to lose.
            None if loaded.notes.is_empty() && !has_rows => Ok(0),
            None if loaded.notes.is_empty() => {
                Err(Failure::data(format!("{}: there is no checkpoint", store.folder().display())))
            }
            _ => Err(Failure::data(format!("{}: the checkpoint lacks {key}", path.display()))),
        }
    };
    let metrics = Table::resume(folder.metrics(), bytes("metrics_bytes")?)?;
    let timing = Table::resume(folder.timing(), bytes("timing_bytes")?)?;
    let sampler = trainer.sampler(data.train.classes * config.log.sample_columns)?;
    Session { folder, config, data, trainer, sampler, store, metrics, timing, signals }.train()
}

impl Session {
    fn train(mut self) -> Result<(RunFolder, Outcome), Failure> {
        let per_epoch = self.trainer.steps_per_epoch();
        let total = per_epoch.saturating_mul(self.config.run.epochs);
        let updates = &self.config.updates;
        let images_per_step = (updates.batch * updates.discriminator_steps) as u64;
        let progress = Progress::new(self.trainer.steps(), total, self.config.run.epochs, images_per_step);
        let mut outcome = Outcome::Finished;

        while self.trainer.steps() < total {
            let metrics = match self.trainer.step(&self.data.train) {
                Ok(metrics) => metrics,
                Err(error) => {
                    progress.finish();
                    return Err(self.diverged(error));
                }
            };
            let step = self.trainer.steps();
            progress.step(step, self.trainer.epoch(), &metrics);
            if step.is_multiple_of(self.config.log.metrics_every) {
                self.log(&metrics)?;
            }
            if step.is_multiple_of(per_epoch) {
                self.end_epoch(step / per_epoch, &progress)?;
                progress.epoch(step, self.trainer.epoch(), &metrics);
            }
            if let Some(signal) = self.signals.caught() {
                outcome = Outcome::Interrupted(signal);
                break;
            }
            if step.is_multiple_of(self.config.log.checkpoint_every) && step < total {
                self.save()?;
            }
        }
        self.save()?;
        self.export()?;
        progress.finish();
        if let Outcome::Interrupted(_) = outcome {
            progress.say(&format!("saved at step {}", self.trainer.steps()));
        }
        Ok((self.folder, outcome))
    }

    fn log(&mut self, metrics: &Metrics) -> Result<(), Failure> {
        let (step, epoch) = (self.trainer.steps(), self.trainer.epoch());
        self.metrics.push(&MetricsRow::new(step, epoch, metrics, self.trainer.gradient_norms()))
    }

    fn end_epoch(&mut self, epoch: u64, progress: &Progress) -> Result<(), Failure> {
        let step = self.trainer.steps();
        let (seconds, pace) = progress.pace(step);
        let images = self.config.updates.batch * self.config.updates.discriminator_steps;
        let images_per_second = pace * images as f64;
        self.timing.push(&TimingRow { epoch, step, seconds, steps_per_second: pace, images_per_second })?;
        if epoch.is_multiple_of(self.config.log.samples_every) || epoch == self.config.run.epochs {
            self.draw_samples(epoch)?;
            self.export()?;
        }
        Ok(())
    }

    /// Figure 2 of the paper: a class a row. Every row and every picture has the same noise.
    fn draw_samples(&mut self, epoch: u64) -> Result<(), Failure> {
        let (classes, columns) = (self.data.train.classes, self.config.log.sample_columns);
        let noise = self.config.generator.noise;
        let stream = autograd::Stream::new(u64::from(self.config.run.seed), "samples");
        let mut row = Array2::zeros((columns, self.config.generator.noise_width));
        noise.fill(&stream, 0, row.view_mut());
        let count = classes * columns;
        let z = Array2::from_shape_fn((count, row.ncols()), |(i, j)| row[[i % columns, j]]);
        let labels = Array2::from_shape_fn((count, 1), |(i, _)| (i / columns) as f32);
        let images = self.sampler.sample_at(&self.trainer.best_parameters(), z.view(), labels.view());
        let size = (self.data.train.height, self.data.train.width);
        let captions: Vec<usize> = (0..classes).map(|class| class + self.data.train.first_label).collect();
        Ok(Grid::new(images, classes, columns, size)
            .scale(2)
            .captions(&captions)
            .write(&self.folder.samples(epoch))?)
    }

    fn draw_curves(&self) -> Result<(), Failure> {
        let title = self.folder.path().file_name().unwrap_or_default().to_string_lossy();
        Ok(write_curves(self.metrics.path(), &self.folder.curves(), &title)?)
    }

    /// The curves and the weights as they are now.
    fn export(&self) -> Result<(), Failure> {
        self.draw_curves()?;
        // Weights are for sharing, and where the data lie is nobody's business.
        let mut config = self.config.clone();
        config.run.data.clone_from(&self.data.name);
        let about = About {
            config: config.to_toml(),
            step: self.trainer.steps(),
            condition: Input::Labels(self.data.train.classes),
            first_label: self.data.train.first_label,
            height: self.data.train.height,
            width: self.data.train.width,
        };
        weights::save(&self.folder.weights(), &self.trainer.best_parameters(), &about)
    }

    fn save(&mut self) -> Result<(), Failure> {
        // The tables first: a checkpoint must never know of rows that the disk does not.
        let notes = Notes::from([
            ("metrics_bytes".to_owned(), self.metrics.sync()?.to_string()),
            ("timing_bytes".to_owned(), self.timing.sync()?.to_string()),
        ]);
        self.store.save(&self.trainer, &notes)?;
        Ok(())
    }

    /// Divergence: the last checkpoint stays as it is, and the curves show the way there.
    fn diverged(&mut self, error: Error) -> Failure {
        let failure = Failure::from(error);
        match self.draw_curves() {
            Ok(()) => failure.with(format!("see {}", self.folder.curves().display())),
            Err(more) => failure.with(more),
        }
    }
}
