//! `cgan train` and `cgan resume`.

use std::path::Path;

use data::EMBEDDED;

use super::data_name::data_name;
use crate::cli::{ConfigArgs, ResumeArgs, TrainArgs};
use crate::config::RunConfig;
use crate::failure::Failure;
use crate::registry;
use crate::run::{self, RunDirectory};
use crate::signals::Outcome;
use crate::terminal::{print, program, quoted};

pub(super) fn train(args: TrainArgs) -> Result<Outcome, Failure> {
    let experiment = args.experiment;
    let kind = registry::of(experiment);
    let preset = args.config.preset.as_deref().unwrap_or(kind.default_preset);
    let config = resolve(&args.config, kind.default_preset)?;
    if config.run.experiment != experiment {
        let other = config.run.experiment.name();
        return Err(Failure::usage(format!("the preset {preset} is of the other experiment: train {other}")));
    }
    let name = match preset.starts_with(experiment.name()) {
        true => preset.to_owned(),
        false => format!("{}-{preset}", experiment.name()),
    };
    let (directory, outcome) = run::start(config, args.out.as_deref(), &name, kind.new)?;
    tell(&directory, outcome)
}

pub(super) fn resume(args: &ResumeArgs) -> Result<Outcome, Failure> {
    let new = |config: &RunConfig, directory: Option<&RunDirectory>| {
        (registry::of(config.run.experiment).new)(config, directory)
    };
    let (directory, outcome) =
        run::resume(&args.run, args.epochs, args.data.as_deref().map(absolute).transpose()?, new)?;
    tell(&directory, outcome)
}

/// The settings of a command line. The short flags are settings like any other and are applied last; `preset`
/// is used if the command line names none.
pub(super) fn resolve(args: &ConfigArgs, preset: &str) -> Result<RunConfig, Failure> {
    let mut settings = args.set.clone();
    settings.extend(args.seed.map(|seed| format!("run.seed={seed}")));
    settings.extend(args.epochs.map(|epochs| format!("run.epochs={epochs}")));
    let mut config = RunConfig::resolve(args.preset.as_deref(), preset, args.config.as_deref(), &settings)?;
    if let Some(folder) = &args.data {
        config.run.data = folder.to_str().map(str::to_owned).ok_or_else(|| {
            Failure::usage(format!(
                "--data {}: the path is not UTF-8, and could not be saved",
                folder.display()
            ))
        })?;
    }
    // Absolute, so that the run can be resumed from anywhere.
    for path in [Some(&mut config.run.data), config.tags.as_mut().map(|tags| &mut tags.word_vectors)]
        .into_iter()
        .flatten()
    {
        if path != EMBEDDED {
            let full = std::path::absolute(&*path).map_err(|error| Failure::io(Path::new(path), &error))?;
            *path = full.to_string_lossy().into_owned();
        }
    }
    Ok(config)
}

/// A path as settings save it.
fn absolute(folder: &Path) -> Result<String, Failure> {
    let full = std::path::absolute(folder).map_err(|error| Failure::io(folder, &error))?;
    data_name(Some(&full))
}

/// Names the files to look at, or the command that continues.
fn tell(directory: &RunDirectory, outcome: Outcome) -> Result<Outcome, Failure> {
    let path = directory.path().display();
    if let Outcome::Interrupted(_) = outcome {
        let run = quoted(directory.path());
        print(&format!("{path}: stopped and saved; continue with: {} resume {run}\n", program()))?;
        return Ok(outcome);
    }
    let config = RunConfig::load(&directory.config())?;
    let kind = registry::of(config.run.experiment);
    let samples = match directory.best_samples(kind.extension) {
        best if best.exists() => best,
        _ => directory.samples(config.run.epochs, kind.extension),
    };
    let what = (kind.samples_show)(&config);
    let samples = samples.strip_prefix(directory.path()).unwrap_or(&samples).display().to_string();
    let page = directory.report();
    if page.exists() {
        print(&format!("{}  the page of the run, for a browser\n", page.display()))?;
    }
    print(&format!(
        "{path}\n  {:<26} {what}\n  {:<26} losses, and D(x) with D(G(z))\n  \
         {:<26} the same as numbers\n  {:<26} how G uses its inputs, dead units, and whether D overfits, by epoch\n  \
         {:<26} for PyTorch\n",
        samples, "curves.svg", "metrics.csv", "diagnosis.csv", "weights.safetensors",
    ))?;
    for (command, shows) in kind.next {
        print(&format!("{} {}  # {shows}\n", program(), command.replace("RUN", &quoted(directory.path()))))?;
    }
    Ok(outcome)
}
