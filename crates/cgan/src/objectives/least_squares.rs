//! Squared distances of D's output s to a target (Mao et al. 2017, "Least squares generative adversarial networks",
//! equation 9: 1 for real x, 0 for fakes, and G wants 1).
//!
//!   D minimises ½ E(s(x) - 1)² + ½ E s(G)²;  G minimises ½ E(s(G) - 1)².
//!
//! **D's optimum.** Let p be the density of real x given y and q that of the fakes. The loss is the integral of
//! ½ p (s - 1)² + ½ q s²; its derivative in s vanishes at s = p / (p + q), the same number that the value function gives.
//!
//! **What G minimises.** With that D held fixed, a fake at x costs ½ (q / (p + q))²: G moves towards x where the data are
//! denser than the fakes. Unlike a cross-entropy the loss still has a gradient for fakes that D takes for real, and
//! pulls those that lie far on the right side (s > 1) back to the target. At rest q = p and s = ½.
//!
//! **Mismatched pairs** (Reed et al. 2016) add λ ½ E s(x|y')² to D's loss: with m the density of x under other
//! conditions, D's optimum is p / (p + q + λ m). **Label smoothing** puts the target 1 - s in the place of 1 in D's
//! loss alone, and makes its optimum (1 - s) p / (p + q).

use autograd::{Error, Real, Tape, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::objective::{Logits, Mismatched, Objective, Rest, add_weighted, one, scaled};

/// Squared distances of D's output to the targets 1 and 0 (Mao et al. 2017).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeastSquares {
    /// One-sided label smoothing s: the target of real x is 1 - s in D's loss (Salimans et al. 2016).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0, "paper" = "none"))]
    pub label_smoothing: Option<f64>,
    /// Factor of D's loss.
    #[serde(default = "one")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub discriminator_scale: f64,
}

impl LeastSquares {
    /// What D is trained to give to real x.
    fn target(&self) -> f64 {
        1.0 - self.label_smoothing.unwrap_or(0.0)
    }
}

impl Objective for LeastSquares {
    const READING: &'static str = "Both losses are half squared distances of D's output to its targets, 1 for data and 0 for samples. D's \
         output is no probability, though it is near ½ where D cannot tell: D's loss is then 1/4 and G's 1/8. Outputs beyond 0 \
         and 1 occur and cost more the farther they are.";

    fn discriminator_loss<T: Real>(&self, tape: &mut Tape<T>, logits: &Logits) -> Result<Var, Error> {
        let real = half_square(tape, logits.real, self.target())?;
        let fake = half_square(tape, logits.fake, 0.0)?;
        let mut loss = tape.add(real, fake)?;
        if let Some(Mismatched { logits, weight }) = logits.mismatched {
            let rejected = half_square(tape, logits, 0.0)?;
            loss = add_weighted(tape, loss, weight, rejected)?;
        }
        scaled(tape, loss, self.discriminator_scale)
    }

    fn generator_loss<T: Real>(&self, tape: &mut Tape<T>, fake: Var, _: Option<Var>) -> Result<Var, Error> {
        half_square(tape, fake, 1.0)
    }

    fn rest(&self) -> Rest {
        let value = self.target() / 2.0;
        Rest {
            value: Some(value),
            d_loss: self.discriminator_scale * value * value,
            g_loss: Some(0.5 * (value - 1.0) * (value - 1.0)),
        }
    }

    fn cases() -> Vec<Self> {
        vec![
            Self { label_smoothing: None, discriminator_scale: 1.0 },
            Self { label_smoothing: Some(0.1), discriminator_scale: 0.5 },
        ]
    }
}

/// ½ E(s - target)².
fn half_square<T: Real>(tape: &mut Tape<T>, logits: Var, target: f64) -> Result<Var, Error> {
    let distances = tape.add_constant(logits, -target)?; // (batch, 1)
    let squares = tape.square(distances)?;
    let mean = tape.mean(squares)?;
    tape.scale(mean, 0.5)
}
