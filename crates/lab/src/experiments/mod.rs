//! The experiments, one per file: theorem, derivation, prediction, measurement.
//!
//! To add one, write its file and add its line to the list below.

mod condition;
mod dirac_gan;
mod frechet;
mod generator_losses;
mod gradient_penalty;
mod label_smoothing;
mod mismatched_pairs;
mod mixture;
mod objectives;
mod optimal_discriminator;
mod parzen;
mod value_at_optimum;

pub use mixture::mixture_game;

use crate::Experiment;

/// All experiments, in the order in which they build on each other.
pub const EXPERIMENTS: &[Experiment] = &[
    optimal_discriminator::EXPERIMENT,
    value_at_optimum::EXPERIMENT,
    condition::EXPERIMENT,
    mismatched_pairs::EXPERIMENT,
    label_smoothing::EXPERIMENT,
    objectives::EXPERIMENT,
    generator_losses::EXPERIMENT,
    dirac_gan::EXPERIMENT,
    gradient_penalty::EXPERIMENT,
    parzen::EXPERIMENT,
    frechet::EXPERIMENT,
    mixture::EXPERIMENT,
];

/// The experiment of this name.
pub fn find(name: &str) -> Option<&'static Experiment> {
    EXPERIMENTS.iter().find(|experiment| experiment.name == name)
}
