//! The value function for D, and for G a loss whose gradient does not vanish while D wins (Goodfellow et al. 2014,
//! section 3), with D = σ(s).
//!
//!   D minimises E softplus(-s(x)) + E softplus(s(G));  G minimises -E log D(G(z|y)|y) = E softplus(-s(G)).
//!
//! **D's optimum** is that of the value function: with p the density of real x given y and q that of the fakes,
//! D = p / (p + q), that is s = log(p / q).
//!
//! **What G minimises.** With D held at that optimum, the gradient of G's loss is that of KL(q ‖ p) - 2 JSD(p, q)
//! (Arjovsky and Bottou 2017, theorem 2.5). It vanishes at q = p, as for the value function. Where D rejects fakes with
//! certainty it does not vanish: ∂/∂s of softplus(-s) is -σ(-s), near -1 where s is far below 0.
//!
//! **Mismatched pairs** (Reed et al. 2016) add λ E softplus(s(x|y')) to D's loss: with m the density of x under
//! other conditions, D's optimum is p / (p + q + λ m). G's optimum then leans towards x that tell conditions apart.
//! **Label smoothing** s makes D's optimum (1 - s) p / (p + q).

use autograd::{Error, Real, Tape, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::objective::{Logits, Objective, Rest, cross_entropy, cross_entropy_at_rest, loss_as_real, one};

/// The value function for D, and -E log D(G(z|y)|y) for G (Goodfellow et al. 2014, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NonSaturating {
    /// One-sided label smoothing s: D is trained to give 1 - s to real x (Salimans et al. 2016).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0, "paper" = "none"))]
    pub label_smoothing: Option<f64>,
    /// Factor of D's loss. The original adversarial-nets code halves it.
    #[serde(default = "one")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "1"))]
    pub discriminator_scale: f64,
}

impl Objective for NonSaturating {
    const D_IS_PROBABILITY: bool = true;

    const READING: &'static str = "D's loss is a sum of two cross-entropies, so it is never negative; 1.386 = log 4 is that of a D that \
         cannot tell. D(x) and D(G(z)) are probabilities. G's loss is the mean of -log D(G(z)): 0.693 = log 2 where D cannot \
         tell, and large where D rejects all samples, with a large gradient.";

    fn discriminator_loss<T: Real>(&self, tape: &mut Tape<T>, logits: &Logits) -> Result<Var, Error> {
        cross_entropy(tape, logits, self.label_smoothing, self.discriminator_scale)
    }

    fn generator_loss<T: Real>(&self, tape: &mut Tape<T>, fake: Var, _: Option<Var>) -> Result<Var, Error> {
        loss_as_real(tape, fake)
    }

    fn rest(&self) -> Rest {
        let (value, d_loss) = cross_entropy_at_rest(self.label_smoothing, self.discriminator_scale);
        Rest { value: Some(value), d_loss, g_loss: Some(-value.ln()) }
    }

    fn cases() -> Vec<Self> {
        vec![
            Self { label_smoothing: None, discriminator_scale: 1.0 },
            Self { label_smoothing: Some(0.1), discriminator_scale: 0.5 },
        ]
    }
}
