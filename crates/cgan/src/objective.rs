//! What an objective of the two players is.
//!
//! D gives one number s(x|y), the logit, to a pair of an example and its condition. An objective says what either
//! player minimises as a function of the logits alone.

use autograd::{Error, Real, Tape, Var};

/// D's logits for one batch, each (batch, 1).
#[derive(Clone, Copy, Debug)]
pub struct Logits {
    /// s(x|y) of real pairs.
    pub real: Var,
    /// s(G(z|y)|y) of fakes.
    pub fake: Var,
    /// s(x|y') of real x with the conditions of other examples, where D is trained on such pairs.
    pub mismatched: Option<Mismatched>,
}

/// The logits of mismatched pairs.
#[derive(Clone, Copy, Debug)]
pub struct Mismatched {
    /// s(x|y'), (batch, 1).
    pub logits: Var,
    /// λ, the weight of their term in D's loss.
    pub weight: f64,
}

/// Losses and D's value where neither player can improve: the fakes are distributed as the data, and D is the best
/// against them. Without mismatched pairs, penalties and an auxiliary classifier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rest {
    /// D's value, as [`Objective::value`] gives it, on real x and on fakes; `None` where any constant will do.
    pub value: Option<f64>,
    /// D's loss.
    pub d_loss: f64,
    /// G's loss; `None` where it depends on the constant that D has chosen.
    pub g_loss: Option<f64>,
}

/// What D and G minimise.
pub trait Objective: Sized {
    /// Whether G's loss depends on the logits of real pairs, too.
    const GENERATOR_LOSS_USES_REAL: bool = false;

    /// Whether D's loss has a least value. Where it has none, something else must bound D's logits.
    const BOUNDED: bool = true;

    /// Whether D is a classifier, whose value σ(s) is the probability that the example is real.
    const D_IS_PROBABILITY: bool = false;

    /// What the losses and D's value mean, in a few plain sentences for the page of a run.
    const READING: &'static str;

    /// Records D's loss, (1, 1).
    ///
    /// # Errors
    /// If a batch is empty.
    fn discriminator_loss<T: Real>(&self, tape: &mut Tape<T>, logits: &Logits) -> Result<Var, Error>;

    /// Records G's loss, (1, 1), from the logits of fakes and, if [`Objective::GENERATOR_LOSS_USES_REAL`], of real pairs.
    ///
    /// # Errors
    /// If the batch is empty.
    fn generator_loss<T: Real>(&self, tape: &mut Tape<T>, fake: Var, real: Option<Var>)
    -> Result<Var, Error>;

    /// D's value for a logit, as a metric: the probability σ(s) where D is one, otherwise the logit itself.
    fn value(&self, logit: f64) -> f64 {
        if Self::D_IS_PROBABILITY { kernels::elementwise::sigmoid(logit) } else { logit }
    }

    /// Losses and D's value at the equilibrium.
    fn rest(&self) -> Rest;

    /// Settings with which the gradient checker checks both losses; at least one.
    fn cases() -> Vec<Self>;
}

/// -E log σ(s) = E softplus(-s): the cross-entropy of the class "real".
///
/// # Errors
/// If the batch is empty.
pub fn loss_as_real<T: Real>(tape: &mut Tape<T>, logits: Var) -> Result<Var, Error> {
    let losses = tape.softplus_of_negative(logits)?; // (batch, 1)
    tape.mean(losses)
}

/// -E log(1 - σ(s)) = E softplus(s): the cross-entropy of the class "fake".
///
/// # Errors
/// If the batch is empty.
pub fn loss_as_fake<T: Real>(tape: &mut Tape<T>, logits: Var) -> Result<Var, Error> {
    let losses = tape.softplus(logits)?; // (batch, 1)
    tape.mean(losses)
}

/// `loss` + `weight` · `term`.
///
/// # Errors
/// If the shapes differ.
pub fn add_weighted<T: Real>(tape: &mut Tape<T>, loss: Var, weight: f64, term: Var) -> Result<Var, Error> {
    let weighted = tape.scale(term, weight)?;
    tape.add(loss, weighted)
}

/// a - b, entry by entry.
///
/// # Errors
/// If the shapes differ.
pub fn difference<T: Real>(tape: &mut Tape<T>, a: Var, b: Var) -> Result<Var, Error> {
    let negative = tape.scale(b, -1.0)?;
    tape.add(a, negative)
}

/// `factor` · `loss`; at factor 1 that is `loss` itself.
///
/// # Errors
/// Never; the signature is that of every operation.
pub fn scaled<T: Real>(tape: &mut Tape<T>, loss: Var, factor: f64) -> Result<Var, Error> {
    if factor == 1.0 { Ok(loss) } else { tape.scale(loss, factor) }
}

/// D's cross-entropy, for the objectives that make D a classifier:
/// scale · ((1 - s) E[-log D(x)] + s E[-log(1 - D(x))] + E[-log(1 - D(G(z)))] + λ E[-log(1 - D(x|y'))]),
/// with s the label smoothing (Salimans et al. 2016) and λ the weight of mismatched pairs (Reed et al. 2016).
///
/// # Errors
/// If a batch is empty.
pub fn cross_entropy<T: Real>(
    tape: &mut Tape<T>,
    logits: &Logits,
    label_smoothing: Option<f64>,
    scale: f64,
) -> Result<Var, Error> {
    let mut real = loss_as_real(tape, logits.real)?;
    if let Some(smoothing) = label_smoothing {
        let as_fake = loss_as_fake(tape, logits.real)?;
        let (as_real, as_fake) = (tape.scale(real, 1.0 - smoothing)?, tape.scale(as_fake, smoothing)?);
        real = tape.add(as_real, as_fake)?;
    }
    let fake = loss_as_fake(tape, logits.fake)?;
    let mut loss = tape.add(real, fake)?;
    if let Some(Mismatched { logits, weight }) = logits.mismatched {
        let rejected = loss_as_fake(tape, logits)?;
        loss = add_weighted(tape, loss, weight, rejected)?;
    }
    scaled(tape, loss, scale)
}

/// The value and the cross-entropy of D at rest, for the objectives that make D a classifier.
///
/// With p the density of the data and q that of the fakes, D's loss is least at D = (1 - s) p / (p + q). At p = q that
/// is a = (1 - s) / 2, and the loss is scale · ((1 - s) (-log a) + (1 + s) (-log(1 - a))): 2 log 2 without smoothing.
pub fn cross_entropy_at_rest(label_smoothing: Option<f64>, scale: f64) -> (f64, f64) {
    let smoothing = label_smoothing.unwrap_or(0.0);
    let value = (1.0 - smoothing) / 2.0;
    (value, -scale * ((1.0 - smoothing) * value.ln() + (1.0 + smoothing) * (1.0 - value).ln()))
}

/// Factor 1 of a loss.
pub(crate) fn one() -> f64 {
    1.0
}
