//! What can go wrong in setting up and training a pair of nets.

use std::path::PathBuf;

/// Each error is one line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The nets cannot be recorded.
    #[error("the nets cannot be recorded: {0}")]
    Record(#[from] autograd::Error),
    /// A setting is outside its range, or does not fit the others or the data.
    #[error("{key}: {reason}")]
    Config {
        /// The setting, as in a configuration file.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A loss, gradient or weight is NaN or infinite.
    #[error("diverged at step {step}: {what} is not finite")]
    Diverged {
        /// The step at which it was found.
        step: u64,
        /// What is not finite.
        what: String,
    },
    /// A checkpoint cannot be read.
    #[error("checkpoint {}: {reason}", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file cannot be written or read.
    #[error("{}: {}", path.display(), files::cause(path, source))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
