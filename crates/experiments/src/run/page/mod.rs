//! `report.html`: the page of a run, from what its directory holds.
//!
//! Whatever is missing or damaged is left out, and the page says so: a page is never a reason for a run to fail.

mod settings;
mod tables;

use std::path::{Path, PathBuf};

use figures::History;
use report::{Run, Section, State, Task};

pub(crate) use tables::{picture, words};

use super::directory::{RunDirectory, write_whole};
use super::environment::Environment;
use super::experiment::Kind;
use super::explorer::explorer;
use super::facts::DataFacts;
use super::{diagnosis, outcome};
use crate::config::RunConfig;
use crate::failure::Failure;
use crate::terminal::say;

/// What of the nets a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nets {
    /// None: the smallest page.
    None,
    /// The generator, to draw samples with.
    Generator,
    /// Both, so that D says what it thinks of them.
    Both,
}

/// Writes the page of a run into its directory, or to `out`, with further sections.
///
/// # Errors
/// If the settings cannot be read, or the page cannot be written.
pub(crate) fn write(
    directory: &RunDirectory,
    kind: &Kind,
    state: Option<State>,
    nets: Nets,
    mut further: Vec<Section>,
    out: Option<&Path>,
) -> Result<PathBuf, Failure> {
    let mut run = read(directory, kind, state)?;
    if nets != Nets::None {
        match explorer(directory, nets == Nets::Both) {
            Ok(explorer) => further.insert(0, report::explorer::section(&explorer)),
            Err(failure) => run.missing.push(format!("The explorer is left out: {failure}")),
        }
    }
    let page = report::page(&run, further);
    let path = out.map_or_else(|| directory.report(), Path::to_owned);
    write_whole(&path, page.as_bytes())?;
    Ok(path)
}

/// Writes the page of a run into its directory, as after a training or an evaluation. It is for looking at, so a fault is told
/// and ends nothing.
pub(crate) fn renew(directory: &RunDirectory, kind: &Kind, state: Option<State>) {
    if let Err(failure) = write(directory, kind, state, Nets::Generator, Vec::new(), None) {
        say(format_args!("the page of the run was not written: {failure}"));
    }
}

/// What the page of a run shows. `state` is that of a run in this process; otherwise it is read.
///
/// # Errors
/// If the settings cannot be read.
pub(crate) fn read(directory: &RunDirectory, kind: &Kind, state: Option<State>) -> Result<Run, Failure> {
    let config = RunConfig::load(&directory.config())?;
    let mut missing = Vec::new();
    let facts = DataFacts::load(directory);
    let mut table = |path: PathBuf| {
        if !path.exists() {
            return History::default();
        }
        History::read(&path, &[]).unwrap_or_else(|error| {
            missing.push(format!("Left out: {error}"));
            History::default()
        })
    };
    let [metrics, evaluations, diagnosis_table, timing] =
        [directory.metrics(), directory.evaluations(), directory.diagnosis(), directory.timing()]
            .map(&mut table);
    let real_spread = facts.as_ref().and_then(|facts| facts.spread);
    let faults = diagnosis::faults(directory, &config, real_spread);
    let samples = (kind.samples)(directory);
    if samples.is_empty() {
        missing.push("No samples yet.".to_owned());
    }
    let nearest = settings::nearest(&config);
    let name = directory.path().file_name().unwrap_or(directory.path().as_os_str());
    Ok(Run {
        name: name.to_string_lossy().into_owned(),
        sentence: (kind.sentence)(&config, facts.as_ref()),
        task: kind.task,
        state: state.unwrap_or_else(|| outcome::state(directory)),
        epochs: config.run.epochs,
        seconds: timing.points("seconds").last().map(|point| point.1),
        machine: Environment::load(&directory.environment()).map(|environment| environment.to_string()),
        command: settings::command(&config, &nearest),
        settings: settings::beside_presets(&config, &nearest, kind.paper_preset),
        objective: config.gan.objective,
        conditional: config.gan.is_conditional(),
        classes: facts.as_ref().filter(|_| kind.task == Task::Images).map(|facts| facts.condition),
        metrics,
        evaluations,
        validation_column: kind.validation_column,
        diagnosis: diagnosis_table,
        real_spread,
        paper_nats: (kind.paper_nats)(&config).filter(|_| config.run.data == data::EMBEDDED),
        faults,
        samples,
        measures: tables::measures(directory, (kind.measures)()),
        missing,
    })
}
