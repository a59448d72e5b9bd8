//! `weights.safetensors`: the weights for PyTorch and for `cgan sample`.
//!
//! Tensors are named and shaped as in a PyTorch state dict: `generator.z.weight` (out, in). The metadata's
//! only entry, `cgan`, is JSON: the configuration as TOML, and what is not in the configuration.

use std::path::{Path, PathBuf};

use autograd::Parameters;
use cgan::diagnosis::Diagnoser;
use cgan::{Discriminator, Generator, Sampler, weights};
use files::{TensorError, Tensors, tensors};
use layers::Input;
use serde::{Deserialize, Serialize};

use crate::config::RunConfig;
use crate::failure::Failure;
use crate::terminal::say;

/// The metadata of weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// `config.toml` of the run.
    pub config: String,
    /// Updates of G.
    pub step: u64,
    /// What y is.
    pub condition: Input,
    /// Number of the first class in the data set's files.
    pub first_label: usize,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Classes, counted from 0, that had no training example.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<usize>,
    /// SHA-256 of the training data, which says whether samples are measured against the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_sha256: Option<String>,
}

/// Writes all weights.
///
/// # Errors
/// If the file cannot be written.
pub fn save(path: &Path, parameters: &Parameters<f32>, header: &Header) -> Result<(), Failure> {
    let header = serde_json::to_string(header).expect("strings and numbers");
    tensors::write(path, weights::tensors(parameters), Some(("cgan", header)))
        .map_err(|error| Failure::io(path, &error))
}

/// The file of weights of a run directory, or the file itself, with its bytes.
fn read(run: &Path) -> Result<(PathBuf, Vec<u8>), Failure> {
    let path = if run.is_dir() { run.join("weights.safetensors") } else { run.to_owned() };
    let is_new = || run.join("config.toml").is_file() && !path.exists();
    if is_new() {
        return Err(Failure::general(format!(
            "{}: the run has no weights yet: they are written with the samples, every log.samples_every epochs, and at its end",
            run.display()
        )));
    }
    // Of a run that has weights, `best.safetensors` may be asked for by name.
    let folder = path.parent().filter(|folder| folder.join("weights.safetensors").is_file());
    if let Some(folder) = folder.filter(|_| !path.exists()) {
        let is_best = path.file_name().is_some_and(|name| name == "best.safetensors");
        let why = if is_best { ", because it was trained without log.evaluate_every" } else { "" };
        let (path, folder) = (path.display(), folder.display());
        return Err(Failure::general(format!(
            "{path}: the run has no such file{why}: use {folder}, whose weights.safetensors is of its last step"
        )));
    }
    if path.exists() && !path.is_file() {
        return Err(Failure::data(format!("{}: no plain file", path.display())));
    }
    let bytes = std::fs::read(&path).map_err(|error| Failure::io(&path, &error))?;
    Ok((path, bytes))
}

/// The step of the weights in a run directory, if they can be read.
pub(crate) fn step(run: &Path) -> Option<u64> {
    let (_, bytes) = read(run).ok()?;
    let header: Header = Tensors::parse(&bytes).ok()?.entry("cgan").ok()?;
    Some(header.step)
}

/// Fails if a net has more `numbers` than a file of `bytes` can hold. Before memory is taken for what a file only says.
fn fits(net: &str, numbers: Option<usize>, bytes: usize) -> Result<(), String> {
    if numbers.is_some_and(|numbers| numbers <= bytes / size_of::<f32>()) {
        return Ok(());
    }
    let numbers = numbers.map_or("more numbers than can be counted".to_owned(), |n| format!("{n} numbers"));
    Err(format!(
        "by its configuration {net} has {numbers}, and the file is {bytes} bytes long: it is damaged or cut"
    ))
}

/// A trained generator.
pub struct Weights {
    /// Its metadata.
    pub header: Header,
    config: RunConfig,
    generator: Generator,
    parameters: Parameters<f32>,
}

impl Weights {
    /// Reads the generator from a run directory or a file of weights.
    ///
    /// # Errors
    /// If there is no file, or it is damaged, or its tensors do not fit its configuration.
    pub fn load(run: &Path) -> Result<Self, Failure> {
        let (path, bytes) = read(run)?;
        let damaged = |why: String| Failure::data(format!("{}: {why}", path.display()));
        let file = Tensors::parse(&bytes).map_err(|error| damaged(error.to_string()))?;
        let header: Header = file.entry("cgan").map_err(|_| {
            damaged(match file.entry::<serde_json::Value>("checkpoint") {
                Ok(_) => "a checkpoint, which `cgan resume` reads: use the run's folder, or its weights.safetensors",
                Err(_) => {
                    "no `cgan` in the metadata, which says what nets these are: not weights of this program, or saved again \
                     without metadata (in Python: safe_open(...).metadata(), then save_file(..., metadata=...))"
                }
            }
            .to_owned())
        })?;
        let config =
            RunConfig::parse(&header.config).map_err(|why| damaged(format!("its configuration: {why}")))?;
        let mut parameters = Parameters::new();
        let pixels = header.height.checked_mul(header.width).filter(|pixels| *pixels <= bytes.len());
        let pixels = pixels.ok_or_else(|| damaged("images larger than the file".to_owned()))?;
        if u32::try_from(header.first_label).is_err() {
            return Err(damaged(format!("a first class {}, where 32 bits count", header.first_label)));
        }
        let numbers = Generator::numbers(&config.gan.generator, header.condition, pixels);
        fits("G", numbers, bytes.len()).map_err(damaged)?;
        let seed = u64::from(config.run.seed);
        let generator = Generator::new(
            &mut parameters,
            &config.gan.generator,
            header.condition,
            &vec![0.0; pixels],
            seed,
        );
        weights::fill(&mut parameters, &file).map_err(|error| damaged(error.to_string()))?;
        // Weights are also changed on purpose, in PyTorch: they are used, and it is said.
        if let Err(error) = file.verify() {
            say(format_args!("{}: {error}", path.display()));
        }
        Ok(Self { header, config, generator, parameters })
    }

