//! What is wrong with a setting.

use std::fmt;

/// A setting and what is wrong with it; printed as `key: reason` on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path of the setting, such as `optimizer.adam.beta1`; empty if the fault has no place.
    pub key: String,
    /// What is wrong, and what is possible.
    pub reason: String,
}

impl Problem {
    /// A problem at `key`.
    pub fn new(key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { key: key.into(), reason: reason.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => f.write_str(&self.reason),
            key => write!(f, "{key}: {}", self.reason),
        }
    }
}

impl std::error::Error for Problem {}
