//! Real x and fakes compared pair by pair (Jolicoeur-Martineau 2019, "The relativistic discriminator"; as in R3GAN, Huang
//! et al. 2024, "The GAN is dead; long live the GAN!").
//!
//!   D minimises E softplus(-(s(x) - s(G)));  G minimises E softplus(-(s(G) - s(x))).
//!
//! D = σ(s(x) - s(G)) is the probability that, of a real x and a fake with the same condition, the real one is real.
//!
//! **D's optimum.** Let p be the density of real x given y and q that of the fakes. A pair (a, b) comes as (real, fake)
//! with density p(a) q(b) and the other way round with p(b) q(a). Of the two cross-entropies the sum is least where
//! s(a) - s(b) is the logarithm of their ratio, log(p(a) / q(a)) - log(p(b) / q(b)): s = log(p / q) plus any constant.
//!
//! **What G minimises.** With P = p(a) q(b) and Q = q(a) p(b), D's loss at its optimum is log 2 - JSD(P, Q), and G's is
//! log 2 + KL(p ‖ q) + KL(q ‖ p) - JSD(P, Q). Both are log 2 where q = p, and only there. Every fake is measured against a
//! real x, so G cannot drop a part of the data unnoticed.
//!
//! **Mismatched pairs** are compared with the same real x: λ E softplus(-(s(x|y) - s(x|y'))) joins D's loss.

use autograd::{Error, Real, Tape, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::objective::{
    Logits, Mismatched, Objective, Rest, add_weighted, difference, loss_as_real, one, scaled,
};

/// Real x and fakes compared pair by pair (Jolicoeur-Martineau 2019; Huang et al. 2024).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Relativistic {
    /// Factor of D's loss.
    #[serde(default = "one")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub discriminator_scale: f64,
}

impl Objective for Relativistic {
    const GENERATOR_LOSS_USES_REAL: bool = true;

    const READING: &'static str = "D's output is a score of which only differences count: how much more real an example looks than one of the \
         other kind. Both losses are 0.693 = log 2 where D cannot tell. D's falls and G's rises as D gets ahead.";

    fn discriminator_loss<T: Real>(&self, tape: &mut Tape<T>, logits: &Logits) -> Result<Var, Error> {
        let margin = difference(tape, logits.real, logits.fake)?; // (batch, 1)
        let mut loss = loss_as_real(tape, margin)?;
        if let Some(Mismatched { logits: mismatched, weight }) = logits.mismatched {
            let margin = difference(tape, logits.real, mismatched)?;
            let rejected = loss_as_real(tape, margin)?;
            loss = add_weighted(tape, loss, weight, rejected)?;
        }
        scaled(tape, loss, self.discriminator_scale)
    }

    fn generator_loss<T: Real>(
        &self,
        tape: &mut Tape<T>,
        fake: Var,
        real: Option<Var>,
    ) -> Result<Var, Error> {
        let real = real.expect("the logits of real pairs are recorded before G's loss");
        let margin = difference(tape, fake, real)?; // (batch, 1)
        loss_as_real(tape, margin)
    }

    fn rest(&self) -> Rest {
        let log_2 = 2f64.ln();
        Rest { value: None, d_loss: self.discriminator_scale * log_2, g_loss: Some(log_2) }
    }

    fn cases() -> Vec<Self> {
        vec![Self { discriminator_scale: 1.0 }, Self { discriminator_scale: 0.5 }]
    }
}
