//! Output to a terminal. A closed pipe (`| head`) or a full disk must not end a run, but `println!` and
//! `eprintln!` would panic.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::failure::Failure;

/// Writes to standard output.
///
/// # Errors
/// If it cannot be written, unless the reader has closed the pipe.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::general(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Opens a page that was written.
///
/// # Errors
/// If there is no browser to open it.
pub(crate) fn open_in_browser(page: &Path) -> Result<(), Failure> {
    open::that(page).map_err(|error| {
        Failure::general(format!("{} is written, but cannot be opened: {error}", page.display()))
    })
}

/// A progress line on standard error; hidden if that is not a terminal.
pub(crate) fn bar(length: Option<u64>) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:24} {msg}").expect("a fixed template");
    let target = match io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr_with_hz(5),
        false => ProgressDrawTarget::hidden(),
    };
    ProgressBar::with_draw_target(length, target).with_style(style)
}

/// How this program was called, for a command that the user can copy.
pub(crate) fn program() -> String {
    quoted(Path::new(&std::env::args_os().next().unwrap_or_else(|| "cgan".into())))
}

/// A path as a word of a shell's command.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    shlex::try_quote(&text).map_or_else(|_| text.to_string(), |word| word.into_owned())
}

/// Writes a line to standard error, if that is possible.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
