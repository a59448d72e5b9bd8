//! The command line `cgan`.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use experiments::cli::usage::{self, Asked};
use experiments::commands;
use experiments::terminal::say;

fn main() -> ExitCode {
    // A limit on the size of files then fails the write, as a full disk does, and does not kill the process.
    let unheeded = Arc::new(AtomicBool::new(false));
    if let Err(error) = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, unheeded) {
        say(format_args!("cgan: a limit on the size of files would kill this process: {error}"));
    }
    let ran = usage::parse(std::env::args_os()).and_then(|asked| match asked {
        Asked::Command(cli) => commands::run(*cli),
        Asked::Answered(code) => Ok(code),
    });
    match ran {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            say(format_args!("cgan: {failure}"));
            ExitCode::from(failure.code)
        }
    }
}
