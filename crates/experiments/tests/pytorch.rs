//! Weights in PyTorch: `scripts/pytorch-sample` and this program make the same of one file.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use autograd::Parameters;
use cgan::{Discriminator, DiscriminatorEvaluator, Generator};
use experiments::config::RunConfig;
use experiments::run::weights::{self, Header, Weights};
use files::{Tensors, npy};
use layers::Input;
use ndarray::{Array, Array1, Array2, Array3, Axis, Dimension};
use safetensors::SafeTensors;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Largest difference; images and logits are of the order of 1.
const TOLERANCE: f32 = 1e-5;

/// Both readings of the combined layer.
const READINGS: [&str; 2] = ["concatenation", "hidden_layer"];

/// The weights of a small run, trained by `cgan train`.
fn golden_weights(reading: &str) -> PathBuf {
    Path::new(ROOT).join(format!("tests/golden/weights-{reading}.safetensors"))
}

/// A tensor's numbers of `N` bytes each.
fn numbers<const N: usize, T>(file: &SafeTensors, name: &str, number: fn([u8; N]) -> T) -> Vec<T> {
    let tensor = file.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    let (numbers, rest) = tensor.data().as_chunks();
    assert!(tensor.dtype().bitsize() == 8 * N && rest.is_empty(), "{name}");
    numbers.iter().map(|bytes| number(*bytes)).collect()
}

/// An array of a .npy file.
fn read<D: Dimension>(path: &Path) -> Array<f32, D> {
    npy::load::<f32>(path).unwrap().into_dimensionality().unwrap()
}

/// Class numbers of a data set as the nets take them: (n, 1), from 0.
fn conditions(weights: &Weights, labels: &Array1<i64>) -> Array2<f32> {
    labels.mapv(|label| (label - weights.header.first_label as i64) as f32).insert_axis(Axis(1))
}

/// G(z|y), and D's logits of it.
fn evaluate(path: &Path, z: &Array2<f32>, y: &Array2<f32>) -> (Array2<f32>, Array1<f32>) {
    let weights = Weights::load(path).unwrap();
    let mut sampler = weights.sampler(z.nrows(), 1).unwrap();
    let x = sampler.sample_at(weights.parameters(), z.view(), y.view(), 0).to_owned();

    // `Weights` holds G alone.
    let bytes = fs::read(path).unwrap();
    let (header, config) = (&weights.header, &weights.config().gan.discriminator);
    let mut parameters = Parameters::new();
    let d = Discriminator::new(&mut parameters, config, header.condition, (header.height, header.width), 1);
    cgan::weights::fill(&mut parameters, &Tensors::parse(&bytes).unwrap()).unwrap();
    // In batches that the rows do not fill.
    let mut evaluator = DiscriminatorEvaluator::new(&d, &parameters, header.condition, x.ncols(), 7).unwrap();
    let logits = evaluator.logits(&parameters, x.view(), y.view());
    (x, logits.into())
}

#[track_caller]
fn assert_near(what: &str, got: &[f32], want: &[f32]) {
    assert_eq!(got.len(), want.len(), "{what}");
    // A NaN is near nothing.
    let near = |got: f32, want: f32| (got - want).abs() <= TOLERANCE;
    let far = got.iter().zip(want).position(|(got, want)| !near(*got, *want));
    assert_eq!(far.map(|i| (got[i], want[i])), None, "{what}: not what PyTorch has");
    let spread = want.iter().fold(f32::MIN, |a, b| a.max(*b)) - want.iter().fold(f32::MAX, |a, b| a.min(*b));
    assert!(spread > 0.1, "{what}: all the same, so nothing was compared");
}

