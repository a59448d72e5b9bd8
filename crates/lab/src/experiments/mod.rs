//! The experiments, one per file: theorem, derivation, prediction, measurement.
//!
//! To add one, write its file and add its line to the list below.

mod optimal_discriminator;
mod value_at_optimum;

use crate::Experiment;

/// All experiments, in the order in which they build on each other.
pub const EXPERIMENTS: &[Experiment] = &[optimal_discriminator::EXPERIMENT, value_at_optimum::EXPERIMENT];

/// The experiment of this name.
pub fn find(name: &str) -> Option<&'static Experiment> {
    EXPERIMENTS.iter().find(|experiment| experiment.name == name)
}
