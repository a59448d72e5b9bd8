//! The value function as it stands (Goodfellow et al. 2014, equation 1; with conditions Mirza and Osindero 2014,
//! equation 2): min_G max_D V = E log D(x|y) + E log(1 - D(G(z|y)|y)), with D = σ(s).
//!
//!   D minimises -V = E softplus(-s(x)) + E softplus(s(G));  G minimises -E softplus(s(G)).
//!
//! **D's optimum.** Let p be the density of real x given y and q that of the fakes. -V is the integral of
//! -p log D - q log(1 - D); its derivative in D vanishes at D = p / (p + q), that is at s = log(p / q).
//!
//! **What G minimises.** With that D, V = 2 JSD(p, q) - 2 log 2, where JSD is the Jensen-Shannon divergence: least, at
//! -2 log 2, where q = p and D = ½. As long as D tells fakes apart with certainty, the gradient of G's loss is
//! nearly zero: ∂/∂s of -softplus(s) is -σ(s), and s is far below 0.
//!
//! **Mismatched pairs** (Reed et al. 2016) add λ E softplus(s(x|y')) to D's loss: with m the density of x under
//! other conditions, D's optimum is p / (p + q + λ m). **Label smoothing** s makes it (1 - s) p / (p + q).

use autograd::{Error, Real, Tape, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::objective::{Logits, Objective, Rest, cross_entropy, cross_entropy_at_rest, loss_as_fake, one};

/// The value function itself (Goodfellow et al. 2014, equation 1; the paper, equation 2).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Minimax {
    /// One-sided label smoothing s: D is trained to give 1 - s to real x (Salimans et al. 2016).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0, "paper" = "none"))]
    pub label_smoothing: Option<f64>,
    /// Factor of D's loss. The original adversarial-nets code halves it.
    #[serde(default = "one")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "1"))]
    pub discriminator_scale: f64,
}

impl Objective for Minimax {
    const D_IS_PROBABILITY: bool = true;

    const READING: &'static str = "D's loss is a sum of two cross-entropies, so it is never negative; 1.386 = log 4 is that of a D that \
         cannot tell. D(x) and D(G(z)) are probabilities. G's loss is the mean of log(1 - D(G(z))), which is negative: it \
         falls as G fools D, and near 0 D rejects all samples and G has almost no gradient.";

    fn discriminator_loss<T: Real>(&self, tape: &mut Tape<T>, logits: &Logits) -> Result<Var, Error> {
        cross_entropy(tape, logits, self.label_smoothing, self.discriminator_scale)
    }

    fn generator_loss<T: Real>(&self, tape: &mut Tape<T>, fake: Var, _: Option<Var>) -> Result<Var, Error> {
        let rejected = loss_as_fake(tape, fake)?;
        tape.scale(rejected, -1.0)
    }

    fn rest(&self) -> Rest {
        let (value, d_loss) = cross_entropy_at_rest(self.label_smoothing, self.discriminator_scale);
        Rest { value: Some(value), d_loss, g_loss: Some((1.0 - value).ln()) }
    }

    fn cases() -> Vec<Self> {
        vec![
            Self { label_smoothing: None, discriminator_scale: 1.0 },
            Self { label_smoothing: Some(0.1), discriminator_scale: 0.5 },
        ]
    }
}
