//! What is wrong with a command line, in one line: what was found, what is possible, and where to read more.

use std::ffi::OsString;
use std::num::{IntErrorKind, ParseFloatError, ParseIntError};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, Parser};
use settings::{lines, node_of};

use super::Cli;
use crate::config::RunConfig;
use crate::failure::{Failure, USAGE};
use crate::terminal::finished;

/// A command line that was read.
#[derive(Debug)]
pub enum Asked {
    /// Something to do.
    Command(Box<Cli>),
    /// Help or the version, which is written; the exit code.
    Answered(u8),
}

/// Reads a command line. Where a verb is missing, the answer is the help, on standard error.
///
/// # Errors
/// One line for wrong arguments.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Asked, Failure> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match Cli::try_parse_from(&arguments) {
        Ok(cli) => Ok(Asked::Command(Box::new(cli))),
        Err(error) if !error.use_stderr() => finished(error.print()).map(|()| Asked::Answered(0)),
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            Ok(Asked::Answered(USAGE))
        }
        Err(error) => Err(Failure::usage(message(&error, &arguments))),
    }
}

/// The line about wrong arguments.
fn message(error: &clap::Error, arguments: &[OsString]) -> String {
    let mut root = Cli::command();
    root.build();
    let (path, verb) = verb_of(&root, arguments);
    let fault = Fault { error, verb, given: path.len() };
    let help = ["cgan"].iter().chain(&path).chain(&["--help"]).copied().collect::<Vec<_>>().join(" ");
    let what = fault.what();
    let see = if what.ends_with('?') { " See" } else { "; see" };
    format!("{what}{see} {help}")
}

/// The verbs that a command line names, and the last one's own arguments.
fn verb_of<'a>(root: &'a Command, arguments: &'a [OsString]) -> (Vec<&'a str>, &'a Command) {
    let (mut path, mut verb) = (Vec::new(), root);
    let mut arguments = arguments.iter().skip(1);
    while let Some(argument) = arguments.next() {
        match verb.find_subcommand(argument) {
            Some(found) if found.get_name() != "help" => {
                path.push(found.get_name());
                verb = found;
            }
            // The one flag that every verb has takes a value.
            _ if argument == "--threads" => drop(arguments.next()),
            _ if argument == "--" => break,
            _ if argument.as_encoded_bytes().starts_with(b"-") => {}
            _ => break,
        }
    }
    (path, verb)
}

struct Fault<'a> {
    error: &'a clap::Error,
    verb: &'a Command,
    /// Verbs that were recognised.
    given: usize,
}

