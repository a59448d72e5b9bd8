//! `cgan evaluate` for tags: Table 2 of the paper, measures and baselines.

use std::path::Path;

use data::tags::{Preprocessing, TagSet};
use evaluation::tagging::{self, Request, TagEvaluation};
use figures::{PagePicture, tag_page};

use super::data_sha256;
use super::page::{page_picture, pictures_csv};
use crate::failure::Failure;
use crate::other_data::{suffix, trained_on, warn_if_not_kept};
use crate::run::weights::Weights;
use crate::run::{EvaluationRequest, Report, RunDirectory, write_whole};
use crate::terminal::say;

/// Samples of word vectors that G draws at a time.
const BATCH: usize = 1000;

/// Measures the tags of a run beside baselines, and writes the tables into its directory.
pub(super) fn evaluate(weights: Weights, request: &EvaluationRequest) -> Result<Report, Failure> {
    if request.classification {
        return Err(Failure::usage("--classification: there are no images with classes in this run"));
    }
    let directory = RunDirectory::open(&request.run)?;
    let fitted = Preprocessing::load(&directory.preprocessing())?;
    fitted.check_nets(weights.header.condition.width(), weights.header.width)?;
    let set = data::tags::load(&request.data)?;
    set.notes.iter().for_each(say);
    let trained_on = trained_on(&weights, request, (&set.name, &data_sha256(&set, &fitted)))?;
    let suffix = suffix(request.split, trained_on.as_deref(), &set.name);
    let asked = Request { split: request.split, alone: request.alone, all_words: request.all_words };
    let mut run = tagging::Run {
        sampler: weights.sampler(BATCH, evaluation::SEED)?,
        parameters: weights.parameters(),
        step: weights.header.step,
        generator: &weights.config().gan.generator,
    };
    let evaluation = tagging::evaluate(&mut run, fitted, &set, asked, &mut |line| say(line))?;
    warn_if_not_kept(save(&evaluation, &set, &request.run, &suffix));
    let json = serde_json::to_string_pretty(&evaluation).expect("numbers and strings");
    let mut text = evaluation.to_text();
    if let Some(other) = trained_on {
        text.push_str(&format!("The run was trained on other data: {other}.\n"));
    }
    text.push_str(&format!("{}\n", request.run.join(format!("table2{suffix}.html")).display()));
    Ok(Report { text, json })
}

/// Writes `evaluation.csv`, `table2.csv` and `table2.html` into a run directory, with `suffix` in their names.
fn save(evaluation: &TagEvaluation, set: &TagSet, folder: &Path, suffix: &str) -> Result<(), Failure> {
    let path = |name: &str, ending: &str| folder.join(format!("{name}{suffix}.{ending}"));
    write_whole(&path("evaluation", "csv"), &evaluation.measures_csv())?;
    let picture = |(number, tags): &(usize, Vec<String>)| page_picture(set, *number, tags.clone());
    let pictures: Vec<PagePicture> = evaluation.table.iter().map(picture).collect();
    write_whole(&path("table2", "csv"), &pictures_csv(&pictures))?;
    let page = tag_page(&evaluation.title(), &evaluation.cells(), &pictures);
    write_whole(&path("table2", "html"), page.as_bytes())
}
