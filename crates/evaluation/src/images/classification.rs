//! The classification accuracy score (Ravuri and Vinyals 2019): what samples teach.
//!
//! A net of the judge's kind is trained on samples alone and classifies real images. Samples that miss a part of a
//! class, or show another class than the one asked for, teach less than real images do. The Parzen estimate does not
//! notice either.

use std::path::Path;

use autograd::Parameters;
use cgan::Sampler;
use data::Split;
use data::images::{ImageSet, Images};
use serde::{Deserialize, Serialize};

use super::cached::cached;
use super::judge::Judge;
use super::samples::{Samples, draw};
use super::yardsticks::teachers;
use crate::error::Error;

/// What a training set of images teaches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    /// The source of the images.
    pub name: String,
    /// How many there are.
    pub images: usize,
    /// Accuracy on real validation images of the net trained on them.
    pub validation: f64,
    /// The same on real test images.
    pub test: f64,
}

impl Classification {
    /// What the real training images teach: the judge was trained on them.
    pub fn of_real(set: &ImageSet, judge: &Judge) -> Self {
        Self {
            name: "real training images".to_owned(),
            images: set.train.len(),
            validation: judge.validation_accuracy(),
            test: judge.test_accuracy(),
        }
    }

    /// What `images` teach: trains the judge's net on them alone, for as many updates as the judge had.
    ///
    /// # Errors
    /// If the net cannot be recorded, or diverges.
    pub fn of(name: &str, images: &Images, set: &ImageSet, say: &mut dyn FnMut(&str)) -> Result<Self, Error> {
        let taught = Judge::taught_by(images, set, name, say, &|| None)?;
        Ok(Self {
            name: name.to_owned(),
            images: images.len(),
            validation: taught.validation_accuracy(),
            test: taught.test_accuracy(),
        })
    }

    /// The accuracy on a split; that on the test images for the training images' split.
    pub fn on(&self, split: Split) -> f64 {
        if split == Split::Validation { self.validation } else { self.test }
    }
}

/// As many samples of G as there are training images, equally many of each class, in 8 bits as a picture has them.
pub fn draw_training_set(sampler: &mut Sampler<f32>, parameters: &Parameters<f32>, set: &ImageSet) -> Images {
    let classes = set.present();
    as_images(&draw(sampler, parameters, &classes, (set.train.len() / classes.len()).max(1)), set)
}

fn as_images(samples: &Samples, set: &ImageSet) -> Images {
    let size = (set.train.height, set.train.width);
    Images::from_rows(size, set.train.classes, samples.images.view(), &samples.labels)
}

/// What samples of class PCA and the centres of k-means teach: from the cache, or measured now and saved there.
///
/// # Errors
/// If a net cannot be recorded or diverges, or the cache cannot be written.
pub fn classification_yardsticks(
    set: &ImageSet,
    judge: &Judge,
    cache: &Path,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<Classification>, Error> {
    cached(&Judge::path(set, cache).with_extension("classification.json"), judge, say, |say| {
        teachers(&Samples::of_training(set), set.train.classes)
            .into_iter()
            .map(|(name, samples)| Classification::of(&name, &as_images(&samples, set), set, &mut *say))
            .collect()
    })
}
