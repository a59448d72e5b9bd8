//! RMSProp (Tieleman and Hinton 2012, "Neural networks for machine learning", lecture 6.5):
//!
//!   v ← ρ v + (1 - ρ) g²,   w ← w - η g / (√v + ε).
//!
//! Each weight's step is measured by the recent size of its own gradients. Unlike Adam there is no momentum, and no
//! correction for the zero at which v starts: the first steps are longer by up to 1 / √(1 - ρ). ε is outside the root, as
//! in PyTorch.

use kernels::elementwise::update;
use kernels::{Buffer, Real};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::optimizer::{Optimizer, OptimizerSettings, Time};

/// RMSProp (Tieleman and Hinton 2012).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rmsprop {
    /// Decay ρ of the mean square of the gradient.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0, "paper" = "none"))]
    pub rho: f64,
    /// Term ε that is added to the root of the mean square.
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub epsilon: f64,
}

impl OptimizerSettings for Rmsprop {
    fn instance<T: Real>(&self, weights: usize) -> Box<dyn Optimizer<T>> {
        Box::new(State { settings: *self, mean_square: Buffer::zeros(weights) })
    }
}

struct State<T> {
    settings: Rmsprop,
    mean_square: Buffer<T>,
}

impl<T: Real> Optimizer<T> for State<T> {
    fn update(&mut self, weights: &mut [T], gradient: &[T], rate: f64, _: Time) -> bool {
        let Rmsprop { rho, epsilon } = self.settings;
        let [rate, keep, share, epsilon] = [rate, rho, 1.0 - rho, epsilon].map(T::of);
        update([weights, &mut self.mean_square], gradient, |[w, v], g| {
            *v = keep * *v + share * g * g;
            *w -= rate * g / (v.sqrt() + epsilon);
        })
    }

    fn state(&self) -> Vec<(&'static str, &[T])> {
        vec![("mean_square", &self.mean_square)]
    }

    fn state_mut(&mut self) -> Vec<(&'static str, &mut [T])> {
        vec![("mean_square", &mut self.mean_square)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_steps_are_those_of_the_formula() {
        let mut rmsprop = Rmsprop { rho: 0.75, epsilon: 1e-8 }.instance::<f64>(1);
        let mut w = [1.0];
        // v: 0.25 · 4 = 1, then 0.75 + 1 = 1.75.
        for want in [1.0 - 0.2, 1.0 - 0.2 - 0.2 / 1.75f64.sqrt()] {
            assert!(rmsprop.update(&mut w, &[2.0], 0.1, Time { updates: 0, epochs: 0.0 }));
            assert!((w[0] - want).abs() < 1e-8, "{w:?}");
        }
    }
}
