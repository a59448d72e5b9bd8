//! The command line `cgan`.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Parser;
use experiments::cli::Cli;
use experiments::commands;
use experiments::terminal::say;

fn main() -> ExitCode {
    // A limit on the size of files then fails the write, as a full disk does, and does not kill the process.
    let unheeded = Arc::new(AtomicBool::new(false));
    if let Err(error) = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, unheeded) {
        say(format_args!("cgan: a limit on the size of files would kill this process: {error}"));
    }
    match commands::run(Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            say(format_args!("cgan: {failure}"));
            ExitCode::from(failure.code)
        }
    }
}
