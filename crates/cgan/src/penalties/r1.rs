//! R1: ½ γ E|∇ₓ s(x|y)|² on real x (Mescheder et al. 2018, "Which training methods for GANs do actually converge?").
//!
//! φ(n) = ½ n², so φ'(n) / n = 1: the direction of the tangent is the gradient itself. Where the fakes are distributed
//! as the data, D has nothing left to tell apart and should be flat on the data; without the penalty the players may
//! circle around that point.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::penalty::{Penalty, Point, Strength};

/// R1: ½ γ E|∇ₓ s(x|y)|² on real x (Mescheder et al. 2018).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct R1(pub Strength);

impl Penalty for R1 {
    fn with(strength: Strength) -> Self {
        Self(strength)
    }

    fn strength(&self) -> Strength {
        self.0
    }

    fn point(&self) -> Point {
        Point::Real
    }

    fn value(&self, norm: f64) -> f64 {
        0.5 * norm * norm
    }

    fn direction(&self, _: f64) -> f64 {
        1.0
    }
}
