//! `cgan evaluate` and `cgan judge`.

use std::path::Path;

use data::tags::{Preprocessing, TagSet};
use data::{EMBEDDED, Split, images};
use evaluation::images::{EACH, ImageEvaluation, Judge, Reference, Samples, draw, yardsticks};
use evaluation::tagging::{self, Request, TagEvaluation};
use figures::{PagePicture, tag_page};

use crate::cache;
use crate::cli::{EvaluateArgs, JudgeArgs};
use crate::config::Experiment;
use crate::failure::Failure;
use crate::run::weights::Weights;
use crate::run::{RunFolder, page_picture, write_whole};
use crate::terminal::{print, say};

/// Samples of images that G draws at a time.
const BATCH: usize = 500;

/// Samples of word vectors that G draws at a time.
const TAG_BATCH: usize = 1000;

pub(super) fn evaluate(args: &EvaluateArgs) -> Result<(), Failure> {
    let weights = Weights::load(&args.run)?;
    if weights.config().run.experiment == Experiment::Tags {
        return tags(args, &weights);
    }
    if args.all_words {
        return Err(Failure::usage("--all-words: there are no words in this run"));
    }
    let samples = samples(&weights)?;
    let (about, classes) = (weights.about.clone(), weights.classes()?);
    drop(weights); // memory is for the real images now
    let set = images::load(&data(args)?)?;
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
    let split = Split::from(args.split);
    let cache = cache::folder()?;
    let judge = Judge::of(&set, &cache, |line| say(line))?;
    let reference = Reference::new(&set, split, &judge)?;
    let mut rows = Vec::new();
    if split == Split::Test && !args.alone {
        rows = yardsticks(&set, &judge, &reference, &cache, |line| say(line))?;
    }
    let name = args.run.file_name().unwrap_or(args.run.as_os_str()).to_string_lossy();
    rows.push(reference.score(&name, &samples)?);
    let evaluation = ImageEvaluation {
        data: set.name.clone(),
        split,
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
    let fitted = Preprocessing::load(&folder.preprocessing())?;
    fitted.check_nets(weights.about.condition.width(), weights.about.width)?;
    let set = data::tags::load(&data(args)?)?;
    let request = Request { split: args.split.into(), alone: args.alone, all_words: args.all_words };
    let mut run = tagging::Run {
        sampler: weights.sampler(TAG_BATCH, evaluation::SEED)?,
        parameters: weights.parameters(),
        generator: &weights.config().generator,
    };
    let evaluation = tagging::evaluate(&mut run, fitted, &set, request, &mut |line| say(line))?;
    save_tags(&evaluation, &set, &args.run)?;
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
    let set = images::load(&folder(args.data.as_deref())?)?;
    let cache = cache::folder()?;
    let judge = Judge::of(&set, &cache, |line| say(line))?;
    let reference = Reference::new(&set, Split::Test, &judge)?;
    let evaluation = ImageEvaluation {
        data: set.name.clone(),
        split: Split::Test,
        judge_accuracy: judge.test_accuracy(),
        frechet_floor: reference.floor(),
        rows: yardsticks(&set, &judge, &reference, &cache, |line| say(line))?,
    };
    let path = Judge::path(&set, &cache);
    print(&format!("{}\n{}\n", evaluation.to_text(), path.display()))
}

/// The files beside a run.
fn save(evaluation: &ImageEvaluation, run: &Path) -> Result<(), Failure> {
    let suffix = match evaluation.split {
        Split::Test => "",
        Split::Validation | Split::Train => "-validation",
    };
    let write = |name: &str, bytes: &[u8]| write_whole(&run.join(format!("{name}{suffix}.csv")), bytes);
    write("evaluation", &evaluation.to_csv())?;
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

/// Writes `evaluation.csv`, `table2.csv` and `table2.html` into a run's folder; another split than the test's is named.
fn save_tags(evaluation: &TagEvaluation, set: &TagSet, folder: &Path) -> Result<(), Failure> {
    let suffix = if evaluation.split == Split::Test { "" } else { "-validation" };
    let path = |name: &str, ending: &str| folder.join(format!("{name}{suffix}.{ending}"));
    write_whole(&path("evaluation", "csv"), &evaluation.measures_csv())?;
    let picture = |(number, tags): &(usize, Vec<String>)| page_picture(set, *number, tags.clone());
    let pictures: Vec<PagePicture> = evaluation.table.iter().map(picture).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows = pictures.iter().map(|p| [p.id.clone(), p.own.join(" "), p.generated.join(" ")]);
    std::iter::once(["picture", "own", "generated"].map(str::to_owned))
        .chain(rows)
        .for_each(|row| writer.write_record(row).expect("memory, rows of one length"));
    write_whole(&path("table2", "csv"), &writer.into_inner().expect("memory"))?;
    let page = tag_page(&evaluation.title(), &evaluation.cells(), &pictures);
    write_whole(&path("table2", "html"), page.as_bytes())
}

/// A thousand of each class, as the paper has it.
fn samples(weights: &Weights) -> Result<Samples, Failure> {
    let mut sampler = weights.sampler(BATCH, evaluation::SEED)?;
    Ok(draw(&mut sampler, weights.parameters(), weights.classes()?, EACH))
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
