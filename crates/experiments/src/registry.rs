//! The experiments, a line each.

use crate::config::Experiment;
use crate::run::Kind;
use crate::{digits, tagging};

/// The experiment that the settings name.
pub(crate) fn of(experiment: Experiment) -> &'static Kind {
    match experiment {
        Experiment::Mnist => &digits::KIND,
        Experiment::Tags => &tagging::KIND,
    }
}
