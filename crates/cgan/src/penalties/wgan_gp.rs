//! WGAN-GP: λ E(|∇ₓ s(x̂|y)| - 1)² at points x̂ between a real x and a fake (Gulrajani et al. 2017, "Improved training of
//! Wasserstein GANs").
//!
//! φ(n) = (n - 1)², so φ'(n) / n = 2 (n - 1) / n: the direction is the gradient, shortened or turned around where it is
//! shorter than 1. The best D of a Wasserstein distance has a gradient of norm 1 on the lines between the data and the
//! fakes that it pairs, so x̂ = ε x + (1 - ε) G(z|y) with ε uniform in [0, 1) for each pair.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::penalty::{Penalty, Point, Strength};

/// WGAN-GP: λ E(|∇ₓ s(x̂|y)| - 1)² at points x̂ between real x and fakes (Gulrajani et al. 2017).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct WganGp(pub Strength);

impl Penalty for WganGp {
    fn with(strength: Strength) -> Self {
        Self(strength)
    }

    fn strength(&self) -> Strength {
        self.0
    }

    fn point(&self) -> Point {
        Point::Between
    }

    fn value(&self, norm: f64) -> f64 {
        (norm - 1.0) * (norm - 1.0)
    }

    fn direction(&self, norm: f64) -> f64 {
        if norm > 0.0 { 2.0 * (norm - 1.0) / norm } else { 0.0 }
    }
}