impl Fault<'_> {
    /// What is wrong, without where to read more.
    fn what(&self) -> String {
        let (arg, value) = (self.arg(), self.text(ContextKind::InvalidValue));
        match self.error.kind() {
            ErrorKind::InvalidValue if value.is_empty() => self.without_value(&arg),
            ErrorKind::InvalidValue => {
                let possible = self.list(ContextKind::ValidValue);
                let near = did_you_mean(&self.list(ContextKind::SuggestedValue));
                format!("{arg} {value}: it must be one of {}{near}", possible.join(", "))
            }
            ErrorKind::ValueValidation => {
                let shown = self.written(ContextKind::InvalidValue);
                format!("{arg} {shown}: {}", self.needed(&value))
            }
            ErrorKind::UnknownArgument => self.unknown(),
            ErrorKind::InvalidSubcommand => {
                let name = self.written(ContextKind::InvalidSubcommand);
                let near = did_you_mean(&self.list(ContextKind::SuggestedSubcommand));
                let of =
                    if self.given > 0 { format!("{} has", self.verb.get_name()) } else { "there is".into() };
                format!("{of} no verb {name}{near}")
            }
            ErrorKind::MissingSubcommand => {
                let names: Vec<&str> = self.verb.get_subcommands().map(Command::get_name).collect();
                format!("a verb is missing: one of {}", names.join(", "))
            }
            ErrorKind::MissingRequiredArgument => self.missing(),
            ErrorKind::ArgumentConflict => self.conflict(&arg),
            ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
                let number = |kind| match self.error.get(kind) {
                    Some(ContextValue::Number(number)) => Some(*number),
                    _ => None,
                };
                let needed = number(ContextKind::ExpectedNumValues).or(number(ContextKind::MinValues));
                match (needed, number(ContextKind::ActualNumValues)) {
                    (Some(needed), Some(given)) => {
                        format!("{arg}: {needed} values are needed, and {given} given")
                    }
                    _ if self.takes_none() => format!("{arg}={value}: it takes no value"),
                    _ => format!("{arg} {value}: this is one value too many"),
                }
            }
            ErrorKind::InvalidUtf8 => "an argument is not UTF-8".to_owned(),
            _ => self.error.to_string().trim_start_matches("error: ").to_owned(),
        }
    }

    fn text(&self, kind: ContextKind) -> String {
        self.list(kind).into_iter().next().unwrap_or_default()
    }

    /// The same of what a user wrote, so that nothing can be seen.
    fn written(&self, kind: ContextKind) -> String {
        let text = self.text(kind);
        if text.is_empty() { "\"\"".to_owned() } else { text }
    }

    fn list(&self, kind: ContextKind) -> Vec<String> {
        match self.error.get(kind) {
            Some(ContextValue::String(text)) => vec![text.clone()],
            Some(ContextValue::Strings(texts)) => texts.clone(),
            _ => Vec::new(),
        }
    }

    /// The flag, or the name of what has no flag.
    fn arg(&self) -> String {
        bare(&self.text(ContextKind::InvalidArg)).to_owned()
    }

    /// The definition of the argument that is named.
    fn definition(&self, shown: &str) -> Option<&clap::Arg> {
        let name = bare(shown);
        self.verb.get_arguments().find(|arg| bare(&arg.to_string()) == name)
    }

    fn takes_none(&self) -> bool {
        let definition = self.definition(&self.text(ContextKind::InvalidArg));
        definition.is_some_and(|arg| !arg.get_action().takes_values())
    }

    fn without_value(&self, arg: &str) -> String {
        let shown = self.text(ContextKind::InvalidArg);
        let possible = self.list(ContextKind::ValidValue);
        match possible.is_empty() {
            true => format!("{arg}: its value is missing, as in {}", shown.replace(['<', '>', '[', ']'], "")),
            false => format!("{arg}: its value is missing, one of {}", possible.join(", ")),
        }
    }

    /// What a value must be, by why it could not be read.
    fn needed(&self, value: &str) -> String {
        use std::error::Error;
        let Some(source) = self.error.source() else { return "this value cannot be used".to_owned() };
        if source.is::<ParseFloatError>() {
            return "a number is needed".to_owned();
        }
        if let Some(error) = source.downcast_ref::<ParseIntError>() {
            return match error.kind() {
                IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => {
                    "this number is too large".to_owned()
                }
                _ if value.parse::<f64>().is_ok_and(|number| number < 0.0) => {
                    "a whole number is needed, which is not negative".to_owned()
                }
                _ => "a whole number is needed".to_owned(),
            };
        }
        let text = source.to_string();
        // Where a range is stated: "VALUE is not in LOW..=HIGH".
        let range = text.strip_prefix(&format!("{value} is not in "));
        match range.and_then(|range| range.split_once("..")) {
            None => text,
            Some((low, "")) => format!("it must be at least {low}"),
            Some(("", high)) => format!("it must be at most {}", high.trim_start_matches('=')),
            Some((low, high)) => format!("it must be in {low} to {}", high.trim_start_matches('=')),
        }
    }

    fn unknown(&self) -> String {
        let arg = self.written(ContextKind::InvalidArg);
        if !arg.starts_with('-') {
            let verb = self.verb.get_name();
            return format!("{arg}: {verb} takes no further argument");
        }
        let mut near = self.list(ContextKind::SuggestedArg);
        near.truncate(1);
        let is_setting = || -> Option<String> {
            self.verb.get_arguments().find(|arg| arg.get_long() == Some("set"))?;
            let name = arg.trim_start_matches('-').replace('-', "_");
            let keys = lines(&node_of::<RunConfig>()).into_iter().map(|line| line.key);
            keys.into_iter().find(|key| *key == name || key.ends_with(&format!(".{name}")))
        };
        let has = |verb: &&Command| verb.get_arguments().any(|own| own.get_long() == arg.strip_prefix("--"));
        let verbs: Vec<&str> = self.verb.get_subcommands().filter(has).map(Command::get_name).collect();
        match is_setting() {
            None if !verbs.is_empty() => {
                format!("{arg} is a flag of {}, behind which it must stand", verbs.join(", "))
            }
            Some(key) => format!("there is no flag {arg}; a setting is given as --set {key}=VALUE"),
            None => format!("there is no flag {arg}{}", did_you_mean(&near)),
        }
    }

    fn missing(&self) -> String {
        let mut missing = self.list(ContextKind::InvalidArg);
        missing.sort_by_key(|arg| arg.starts_with('-'));
        let each = missing.iter().map(|shown| {
            let plain = shown.replace(['<', '>', '[', ']'], "");
            let definition = self.definition(shown);
            let possible: Vec<String> = definition
                .map(|arg| arg.get_possible_values())
                .unwrap_or_default()
                .iter()
                .map(|value| value.get_name().to_owned())
                .collect();
            match possible.is_empty() {
                true => plain,
                false => format!("{plain} ({})", possible.join(", ")),
            }
        });
        format!("{}: missing is {}", self.verb.get_name(), each.collect::<Vec<_>>().join(", "))
    }

    fn conflict(&self, arg: &str) -> String {
        let others: Vec<String> =
            self.list(ContextKind::PriorArg).iter().map(|shown| bare(shown).to_owned()).collect();
        let verb = self.text(ContextKind::InvalidSubcommand);
        match () {
            () if others.iter().any(|other| other == arg) => format!("{arg} is given twice"),
            () if !verb.is_empty() => format!("the verb {verb} and {} exclude each other", others.join(", ")),
            () if others.is_empty() => format!("{arg} excludes the others"),
            () => format!("{arg} and {} exclude each other", others.join(", ")),
        }
    }
}

