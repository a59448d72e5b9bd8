//! The command line `cgan`.

use std::process::ExitCode;

use clap::Parser;
use experiments::cli::Cli;
use experiments::commands;

fn main() -> ExitCode {
    match commands::run(Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("cgan: {failure}");
            ExitCode::from(failure.code)
        }
    }
}
