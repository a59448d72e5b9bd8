//! `cgan evaluate` for images: Table 1 of the paper, and further measures.

use std::path::Path;

use data::images::ImageSet;
use data::{Split, images};
use evaluation::images::{
    Classification, EACH, ImageEvaluation, Judge, Reference, Samples, classification_yardsticks, draw,
    draw_training_set, nearest_training_images, yardsticks,
};
use figures::Grid;
use files::spreadsheet;
use ndarray::{Array2, Axis, concatenate};
use serde::Serialize;

use crate::cache;
use crate::failure::Failure;
use crate::other_data::{suffix, trained_on, warn_if_not_kept};
use crate::run::weights::Weights;
use crate::run::{EvaluationRequest, Report, RunDirectory, write_whole};
use crate::terminal::say;

/// Samples that are shown beside their nearest training images, at most.
const MOST_NEIGHBOURS: usize = 10;

/// Samples that G draws at a time.
const BATCH: usize = 500;

/// Measures samples of a run beside yardsticks, and writes the tables into its directory.
pub(super) fn evaluate(weights: Weights, request: &EvaluationRequest) -> Result<Report, Failure> {
    if request.all_words {
        return Err(Failure::usage("--all-words: there are no words in this run"));
    }
    if request.classification && !weights.config().gan.is_conditional() {
        return Err(Failure::usage(
            "--classification: these nets have no condition, so their samples have no class to learn",
        ));
    }
    let samples = samples(&weights)?;
    let inputs = Inputs::of(&weights)?;
    let (header, classes) = (weights.header.clone(), weights.classes()?);
    let set = images::load(&request.data)?;
    if (set.train.height, set.train.width, set.train.classes) != (header.height, header.width, classes) {
        return Err(Failure::data(format!(
            "{}: images of {}x{} in {} classes, and {} was trained on {}x{} in {}",
            set.name,
            set.train.height,
            set.train.width,
            set.train.classes,
            request.run.display(),
            header.height,
            header.width,
            classes
        )));
    }
    set.notes.iter().for_each(say);
    if set.test.is_empty() {
        return Err(Failure::data(format!(
            "{}: no test images, with which samples are compared: it has no t10k-images-idx3-ubyte (of a .npz, \
             x_test; of tables, test.csv; of folders, test) beside its training images",
            set.name
        )));
    }
    let trained_on = trained_on(&weights, request, (&set.name, &set.train.sha256()))?;
    let [suffix, suffix_of_all] =
        [request.split, Split::Test].map(|split| suffix(split, trained_on.as_deref(), &set.name));
    let split = request.split;
    let cache = cache::folder()?;
    // No signal is watched for here: it ends the process at once, and every file is written whole.
    let judge = Judge::of(&set, &cache, &mut |line| say(line), &|| None)?;
    let reference = Reference::new(&set, split, &judge, &cache, &mut |line| say(line))?;
    let mut rows = Vec::new();
    if split == Split::Test && !request.alone {
        rows = yardsticks(&set, &judge, &reference, &cache, &mut |line| say(line))?;
    }
    let name = request.run.file_name().unwrap_or(request.run.as_os_str()).to_string_lossy();
    rows.push(reference.score(&name, &samples)?);
    let evaluation = ImageEvaluation {
        data: set.name.clone(),
        split,
        real_images: reference.real_images(),
        trained_on,
        step: Some(header.step),
        judge_accuracy: judge.test_accuracy(),
        rows,
    };
    if request.run.is_dir() {
        warn_if_not_kept(save(&evaluation, &request.run, &suffix));
        // They are of the run's own data.
        if split == Split::Test && evaluation.trained_on.is_none() {
            warn_if_not_kept(save_neighbours(&samples, &set, &RunDirectory::open(&request.run)?));
        }
    }
    let classification = match request.classification {
        true => Some(classification(&weights, request, &name, &set, &judge, &suffix_of_all)?),
        false => None,
    };
    let mut text = format!("{}{}", evaluation.to_text(), inputs.to_text());
    if let Some(rows) = &classification {
        text.push_str(&in_words(rows, split));
    }
    let all = Evaluation { images: &evaluation, inputs: &inputs, classification };
    let json = serde_json::to_string_pretty(&all).expect("numbers and strings");
    Ok(Report { text, json })
}

/// All results as JSON.
#[derive(Serialize)]
struct Evaluation<'a> {
    #[serde(flatten)]
    images: &'a ImageEvaluation,
    inputs: &'a Inputs,
    /// Classification accuracy scores: yardsticks', then the run's.
    #[serde(skip_serializing_if = "Option::is_none")]
    classification: Option<Vec<Classification>>,
}

/// What G does with its inputs: see [`cgan::diagnosis`].
#[derive(Serialize)]
struct Inputs {
    /// Shares of the variance of samples from the class, from z and from dropout's masks.
    shares: Option<[f64; 3]>,
    /// The share of dead units of each ReLU layer.
    dead: Vec<(String, f64)>,
}

impl Inputs {
    fn of(weights: &Weights) -> Result<Self, Failure> {
        let classes = weights.asked_classes()?;
        let conditions = Array2::from_shape_fn((classes, 1), |(class, _)| class as f32);
        let found = weights.diagnoser(evaluation::SEED)?.diagnose(weights.parameters(), conditions.view());
        Ok(Self { shares: found.variance.shares(), dead: found.dead })
    }

