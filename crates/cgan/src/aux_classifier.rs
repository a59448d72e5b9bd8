//! The auxiliary classification loss of G, where x is one of a finite set, the vocabulary, such as word vectors.
//!
//!   λ E[-log p(x|G(z|y))],   p(w|v) = n_w^β exp(cos(v, w) / τ) / Σ_u n_u^β exp(cos(v, u) / τ)
//!
//! over real pairs (x, y): an auxiliary classifier (Odena et al. 2017) whose only weights are the vocabulary itself. n_w is
//! the number of examples that are w. What their frequency explains, the cosine need not: that is the logit adjustment of
//! Menon et al. 2021, with β its share.

use autograd::{Error, Real, Tape, Var};

use crate::config::AuxClassifierConfig;
use crate::examples::Vocabulary;
use crate::objective::add_weighted;

/// The inputs of the loss on a tape.
pub(crate) struct AuxClassifier {
    weight: f64,
    /// The vocabulary, (words, width): unit vectors over τ.
    words: Var,
    /// β log of each word's share of the examples, (1, words).
    adjustment: Var,
    /// The row of the vocabulary that belongs to each fake's condition, (batch, 1).
    pub(crate) targets: Var,
}

impl AuxClassifier {
    /// Puts the vocabulary on the tape, for batches of this size.
    pub(crate) fn new<T: Real>(
        tape: &mut Tape<T>,
        config: &AuxClassifierConfig,
        vocabulary: &Vocabulary,
        batch: usize,
    ) -> Self {
        let words = tape.input("vocabulary", vocabulary.points.dim());
        for (mut slot, point) in tape.value_mut(words).rows_mut().into_iter().zip(vocabulary.points.rows()) {
            let length = point.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            let scale = if length > 0.0 { 1.0 / (length * config.temperature) } else { 0.0 };
            slot.iter_mut().zip(point).for_each(|(slot, x)| *slot = T::of(f64::from(*x) * scale));
        }
        let adjustment = tape.input("logit adjustment", (1, vocabulary.counts.len()));
        let share = config.logit_adjustment.unwrap_or(0.0);
        let total: f64 = vocabulary.counts.iter().map(|count| f64::from(*count)).sum();
        for (slot, count) in tape.value_mut(adjustment).iter_mut().zip(&vocabulary.counts) {
            *slot = T::of(share * (f64::from(*count) / total).ln());
        }
        let targets = tape.input("vocabulary indices", (batch, 1));
        Self { weight: config.weight, words, adjustment, targets }
    }

    /// Adds the loss of `fake` (batch, width) to G's `loss`.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub(crate) fn add_to<T: Real>(&self, tape: &mut Tape<T>, loss: Var, fake: Var) -> Result<Var, Error> {
        let direction = tape.l2_normalize(fake)?;
        let scores = tape.linear(direction, self.words, Some(self.adjustment))?; // (batch, words)
        let losses = tape.cross_entropy(scores, self.targets)?; // (batch, 1)
        let mean = tape.mean(losses)?;
        add_weighted(tape, loss, self.weight, mean)
    }
}
