//! The theory lab: what theory predicts of the two players, beside what the tape, the objectives and the optimisers do.
//!
//! An [`Experiment`] states a theorem with its source and makes a [`Report`], in which each [`Line`] has a prediction, a
//! measurement and a tolerance. Games on finite tables ([`Game`]) have one logit for each (x, y) and are played in double
//! precision by the objectives of crate `cgan` that train nets, by gradients from the tape. No loss is written a second
//! time here; only predictions are.
//!
//! ```
//! # fn main() -> Result<(), lab::Error> {
//! let experiment = lab::find("optimal-discriminator").expect("an experiment of this name");
//! let report = (experiment.run)(1)?;
//! assert!(report.passes());
//! for line in &report.lines {
//!     println!("{}: {} predicted, {} measured", line.what, line.prediction, line.measured);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! To add an experiment, write its file in `experiments` and add its line to the list there.

mod error;
mod experiment;
mod experiments;
mod game;
mod optimum;
mod report;
mod statistics;
mod tables;

pub use self::report::{Line, Relation, Report, Table};
pub use error::Error;
pub use experiment::Experiment;
/// The seed that `cgan lab` takes if none is asked for, and that of the game in the book.
pub const SEED: u32 = 1;

pub use experiments::{EXPERIMENTS, find, mixture_game};
pub use game::{Discriminator, Game};
pub use tables::Tables;
