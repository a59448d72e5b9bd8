//! `cgan evaluate`.

use super::data_name::data_name;
use crate::cli::EvaluateArgs;
use crate::config::RunConfig;
use crate::failure::Failure;
use crate::registry;
use crate::run::weights::Weights;
use crate::run::{EvaluationRequest, RunDirectory, page};
use crate::terminal::print;

pub(super) fn evaluate(args: &EvaluateArgs) -> Result<(), Failure> {
    let weights = Weights::load(&args.run)?;
    let request = EvaluationRequest {
        run: args.run.clone(),
        data: data(args)?,
        data_is_chosen: args.data.is_some(),
        split: args.split.into(),
        alone: args.alone,
        classification: args.classification,
        all_words: args.all_words,
    };
    let kind = registry::of(weights.config().run.experiment);
    let report = (kind.evaluate)(weights, &request)?;
    if args.run.is_dir() {
        page::renew(&RunDirectory::open(&args.run)?, kind, None);
    }
    print(&if args.json { format!("{}\n", report.json) } else { report.text })
}

/// The data of the run, unless a flag names other data. A file of weights holds at most their name.
fn data(args: &EvaluateArgs) -> Result<String, Failure> {
    match &args.data {
        None if args.run.is_dir() => {
            let directory = RunDirectory::open(&args.run)?;
            Ok(RunConfig::load(&directory.config())?.run.data)
        }
        data => data_name(data.as_deref()),
    }
}
