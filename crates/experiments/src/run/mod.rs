//! A run: a folder that is never overwritten, and a training loop that survives being killed.

mod digits;
mod environment;
mod experiment;
mod folder;
mod metrics;
mod position;
mod progress;
mod session;
mod signals;
mod tagging;
mod watch;
pub mod weights;

pub(crate) use experiment::new as experiment;
pub(crate) use folder::write_whole;
pub use folder::{Outcome, RunFolder};
pub use session::{resume, start};
pub(crate) use signals::Signals;
pub(crate) use tagging::page_picture;
