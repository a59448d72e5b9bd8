//! y = a + b, element by element.
//!
//! ∂y/∂a = ∂y/∂b = 1, so each argument receives the gradient of the sum as it is.

use kernels::elementwise;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Record, Target, Var};
use crate::shape::{Shape, same};
use crate::tape::Tape;
use crate::{Error, Real};

struct Add;

impl<T: Real> Tape<T> {
    /// The sum of two values of one shape.
    ///
    /// # Errors
    /// If the shapes differ.
    pub fn add(&mut self, a: Var, b: Var) -> Result<Var, Error> {
        self.record(Add, &[a, b])
    }
}

impl<T: Real> Op<T> for Add {
    fn name(&self) -> &'static str {
        "add"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        elementwise::zip(arguments.slice(0), arguments.slice(1), value, false, |a, b| a + b);
    }

    fn vjp(&self, _: usize, _: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        elementwise::map(dy, dx.values, dx.accumulate, |dy| dy);
    }

    fn tangent(
        &self,
        tape: &mut dyn Record<T>,
        _: Var,
        _: &[Var],
        tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        match (tangents[0], tangents[1]) {
            (Some(a), Some(b)) => tape.record(Add, &[a, b]).map(Some),
            (a, b) => Ok(a.or(b)),
        }
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("add", &[(3, 4), (3, 4)], |tape, v| tape.add(v[0], v[1])),
        Case::new("add, an argument to itself", &[(2, 3)], |tape, v| tape.add(v[0], v[0])),
    ]
}