#[test]
fn samples_are_those_that_pytorch_left() {
    let bytes = fs::read(Path::new(ROOT).join("tests/golden/sampling.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    for reading in READINGS {
        let floats = |name| numbers(&file, &format!("{reading}/{name}"), f32::from_le_bytes);
        let labels = Array1::from(numbers(&file, &format!("{reading}/labels"), i64::from_le_bytes));
        let path = golden_weights(reading);
        let weights = Weights::load(&path).unwrap();
        let z_shape = (labels.len(), weights.config().gan.generator.noise_width);
        let z = Array2::from_shape_vec(z_shape, floats("z")).unwrap();
        let (x, logits) = evaluate(&path, &z, &conditions(&weights, &labels));
        assert_near(&format!("{reading}: x"), x.as_slice().unwrap(), &floats("x"));
        assert_near(&format!("{reading}: logits"), logits.as_slice().unwrap(), &floats("logits"));
    }
}

/// A Python with PyTorch: `CGAN_PYTHON`, or else `python3`.
fn python() -> Option<String> {
    let python = env::var("CGAN_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python).args(["-c", "import numpy, safetensors, tomllib, torch"]).output();
    if found.is_ok_and(|found| found.status.success()) {
        return Some(python);
    }
    // Not `eprintln!`, which is shown of failing tests only.
    let skipped = format!("skipped: no PyTorch in {python}; CGAN_PYTHON may name a Python that has it\n");
    std::io::stderr().write_all(skipped.as_bytes()).unwrap();
    None
}

/// Runs the script on weights; each option is of a file of its name in the folder.
#[track_caller]
fn pytorch_sample(python: &str, weights: &Path, folder: &Path, options: &[&str]) {
    let mut command = Command::new(python);
    command.arg(Path::new(ROOT).join("scripts/pytorch-sample")).arg(weights);
    for option in options {
        command.arg(format!("--{option}")).arg(folder.join(format!("{option}.npy")));
    }
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// Weights of what no experiment on digits has: vectors for conditions, a linear output, a D of ReLUs.
fn save_vectors(path: &Path) {
    let settings = [
        "generator.noise_width=3",
        "generator.z_units=5",
        "generator.y_units=6",
        "generator.combined.hidden_layer.units=7",
        "generator.output=linear",
        // Of no effect here: only training drops units.
        "generator.dropout.rate=0.5",
        "discriminator.dropout=0.5",
        "discriminator.input_dropout=0.5",
        "discriminator.x.relu.units=5",
        "discriminator.y.relu.units=4",
    ];
    let config = RunConfig::resolve(None, "quick", None, &settings.map(str::to_owned)).unwrap();
    let condition = Input::Vector(4);
    let (height, width) = (1, 9);
    let mut parameters = Parameters::<f32>::new();
    Generator::new(&mut parameters, &config.gan.generator, condition, &vec![0.0; height * width], 1);
    Discriminator::new(&mut parameters, &config.gan.discriminator, condition, (height, width), 1);
    // No bias stays at zero.
    for (i, value) in parameters.values_mut().iter_mut().enumerate() {
        *value += 0.2 * (i as f32).sin();
    }
    let (absent, data_sha256) = (Vec::new(), None);
    let header = Header {
        config: config.to_toml(),
        step: 0,
        condition,
        first_label: 0,
        height,
        width,
        absent,
        data_sha256,
    };
    weights::save(path, &parameters, &header).unwrap();
}

#[test]
fn pytorch_takes_the_weights_as_they_are() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    save_vectors(&at("vectors.safetensors"));

    let paths = [golden_weights(READINGS[0]), golden_weights(READINGS[1]), at("vectors.safetensors")];
    for path in paths {
        let weights = Weights::load(&path).unwrap();
        let noise_width = weights.config().gan.generator.noise_width;
        let z = Array2::from_shape_fn((7, noise_width), |(i, j)| ((i * noise_width + j) as f32 * 1.7).sin());
        let y = match weights.header.condition {
            Input::Labels(classes) => {
                let labels = Array1::from_shape_fn(7, |i| (i % classes + weights.header.first_label) as i64);
                npy::save(&at("labels.npy"), &labels).unwrap();
                conditions(&weights, &labels)
            }
            Input::Vector(width) | Input::Sparse(width) => {
                let y = Array2::from_shape_fn((7, width), |(i, j)| ((i * width + j) as f32 * 2.3).cos());
                npy::save(&at("labels.npy"), &y).unwrap();
                y
            }
        };
        npy::save(&at("z.npy"), &z).unwrap();
        pytorch_sample(&python, &path, folder.path(), &["z", "labels", "out", "logits"]);

        let (x, logits) = evaluate(&path, &z, &y);
        let pytorch_x: Array3<f32> = read(&at("out.npy"));
        let pytorch_logits: Array1<f32> = read(&at("logits.npy"));
        assert_eq!(pytorch_x.dim(), (7, weights.header.height, weights.header.width));
        let name = path.display();
        assert_near(&format!("{name}: x"), x.as_slice().unwrap(), pytorch_x.as_slice().unwrap());
        let (logits, pytorch_logits) = (logits.as_slice().unwrap(), pytorch_logits.as_slice().unwrap());
        assert_near(&format!("{name}: logits"), logits, pytorch_logits);
    }

    // Every class, with noise of PyTorch's own.
    pytorch_sample(&python, &golden_weights(READINGS[1]), folder.path(), &["out"]);
    let all: Array3<f32> = read(&at("out.npy"));
    assert_eq!(all.dim(), (3 * 10, 6, 5));
    assert!(all.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
}
