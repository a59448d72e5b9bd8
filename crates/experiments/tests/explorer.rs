//! The explorer of a run's page, and the golden files with which its JavaScript is tested: small nets as the page has
//! them, with what `Sampler`, `DiscriminatorEvaluator` and `Tagger` make of the same weights.
//!
//! `CGAN_GOLDEN=write cargo test -p experiments --test explorer` writes them anew.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use autograd::Parameters;
use cgan::{Discriminator, DiscriminatorEvaluator, Generator};
use data::Split;
use data::tags::{Part, Preprocessing};
use evaluation::tagging::{SAMPLES, TAGS, Tagger};
use experiments::config::RunConfig;
use experiments::run::RunDirectory;
use experiments::run::explorer::explorer;
use experiments::run::weights::{self, Header, Weights};
use files::npy;
use layers::{Init, Input};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use words::Vectors;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../report/js/test/golden");

/// A word that must stay text.
const HOSTILE: &str = "</script><script>alert(1)</script>";

/// Rows and columns of an image.
const SIZE: (usize, usize) = (3, 4);
const CLASSES: usize = 3;
const FIRST_LABEL: usize = 1;

/// A golden file.
#[derive(Serialize, Deserialize)]
struct Golden {
    /// The section's data.
    section: Value,
    /// The samples that the page begins with, condition by condition.
    samples: Vec<Vec<f32>>,
    /// D's logits of these.
    logits: Vec<f32>,
    /// For words: what `cgan tag` finds for each picture.
    words: Option<Vec<Vec<String>>>,
}

const SMALL: [&str; 9] = [
    "generator.noise_width=5",
    "generator.z_units=7",
    "generator.y_units=9",
    "generator.combined={ hidden_layer = { units = 8 } }",
    "discriminator.x={ maxout = { units = 5, pieces = 3 } }",
    "discriminator.y={ maxout = { units = 3, pieces = 2 } }",
    "discriminator.joint={ maxout = { units = 4, pieces = 2 } }",
    "discriminator.augment=none",
    "run.epochs=1",
];

fn config(preset: &str, settings: &[&str]) -> RunConfig {
    let settings: Vec<String> = SMALL.iter().chain(settings).map(|line| (*line).to_owned()).collect();
    RunConfig::resolve(Some(preset), preset, None, &settings).unwrap_or_else(|why| panic!("{why}"))
}

/// The directory of a run whose weights and biases are random.
fn write_run(config: &RunConfig, condition: Input, size: (usize, usize), folder: &Path) -> RunDirectory {
    let mut parameters = Parameters::new();
    let mean = vec![0.3; size.0 * size.1];
    Generator::new(&mut parameters, &config.gan.generator, condition, &mean, 1);
    Discriminator::new(&mut parameters, &config.gan.discriminator, condition, size, 1);
    let count = parameters.values().len();
    Init::Uniform(1.0).fill(3, "explorer", (1, count), parameters.values_mut());
    let first_label = if matches!(condition, Input::Labels(_)) { FIRST_LABEL } else { 0 };
    let (height, width) = size;
    // A file of weights has the data's name alone, not their place.
    let mut without_place = config.clone();
    without_place.run.data = "pictures".to_owned();
    let header = Header {
        config: without_place.to_toml(),
        step: 1,
        condition,
        first_label,
        height,
        width,
        absent: vec![],
        data_sha256: None,
    };
    fs::write(folder.join("config.toml"), config.to_toml()).unwrap();
    weights::save(&folder.join("weights.safetensors"), &parameters, &header).unwrap();
    RunDirectory::open(folder).unwrap()
}

/// D's logits of samples.
fn logits(run: &RunDirectory, weights: &Weights, x: ArrayView2<f32>, y: ArrayView2<f32>) -> Vec<f32> {
    let (header, config) = (&weights.header, &weights.config().gan.discriminator);
    let mut parameters = Parameters::new();
    let d = Discriminator::new(&mut parameters, config, header.condition, (header.height, header.width), 1);
    let bytes = fs::read(run.weights()).unwrap();
    cgan::weights::fill(&mut parameters, &files::Tensors::parse(&bytes).unwrap()).unwrap();
    let mut evaluator =
        DiscriminatorEvaluator::new(&d, &parameters, header.condition, x.ncols(), 10).unwrap();
    evaluator.logits(&parameters, x, y)
}

