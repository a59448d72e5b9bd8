//! What an optimiser is: a rule that moves weights against their gradient, with a state of its own.
//!
//! An optimiser sees slices and knows nothing of two players. What the learning rate is at an update is the business of
//! a [schedule](crate::schedule).

use kernels::Real;

/// When an update takes place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    /// Updates of the same weights before this one.
    pub updates: u64,
    /// Passes over the training data before this update.
    pub epochs: f64,
}

/// A rule and its state for a number of weights.
pub trait Optimizer<T: Real>: Send {
    /// Moves the weights by one update at the learning rate `rate`. Returns whether every new value, of weights and of
    /// state, is finite.
    fn update(&mut self, weights: &mut [T], gradient: &[T], rate: f64, time: Time) -> bool;

    /// The buffers of the state, by name, as many values each as there are weights.
    fn state(&self) -> Vec<(&'static str, &[T])>;

    /// The same, to be restored.
    fn state_mut(&mut self) -> Vec<(&'static str, &mut [T])>;

    /// The momentum at this time, where the rule has one.
    fn momentum(&self, _time: Time) -> Option<f64> {
        None
    }
}

/// The settings of an optimiser.
pub trait OptimizerSettings {
    /// The optimiser for so many weights, at its first state.
    fn instance<T: Real>(&self, weights: usize) -> Box<dyn Optimizer<T>>;

    /// A setting that does nothing with these values: its key, within the optimiser's table, and why.
    fn without_effect(&self) -> Option<(&'static str, &'static str)> {
        None
    }
}
