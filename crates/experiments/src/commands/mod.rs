//! The commands of the command line, a file each.

mod book;
mod check;
mod data;
mod data_name;
mod evaluate;
mod features;
mod graph;
mod judge;
mod lab;
mod measures;
mod presets;
mod report;
mod sample;
mod tag;
mod train;
mod words;

use clap::CommandFactory;

pub use report::write_page;

use crate::cli::{Cli, Command};
use crate::failure::Failure;
use crate::signals::{Outcome, end_at_signals};
use crate::terminal::print;

/// Runs the command; returns the exit code.
///
/// # Errors
/// One line, and the exit code that goes with it.
pub fn run(cli: Cli) -> Result<u8, Failure> {
    kernels::Isa::limit().map_err(Failure::usage)?;
    end_at_signals()?;
    if let Some(threads) = cli.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(usize::from(threads))
            .build_global()
            .map_err(|error| Failure::general(format!("--threads {threads}: {error}")))?;
    }
    match cli.command {
        Command::Train(args) => return train::train(args).map(exit_code),
        Command::Resume(args) => return train::resume(&args).map(exit_code),
        Command::Sample(args) => sample::sample(&args)?,
        Command::Evaluate(args) => evaluate::evaluate(&args)?,
        Command::Report(args) => report::report(&args)?,
        Command::Judge(args) => judge::judge(&args)?,
        Command::Measures(args) => measures::measures(&args)?,
        Command::Words(command) => return words::words(&command).map(exit_code),
        Command::Tag(args) => tag::tag(&args)?,
        Command::Features(args) => features::features(&args)?,
        Command::Check(args) => check::check(&args)?,
        Command::Lab(args) => lab::lab(&args)?,
        Command::Book(args) => book::book(&args)?,
        Command::Graph(args) => graph::graph(&args)?,
        Command::Data(args) => data::data(&args)?,
        Command::Presets(args) => presets::presets(&args)?,
        Command::Schema => presets::schema()?,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "cgan", &mut script);
            print(&String::from_utf8_lossy(&script))?;
        }
    }
    Ok(0)
}

fn exit_code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Finished => 0,
        Outcome::Interrupted(signal) => 128u8.saturating_add(signal as u8),
    }
}
