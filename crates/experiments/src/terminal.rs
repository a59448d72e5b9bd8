//! Output to a terminal. A closed pipe (`| head`) or a full disk must not end a run, but `println!` and
//! `eprintln!` would panic.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::failure::Failure;

/// Text with its control characters written out, so that a word, an id or a path of others cannot move the cursor, change
/// colours or the order of characters: `\u001b`, as in JSON and TOML, for the escape character. Line ends and tabs stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match is_hidden(c) {
            true => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Control characters but for line end and tab, and those that turn the direction of a text.
fn is_hidden(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\n' | '\t'))
}

/// Writes to standard output, with control characters written out.
///
/// # Errors
/// If it cannot be written, unless the reader has closed the pipe.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    finished(out.write_all(visible(text).as_bytes()).and_then(|()| out.flush()))
}

/// What became of writing to standard output; a reader who has closed the pipe has what was wanted.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn finished(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let why = files::cause(Path::new("-"), &error);
            Err(Failure::general(format!("standard output: {why}")))
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

/// Writes a line to standard error, if that is possible, with control characters written out.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", visible(&line.to_string()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_written_out() {
        assert_eq!(
            visible("a\u{1b}[31mred\u{7}\r\u{9b}2J\u{202e}"),
            r"a\u001b[31mred\u0007\u000d\u009b2J\u202e"
        );
        assert!(matches!(visible("Ä\tword\n–"), Cow::Borrowed("Ä\tword\n–")));
    }
}
