//! The hinge loss (Lim and Ye 2017, "Geometric GAN"; Miyato et al. 2018, "Spectral normalization for generative
//! adversarial networks").
//!
//!   D minimises E max(0, 1 - s(x)) + E max(0, 1 + s(G));  G minimises -E s(G).
//!
//! **D's optimum.** Let p be the density of real x given y and q that of the fakes. The loss is the integral of
//! p max(0, 1 - s) + q max(0, 1 + s), which is linear in s between -1 and 1: least at s = 1 where p > q and at s = -1 where
//! p < q. D stops learning from pairs that it has on the right side of the margin, whose gradient is exactly zero.
//!
//! **What G minimises.** With that D, D's loss is 2 - ∫ |p - q|, and G's is ∫ |p - q| - E s(x), whose second term does not
//! depend on G: twice the total variation distance. At rest q = p, and any constant s between -1 and 1 gives D the loss 2.
//!
//! **Mismatched pairs** (Reed et al. 2016) add λ E max(0, 1 + s(x|y')) to D's loss.
//!
//! A fake beyond D's margin has the gradient zero in D's loss, but not in G's. No ratio then leads from the one to
//! the other, so G's gradient takes a pass of its own.

use autograd::{Error, Real, Tape, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::objective::{Logits, Mismatched, Objective, Rest, add_weighted, one, scaled};

/// The hinge loss (Lim and Ye 2017; Miyato et al. 2018).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hinge {
    /// Factor of D's loss.
    #[serde(default = "one")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub discriminator_scale: f64,
}

impl Objective for Hinge {
    const READING: &'static str = "D's output is a score without bounds; only its sign and its margin of 1 count. D's loss is 2 where D \
         cannot tell, and 0 where all data are above 1 and all samples below -1. G's loss is minus the mean score of samples: it \
         may be negative or large, and its level says nothing.";

    fn discriminator_loss<T: Real>(&self, tape: &mut Tape<T>, logits: &Logits) -> Result<Var, Error> {
        let real = mean_hinge(tape, logits.real, -1.0)?;
        let fake = mean_hinge(tape, logits.fake, 1.0)?;
        let mut loss = tape.add(real, fake)?;
        if let Some(Mismatched { logits, weight }) = logits.mismatched {
            let rejected = mean_hinge(tape, logits, 1.0)?;
            loss = add_weighted(tape, loss, weight, rejected)?;
        }
        scaled(tape, loss, self.discriminator_scale)
    }

    fn generator_loss<T: Real>(&self, tape: &mut Tape<T>, fake: Var, _: Option<Var>) -> Result<Var, Error> {
        let mean = tape.mean(fake)?;
        tape.scale(mean, -1.0)
    }

    fn rest(&self) -> Rest {
        Rest { value: None, d_loss: 2.0 * self.discriminator_scale, g_loss: None }
    }

    fn cases() -> Vec<Self> {
        vec![Self { discriminator_scale: 1.0 }, Self { discriminator_scale: 0.5 }]
    }
}

/// E max(0, 1 + sign · s).
fn mean_hinge<T: Real>(tape: &mut Tape<T>, logits: Var, sign: f64) -> Result<Var, Error> {
    let signed = tape.scale(logits, sign)?; // (batch, 1)
    let margin = tape.add_constant(signed, 1.0)?;
    let hinge = tape.relu(margin)?;
    tape.mean(hinge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use autograd::Parameters;
    use ndarray::array;

    #[test]
    fn beyond_the_margin_nothing_is_to_be_learned() {
        let mut tape = Tape::<f64>::new();
        let (real, fake) = (tape.input("real", (3, 1)), tape.input("fake", (3, 1)));
        let logits = Logits { real, fake, mismatched: None };
        let loss = Hinge { discriminator_scale: 1.0 }.discriminator_loss(&mut tape, &logits).unwrap();
        let sweep = tape.sweep(loss, &[real, fake]).unwrap();
        tape.value_mut(real).assign(&array![[1.5], [0.5], [-2.0]]);
        tape.value_mut(fake).assign(&array![[-1.5], [-0.5], [2.0]]);
        let parameters = Parameters::new();
        tape.forward(&parameters, .., 0);
        tape.backward(&sweep, &parameters, &mut parameters.zeros_like());
        assert!((tape.value(loss)[[0, 0]] - 2.0 * 3.5 / 3.0).abs() < 1e-15);
        let third = 1.0 / 3.0;
        assert_eq!(tape.gradient(real), array![[0.0], [-third], [-third]]);
        assert_eq!(tape.gradient(fake), array![[0.0], [third], [third]]);
    }
}
