//! What an experiment is.

use crate::{Error, Report};

/// A theorem, and how the engine is asked about it.
#[derive(Clone, Copy, Debug)]
pub struct Experiment {
    /// As the command line names it.
    pub name: &'static str,
    /// What the theorem says, in one plain sentence.
    pub theorem: &'static str,
    /// Where it stands: authors, year, place.
    pub source: &'static str,
    /// The chapter of the book that derives it.
    pub chapter: usize,
    /// Carries the experiment out. The same seed gives the same report.
    pub run: fn(seed: u64) -> Result<Report, Error>,
}
