//! `cgan evaluate` and `cgan judge`.

use std::path::Path;

use crate::cli::{EvaluateArgs, JudgeArgs};
use crate::config::Experiment;
use crate::data::{EMBEDDED, ImageSet};
use crate::evaluate::table::Evaluation;
use crate::evaluate::{self, Judge, Reference, Samples, Split};
use crate::failure::Failure;
use crate::run::weights::Weights;
use crate::run::{RunFolder, write_whole};
use crate::tags::evaluate::Asked;
use crate::tags::{TagSet, World};
use crate::terminal::{print, say};

/// Samples that G draws at a time.
const BATCH: usize = 500;

pub(super) fn evaluate(args: &EvaluateArgs) -> Result<(), Failure> {
    let weights = Weights::load(&args.run)?;
    if weights.config().run.experiment == Experiment::Tags {
        return tags(args, &weights);
    }
    if args.all_words {
        return Err(Failure::usage("--all-words: there are no words in this run"));
    }
    let samples = draw(&weights)?;
    let (about, classes) = (weights.about.clone(), weights.classes()?);
    drop(weights); // memory is for the real images now
    let set = ImageSet::of(&data(args)?)?;
    if (set.train.height, set.train.width, set.train.classes) != (about.height, about.width, classes) {
        return Err(Failure::data(format!(
            "{}: images of {}x{} in {} classes, and {} was trained on {}x{} in {}",
            set.name,
            set.train.height,
            set.train.width,
            set.train.classes,
            args.run.display(),
            about.height,
            about.width,
            classes
        )));
    }
    let cache = evaluate::cache()?;
    let judge = Judge::of(&set, &cache, |line| say(line))?;
    let reference = Reference::new(&set, args.split, &judge)?;
    let mut rows = Vec::new();
    if args.split == Split::Test && !args.alone {
        rows = evaluate::yardsticks(&set, &judge, &reference, &cache, |line| say(line))?;
    }
    let name = args.run.file_name().unwrap_or(args.run.as_os_str()).to_string_lossy();
    rows.push(reference.score(&name, &samples)?);
    let evaluation = Evaluation {
        data: set.name.clone(),
        split: args.split,
        judge_accuracy: judge.test_accuracy(),
        frechet_floor: reference.floor(),
        rows,
    };
    if args.run.is_dir() {
        save(&evaluation, &args.run)?;
    }
    if args.json {
        return print(&format!(
            "{}\n",
            serde_json::to_string_pretty(&evaluation).expect("numbers and strings")
        ));
    }
    print(&evaluation.to_text())
}

/// The second experiment's measures.
fn tags(args: &EvaluateArgs, weights: &Weights) -> Result<(), Failure> {
    let folder = RunFolder::look(&args.run)?;
    let world = World::load(&folder.world())?;
    let set = TagSet::of(&data(args)?)?;
    let split = match args.split {
        Split::Test => crate::tags::Split::Test,
        Split::Validation => crate::tags::Split::Validation,
    };
    let asked = Asked { split, alone: args.alone, all_words: args.all_words };
    let evaluation = crate::tags::evaluate::evaluate((weights, world), &set, asked, |line| say(line))?;
    evaluation.save(&args.run)?;
    if args.json {
        return print(&format!(
            "{}\n",
            serde_json::to_string_pretty(&evaluation).expect("numbers and strings")
        ));
    }
    print(&format!("{}{}\n", evaluation.to_text(), args.run.join("table2.html").display()))
}

/// Trains the judge of a data set and measures the yardsticks, if that is not done yet.
pub(super) fn judge(args: &JudgeArgs) -> Result<(), Failure> {
    let set = ImageSet::of(&folder(args.data.as_deref())?)?;
    let cache = evaluate::cache()?;
    let judge = Judge::of(&set, &cache, |line| say(line))?;
    let reference = Reference::new(&set, Split::Test, &judge)?;
    let evaluation = Evaluation {
        data: set.name.clone(),
        split: Split::Test,
        judge_accuracy: judge.test_accuracy(),
        frechet_floor: reference.floor(),
        rows: evaluate::yardsticks(&set, &judge, &reference, &cache, |line| say(line))?,
    };
    let path = Judge::path(&set, &cache);
    print(&format!("{}\n{}\n", evaluation.to_text(), path.display()))
}

/// The files beside a run.
fn save(evaluation: &Evaluation, run: &Path) -> Result<(), Failure> {
    let suffix = match evaluation.split {
        Split::Test => "",
        Split::Validation => "-validation",
    };
    let write = |name: &str, bytes: &[u8]| write_whole(&run.join(format!("{name}{suffix}.csv")), bytes);
    write("evaluation", &evaluation.to_csv()?)?;
    let own = evaluation.rows.last().expect("the run");
    let mut curve = "sigma,validation_nats\n".to_owned();
    own.parzen.curve.iter().for_each(|(sigma, nats)| curve.push_str(&format!("{sigma},{nats}\n")));
    write("parzen", curve.as_bytes())?;
    let mut confusion = "asked".to_owned();
    (0..own.confusion.len()).for_each(|class| confusion.push_str(&format!(",seen_{class}")));
    for (class, row) in own.confusion.iter().enumerate() {
        let row: Vec<String> = row.iter().map(usize::to_string).collect();
        confusion.push_str(&format!("\n{class},{}", row.join(",")));
    }
    confusion.push('\n');
    write("confusion", confusion.as_bytes())
}

/// A thousand of each class, as the paper has it.
fn draw(weights: &Weights) -> Result<Samples, Failure> {
    let mut sampler = weights.sampler(BATCH, evaluate::SEED)?;
    Ok(evaluate::draw(&mut sampler, weights.parameters(), weights.classes()?, evaluate::yardsticks::EACH))
}

/// What the run was trained on, unless told otherwise. A file of weights knows a name at most.
fn data(args: &EvaluateArgs) -> Result<String, Failure> {
    match &args.data {
        None if args.run.is_dir() => {
            let folder = RunFolder::look(&args.run)?;
            Ok(crate::config::RunConfig::load(&folder.config())?.run.data)
        }
        data => folder(data.as_deref()),
    }
}

fn folder(data: Option<&Path>) -> Result<String, Failure> {
    let Some(data) = data else { return Ok(EMBEDDED.to_owned()) };
    let text = data.to_str().map(str::to_owned);
    text.ok_or_else(|| Failure::usage(format!("--data {}: the path is not UTF-8", data.display())))
}
