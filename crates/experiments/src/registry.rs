//! The experiments, a line each.

use crate::config::Experiment;
use crate::run::Kind;
use crate::{digits, tagging};

/// Every experiment.
const EXPERIMENTS: [&Kind; 2] = [
    &digits::KIND,  //
    &tagging::KIND, //
];

/// The experiment that the settings name.
pub(crate) fn of(experiment: Experiment) -> &'static Kind {
    let found = EXPERIMENTS.into_iter().find(|kind| kind.experiment == experiment);
    found.unwrap_or_else(|| panic!("{} is not in the registry", experiment.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_experiment_of_the_settings_is_registered_once() {
        for experiment in [Experiment::Mnist, Experiment::Tags] {
            assert_eq!(EXPERIMENTS.iter().filter(|kind| kind.experiment == experiment).count(), 1);
        }
    }
}
