//! `cgan train` and `cgan resume`.

use std::path::Path;

use crate::cli::{ConfigArgs, ResumeArgs, TrainArgs, TrainExperiment};
use crate::config::RunConfig;
use crate::data::EMBEDDED;
use crate::failure::Failure;
use crate::run::{self, Outcome, RunFolder};
use crate::terminal::{print, program};

pub(super) fn train(args: TrainArgs) -> Result<Outcome, Failure> {
    let TrainExperiment::Mnist = args.experiment;
    let config = resolve(&args.config)?;
    let name = format!("mnist-{}", args.config.preset);
    let (folder, outcome) = run::start(config, args.out.as_deref(), &name)?;
    tell(&folder, outcome)
}

pub(super) fn resume(args: &ResumeArgs) -> Result<Outcome, Failure> {
    let (folder, outcome) = run::resume(&args.run, args.epochs)?;
    tell(&folder, outcome)
}

/// The short flags are settings like any other, and the last word.
pub(super) fn resolve(args: &ConfigArgs) -> Result<RunConfig, Failure> {
    let mut settings = args.set.clone();
    settings.extend(args.seed.map(|seed| format!("run.seed={seed}")));
    settings.extend(args.epochs.map(|epochs| format!("run.epochs={epochs}")));
    let mut config = RunConfig::resolve(&args.preset, args.config.as_deref(), &settings)?;
    if let Some(folder) = &args.data {
        config.run.data = folder.to_str().map(str::to_owned).ok_or_else(|| {
            Failure::usage(format!(
                "--data {}: the path is not UTF-8, and could not be saved",
                folder.display()
            ))
        })?;
    }
    if config.run.data != EMBEDDED {
        // Absolute, so that the run can be resumed from anywhere.
        let folder = Path::new(&config.run.data);
        let folder = std::path::absolute(folder).map_err(|error| Failure::io(folder, &error))?;
        config.run.data = folder.to_string_lossy().into_owned();
    }
    Ok(config)
}

/// Names what to look at, or how to go on.
fn tell(folder: &RunFolder, outcome: Outcome) -> Result<Outcome, Failure> {
    let path = folder.path().display();
    if let Outcome::Interrupted(_) = outcome {
        print(&format!("{path}: stopped and saved; go on with: {} resume {path}\n", program()))?;
        return Ok(outcome);
    }
    let config = RunConfig::load(&folder.config())?;
    let samples = match folder.best_samples() {
        best if best.exists() => best,
        _ => folder.samples(config.run.epochs),
    };
    let samples = samples.strip_prefix(folder.path()).unwrap_or(&samples).display().to_string();
    print(&format!(
        "{path}\n  {:<26} what G draws: a class a row, the same noise a column\n  {:<26} losses, and D(x) with D(G(z))\n  \
         {:<26} the same as numbers\n  {:<26} for PyTorch, and for: {} sample {path} --out digits.png\n",
        samples,
        "curves.svg",
        "metrics.csv",
        "weights.safetensors",
        program(),
    ))?;
    Ok(outcome)
}
