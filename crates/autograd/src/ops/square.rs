//! y = x², entry by entry.
//!
//! dx = 2 x dy.

use kernels::elementwise;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Target, Var};
use crate::shape::{Shape, same};
use crate::tape::Tape;
use crate::{Error, Real};

struct Square;

impl<T: Real> Tape<T> {
    /// The square of each entry.
    ///
    /// # Errors
    /// Never; the signature is that of every operation.
    pub fn square(&mut self, x: Var) -> Result<Var, Error> {
        self.record(Square, &[x])
    }
}

impl<T: Real> Op<T> for Square {
    fn name(&self) -> &'static str {
        "square"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        elementwise::map(arguments.slice(0), value, false, |x| x * x);
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        elementwise::zip(dy, at.arguments.slice(0), dx.values, dx.accumulate, |dy, x| (x + x) * dy);
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new("square", &[(3, 4)], |tape, v| tape.square(v[0]))]
}
