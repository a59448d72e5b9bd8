//! Failures of the program: one clear line, and an exit code for scripts.

use std::fmt;
use std::path::Path;

/// A failure that fits no other code.
pub const GENERAL: u8 = 1;
/// A wrong flag or setting.
pub const USAGE: u8 = 2;
/// Training met a NaN or an infinity.
pub const DIVERGED: u8 = 3;
/// Bad data.
pub const DATA: u8 = 4;

/// One line to print, and the exit code.
#[derive(Debug)]
pub struct Failure {
    message: String,
    /// The process's exit code.
    pub code: u8,
}

impl Failure {
    /// Code 1.
    pub fn general(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: GENERAL }
    }

    /// Code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: USAGE }
    }

    /// Code 4.
    pub fn data(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: DATA }
    }

    /// A file that cannot be read or written: code 1.
    pub fn io(path: &Path, error: &std::io::Error) -> Self {
        Self::general(format!("{}: {}", path.display(), files::cause(path, error)))
    }

    /// The same failure with an addition.
    #[must_use]
    pub fn with(mut self, more: impl fmt::Display) -> Self {
        self.message = format!("{}; {more}", self.message);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A library's message may have several lines.
        f.write_str(&self.message.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl From<data::Error> for Failure {
    fn from(error: data::Error) -> Self {
        let code = if matches!(error, data::Error::Io { .. }) { GENERAL } else { DATA };
        Self { message: error.to_string(), code }
    }
}

impl From<evaluation::Error> for Failure {
    fn from(error: evaluation::Error) -> Self {
        match error {
            evaluation::Error::Record(error) => error.into(),
            evaluation::Error::Gan(error) => error.into(),
            evaluation::Error::Data(error) => error.into(),
            evaluation::Error::TrainingSplit => Self::usage(error.to_string()),
            evaluation::Error::Empty(_) => Self::data(error.to_string()),
            evaluation::Error::Stopped { signal, .. } => {
                Self { message: error.to_string(), code: 128u8.saturating_add(signal as u8) }
            }
            evaluation::Error::Io { .. } | evaluation::Error::Degenerate(_) => {
                Self::general(error.to_string())
            }
        }
    }
}

impl From<figures::Error> for Failure {
    fn from(error: figures::Error) -> Self {
        Self::general(error.to_string())
    }
}

impl From<autograd::Error> for Failure {
    fn from(error: autograd::Error) -> Self {
        Self::general(error.to_string())
    }
}

impl From<words::Error> for Failure {
    fn from(error: words::Error) -> Self {
        let code = match error {
            words::Error::Setting { .. } => USAGE,
            words::Error::Diverged(_) => DIVERGED,
            words::Error::File { .. } | words::Error::TooFew(_) => DATA,
            words::Error::Io { .. } => GENERAL,
        };
        Self { message: error.to_string(), code }
    }
}

impl From<cgan::Error> for Failure {
    fn from(error: cgan::Error) -> Self {
        let code = match error {
            cgan::Error::Config { .. } => USAGE,
            cgan::Error::Diverged { .. } => DIVERGED,
            cgan::Error::Checkpoint { .. } => DATA,
            cgan::Error::Record(_) | cgan::Error::Io { .. } => GENERAL,
        };
        Self { message: error.to_string(), code }
    }
}

impl From<lab::Error> for Failure {
    fn from(error: lab::Error) -> Self {
        match error {
            lab::Error::Record(error) => error.into(),
            lab::Error::Gan(error) => error.into(),
            lab::Error::NoOptimum { .. } | lab::Error::Write { .. } => Self::general(error.to_string()),
        }
    }
}

impl From<settings::Problem> for Failure {
    fn from(problem: settings::Problem) -> Self {
        Self::usage(problem.to_string())
    }
}
