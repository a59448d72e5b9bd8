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

/// The most characters without white space that are shown in a message.
const LONGEST: usize = 1000;

/// Text whose words, ids and paths of more than [`LONGEST`] characters are cut: `aaa..[+16000000 characters]..aaa`. A
/// file of others may have one of megabytes.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    let is_long = |word: &str| word.len() > LONGEST && word.chars().count() > LONGEST;
    if !text.split(char::is_whitespace).any(is_long) {
        return Cow::Borrowed(text);
    }
    let short = |piece: &str| {
        let word = piece.trim_end_matches(char::is_whitespace);
        if !is_long(word) {
            return piece.to_owned();
        }
        let characters: Vec<char> = word.chars().collect();
        let part = LONGEST / 10;
        let text = |part: &[char]| part.iter().collect::<String>();
        let (start, end) = (text(&characters[..part]), text(&characters[characters.len() - part..]));
        format!("{start}..[+{} characters]..{end}{}", characters.len() - 2 * part, &piece[word.len()..])
    };
    Cow::Owned(text.split_inclusive(char::is_whitespace).map(short).collect())
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

/// Writes a line to standard error, if that is possible, with control characters written out and endless words cut.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", visible(&shortened(&line.to_string())));
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

    #[test]
    fn endless_words_are_cut() {
        let fits = format!("a {}\n", "é".repeat(LONGEST));
        assert!(matches!(shortened(&fits), Cow::Borrowed(_)));
        let (a, b) = ("é".repeat(100), "b".repeat(100));
        let text = format!("v.txt: {}{}\tis odd\n", "é".repeat(700), "b".repeat(500));
        assert_eq!(shortened(&text), format!("v.txt: {a}..[+1000 characters]..{b}\tis odd\n"));
    }
}
