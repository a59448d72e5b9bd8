//! What the players minimise, recorded from D's logits s: D(x|y) = σ(s).
//!
//! D maximises V, so it minimises -V = E softplus(-s_real) + E softplus(s_fake). All losses are softplus of a
//! logit: no exponential overflows, no logarithm sees zero.

use autograd::{Error, Real, Tape, Var};

use crate::Choices;
use crate::config::{GeneratorLoss, ObjectiveConfig};

/// D's loss: scale · (t E[-log D(x)] + (1 - t) E[-log(1 - D(x))] + E[-log(1 - D(G(z)))]), with t the target
/// for real examples. Logits are (batch, 1); the loss is (1, 1).
///
/// `mismatched`, if there are any, are the logits of real x beside conditions of others: λ E[-log(1 - D(x|y'))] joins
/// the sum, with λ the configuration's `mismatched` (Reed et al. 2016, "Generative adversarial text to image
/// synthesis", the matching-aware discriminator).
///
/// # Errors
/// If a batch is empty.
pub fn discriminator_loss<T: Real>(
    tape: &mut Tape<T>,
    config: &ObjectiveConfig,
    real: Var,
    fake: Var,
    mismatched: Option<Var>,
) -> Result<Var, Error> {
    let as_real = cross_entropy(tape, real, true)?;
    let mut real_loss = as_real;
    if config.real_target < 1.0 {
        let as_fake = cross_entropy(tape, real, false)?;
        let (t, rest) =
            (tape.scale(as_real, config.real_target)?, tape.scale(as_fake, 1.0 - config.real_target)?);
        real_loss = tape.add(t, rest)?;
    }
    let fake_loss = cross_entropy(tape, fake, false)?;
    let mut loss = tape.add(real_loss, fake_loss)?;
    if let Some(mismatched) = mismatched {
        let taken_for_fake = cross_entropy(tape, mismatched, false)?;
        let share = tape.scale(taken_for_fake, config.mismatched)?;
        loss = tape.add(loss, share)?;
    }
    if config.discriminator_scale == 1.0 { Ok(loss) } else { tape.scale(loss, config.discriminator_scale) }
}

/// What a fake is to be nearest to: its own example, among all that x can be.
pub struct Choice {
    /// G(z|y), (batch, width).
    pub fake: Var,
    /// All that x can be, (choices, width): unit vectors over τ.
    pub choices: Var,
    /// β log of each one's share of the examples, (1, choices).
    pub prior: Var,
    /// Which of them belongs to the condition of each fake, (batch, 1).
    pub chosen: Var,
}

impl Choice {
    /// Puts the choices on the tape, with τ and β of the configuration.
    pub fn new<T: Real>(tape: &mut Tape<T>, config: &ObjectiveConfig, choices: &Choices, fake: Var) -> Self {
        let (batch, _) = tape.shape(fake);
        let all = tape.input("choices", choices.points.dim());
        for (mut slot, point) in tape.value_mut(all).rows_mut().into_iter().zip(choices.points.rows()) {
            let length = point.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            let scale = if length > 0.0 { 1.0 / (length * config.choice_temperature) } else { 0.0 };
            slot.iter_mut().zip(point).for_each(|(slot, x)| *slot = T::of(f64::from(*x) * scale));
        }
        let prior = tape.input("prior", (1, choices.counts.len()));
        let total: f64 = choices.counts.iter().map(|count| f64::from(*count)).sum();
        for (slot, count) in tape.value_mut(prior).iter_mut().zip(&choices.counts) {
            *slot = T::of(config.choice_prior * (f64::from(*count) / total).ln());
        }
        Self { fake, choices: all, prior, chosen: tape.input("chosen", (batch, 1)) }
    }
}

/// G's loss: E log(1 - D(G(z))) if minimax, E -log D(G(z)) if non-saturating, from D's logits of the fakes.
///
/// `choice`, if there is one, adds λ E[-log p(x|G(z|y))] over real pairs, with λ the configuration's `choice` and
/// p(w|v) = n_w^β exp(cos(v, w)/τ) / Σ_u n_u^β exp(cos(v, u)/τ) over all that x can be: an auxiliary classifier (Odena et
/// al. 2017) whose only weights are the choices themselves. n_w is the number of examples that are w: what they explain
/// of the frequent ones, the cosine need not (Menon et al. 2021, "logit adjustment").
///
/// # Errors
/// If the batch is empty, or the shapes of a choice do not fit.
pub fn generator_loss<T: Real>(
    tape: &mut Tape<T>,
    config: &ObjectiveConfig,
    logits: Var,
    choice: Option<Choice>,
) -> Result<Var, Error> {
    let loss = match config.generator {
        GeneratorLoss::NonSaturating => cross_entropy(tape, logits, true)?,
        GeneratorLoss::Minimax => {
            let taken_for_fake = cross_entropy(tape, logits, false)?;
            tape.scale(taken_for_fake, -1.0)?
        }
    };
    let Some(Choice { fake, choices, prior, chosen }) = choice else { return Ok(loss) };
    let direction = tape.l2_normalize(fake)?;
    let scores = tape.linear(direction, choices, Some(prior))?; // (batch, choices)
    let losses = tape.cross_entropy(scores, chosen)?;
    let mean = tape.mean(losses)?;
    let share = tape.scale(mean, config.choice)?;
    tape.add(loss, share)
}

/// E -log D if `real`, else E -log(1 - D).
fn cross_entropy<T: Real>(tape: &mut Tape<T>, logits: Var, real: bool) -> Result<Var, Error> {
    let losses = if real { tape.softplus_of_negative(logits)? } else { tape.softplus(logits)? };
    tape.mean(losses)
}

/// The R1 penalty, ½ γ E|∇x s(x)|² on real x, whose gradient needs no second-order rule.
///
/// Let v_i = ∇x s(x_i) and hold it fixed. Then ∂/∂θ ½|∇x s(x_i)|² = v_i · ∂/∂θ ∇x s(x_i) = ∂/∂θ (v_i · ∇x s(x_i)),
/// and v_i · ∇x s(x_i) is the directional derivative of s along v_i: a tangent pass, recorded like anything
/// else. So a step sweeps back to x, sets `direction` to what it finds, evaluates the tangent, and adds
/// `surrogate` = γ E[v · ∇x s] to D's loss. The surrogate has the penalty's gradient; its value is twice the
/// penalty's. It is linear in v, so that a γ that falls is a `direction` that is shorter.
pub struct R1 {
    /// (batch, width): set to ∇x of the logits' sum before the tangent is evaluated.
    pub direction: Var,
    /// (1, 1): γ E[v · ∇x s].
    pub surrogate: Var,
}

impl R1 {
    /// Records the tangent of the logits (batch, 1) with respect to x (batch, width), and its mean.
    ///
    /// # Errors
    /// If D holds an operation without a tangent rule.
    pub fn record<T: Real>(tape: &mut Tape<T>, gamma: f64, x: Var, logits: Var) -> Result<Self, Error> {
        let direction = tape.input("direction", tape.shape(x));
        let slope = tape.tangent(logits, x, direction)?; // (batch, 1)
        let mean = tape.mean(slope)?;
        Ok(Self { direction, surrogate: tape.scale(mean, gamma)? })
    }
}
