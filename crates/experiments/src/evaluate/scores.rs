//! All measures of one set of samples, against one split of real images.

use ndarray::{Array2, Axis, s};
use serde::{Deserialize, Serialize};

use super::frechet::Gaussian;
use super::manifold::{Cloud, Manifold, manifold, nearest, smaller};
use super::parzen::{Parzen, parzen};
use super::{Judge, Samples};
use crate::data::{ImageSet, Images};
use crate::failure::Failure;

/// Real images that samples are measured against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// The test images, to be looked at once.
    #[default]
    Test,
    /// The validation images, to choose settings by.
    Validation,
}

/// Samples and test images whose distance to the training images is measured.
const REMEMBERED: usize = 2000;

/// Training images that are turned into numbers at a time.
const PART: usize = 5000;

/// What a set of samples scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// What made the samples.
    pub name: String,
    /// How many there are.
    pub samples: usize,
    /// Log-likelihood under a Parzen window.
    pub parzen: Parzen,
    /// The share that the judge takes for the class asked for.
    pub accuracy: f64,
    /// For each class asked for (a row), how many the judge takes for each class.
    pub confusion: Vec<Vec<usize>>,
    /// Fréchet distance in the judge's features.
    pub frechet: f64,
    /// Precision and its kin in the same features; none for a handful of samples.
    pub manifold: Option<Manifold>,
    /// How much samples of one class differ: see [`Samples::spread`].
    pub spread: f64,
    /// The probability that a sample is nearer to its nearest training image than a real image, unseen in training, is
    /// to its own: ½ for images like real ones, 1 where training images are repeated.
    pub nearer: f64,
}

/// Real images with all that is known of them.
pub struct Reference<'a> {
    judge: &'a Judge,
    set: &'a ImageSet,
    choosing: Array2<f32>,
    images: Array2<f32>,
    gaussian: Gaussian,
    cloud: Option<Cloud>,
    /// From real images to the nearest training image.
    gaps: Vec<f32>,
    floor: f64,
}

impl<'a> Reference<'a> {
    /// A split of `set`, seen by `judge`.
    ///
    /// # Errors
    /// If the judge cannot be recorded.
    pub fn new(set: &'a ImageSet, split: Split, judge: &'a Judge) -> Result<Self, Failure> {
        let choosing = set.validation.rows(0..set.validation.len().min(super::parzen::CHOOSING));
        let (own, other) = match split {
            Split::Test => (&set.test, &set.validation),
            Split::Validation => (&set.validation, &set.test),
        };
        let seen = |images: &Images| -> Result<_, Failure> {
            let features = judge.judge(images.rows(0..images.len()).view())?.features;
            let gaussian = Gaussian::of(features.view(), &images.labels(), set.train.classes);
            Ok((features, gaussian))
        };
        let (features, gaussian) = seen(own)?;
        let floor = gaussian.distance(&seen(other)?.1);
        // Those that choose the width are not measured, where there are others.
        let from =
            if split == Split::Validation && own.len() > choosing.nrows() { choosing.nrows() } else { 0 };
        let images = own.rows(from..own.len());
        let gaps = gaps(&images, &set.train);
        Ok(Self { judge, set, choosing, images, gaussian, cloud: Cloud::new(features), gaps, floor })
    }

    /// The Fréchet distance between two sets of real images that nobody trained on.
    pub fn floor(&self) -> f64 {
        self.floor
    }

    /// All measures of `samples`.
    ///
    /// # Errors
    /// If the judge cannot be recorded.
    pub fn score(&self, name: &str, samples: &Samples) -> Result<Scores, Failure> {
        let classes = self.set.train.classes;
        let verdict = self.judge.judge(samples.images.view())?;
        let mut confusion = vec![vec![0; classes]; classes];
        samples.labels.iter().zip(&verdict.classes).for_each(|(asked, seen)| confusion[*asked][*seen] += 1);
        let accuracy = verdict.accuracy(&samples.labels);
        let gaussian = Gaussian::of(verdict.features.view(), &samples.labels, classes);
        let cloud = Cloud::new(verdict.features);
        Ok(Scores {
            name: name.to_owned(),
            samples: samples.len(),
            parzen: parzen(samples.images.view(), self.choosing.view(), self.images.view()),
            accuracy,
            confusion,
            frechet: self.gaussian.distance(&gaussian),
            manifold: self.cloud.as_ref().zip(cloud).map(|(real, samples)| manifold(real, &samples)),
            spread: samples.spread(classes),
            nearer: smaller(&gaps(&samples.images, &self.set.train), &self.gaps),
        })
    }
}

/// The squared distance from some of the images, evenly chosen, to the nearest training image.
fn gaps(images: &Array2<f32>, train: &Images) -> Vec<f32> {
    let chosen = images.slice(s![..;images.nrows().div_ceil(REMEMBERED).max(1), ..]);
    let chosen = chosen.as_standard_layout();
    let parts = (0..train.len()).step_by(PART).map(|start| train.rows(start..train.len().min(start + PART)));
    nearest(chosen.view(), parts)
}

/// The Parzen estimate on validation images, which is looked at while a run trains.
pub struct Glance {
    choosing: Array2<f32>,
    images: Array2<f32>,
}

impl Glance {
    /// At the validation images of `set`.
    pub fn new(set: &ImageSet) -> Self {
        let all = set.validation.rows(0..set.validation.len());
        let (choosing, rest) = all.view().split_at(Axis(0), all.nrows().min(super::parzen::CHOOSING));
        let images = if rest.is_empty() { choosing } else { rest };
        Self { choosing: choosing.to_owned(), images: images.to_owned() }
    }

    /// The estimate under these samples.
    pub fn parzen(&self, samples: &Samples) -> Parzen {
        parzen(samples.images.view(), self.choosing.view(), self.images.view())
    }
}
