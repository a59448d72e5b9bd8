//! Rotation about the centre (Karras et al. 2020): by an angle θ = u · largest, with u uniform in [-1, 1).
//!
//! The pixel that comes to (r, c) lies at the turned place: its distance from the centre, times the matrix
//! (cos θ, -sin θ; sin θ, cos θ). Between pixels the four around are mixed: see [`crate::resample`].

use autograd::{Error, Real, Shape, Tape, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::augmentation::{Augmentation, Chance};
use crate::resample::resample;

/// Largest rotation either way, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Rotate(#[schemars(range(max = 180), extend("exclusiveMinimum" = 0.0))] pub f64);

impl Augmentation for Rotate {
    const CHECKED: Self = Self(60.0);

    fn record<T: Real>(&self, tape: &mut Tape<T>, x: Var, size: Shape, chance: Chance) -> Result<Var, Error> {
        let largest = self.0.to_radians();
        resample(tape, x, size, chance, "rotate", move |u| {
            let (sin, cos) = (u * largest).sin_cos();
            [cos, -sin, sin, cos]
        })
    }
}
