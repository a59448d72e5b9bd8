//! Evaluating D: a shorter tape over the same parameters, without dropout and data augmentation.

use autograd::{Error, Parameters, Real, Tape, Var};
use layers::Input;
use ndarray::{ArrayView2, Axis};

use crate::Discriminator;
use crate::diagnosis::ReluUnits;

/// D recorded for a batch of fixed size.
pub struct DiscriminatorEvaluator<T> {
    tape: Tape<T>,
    x: Var,
    y: Var,
    logits: Var,
    units: ReluUnits,
}

impl<T: Real> DiscriminatorEvaluator<T> {
    /// Records D for `batch` examples of `width` entries at a time.
    ///
    /// # Errors
    /// If D cannot be recorded.
    pub fn new(
        discriminator: &Discriminator,
        parameters: &Parameters<T>,
        condition: Input,
        width: usize,
        batch: usize,
    ) -> Result<Self, Error> {
        let d = discriminator.for_evaluation();
        let mut tape = Tape::new();
        let x = tape.input("x", (batch, width));
        let y = tape.input("y", (batch, condition.columns()));
        let d_condition = d.record_condition(&mut tape, parameters, y)?;
        let d_x = d.record_x(&mut tape, parameters, x, "evaluation")?;
        let logits = d.record(&mut tape, parameters, d_x, d_condition, "evaluation")?;
        Ok(Self { units: ReluUnits::of(&tape), tape, x, y, logits })
    }

    /// The share of dead units of every ReLU layer of D, by its name, such as `discriminator.y`: units that were 0 for
    /// all pairs of the last call of [`DiscriminatorEvaluator::logits`].
    pub fn dead_units(&self) -> Vec<(String, f64)> {
        self.units.dead()
    }

    /// D's logits s(x|y) for any number of pairs: x (n, width) and conditions (n, columns).
    ///
    /// # Panics
    /// If `x` and `conditions` differ in number.
    pub fn logits(
        &mut self,
        parameters: &Parameters<T>,
        x: ArrayView2<T>,
        conditions: ArrayView2<T>,
    ) -> Vec<T> {
        assert_eq!(x.nrows(), conditions.nrows(), "a condition for each x");
        let batch = self.tape.shape(self.x).0;
        let mut logits = Vec::with_capacity(x.nrows());
        self.units.forget();
        for (x, conditions) in
            x.axis_chunks_iter(Axis(0), batch).zip(conditions.axis_chunks_iter(Axis(0), batch))
        {
            self.tape.set_rows(self.x, x);
            self.tape.set_rows(self.y, conditions);
            self.tape.forward(parameters, .., 0);
            self.units.see(&self.tape, x.nrows());
            logits.extend(self.tape.value(self.logits).iter().take(x.nrows()));
        }
        logits
    }
}