    /// The weights.
    pub fn parameters(&self) -> &Parameters<f32> {
        &self.parameters
    }

    /// D's weights, from the run directory or file that G was read from.
    ///
    /// # Errors
    /// As for [`Weights::load`].
    pub fn discriminator(&self, run: &Path) -> Result<Parameters<f32>, Failure> {
        let (path, bytes) = read(run)?;
        let damaged = |error: TensorError| Failure::data(format!("{}: {error}", path.display()));
        let file = Tensors::parse(&bytes).map_err(damaged)?;
        let (config, size) = (&self.config.gan.discriminator, (self.header.height, self.header.width));
        fits("D", Discriminator::numbers(config, self.header.condition, size), bytes.len())
            .map_err(|why| Failure::data(format!("{}: {why}", path.display())))?;
        let mut parameters = Parameters::new();
        let seed = u64::from(self.config.run.seed);
        Discriminator::new(&mut parameters, config, self.header.condition, size, seed);
        weights::fill(&mut parameters, &file).map_err(damaged)?;
        Ok(parameters)
    }

    /// How many classes the training data have.
    ///
    /// # Errors
    /// If their conditions are vectors.
    pub fn classes(&self) -> Result<usize, Failure> {
        match self.header.condition {
            Input::Labels(classes) => Ok(classes),
            Input::Vector(_) | Input::Sparse(_) => {
                Err(Failure::usage("these weights are conditioned on vectors, not on classes"))
            }
        }
    }

    /// The classes, counted from 0, that had training examples.
    ///
    /// # Errors
    /// As for [`Weights::classes`].
    pub fn present_classes(&self) -> Result<Vec<usize>, Failure> {
        Ok((0..self.classes()?).filter(|class| !self.header.absent.contains(class)).collect())
    }

    /// The classes that samples can be asked for: one if G has no condition.
    ///
    /// # Errors
    /// As for [`Weights::classes`].
    pub fn asked_classes(&self) -> Result<usize, Failure> {
        Ok(if self.config.gan.is_conditional() { self.classes()? } else { 1 })
    }

    /// The run's settings.
    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    /// What shows G's use of its inputs.
    ///
    /// # Errors
    /// If G cannot be recorded.
    pub fn diagnoser(&self, seed: u64) -> Result<Diagnoser<f32>, Failure> {
        Ok(Diagnoser::new(&self.generator, &self.parameters, self.header.condition, seed)?)
    }

    /// A sampler for `batch` samples at a time.
    ///
    /// # Errors
    /// If G cannot be recorded.
    pub fn sampler(&self, batch: usize, seed: u64) -> Result<Sampler<f32>, Failure> {
        Ok(Sampler::new(&self.generator, &self.parameters, self.header.condition, batch, seed)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file is compared with is what the nets have.
    #[test]
    fn numbers_are_counted_without_making_the_nets() {
        let (y, size) = (Input::Labels(4), (6, 5));
        let unconditional = [
            "generator.y_units=none",
            "generator.init.y=none",
            "discriminator.y=none",
            "discriminator.init.y=none",
        ];
        for (preset, settings) in [("paper-hidden-layer", &[][..]), ("quick", &[]), ("paper", &unconditional)]
        {
            let settings = settings.iter().map(|setting| (*setting).to_owned()).collect::<Vec<_>>();
            let config = RunConfig::resolve(Some(preset), preset, None, &settings).unwrap().gan;
            let mut parameters = Parameters::<f32>::new();
            Generator::new(&mut parameters, &config.generator, y, &[0.0; 30], 1);
            let g = parameters.values().len();
            assert_eq!(Generator::numbers(&config.generator, y, 30), Some(g), "{preset}");
            Discriminator::new(&mut parameters, &config.discriminator, y, size, 1);
            let d = parameters.values().len() - g;
            assert_eq!(Discriminator::numbers(&config.discriminator, y, size), Some(d), "{preset}");
            assert_eq!(Generator::numbers(&config.generator, y, usize::MAX), None);
            assert_eq!(Discriminator::numbers(&config.discriminator, y, (usize::MAX, 2)), None);
        }
    }
}
