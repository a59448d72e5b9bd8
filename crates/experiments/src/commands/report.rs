//! `cgan report`: the page of a run, or of several beside each other.

use std::path::{Path, PathBuf};

use ::report::{Run, comparison, game_section};

use crate::cli::ReportArgs;
use crate::config::RunConfig;
use crate::failure::Failure;
use crate::registry;
use crate::run::{Kind, RunDirectory, page, write_whole};
use crate::terminal::{open_in_browser, print};

pub(super) fn report(args: &ReportArgs) -> Result<(), Failure> {
    let path = write_page(args)?;
    print(&format!("{}\n", path.display()))?;
    if args.open { open_in_browser(&path) } else { Ok(()) }
}

/// Writes the page that `cgan report` is asked for; returns its path.
///
/// # Errors
/// If there is no run, its settings cannot be read, or the page cannot be written.
pub fn write_page(args: &ReportArgs) -> Result<PathBuf, Failure> {
    match &args.runs[..] {
        [run] => {
            let (directory, kind) = opened(run)?;
            let game = args.with_game.then(|| lab::mixture_game(lab::SEED.into())).transpose()?;
            let further = game.iter().map(game_section).collect();
            page::write(&directory, kind, None, nets(args), further, args.out.as_deref())
        }
        runs => {
            let read = |run: &PathBuf| {
                let (directory, kind) = opened(run)?;
                page::read(&directory, kind, None)
            };
            let runs: Vec<Run> = runs.iter().map(read).collect::<Result<_, Failure>>()?;
            let path = args.out.clone().unwrap_or_else(|| PathBuf::from("report.html"));
            write_whole(&path, comparison(&runs).as_bytes())?;
            Ok(path)
        }
    }
}

fn nets(args: &ReportArgs) -> page::Nets {
    match (args.without_explorer, args.with_discriminator) {
        (true, _) => page::Nets::None,
        (false, true) => page::Nets::Both,
        (false, false) => page::Nets::Generator,
    }
}

/// A run, and the kind of its experiment.
fn opened(run: &Path) -> Result<(RunDirectory, &'static Kind), Failure> {
    let directory = RunDirectory::open(run)?;
    let config = RunConfig::load(&directory.config())?;
    Ok((directory, registry::of(config.run.experiment)))
}