fn images(name: &str, preset: &str, settings: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let config = config(preset, settings);
    let run = write_run(&config, Input::Labels(CLASSES), SIZE, folder.path());
    let weights = Weights::load(folder.path()).unwrap();
    let (mut samples, mut of_samples) = (Vec::new(), Vec::new());
    let count = if config.gan.is_conditional() { 10 } else { 40 };
    // As `cgan sample` does it.
    let mut sampler = weights.sampler(count, 1).unwrap();
    for class in 0..weights.asked_classes().unwrap() {
        let y = Array2::from_elem((count, 1), class as f32);
        let x = sampler.sample(weights.parameters(), y.view(), 0).to_owned();
        of_samples.extend(logits(&run, &weights, x.view(), y.view()));
        samples.extend(x.rows().into_iter().map(|x| x.to_vec()));
    }
    let section = report::explorer::section(&explorer(&run, true).unwrap()).data.unwrap();
    compare(name, Golden { section, samples, logits: of_samples, words: None });
}

/// A folder of tagged pictures, of which the first three have thumbnails, and a run's preprocessing of it.
fn tagged_pictures(folder: &Path) -> Preprocessing {
    let (width, features, count) = (6, 5, 5);
    let names: Vec<String> = (0..60).map(|i| format!("word_{i}")).chain([HOSTILE.to_owned()]).collect();
    let mut matrix = Array2::zeros((names.len(), width));
    Init::Uniform(1.0).fill(4, "words", matrix.dim(), matrix.as_slice_mut().unwrap());
    let mut of_pictures = Array2::<f32>::zeros((count, features));
    Init::Uniform(1.0).fill(5, "pictures", of_pictures.dim(), of_pictures.as_slice_mut().unwrap());
    let line = |i: usize| {
        let (split, thumbnail) = (if i == 0 { "train" } else { "test" }, (i < 4).then_some("YWJj"));
        let tags = [format!("word {}", 7 * i), format!("word {}", 2 + i)];
        serde_json::json!({ "id": format!("p{i}<b>"), "tags": tags, "split": split, "thumbnail": thumbnail })
    };
    let lines: Vec<String> = (0..count).map(|i| line(i).to_string() + "\n").collect();
    fs::write(folder.join("images.jsonl"), lines.concat()).unwrap();
    npy::save(&folder.join("features.npy"), &of_pictures).unwrap();
    Preprocessing {
        vectors: Vectors::new(names, matrix).unwrap(),
        // The last first: a hostile name is among the tags.
        tags: (20..61).rev().chain(0..9).collect(),
        counts: vec![5; 50],
        mean: Array1::from_elem(features, 0.25),
        scale: Array1::from_elem(features, 2.0),
        made: None,
    }
}

fn words(name: &str, settings: &[&str]) {
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let fitted = tagged_pictures(data.path());
    let place = format!("run.data={:?}", data.path().display().to_string());
    let config = config("tags-paper", &[settings, &[&place]].concat());
    let run =
        write_run(&config, Input::Vector(fitted.mean.len()), (1, fitted.vectors.width()), folder.path());
    fitted.save(&run.preprocessing()).unwrap();
    let made = explorer(&run, true).unwrap();
    let report::explorer::Subject::Words(shown) = &made.subject else { panic!("a run of words") };
    assert_eq!(
        shown.pictures.iter().map(|picture| &*picture.id).collect::<Vec<_>>(),
        ["p1<b>", "p2<b>", "p3<b>"]
    );

    let weights = Weights::load(folder.path()).unwrap();
    let set = data::tags::load(&data.path().display().to_string()).unwrap();
    let part = Part::new(&set, &fitted, Split::Test, 3);
    let (mut samples, mut of_samples, mut words) = (Vec::new(), Vec::new(), Vec::new());
    let tagger = Tagger::new(&fitted.tag_vectors());
    for features in part.features.rows() {
        // As `cgan tag` does it.
        let mut sampler = weights.sampler(SAMPLES, evaluation::SEED).unwrap();
        let one = features.insert_axis(Axis(0));
        let tagged = tagger.tag(&mut sampler, weights.parameters(), one, SAMPLES);
        words.push(fitted.names(&tagged.by_votes[0][..TAGS]));
        let y = features.broadcast((SAMPLES, features.len())).unwrap();
        let x = sampler.sample(weights.parameters(), y, 0).to_owned();
        of_samples.extend(logits(&run, &weights, x.view(), y));
        samples.extend(x.rows().into_iter().map(|x| x.to_vec()));
    }
    let section = report::explorer::section(&made);
    assert!(!section.body.contains("<b>"), "text from data is text");
    compare(name, Golden { section: section.data.unwrap(), samples, logits: of_samples, words: Some(words) });
}

