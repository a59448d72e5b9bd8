//! Section 4.1 of the paper: images, given their class.

mod evaluate;
mod page;

use std::path::Path;

use autograd::{Parameters, Stream};
use cgan::{Examples, Sampler, Trainer};
use data::images::{self, ImageSet, Images};
use evaluation::images::{EACH, Judge, MEASURES, Samples, draw, published, validation_parzen};
use figures::Grid;
use ndarray::{Array2, Axis};
use serde::Serialize;

use crate::cache;
use crate::config::RunConfig;
use crate::failure::Failure;
use crate::run::{Experiment, Kind, Probe, RunDirectory, Table, Validator};
use crate::terminal::say;

/// Samples drawn at a time for an evaluation.
const BATCH: usize = 500;

/// Images of each split that a run is diagnosed with.
const PROBED: usize = 1000;

/// Classes that a run is diagnosed with, at most.
const CLASSES: usize = 20;

/// The experiment's line of the registry.
pub(crate) const KIND: Kind = Kind {
    default_preset: "quick",
    new: |config, _| {
        let set = images::load(&config.run.data)?;
        set.notes.iter().for_each(say);
        Ok(Box::new(Digits { set }))
    },
    extension: "png",
    samples_show: |config| match config.gan.is_conditional() {
        true => "what G draws: a class a row, the same noise a column",
        false => "what G draws",
    },
    validation_column: "validation_parzen",
    measures: || evaluation::about(&MEASURES),
    task: report::Task::Images,
    sentence: page::sentence,
    samples: page::samples,
    paper_preset: "paper-hidden-layer",
    paper_nats: |config| Some(published(config.gan.is_conditional()).0),
    next: &[
        ("sample RUN --out digits.png", "more of what G draws"),
        ("evaluate RUN", "how good it is, beside Table 1 of the paper"),
    ],
    evaluate: evaluate::evaluate,
};

/// Images with classes.
struct Digits {
    set: ImageSet,
}

impl Experiment for Digits {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn examples(&self) -> &dyn Examples<f32> {
        &self.set.train
    }

    fn data_name(&self) -> &str {
        &self.set.name
    }

    fn data_sha256(&self) -> String {
        self.set.train.sha256()
    }

    fn save_inputs(&self, _: &RunDirectory) -> Result<(), Failure> {
        Ok(())
    }

    fn sample_shape(&self) -> (usize, (usize, usize)) {
        let train = &self.set.train;
        (train.first_label, (train.height, train.width))
    }

    fn absent_classes(&self) -> Vec<usize> {
        self.set.absent.clone()
    }

    fn samples_at_a_time(&self, config: &RunConfig) -> usize {
        columns(config)
    }

    /// Figure 2 of the paper: a row for each class that has training images. Every row has the same z and the same dropout masks, so that a column
    /// shows one style in all classes. Without a condition there are as many rows, each with noise of its own. Every
    /// picture has the same noise.
    fn draw_samples(
        &self,
        config: &RunConfig,
        sampler: &mut Sampler<f32>,
        parameters: &Parameters<f32>,
        path: &Path,
    ) -> Result<(), Failure> {
        let (present, columns) = (self.set.present(), columns(config));
        let classes = present.len();
        let stream = Stream::new(u64::from(config.run.seed), "samples");
        let conditional = config.gan.is_conditional();
        let mut z = Array2::zeros((columns, config.gan.generator.noise_width));
        let mut images = Array2::zeros((classes * columns, self.set.train.pixels_per_image()));
        for (row, mut images) in images.axis_chunks_iter_mut(Axis(0), columns).enumerate() {
            let draw = if conditional { 0 } else { row as u64 };
            config.gan.generator.noise.fill(&stream, draw, z.view_mut());
            let labels = Array2::from_elem((columns, 1), present[row] as f32);
            images.assign(&sampler.sample_at(parameters, z.view(), labels.view(), draw));
        }
        let captions: Vec<usize> = present.iter().map(|class| class + self.set.train.first_label).collect();
        let (_, size) = self.sample_shape();
        let grid = Grid::new(images.view(), classes, columns, size).scale(2);
        Ok(if conditional { grid.captions(&captions) } else { grid }.write(path)?)
    }

    fn probe(&self) -> Probe {
        let (train, present) = (&self.set.train, self.set.present());
        let [training, validation] = [train, &self.set.validation].map(|images| labelled(images, PROBED));
        let labels = train.labels()[..training.0.nrows()].to_vec();
        let samples = Samples { images: training.0.clone(), labels, unconditional: false };
        Probe {
            conditions: Array2::from_shape_fn((present.len().min(CLASSES), 1), |(i, _)| present[i] as f32),
            spread: Some(samples.spread(train.classes)),
            training,
            validation,
        }
    }

    fn validator(
        &self,
        trainer: &Trainer<f32>,
        stop: &dyn Fn() -> Option<i32>,
    ) -> Result<Box<dyn Validator>, Failure> {
        Ok(Box::new(ImageValidator {
            judge: Judge::of(&self.set, &cache::folder()?, &mut |line| say(line), stop)?,
            sampler: trainer.sampler(BATCH)?,
            validation: self.set.validation.rows(0..self.set.validation.len()),
            classes: self.set.train.classes,
            present: self.set.present(),
        }))
    }
}

/// Samples of each class in a picture.
fn columns(config: &RunConfig) -> usize {
    config.log.sample_columns.expect("the settings of this experiment are checked to have it")
}

/// The first images, at most `most`, and their classes, as inputs of the nets: (n, pixels) and (n, 1).
fn labelled(images: &Images, most: usize) -> (Array2<f32>, Array2<f32>) {
    let count = images.len().min(most);
    let classes = Array2::from_shape_fn((count, 1), |(i, _)| images.label(i) as f32);
    (images.rows(0..count), classes)
}

/// Measures samples by the Parzen estimate and the judge.
struct ImageValidator {
    judge: Judge,
    sampler: Sampler<f32>,
    /// Validation images, (n, pixels).
    validation: Array2<f32>,
    classes: usize,
    /// Those that have training images.
    present: Vec<usize>,
}

/// A row of `evaluations.csv`.
#[derive(Serialize)]
struct ImageValidationRow {
    epoch: u64,
    step: u64,
    validation_parzen: f64,
    parzen_error: f64,
    parzen_sigma: f64,
    /// Empty without a condition.
    accuracy: Option<f64>,
    /// Within the classes of the labels; without a condition within those that the judge sees.
    spread: f64,
}

impl Validator for ImageValidator {
    fn validate(&mut self, epoch: u64, trainer: &Trainer<f32>, table: &mut Table) -> Result<f64, Failure> {
        let samples = draw(&mut self.sampler, &trainer.ema_parameters(), &self.present, EACH);
        let parzen = validation_parzen(&samples, self.validation.view());
        let verdict = self.judge.judge(samples.len(), &|range| samples.rows(range))?;
        table.push(&ImageValidationRow {
            epoch,
            step: trainer.steps(),
            validation_parzen: parzen.nats,
            parzen_error: parzen.error,
            parzen_sigma: parzen.sigma,
            accuracy: samples.accuracy(&verdict),
            spread: samples.judged_spread(&verdict, self.classes),
        })?;
        Ok(parzen.nats)
    }
}
