//! `cgan book`.

use crate::cli::BookArgs;
use crate::failure::Failure;
use crate::run::write_whole;
use crate::terminal::{open_in_browser, print};

pub(super) fn book(args: &BookArgs) -> Result<(), Failure> {
    let page = page()?;
    write_whole(&args.out, page.as_bytes())?;
    print(&format!("{}\n", args.out.display()))?;
    if args.open { open_in_browser(&args.out) } else { Ok(()) }
}

/// The page, with the game that is played for it.
fn page() -> Result<String, Failure> {
    let game = report::game_section(&lab::mixture_game(lab::SEED.into())?);
    book::page(&[game]).map_err(|fault| Failure::general(fault.to_string()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use clap::Parser;

    use crate::cli::{Cli, Command};

    /// Whether a source file of a crate has a test of this name.
    fn has_test(folder: &Path, name: &str) -> bool {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
            if path.is_dir() {
                return has_test(&path, name);
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            text.contains("#[test]")
                && (text.contains(&format!("fn {name}")) || text.contains(&format!("mod {name}")))
        })
    }

    #[test]
    fn the_page_with_its_game_is_of_a_size_to_send() {
        let page = super::page().unwrap_or_else(|failure| panic!("{failure:?}"));
        assert!((1_000_000..3_000_000).contains(&page.len()), "{} bytes", page.len());
        let trainings = page.matches("<p class=\"game-name\">").count();
        assert!(trainings == 3 && page.contains("\"side\":20"), "{trainings} trainings");
    }

    #[test]
    fn every_check_of_the_book_is_a_command_that_exists() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let commands = book::commands();
        assert!(commands.len() > 50, "{}", commands.len());
        for (chapter, command) in commands {
            let words: Vec<&str> = command.split_whitespace().collect();
            match words[..] {
                ["cargo", "test", "-p", of, name] => {
                    assert!(has_test(&crates.join(of), name), "{chapter}: {command}: no such test");
                }
                ["cgan", ..] => {
                    let cli = Cli::try_parse_from(words)
                        .unwrap_or_else(|error| panic!("{chapter}: {command}: {error}"));
                    if let Command::Lab(args) = cli.command {
                        args.names
                            .iter()
                            .for_each(|name| assert!(lab::find(name).is_some(), "{chapter}: {command}"));
                    }
                }
                _ => panic!("{chapter}: {command}: neither cgan nor cargo test"),
            }
        }
    }
}
