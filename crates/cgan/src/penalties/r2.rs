//! R2: ½ γ E|∇ₓ s(G(z|y)|y)|² on fakes (Mescheder et al. 2018, "Which training methods for GANs do actually converge?").
//!
//! φ(n) = ½ n², so φ'(n) / n = 1: the direction of the tangent is the gradient itself, as for R1, but at fakes. Only D learns
//! from it; the fakes are held fixed. Together with R1 it keeps D flat on both sides (Huang et al. 2024 use both).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::penalty::{Penalty, Point, Strength};

/// R2: ½ γ E|∇ₓ s(G(z|y)|y)|² on fakes (Mescheder et al. 2018).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct R2(pub Strength);

impl Penalty for R2 {
    fn with(strength: Strength) -> Self {
        Self(strength)
    }

    fn strength(&self) -> Strength {
        self.0
    }

    fn point(&self) -> Point {
        Point::Fake
    }

    fn value(&self, norm: f64) -> f64 {
        0.5 * norm * norm
    }

    fn direction(&self, _: f64) -> f64 {
        1.0
    }
}
