//! Stochastic gradient descent with momentum ("heavy ball", Polyak 1964):
//!
//!   v ← μ v - η g,   w ← w + v.
//!
//! The rate η is inside v: what momentum carries on keeps the rate at which it was taken in. (PyTorch keeps η outside, and a
//! falling rate then shortens the carried steps, too.) The paper lets μ rise over the first epochs.

use kernels::elementwise::update;
use kernels::{Buffer, Real};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::optimizer::{Optimizer, OptimizerSettings, Time};

/// Stochastic gradient descent with momentum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sgd {
    /// Momentum at the start.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0, "paper" = "0.5"))]
    pub momentum: f64,
    /// How momentum changes. Without this table it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("paper" = "to 0.7; open: epochs"))]
    pub ramp: Option<Ramp>,
}

/// A linear change of momentum over the first epochs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ramp {
    /// Momentum at the end of the ramp.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0, "paper" = "0.7"))]
    pub to: f64,
    /// Epochs that the ramp takes. The original adversarial-nets code: 250.
    #[schemars(extend("exclusiveMinimum" = 0.0, "unit" = "epochs", "paper" = "open"))]
    pub epochs: f64,
}

impl Sgd {
    /// μ after so many epochs.
    fn momentum_after(&self, epochs: f64) -> f64 {
        self.ramp.map_or(self.momentum, |Ramp { to, epochs: over }| {
            self.momentum + (epochs / over).min(1.0) * (to - self.momentum)
        })
    }
}

impl OptimizerSettings for Sgd {
    fn instance<T: Real>(&self, weights: usize) -> Box<dyn Optimizer<T>> {
        Box::new(State { settings: *self, velocity: Buffer::zeros(weights) })
    }

    fn without_effect(&self) -> Option<(&'static str, &'static str)> {
        let level = self.ramp.is_some_and(|ramp| ramp.to == self.momentum);
        level.then_some(("ramp", "it ends at the momentum that it starts from; leave the ramp away"))
    }
}

struct State<T> {
    settings: Sgd,
    velocity: Buffer<T>,
}

impl<T: Real> Optimizer<T> for State<T> {
    fn update(&mut self, weights: &mut [T], gradient: &[T], rate: f64, time: Time) -> bool {
        let (rate, momentum) = (T::of(rate), T::of(self.settings.momentum_after(time.epochs)));
        update([weights, &mut self.velocity], gradient, |[w, v], g| {
            *v = momentum * *v - rate * g;
            *w += *v;
        })
    }

    fn state(&self) -> Vec<(&'static str, &[T])> {
        vec![("velocity", &self.velocity)]
    }

    fn state_mut(&mut self) -> Vec<(&'static str, &mut [T])> {
        vec![("velocity", &mut self.velocity)]
    }

    fn momentum(&self, time: Time) -> Option<f64> {
        Some(self.settings.momentum_after(time.epochs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPER: Sgd = Sgd { momentum: 0.5, ramp: Some(Ramp { to: 0.7, epochs: 250.0 }) };

    #[test]
    fn momentum_rises_linearly_and_then_stays() {
        for (epochs, want) in [(0.0, 0.5), (125.0, 0.6), (250.0, 0.7), (9999.0, 0.7)] {
            assert!((PAPER.momentum_after(epochs) - want).abs() < 1e-12, "after {epochs} epochs");
        }
    }

    #[test]
    fn two_steps_are_those_of_the_formula() {
        let mut sgd = Sgd { ramp: None, ..PAPER }.instance::<f64>(1);
        let mut w = [1.0];
        // v: -0.2, then 0.5 · -0.2 - 0.2 = -0.3.
        for want in [0.8, 0.5] {
            assert!(sgd.update(&mut w, &[2.0], 0.1, Time { updates: 0, epochs: 0.0 }));
            assert!((w[0] - want).abs() < 1e-15);
        }
    }

    #[test]
    fn a_level_ramp_is_refused() {
        let level = Sgd { ramp: Some(Ramp { to: 0.5, epochs: 3.0 }), ..PAPER };
        assert_eq!(level.without_effect().map(|(key, _)| key), Some("ramp"));
        assert!(PAPER.without_effect().is_none());
    }
}