    fn to_text(&self) -> String {
        let percent = |share: &f64| format!("{:.1} %", 100.0 * share);
        let shares = match self.shares.as_ref().map(|shares| shares.each_ref().map(percent)) {
            Some([class, z, masks]) => {
                format!(
                    "Of the variance of samples, {class} comes from the class, {z} from z, {masks} from dropout's masks"
                )
            }
            None => "All samples are the same".to_owned(),
        };
        let dead: Vec<String> =
            self.dead.iter().map(|(layer, share)| format!("{} of {layer}", percent(share))).collect();
        format!("{shares}.\nDead ReLU units: {}.\n", dead.join(", "))
    }
}

/// Writes `evaluation.csv`, `parzen.csv` and `confusion.csv` into a run directory, with `suffix` in their names.
fn save(evaluation: &ImageEvaluation, run: &Path, suffix: &str) -> Result<(), Failure> {
    let write = |name: &str, bytes: &[u8]| write_whole(&run.join(format!("{name}{suffix}.csv")), bytes);
    write("evaluation", &evaluation.to_csv())?;
    let own = evaluation.rows.last().expect("the run");
    let mut curve = "sigma,validation_nats\n".to_owned();
    own.parzen.curve.iter().for_each(|(sigma, nats)| curve.push_str(&format!("{sigma},{nats}\n")));
    write("parzen", curve.as_bytes())?;
    let mut confusion = "asked".to_owned();
    (0..own.confusion[0].len()).for_each(|class| confusion.push_str(&format!(",seen_{class}")));
    for (class, row) in own.confusion.iter().enumerate() {
        let asked = if own.accuracy.is_some() { class.to_string() } else { "any".to_owned() };
        let row: Vec<String> = row.iter().map(usize::to_string).collect();
        confusion.push_str(&format!("\n{asked},{}", row.join(",")));
    }
    confusion.push('\n');
    write("confusion", confusion.as_bytes())
}

/// Writes `nearest.png`: a sample of each class, and below it the training image that is nearest in pixels.
fn save_neighbours(samples: &Samples, set: &ImageSet, directory: &RunDirectory) -> Result<(), Failure> {
    let classes = set.train.classes.min(MOST_NEIGHBOURS);
    let first = |class: usize| samples.labels.iter().position(|label| *label == class);
    let chosen: Vec<usize> = match samples.unconditional {
        true => (0..samples.len().min(MOST_NEIGHBOURS)).collect(),
        false => (0..classes).filter_map(first).collect(),
    };
    let shown = samples.images.select(Axis(0), &chosen);
    let nearest = nearest_training_images(shown.view(), &set.train);
    let both = concatenate(Axis(0), &[shown.view(), nearest.view()]).expect("rows of one width");
    let size = (set.train.height, set.train.width);
    Ok(Grid::new(both.view(), 2, chosen.len(), size).scale(2).write(&directory.nearest())?)
}

/// The classification accuracy scores of yardsticks, unless they are not wanted, and of the run; also written into its
/// directory as `classification.csv`.
fn classification(
    weights: &Weights,
    request: &EvaluationRequest,
    name: &str,
    set: &ImageSet,
    judge: &Judge,
    suffix: &str,
) -> Result<Vec<Classification>, Failure> {
    let mut sampler = weights.sampler(BATCH, evaluation::SEED)?;
    let images = draw_training_set(&mut sampler, weights.parameters(), set);
    let mut rows = vec![Classification::of_real(set, judge)];
    if !request.alone {
        rows.extend(classification_yardsticks(set, judge, &cache::folder()?, &mut |line| say(line))?);
    }
    rows.push(Classification::of(name, &images, set, &mut |line| say(line))?);
    if request.run.is_dir() {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(["name", "images", "validation", "test", "step"]).expect("memory");
        for (index, row) in rows.iter().enumerate() {
            let step = if index + 1 == rows.len() { weights.header.step.to_string() } else { String::new() };
            let numbers = [row.images.to_string(), row.validation.to_string(), row.test.to_string(), step];
            let name = spreadsheet::cell(&row.name).into_owned();
            csv.write_record([name].iter().chain(&numbers)).expect("memory");
        }
        warn_if_not_kept(write_whole(
            &request.run.join(format!("classification{suffix}.csv")),
            &csv.into_inner().expect("memory"),
        ));
    }
    Ok(rows)
}

/// The scores for a terminal.
fn in_words(rows: &[Classification], split: Split) -> String {
    let mut text =
        format!("Classifiers trained on samples alone, accuracy on real {} images:\n", split.name());
    for row in rows {
        text.push_str(&format!("  {:.4}  {}, {} images\n", row.on(split), row.name, row.images));
    }
    text
}

/// A thousand samples of each class that had training images, as in the paper.
fn samples(weights: &Weights) -> Result<Samples, Failure> {
    let mut sampler = weights.sampler(BATCH, evaluation::SEED)?;
    Ok(draw(&mut sampler, weights.parameters(), &weights.present_classes()?, EACH))
}
