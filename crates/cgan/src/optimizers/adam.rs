//! Adam (Kingma and Ba 2015, "Adam: a method for stochastic optimization", algorithm 1):
//!
//!   m ← β₁ m + (1 - β₁) g,   v ← β₂ v + (1 - β₂) g²,
//!   w ← w - η m̂ / (√v̂ + ε)   with   m̂ = m / (1 - β₁ᵗ),   v̂ = v / (1 - β₂ᵗ),
//!
//! where t counts the updates from 1. Both moments start at zero; the divisions correct for that.

use kernels::elementwise::update;
use kernels::{Buffer, Real};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::optimizer::{Optimizer, OptimizerSettings, Time};

/// Adam (Kingma and Ba 2015).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adam {
    /// Decay β₁ of the first moment.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0, "paper" = "none"))]
    pub beta1: f64,
    /// Decay β₂ of the second moment.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0, "paper" = "none"))]
    pub beta2: f64,
    /// Term ε that is added to the root of the second moment.
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub epsilon: f64,
}

/// The values that Kingma and Ba propose.
impl Default for Adam {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
    }
}

impl OptimizerSettings for Adam {
    fn instance<T: Real>(&self, weights: usize) -> Box<dyn Optimizer<T>> {
        Box::new(State { settings: *self, first: Buffer::zeros(weights), second: Buffer::zeros(weights) })
    }
}

struct State<T> {
    settings: Adam,
    first: Buffer<T>,
    second: Buffer<T>,
}

impl<T: Real> Optimizer<T> for State<T> {
    fn update(&mut self, weights: &mut [T], gradient: &[T], rate: f64, time: Time) -> bool {
        let Adam { beta1, beta2, epsilon } = self.settings;
        let t = (time.updates + 1) as f64;
        // Both bias corrections, folded into the rate and the root.
        let step = T::of(rate / (1.0 - beta1.powf(t)));
        let root = T::of(1.0 / (1.0 - beta2.powf(t)).sqrt());
        let [b1, b2, epsilon] = [beta1, beta2, epsilon].map(T::of);
        let [c1, c2] = [1.0 - beta1, 1.0 - beta2].map(T::of);
        update([weights, &mut self.first, &mut self.second], gradient, |[w, m, v], g| {
            *m = b1 * *m + c1 * g;
            *v = b2 * *v + c2 * g * g;
            *w -= step * *m / (v.sqrt() * root + epsilon);
        })
    }

    fn state(&self) -> Vec<(&'static str, &[T])> {
        vec![("first_moment", &self.first), ("second_moment", &self.second)]
    }

    fn state_mut(&mut self) -> Vec<(&'static str, &mut [T])> {
        vec![("first_moment", &mut self.first), ("second_moment", &mut self.second)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_a_constant_gradient_every_step_has_the_length_of_the_rate() {
        let mut adam = Adam::default().instance::<f64>(1);
        let mut w = [1.0];
        // Both corrected moments are then exact: each step is η g / (|g| + ε).
        for (updates, want) in [(0, 0.9), (1, 0.8), (2, 0.7)] {
            assert!(adam.update(&mut w, &[2.0], 0.1, Time { updates, epochs: 0.0 }));
            assert!((w[0] - want).abs() < 1e-8, "{w:?}");
        }
    }
}
