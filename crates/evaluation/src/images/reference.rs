//! All measures of one set of samples, against one split of real images.

use std::iter::StepBy;
use std::ops::Range;
use std::path::Path;

use data::Split;
use data::images::{ImageSet, Images};
use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::cached::cached;
use super::frechet::Gaussian;
use super::judge::Judge;
use super::manifold::{Cloud, Manifold, manifold, nearest, radii, smaller};
use super::parzen::{CHOOSING, Parzen, parzen};
use super::samples::Samples;
use crate::error::Error;

/// Samples and test images whose distance to the training images is measured.
const REMEMBERED: usize = 2000;

/// Images that are turned into numbers at a time.
const PART: usize = 2500;

/// The scores of a set of samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// The source of the samples.
    pub name: String,
    /// How many there are.
    pub samples: usize,
    /// Log-likelihood under a Parzen window.
    pub parzen: Parzen,
    /// Accuracy of the samples: the share that the judge assigns to the class of the label. `None` without labels.
    pub accuracy: Option<f64>,
    /// Confusion matrix: for each label (a row), how many samples the judge assigns to each class. Without labels, one
    /// row.
    pub confusion: Vec<Vec<usize>>,
    /// Fréchet distance in the judge's features.
    pub frechet: f64,
    /// The Fréchet distance between real images and real images.
    pub frechet_floor: f64,
    /// Precision, recall, density and coverage in the same features; `None` for very few samples.
    pub manifold: Option<Manifold>,
    /// Variation within classes: see [`Samples::spread`]. Without labels, within the classes that the judge sees.
    pub spread: f64,
    /// The probability that the nearest training image of a sample is nearer than that of a real image
    /// outside the training set: ½ for samples like real images, 1 for copies of training images.
    pub nearer: f64,
}

/// Real images, with everything that samples are compared with.
pub struct Reference<'a> {
    judge: &'a Judge,
    set: &'a ImageSet,
    choosing: Array2<f32>,
    /// The real images. Those before `first` choose the Parzen width and are not measured.
    own: &'a Images,
    first: usize,
    gaussian: Gaussian,
    cloud: Option<Cloud>,
    /// Squared distances from real images to their nearest training images.
    gaps: Vec<f32>,
    floor: f64,
}

/// What takes long to measure of the real images, and is the same for all samples.
#[derive(Serialize, Deserialize)]
struct OfReal {
    /// Of the balls around real points; none if there are too few points.
    radii: Option<Vec<f32>>,
    /// See [`Reference`].
    gaps: Vec<f32>,
    floor: f64,
}

impl<'a> Reference<'a> {
    /// Of a split of `set`, with the features of `judge`. What takes long is kept in the folder `cache`; `say` receives a
    /// line if it cannot be, or is made anew.
    ///
    /// # Errors
    /// If the judge cannot be recorded.
    pub fn new(
        set: &'a ImageSet,
        split: Split,
        judge: &'a Judge,
        cache: &Path,
        say: &mut dyn FnMut(&str),
    ) -> Result<Self, Error> {
        let choosing = set.validation.rows(0..set.validation.len().min(CHOOSING));
        let (own, other) = match split {
            Split::Test => (&set.test, &set.validation),
            Split::Validation => (&set.validation, &set.test),
            Split::Train => return Err(Error::TrainingSplit),
        };
        let seen = |images: &Images| -> Result<_, Error> {
            let features = judge.judge(images.len(), &|range| images.rows(range))?.features;
            let gaussian = Gaussian::of(features.view(), &images.labels(), set.train.classes);
            Ok((features, gaussian))
        };
        let (features, gaussian) = seen(own)?;
        // Images that choose the width are not measured, if there are others.
        let first =
            if split == Split::Validation && own.len() > choosing.nrows() { choosing.nrows() } else { 0 };
        // The judge's name has the training images alone, so these are named here.
        let images = files::sha256::hex(own.sha256() + &other.sha256());
        let name = format!("{split:?}-{}.real.json", &images[..12]).to_lowercase();
        let path = Judge::path(set, cache).with_extension(name);
        let mut kept = cached(&path, judge, say, |_| {
            let (_, others) = seen(other)?;
            Ok(vec![OfReal {
                radii: radii(features.view()),
                gaps: gaps(own.rows(some(first..own.len())).view(), &set.train),
                floor: gaussian.distance(&others),
            }])
        })?;
        let Some(OfReal { radii, gaps, floor }) = kept.pop() else {
            return Err(Error::Empty(format!("{}: it holds nothing; delete it", path.display())));
        };
        let cloud = radii.map(|radii| Cloud { points: features, radii });
        Ok(Self { judge, set, choosing, own, first, gaussian, cloud, gaps, floor })
    }

    /// How many real images samples are measured against.
    pub fn real_images(&self) -> usize {
        self.own.len() - self.first
    }

    /// All measures of `samples`.
    ///
    /// # Errors
    /// If the judge cannot be recorded.
    pub fn score(&self, name: &str, samples: &Samples) -> Result<Scores, Error> {
        let classes = self.set.train.classes;
        let verdict = self.judge.judge(samples.len(), &|range| samples.rows(range))?;
        let asked = if samples.unconditional { 1 } else { classes };
        let mut confusion = vec![vec![0; classes]; asked];
        samples.labels.iter().zip(&verdict.classes).for_each(|(asked, seen)| confusion[*asked][*seen] += 1);
        let accuracy = samples.accuracy(&verdict);
        let spread = samples.judged_spread(&verdict, classes);
        let gaussian = Gaussian::of(verdict.features.view(), &samples.labels, asked);
        let cloud = Cloud::new(verdict.features);
        let manifold = self.cloud.as_ref().zip(cloud).map(|(real, samples)| manifold(real, &samples));
        let some = samples.select(&some(0..samples.len()).collect::<Vec<_>>());
        let gaps = gaps(some.images.view(), &self.set.train);
        Ok(Scores {
            name: name.to_owned(),
            samples: samples.len(),
            parzen: parzen(samples.images.view(), self.choosing.view(), parts(self.own, self.first)),
            accuracy,
            confusion,
            frechet: self.gaussian.distance(&gaussian),
            frechet_floor: self.floor,
            manifold,
            spread,
            nearer: smaller(&gaps, &self.gaps),
        })
    }
}

/// Evenly spaced images of a range.
fn some(range: Range<usize>) -> StepBy<Range<usize>> {
    let step = range.len().div_ceil(REMEMBERED).max(1);
    range.step_by(step)
}

/// The squared distance from each of the images to the nearest training image.
fn gaps(images: ArrayView2<f32>, train: &Images) -> Vec<f32> {
    nearest(images, parts(train, 0))
}

/// Images from number `first` on, part by part, because as numbers they need four times the memory of their
/// bytes.
fn parts(images: &Images, first: usize) -> impl Iterator<Item = Array2<f32>> {
    let end = |start: usize| images.len().min(start + PART);
    (first..images.len()).step_by(PART).map(move |start| images.rows(start..end(start)))
}

/// The Parzen estimate on validation images (n, pixels), by which a run in training is validated.
pub fn validation_parzen(samples: &Samples, validation: ArrayView2<f32>) -> Parzen {
    let (choosing, rest) = validation.split_at(Axis(0), validation.nrows().min(CHOOSING));
    parzen(samples.images.view(), choosing, [if rest.is_empty() { choosing } else { rest }])
}