#[track_caller]
fn compare(name: &str, made: Golden) {
    let path = PathBuf::from(GOLDEN).join(format!("{name}.json"));
    if env::var_os("CGAN_GOLDEN").is_some_and(|value| value == "write") {
        fs::write(&path, serde_json::to_string(&made).unwrap() + "\n").unwrap();
    }
    let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let golden: Golden = serde_json::from_str(&text).unwrap();
    assert_eq!(made.section, golden.section, "{name}: write the golden files anew");
    assert_eq!(made.words, golden.words, "{name}");
    let numbers = |golden: &Golden| [golden.samples.concat(), golden.logits.clone()].concat();
    let (made, golden) = (numbers(&made), numbers(&golden));
    assert_eq!(made.len(), golden.len(), "{name}");
    let far = made.iter().zip(&golden).find(|(a, b)| (*a - *b).abs() > 1e-5 * b.abs().max(1.0));
    assert_eq!(far, None, "{name}: write the golden files anew");
}

#[test]
fn golden_files_are_those_of_this_program() {
    let none = "generator.dropout=none";
    images("hidden-layer", "paper-hidden-layer", &[none]);
    let concatenation = ["generator.combined=concatenation", "generator.noise=uniform_symmetric", none];
    images("concatenation", "paper-hidden-layer", &concatenation);
    images(
        "hidden-layer-masks",
        "paper-hidden-layer",
        &["generator.dropout={ rate = 0.5, when_sampling = true }"],
    );
    let masks = "generator.dropout={ rate = 0.3, when_sampling = true }";
    images("concatenation-masks", "paper-hidden-layer", &["generator.combined=concatenation", masks]);
    let without = ["generator.y_units=none", "generator.init.y=none"];
    let without = [&without[..], &["discriminator.y=none", "discriminator.init.y=none"]].concat();
    let of_score = ["objective={ least_squares = {} }", "generator.noise=gaussian", none];
    images("no-condition", "paper-hidden-layer", &[&without[..], &of_score].concat());
    images(
        "no-condition-masks",
        "paper-hidden-layer",
        &[&without[..], &["generator.output=linear", masks]].concat(),
    );
    let linear = ["generator.output=linear", "discriminator.joint={ relu = { units = 6 } }", none];
    images("linear", "paper-hidden-layer", &linear);
    let relu = "discriminator.x={ relu = { units = 6 } }";
    words("words", &[none, relu]);
    words(
        "words-masks",
        &["generator.dropout={ rate = 0.5, when_sampling = true }", "generator.combined=concatenation"],
    );
}

#[test]
fn a_run_without_whole_weights_has_no_explorer() {
    let folder = tempfile::tempdir().unwrap();
    let run = write_run(&config("paper", &[]), Input::Labels(CLASSES), SIZE, folder.path());
    let why = |with_discriminator| explorer(&run, with_discriminator).unwrap_err().to_string();
    let bytes = fs::read(run.weights()).unwrap();
    fs::write(run.weights(), &bytes[..bytes.len() - 4]).unwrap();
    assert!(why(false).contains("weights.safetensors: is damaged"), "{}", why(false));
    fs::remove_file(run.weights()).unwrap();
    assert!(why(true).contains("no weights yet"), "{}", why(true));
    // Those of G alone, as an older program might have written them.
    let mut parameters = Parameters::new();
    let config = config("paper", &[]);
    Generator::new(&mut parameters, &config.gan.generator, Input::Labels(CLASSES), &[0.3; 12], 1);
    let condition = Input::Labels(CLASSES);
    let header = Header {
        config: config.to_toml(),
        step: 1,
        condition,
        first_label: 0,
        height: SIZE.0,
        width: SIZE.1,
        absent: vec![],
        data_sha256: None,
    };
    weights::save(&run.weights(), &parameters, &header).unwrap();
    assert!(explorer(&run, false).is_ok());
    assert!(why(true).contains("no tensor `discriminator.x.weight`"), "{}", why(true));
}
