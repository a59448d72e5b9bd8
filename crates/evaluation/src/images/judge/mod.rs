//! An independent classifier that judges samples: whether an image shows the class of its label (the accuracy
//! of samples), and features in which samples are compared with real images. It is trained once for a data
//! set, with a fixed seed, on real training images alone.

mod net;
mod training;

use std::ops::Range;
use std::path::{Path, PathBuf};

use autograd::{Parameters, Tape, Var};
use cgan::weights;
use data::images::{ImageSet, Images};
use files::{Tensors, sha256, tensors};
use kernels::Isa;
use ndarray::{Array2, Axis, s};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use net::Net;

/// Version of the judge's net and training; a cached judge of another version is not used.
const RECIPE: u32 = 1;

/// Images that are judged at a time.
const BATCH: usize = 500;

/// A trained classifier.
pub struct Judge {
    record: Record,
    net: Net,
    parameters: Parameters<f32>,
}

/// What is stored with the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Record {
    recipe: u32,
    pixels: usize,
    classes: usize,
    data_sha256: String,
    validation_accuracy: f64,
    test_accuracy: f64,
}

/// A judge's results for images.
pub struct Verdict {
    /// The last hidden layer, (n, [`Judge::FEATURES`]).
    pub features: Array2<f32>,
    /// The most likely class of each.
    pub classes: Vec<usize>,
}

impl Verdict {
    /// The share of images whose class is that of their label.
    pub fn accuracy(&self, labels: &[usize]) -> f64 {
        let right = self.classes.iter().zip(labels).filter(|(seen, label)| seen == label).count();
        right as f64 / labels.len().max(1) as f64
    }
}

impl Judge {
    /// Entries of a feature vector.
    pub const FEATURES: usize = net::FEATURES;

    /// The judge of a data set: from the cache, or trained now and saved there. The training takes minutes and ends before
    /// its time if `stop` names a signal that has arrived.
    ///
    /// # Errors
    /// If it cannot be trained, or the folder of the cache cannot be made, or a signal stopped the training.
    pub fn of(
        set: &ImageSet,
        cache: &Path,
        say: &mut dyn FnMut(&str),
        stop: &dyn Fn() -> Option<i32>,
    ) -> Result<Self, Error> {
        let path = Self::path(set, cache);
        // A file that is damaged, or of another version, is replaced.
        let kept = std::fs::read(&path).ok().and_then(|bytes| Self::read(&bytes));
        if let Some(judge) = kept.filter(|judge| judge.record.data_sha256 == set.train.sha256()) {
            return Ok(judge);
        }
        if path.exists() {
            say(&format!("{}: damaged, or of another version: the judge is trained anew", path.display()));
        }
        // Before the training, which takes minutes: if the folder cannot be written, fail at once.
        std::fs::create_dir_all(cache).map_err(Error::io(cache))?;
        // Of a process that was killed while it wrote.
        files::remove_parts(&path).map_err(Error::io(&path))?;
        let judge = Self::train(set, say, stop)?;
        let record = serde_json::to_string(&judge.record).expect("strings and numbers");
        let tensors = weights::tensors(&judge.parameters);
        // What took minutes is used, also where it cannot be kept.
        if let Err(error) = tensors::write(&path, tensors, Some(("judge", record))) {
            say(&format!(
                "{}: {error}: the judge is not kept, and is trained again next time",
                path.display()
            ));
        }
        Ok(judge)
    }

    /// The file of the judge of a data set in the cache. Instruction sets round differently, so each has a judge of its own.
    pub fn path(set: &ImageSet, cache: &Path) -> PathBuf {
        let (hash, isa) = (&set.train.sha256()[..12], Isa::best().name());
        cache.join(format!("judge-{}-{hash}-{isa}.safetensors", set.name))
    }

    /// Trains a judge; `say` receives lines of progress.
    ///
    /// # Errors
    /// If the net cannot be recorded, or diverges, or `stop` names a signal.
    pub fn train(
        set: &ImageSet,
        say: &mut dyn FnMut(&str),
        stop: &dyn Fn() -> Option<i32>,
    ) -> Result<Self, Error> {
        let judge = Self::taught_by(&set.train, set, "judge", say, stop)?;
        say(&format!(
            "judge: {:.2} % of the validation images are classified correctly",
            100.0 * judge.record.validation_accuracy
        ));
        Ok(judge)
    }

