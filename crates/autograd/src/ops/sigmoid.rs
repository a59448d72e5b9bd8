//! y = σ(x) = 1 / (1 + e^-x).
//!
//! dσ/dx = σ (1 - σ), read off the value.

use kernels::elementwise;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Target, Var};
use crate::shape::{Shape, same};
use crate::tape::Tape;
use crate::{Error, Real};

struct Sigmoid;

impl<T: Real> Tape<T> {
    /// The logistic function. For a loss take [`Tape::softplus`] of the logits instead.
    ///
    /// # Errors
    /// Never; the signature is that of every operation.
    pub fn sigmoid(&mut self, x: Var) -> Result<Var, Error> {
        self.record(Sigmoid, &[x])
    }
}

impl<T: Real> Op<T> for Sigmoid {
    fn name(&self) -> &'static str {
        "sigmoid"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        elementwise::map(arguments.slice(0), value, false, elementwise::sigmoid);
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        elementwise::zip(dy, at.value, dx.values, dx.accumulate, |dy, y| dy * y * (T::one() - y));
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new("sigmoid", &[(4, 5)], |tape, v| tape.sigmoid(v[0]))]
}