/// The name in `--flag <VALUE>`, `<NAME>...` or `[NAME]`.
fn bare(shown: &str) -> &str {
    let name = shown.split([' ', '=']).next().unwrap_or_default();
    name.trim_end_matches('.').trim_matches(['<', '>', '[', ']'])
}

fn did_you_mean(names: &[String]) -> String {
    match names {
        [] => String::new(),
        names => format!("; did you mean {}?", names.join(" or ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line about these arguments.
    fn line(arguments: &str) -> String {
        let arguments = std::iter::once("cgan").chain(arguments.split(' ')).map(OsString::from);
        parse(arguments).unwrap_err().to_string()
    }

    #[test]
    fn each_kind_of_fault_is_one_line_that_names_it() {
        for (arguments, want) in [
            ("trian mnist", "there is no verb trian; did you mean train? See cgan --help"),
            ("words evalute", "words has no verb evalute; did you mean evaluate? See cgan words --help"),
            ("train", "train: missing is EXPERIMENT (mnist, tags); see cgan train --help"),
            (
                "data prepare generic l.csv",
                "prepare: missing is --features FILE.npy, --out DIR; see cgan data prepare --help",
            ),
            (
                "train mnits",
                "EXPERIMENT mnits: it must be one of mnist, tags; did you mean mnist? See cgan train --help",
            ),
            ("train mnist --epochs three", "--epochs three: a whole number is needed; see cgan train --help"),
            (
                "train mnist --epochs -3",
                "--epochs -3: a whole number is needed, which is not negative; see cgan train --help",
            ),
            (
                "train mnist --seed 4294967296",
                "--seed 4294967296: it must be in 0 to 4294967295; see cgan train --help",
            ),
            (
                "train mnist --epochs 18446744073709551616",
                "--epochs 18446744073709551616: this number is too large; see cgan train --help",
            ),
            (
                "train mnist --epochs",
                "--epochs: its value is missing, as in --epochs N; see cgan train --help",
            ),
            (
                "train mnist --epohcs 3",
                "there is no flag --epohcs; did you mean --epochs? See cgan train --help",
            ),
            (
                "train mnist --batch 10",
                "there is no flag --batch; a setting is given as --set updates.batch=VALUE; see cgan train --help",
            ),
            ("train mnist more", "more: train takes no further argument; see cgan train --help"),
            ("--threads 0 schema", "--threads 0: it must be in 1 to 1024; see cgan schema --help"),
            ("lab --wrong very", "--wrong very: a number is needed; see cgan lab --help"),
            (
                "sample r --out a.png --count 0",
                "--count 0: it must be in 1 to 4294967295; see cgan sample --help",
            ),
            ("evaluate r --json=3", "--json=3: it takes no value; see cgan evaluate --help"),
            ("evaluate r --json --json", "--json is given twice; see cgan evaluate --help"),
            ("presets --diff a", "--diff: 2 values are needed, and 1 given; see cgan presets --help"),
            ("lab --list --out d", "--list and --out exclude each other; see cgan lab --help"),
            ("data folder prepare", "the verb prepare and FOLDER exclude each other; see cgan data --help"),
            (
                "evaluate r --split",
                "--split: its value is missing, one of test, validation; see cgan evaluate --help",
            ),
            ("words analogy a b", "WORDS: 3 values are needed, and 2 given; see cgan words analogy --help"),
            (
                "--epochs 3 train mnist",
                "--epochs is a flag of train, resume, graph, behind which it must stand; see cgan --help",
            ),
            ("train mnist --epochs=", "--epochs \"\": a whole number is needed; see cgan train --help"),
            (
                "completions tcsh",
                "SHELL tcsh: it must be one of bash, elvish, fish, powershell, zsh; did you mean zsh? See cgan completions --help",
            ),
        ] {
            assert_eq!(line(arguments), want, "{arguments}");
        }
    }

    /// Whatever the verb: a flag that it does not have, a value too many, and each of its flags without a value or with a
    /// wrong one.
    #[test]
    fn every_flag_of_every_verb_is_answered_in_our_words() {
        fn verbs(command: &Command, path: &str, all: &mut Vec<(String, Command)>) {
            all.push((path.to_owned(), command.clone()));
            for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
                verbs(inner, format!("{path} {}", inner.get_name()).trim_start(), all);
            }
        }
        let mut root = Cli::command();
        root.build();
        let mut all = Vec::new();
        verbs(&root, "", &mut all);
        assert!(all.len() > 20);
        let foreign = ["invalid digit", "invalid float", "<", "error:", "Usage", "unexpected", "..="];
        let mut tried = 0;
        for (path, verb) in &all {
            let mut check = |more: &str| {
                let arguments = format!("{path} {more}");
                let line = line(arguments.trim());
                assert!(foreign.iter().all(|words| !line.contains(words)), "{arguments}: {line}");
                assert!(
                    line.ends_with(&format!("ee cgan {path} --help").replace("  ", " ")),
                    "{arguments}: {line}"
                );
                tried += 1;
            };
            check("--conjure");
            for flag in verb.get_arguments().filter_map(|arg| arg.get_long()) {
                match flag {
                    "help" | "version" => check(&format!("--{flag}=3")),
                    flag => {
                        let arg = verb.get_arguments().find(|arg| arg.get_long() == Some(flag)).unwrap();
                        match arg.get_action().takes_values() {
                            true => check(&format!("--{flag}")),
                            false => check(&format!("--{flag}=3")),
                        }
                    }
                }
            }
        }
        assert!(tried > 100, "{tried}");
    }
}
