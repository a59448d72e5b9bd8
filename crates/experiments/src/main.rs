//! The command line `cgan`.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Parser;
use experiments::cli::Cli;
use experiments::commands;

fn main() -> ExitCode {
    // A limit on the size of files then fails the write, as a full disk does, and does not kill the process.
    let unheeded = Arc::new(AtomicBool::new(false));
    if let Err(error) = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, unheeded) {
        eprintln!("cgan: a limit on the size of files would kill this process: {error}");
    }
    match commands::run(Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("cgan: {failure}");
            ExitCode::from(failure.code)
        }
    }
}