    /// A classifier with the judge's net and as many updates, trained on `images` alone, and measured on the real
    /// images of `set`; `name` stands in the lines of progress that `say` receives.
    ///
    /// # Errors
    /// If the net cannot be recorded, or diverges, or `stop` names a signal.
    pub(super) fn taught_by(
        images: &Images,
        set: &ImageSet,
        name: &str,
        say: &mut dyn FnMut(&str),
        stop: &dyn Fn() -> Option<i32>,
    ) -> Result<Self, Error> {
        let (pixels, classes) = (set.train.pixels_per_image(), set.train.classes);
        let mut parameters = Parameters::new();
        let net = Net::new(&mut parameters, pixels, classes);
        let updates = training::EPOCHS * training::updates_per_epoch(&set.train);
        training::train(&net, &mut parameters, images, updates, name, say, stop)?;
        let data_sha256 = images.sha256();
        let record = Record {
            recipe: RECIPE,
            pixels,
            classes,
            data_sha256,
            validation_accuracy: 0.0,
            test_accuracy: 0.0,
        };
        let mut judge = Self { record, net, parameters };
        judge.record.validation_accuracy = judge.accuracy_on(&set.validation)?;
        judge.record.test_accuracy = judge.accuracy_on(&set.test)?;
        Ok(judge)
    }

    fn accuracy_on(&self, images: &Images) -> Result<f64, Error> {
        Ok(self.judge(images.len(), &|range| images.rows(range))?.accuracy(&images.labels()))
    }

    /// Accuracy on real validation images.
    pub fn validation_accuracy(&self) -> f64 {
        self.record.validation_accuracy
    }

    /// Accuracy on real test images.
    pub fn test_accuracy(&self) -> f64 {
        self.record.test_accuracy
    }

    /// SHA-256 of its weights.
    pub fn sha256(&self) -> String {
        let bytes = self.parameters.values().iter().flat_map(|value| value.to_le_bytes());
        sha256::hex(bytes.collect::<Vec<u8>>())
    }

    /// Features and classes of `count` images, of which `rows` gives a range as (n, pixels).
    ///
    /// # Errors
    /// If the net cannot be recorded.
    pub fn judge(&self, count: usize, rows: &dyn Fn(Range<usize>) -> Array2<f32>) -> Result<Verdict, Error> {
        let mut tape = Tape::new();
        let x = tape.input("x", (BATCH.min(count.max(1)), self.record.pixels));
        let (features, logits) = self.net.record(&mut tape, &self.parameters, x)?;
        let mut verdict = Verdict { features: Array2::zeros((count, Self::FEATURES)), classes: vec![] };
        for (start, mut to) in (0..).step_by(BATCH).zip(verdict.features.axis_chunks_iter_mut(Axis(0), BATCH))
        {
            let n = to.nrows();
            tape.set_rows(x, rows(start..start + n).view());
            kernels::parallel::region(|| tape.forward(&self.parameters, .., 0));
            let first = |var: Var| tape.value(var).slice_move(s![..n, ..]);
            to.assign(&first(features));
            verdict.classes.extend(first(logits).rows().into_iter().map(|row| {
                let best = |best: (usize, f32), (class, &s): (usize, &f32)| {
                    if s > best.1 { (class, s) } else { best }
                };
                row.iter().enumerate().fold((0, f32::NEG_INFINITY), best).0
            }));
        }
        Ok(verdict)
    }

    /// A judge from a file's bytes; `None` if they are not a judge of this version.
    fn read(bytes: &[u8]) -> Option<Self> {
        let file = Tensors::parse(bytes).ok()?;
        let record: Record = file.entry("judge").ok()?;
        // Before memory is taken for what a damaged file says.
        let fits = |numbers: usize| numbers <= bytes.len() / size_of::<f32>();
        if record.recipe != RECIPE || !Net::numbers(record.pixels, record.classes).is_some_and(fits) {
            return None;
        }
        let mut parameters = Parameters::new();
        let net = Net::new(&mut parameters, record.pixels, record.classes);
        weights::fill(&mut parameters, &file).ok()?;
        file.verify().ok()?;
        Some(Self { record, net, parameters })
    }
}
