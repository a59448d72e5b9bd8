//! What a penalty on D's gradient is, and its gradient by first-order rules.
//!
//! A penalty is E φ(|v|), where v = ∇ₓ s(x|y) is the gradient of D's logit with respect to x. Its own gradient with
//! respect to D's weights θ needs no second-order rule. Let v be held fixed where it is written as v; then
//!
//!   ∂/∂θ φ(|∇ₓ s|) = φ'(|v|) / |v| · v · ∂/∂θ ∇ₓ s = ∂/∂θ (d · ∇ₓ s)   with   d = φ'(|v|) / |v| · v,
//!
//! and d · ∇ₓ s is the directional derivative of s along d: a tangent pass, recorded like anything else. So a penalty is
//! one recorded tangent with a direction that is scaled example by example.

use autograd::{Error, Parameters, Real, Sweep, Tape, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Weight and timing of a penalty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Strength {
    /// Weight of the penalty in D's loss: γ or λ of its formula.
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub weight: f64,
    /// Updates of D from one with the penalty to the next (Karras et al. 2020). The penalty is then as many times stronger.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1_000_000), extend("paper" = "none"))]
    pub interval: u64,
    /// How the weight falls. Without this table it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("paper" = "none"))]
    pub decay: Option<Decay>,
}

/// How the weight of a penalty falls: evenly in its logarithm, then it stays (Huang et al. 2024).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decay {
    /// Factor by which the weight has fallen in the end.
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0, "paper" = "none"))]
    pub factor: f64,
    /// Epochs over which it falls.
    #[schemars(extend("exclusiveMinimum" = 0.0, "unit" = "epochs", "paper" = "none"))]
    pub epochs: f64,
}

impl Strength {
    /// The weight after so many epochs as a share of the weight at the start.
    pub fn remaining(&self, epochs: f64) -> f64 {
        self.decay.map_or(1.0, |decay| decay.factor.powf((epochs / decay.epochs).min(1.0)))
    }
}

fn one() -> u64 {
    1
}

/// At which x a penalty takes D's gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Real examples.
    Real,
    /// Fakes of the same batch.
    Fake,
    /// Between a real example and a fake, at a random share of the way for each pair.
    Between,
}

/// A penalty E φ(|∇ₓ s|) on D's gradient.
pub trait Penalty: Send {
    /// With this weight and timing; settings of its own, if it has any, as they are by default.
    fn with(strength: Strength) -> Self
    where
        Self: Sized;

    /// Weight and timing.
    fn strength(&self) -> Strength;

    /// At which x the gradient is taken.
    fn point(&self) -> Point;

    /// φ(n) for a gradient of norm n, without the weight.
    fn value(&self, norm: f64) -> f64;

    /// φ'(n) / n: what the gradient of an example is scaled by, to be the direction of its tangent. At n = 0, where
    /// the gradient has no direction, any finite number.
    fn direction(&self, norm: f64) -> f64;
}

/// A penalty recorded on a tape.
pub struct RecordedPenalty {
    penalty: Box<dyn Penalty>,
    x: Var,
    /// The tangent is recorded from here..
    start: Var,
    /// ..to here.
    end: Var,
    /// (batch, width).
    direction: Var,
    /// (1, 1): weight · interval · E[d · ∇ₓ s], whose gradient is that of the penalty at its first weight.
    surrogate: Var,
    to_x: Sweep,
    to_weights: Sweep,
}

impl RecordedPenalty {
    /// Records the tangent of D's `logits` (batch, 1) with respect to x (batch, width), and plans the gradient of the
    /// penalty with respect to `weights`.
    ///
    /// # Errors
    /// If D contains an operation without a tangent rule.
    pub fn record<T: Real>(
        tape: &mut Tape<T>,
        penalty: Box<dyn Penalty>,
        x: Var,
        logits: Var,
        weights: &[Var],
    ) -> Result<Self, Error> {
        let to_x = tape.sweep(logits, &[x])?;
        let start = tape.here();
        let direction = tape.input("direction", tape.shape(x));
        let products = tape.tangent(logits, x, direction)?; // (batch, 1)
        let mean = tape.mean(products)?;
        let Strength { weight, interval, .. } = penalty.strength();
        // In one update of `interval`, and as many times stronger.
        let surrogate = tape.scale(mean, weight * interval as f64)?;
        let to_weights = tape.sweep(surrogate, weights)?;
        Ok(Self { penalty, x, start, end: tape.here(), direction, surrogate, to_x, to_weights })
    }

    /// Whether the penalty belongs to this update of D, counted from 0.
    pub fn is_due(&self, update: u64) -> bool {
        update.is_multiple_of(self.penalty.strength().interval)
    }

    /// Computes the gradient of the penalty after `epochs` epochs with respect to D's weights, from a finished forward
    /// pass, and writes it to `gradients`, or adds it if `add` is set. Returns the penalty with its weight, but not the
    /// number of updates that it stands for. `draw` is that of the forward pass.
    pub fn gradient<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        gradients: &mut Parameters<T>,
        (draw, epochs): (u64, f64),
        add: bool,
    ) -> f64 {
        tape.backward(&self.to_x, parameters, gradients); // as far as x: no weight's gradient changes
        tape.set_to_gradient(self.direction, self.x);
        let (strength, remaining) = (self.penalty.strength(), self.penalty.strength().remaining(epochs));
        let mut directions = tape.value_mut(self.direction);
        let examples = directions.nrows() as f64;
        let mut sum = 0.0;
        for mut v in directions.rows_mut() {
            let norm = v.iter().map(|v| v.f64() * v.f64()).sum::<f64>().sqrt();
            sum += self.penalty.value(norm);
            let factor = T::of(remaining * self.penalty.direction(norm));
            v.iter_mut().for_each(|v| *v *= factor);
        }
        tape.forward(parameters, self.start..self.end, draw);
        if add {
            tape.backward_add(&self.to_weights, parameters, gradients);
        } else {
            tape.backward(&self.to_weights, parameters, gradients);
        }
        strength.weight * remaining * sum / examples
    }

    /// The direction and the surrogate, to be named in a drawing of the tape.
    pub fn marks(&self) -> [(Var, &'static str); 2] {
        [(self.direction, "direction of ∇ₓ s"), (self.surrogate, "gradient penalty")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weight_falls_evenly_in_its_logarithm_and_then_stays() {
        let decay = Some(Decay { factor: 0.01, epochs: 4.0 });
        let strength = Strength { weight: 2.0, interval: 1, decay };
        for (epochs, want) in [(0.0, 1.0), (2.0, 0.1), (4.0, 0.01), (400.0, 0.01)] {
            assert!((strength.remaining(epochs) - want).abs() < 1e-15, "after {epochs} epochs");
        }
        assert_eq!(Strength { decay: None, ..strength }.remaining(9.0), 1.0);
    }
}
