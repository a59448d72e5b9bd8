//! The Wasserstein distance (Arjovsky et al. 2017, "Wasserstein generative adversarial networks"; with a gradient penalty
//! Gulrajani et al. 2017).
//!
//!   D minimises E s(G) - E s(x);  G minimises -E s(G).
//!
//! **D's optimum.** Among the functions whose gradient is nowhere longer than 1, the least value of D's loss is
//! -W(p, q), the distance of Kantorovich and Rubinstein between the data and the fakes. Nothing in the loss bounds s:
//! twice the gradient is twice the gain. So a penalty on D's gradient (`[penalty.wgan_gp]`) or the limit of its weights
//! (`updates.max_norm`) has to, and a configuration with neither is refused.
//!
//! **What G minimises.** With that D, -E s(G) falls as W(p, q) does. W is continuous in G's weights and has a gradient
//! even where the data and the fakes do not overlap. At rest q = p and s is any constant: only differences count.
//!
//! **Mismatched pairs** are compared with the same real x: λ (E s(x|y') - E s(x|y)) joins D's loss. So both sides keep
//! equal weights; otherwise a constant added to s would change the loss without bound.

use autograd::{Error, Real, Tape, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::objective::{Logits, Mismatched, Objective, Rest, add_weighted, difference, one, scaled};

/// The difference of D's mean outputs (Arjovsky et al. 2017); D needs a penalty on its gradient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wasserstein {
    /// Factor of D's loss.
    #[serde(default = "one")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub discriminator_scale: f64,
}

impl Objective for Wasserstein {
    const BOUNDED: bool = false;

    const READING: &'static str = "D's output is a score without bounds and without a zero. D's loss is the score of samples minus that of \
         data: negative while D tells them apart, and minus D's loss estimates the distance between the two, so it should rise \
         towards 0. G's loss is minus the mean score of samples: it may be negative or in the thousands, and says nothing by \
         itself.";

    fn discriminator_loss<T: Real>(&self, tape: &mut Tape<T>, logits: &Logits) -> Result<Var, Error> {
        let (fake, real) = (tape.mean(logits.fake)?, tape.mean(logits.real)?);
        let mut loss = difference(tape, fake, real)?;
        if let Some(Mismatched { logits, weight }) = logits.mismatched {
            let mismatched = tape.mean(logits)?;
            let excess = difference(tape, mismatched, real)?;
            loss = add_weighted(tape, loss, weight, excess)?;
        }
        scaled(tape, loss, self.discriminator_scale)
    }

    fn generator_loss<T: Real>(&self, tape: &mut Tape<T>, fake: Var, _: Option<Var>) -> Result<Var, Error> {
        let mean = tape.mean(fake)?;
        tape.scale(mean, -1.0)
    }

    fn rest(&self) -> Rest {
        Rest { value: None, d_loss: 0.0, g_loss: None }
    }

    fn cases() -> Vec<Self> {
        vec![Self { discriminator_scale: 1.0 }, Self { discriminator_scale: 0.5 }]
    }
}
