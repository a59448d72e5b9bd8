//! The judge's net: two hidden layers of maxout with dropout (Goodfellow et al. 2013), then a logit a class.

use autograd::{Error, Parameters, Tape, Var};
use layers::{Dropout, Hidden, HiddenConfig, Init, Input, Linear};

/// Seed of its weights and masks.
pub(super) const SEED: u64 = 20_141_106;

/// Units of the last hidden layer, which are the features.
pub(super) const FEATURES: usize = 240;

/// The hidden layers.
const FIRST: HiddenConfig = HiddenConfig::Maxout { units: 720, pieces: 3 };
const SECOND: HiddenConfig = HiddenConfig::Maxout { units: FEATURES, pieces: 3 };

/// Probability that an entry of the input, or a hidden unit, is dropped in training.
const DROPPED: (f64, f64) = (0.1, 0.3);

/// Which parameters there are, and how they are recorded.
pub(super) struct Net {
    first: Hidden,
    second: Hidden,
    output: Linear,
}

impl Net {
    pub(super) fn new(parameters: &mut Parameters<f32>, pixels: usize, classes: usize) -> Self {
        let (init, first, second) = (Init::LecunUniform, FIRST, SECOND);
        Self {
            first: Hidden::new(parameters, "judge.first", Input::Vector(pixels), first, init, SEED),
            second: Hidden::new(parameters, "judge.second", Input::Vector(first.units()), second, init, SEED),
            output: Linear::new(parameters, "judge.output", Input::Vector(FEATURES), classes, init, SEED),
        }
    }

    /// Numbers in the parameters that [`Net::new`] would add; `None` beyond what can be counted.
    pub(super) fn numbers(pixels: usize, classes: usize) -> Option<usize> {
        let first = FIRST.numbers(Input::Vector(pixels))?;
        let second = SECOND.numbers(Input::Vector(FIRST.units()))?;
        first.checked_add(second)?.checked_add(Input::Vector(FEATURES).numbers(classes)?)
    }

    /// On `x` (n, pixels) without dropout: features (n, FEATURES) and logits (n, classes).
    pub(super) fn record(
        &self,
        tape: &mut Tape<f32>,
        parameters: &Parameters<f32>,
        x: Var,
    ) -> Result<(Var, Var), Error> {
        let h = self.first.record(tape, parameters, x)?;
        let features = self.second.record(tape, parameters, h)?;
        Ok((features, self.output.record(tape, parameters, features)?))
    }

    /// On `x` (n, pixels) with dropout: logits (n, classes).
    pub(super) fn record_for_training(
        &self,
        tape: &mut Tape<f32>,
        parameters: &Parameters<f32>,
        x: Var,
    ) -> Result<Var, Error> {
        let [input, hidden] = [DROPPED.0, DROPPED.1].map(|rate| Dropout::new(rate, SEED));
        let x = input.record(tape, x, "judge.x")?;
        let h = self.first.record_with_dropout(tape, parameters, x, Some(&hidden), "judge.first")?;
        let h = self.second.record_with_dropout(tape, parameters, h, Some(&hidden), "judge.second")?;
        self.output.record(tape, parameters, h)
    }
}
