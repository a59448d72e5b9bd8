//! Scaling about the centre (Karras et al. 2020): by a factor s = largestᵘ, with u uniform in [-1, 1), so that larger and
//! smaller are as probable.
//!
//! The pixel that comes to (r, c) lies at 1 / s of its distance from the centre. Between pixels the four around are mixed:
//! see [`crate::resample`].

use autograd::{Error, Real, Shape, Tape, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::augmentation::{Augmentation, Chance};
use crate::resample::resample;

/// Largest factor by which images grow; its inverse is the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Scale(#[schemars(range(max = 4), extend("exclusiveMinimum" = 1.0))] pub f64);

impl Augmentation for Scale {
    const CHECKED: Self = Self(1.5);

    fn record<T: Real>(&self, tape: &mut Tape<T>, x: Var, size: Shape, chance: Chance) -> Result<Var, Error> {
        let largest = self.0;
        resample(tape, x, size, chance, "scale", move |u| {
            let inverse = largest.powf(-u);
            [inverse, 0.0, 0.0, inverse]
        })
    }
}
