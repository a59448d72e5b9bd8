//! A run: a directory that is never overwritten, and a training loop that survives being killed.

mod diagnosis;
mod directory;
mod environment;
mod experiment;
pub mod explorer;
mod facts;
mod outcome;
pub(crate) mod page;
mod position;
mod progress;
mod session;
mod table;
mod validation;
pub mod weights;

pub use directory::RunDirectory;
pub(crate) use directory::write_whole;
pub(crate) use experiment::{EvaluationRequest, Experiment, Kind, Probe, Report, Validator};
pub(crate) use facts::DataFacts;
pub(crate) use session::{resume, start};
pub(crate) use table::Table;
