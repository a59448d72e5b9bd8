//! How a run ended: `outcome.toml`. While it trains, and after a kill, there is none.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use report::State;
use serde::{Deserialize, Serialize};

use super::directory::{RunDirectory, write_whole};
use crate::failure::Failure;

/// `outcome.toml` of a run directory.
#[derive(Debug, Serialize, Deserialize)]
struct Outcome {
    outcome: Kind,
    /// What was not finite, and where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Finished,
    EarlyStopping,
    Stopped,
    Diverged,
}

/// Writes how a run ended. A run that trains has no such file.
pub(super) fn save(directory: &RunDirectory, state: &State) -> Result<(), Failure> {
    let (outcome, message) = match state {
        State::Finished => (Kind::Finished, None),
        State::EndedEarly => (Kind::EarlyStopping, None),
        State::Stopped => (Kind::Stopped, None),
        State::Diverged(message) => (Kind::Diverged, Some(message.clone())),
        State::Training | State::Unknown => return clear(directory),
    };
    let text = toml::to_string(&Outcome { outcome, message }).expect("strings");
    write_whole(&directory.outcome(), text.as_bytes())
}

/// Removes the word of an earlier session.
pub(super) fn clear(directory: &RunDirectory) -> Result<(), Failure> {
    match fs::remove_file(directory.outcome()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::io(&directory.outcome(), &error))
        }
        _ => Ok(()),
    }
}

/// How the run ended, or whether it trains.
pub(super) fn state(directory: &RunDirectory) -> State {
    if is_training(directory.path()) {
        return State::Training;
    }
    let read = fs::read_to_string(directory.outcome()).ok();
    match read.and_then(|text| toml::from_str::<Outcome>(&text).ok()) {
        Some(Outcome { outcome: Kind::Finished, .. }) => State::Finished,
        Some(Outcome { outcome: Kind::EarlyStopping, .. }) => State::EndedEarly,
        Some(Outcome { outcome: Kind::Stopped, .. }) => State::Stopped,
        Some(Outcome { outcome: Kind::Diverged, message }) => State::Diverged(message.unwrap_or_default()),
        None => State::Unknown,
    }
}

/// Whether a process holds the directory's lock.
fn is_training(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDirectory::create(Some(&folder.path().join("run")), "run").unwrap();
        // The directory is locked, as by a process that trains.
        assert_eq!(state(&run), State::Training);
        let path = run.path().to_owned();
        fs::write(run.config(), "").unwrap();
        drop(run);
        let run = RunDirectory::open(&path).unwrap();
        assert_eq!(state(&run), State::Unknown);
        let ends = [State::Finished, State::EndedEarly, State::Stopped, State::Diverged("D, step 3".into())];
        for end in ends {
            save(&run, &end).unwrap();
            assert_eq!(state(&run), end);
        }
        clear(&run).unwrap();
        assert_eq!(state(&run), State::Unknown);
    }
}
