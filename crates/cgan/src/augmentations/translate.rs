//! Translation by whole pixels (Karras et al. 2020), evenly by up to a largest number of them along either side: see
//! [`crate::translation`].

use autograd::{Error, Real, Shape, Tape, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::augmentation::{Augmentation, Chance};
use crate::translation::translate;

/// Largest translation along either side, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Translate(#[schemars(range(min = 1, max = 32768))] pub usize);

impl Augmentation for Translate {
    const CHECKED: Self = Self(1);

    fn misfit(&self, (height, width): Shape) -> Option<String> {
        let (most, own) = (height.min(width) - 1, self.0);
        (own > most).then(|| {
            format!("images of {height} x {width} pixels can be translated by {most} at most, not by {own}")
        })
    }

    fn record<T: Real>(&self, tape: &mut Tape<T>, x: Var, size: Shape, chance: Chance) -> Result<Var, Error> {
        // The stream's name decides the random numbers of published runs.
        translate(tape, x, size, self.0, chance.probability, chance.stream("shift"))
    }
}
