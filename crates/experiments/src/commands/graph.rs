//! `cgan graph`: the recorded tape of G and D as a picture.

use cgan::Trainer;

use crate::cli::GraphArgs;
use crate::config::{Experiment, RunConfig};
use crate::failure::Failure;
use crate::registry;
use crate::run::write_whole;
use crate::terminal::print;

pub(super) fn graph(args: &GraphArgs) -> Result<(), Failure> {
    let of_file = args.config.config.as_deref().map(RunConfig::experiment_of).transpose()?.flatten();
    let preset = registry::of(of_file.unwrap_or(Experiment::Mnist)).default_preset;
    let config = super::train::resolve(&args.config, preset)?;
    let experiment = (registry::of(config.run.experiment).new)(&config, None)?;
    let trainer: Trainer<f32> = Trainer::new(&config.gan, experiment.examples(), u64::from(config.run.seed))?;
    let (tape, marks) = trainer.graph();
    let text = match args.out.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => figures::graph::svg(tape, &marks),
        Some("dot") => figures::graph::dot(tape, &marks),
        _ => return Err(Failure::usage(format!("--out {}: .svg or .dot is needed", args.out.display()))),
    };
    write_whole(&args.out, text.as_bytes())?;
    print(&format!("{}\n", args.out.display()))
}
