//! A run: a folder that is never overwritten, and a training loop that survives being killed.

mod environment;
mod folder;
mod metrics;
mod position;
mod progress;
mod session;
mod signals;
mod watch;
pub mod weights;

pub(crate) use folder::write_whole;
pub use folder::{Outcome, RunFolder};
pub use session::{resume, start};
pub(crate) use signals::Signals;
