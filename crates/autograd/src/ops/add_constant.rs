//! y = x + c for a constant c.
//!
//! dx = dy.

use kernels::elementwise;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Record, Target, Var};
use crate::shape::{Shape, same};
use crate::tape::Tape;
use crate::{Error, Real};

struct AddConstant(f64);

impl<T: Real> Tape<T> {
    /// x plus a constant, entry by entry.
    ///
    /// # Errors
    /// Never; the signature is that of every operation.
    pub fn add_constant(&mut self, x: Var, constant: f64) -> Result<Var, Error> {
        self.record(AddConstant(constant), &[x])
    }
}

impl<T: Real> Op<T> for AddConstant {
    fn name(&self) -> &'static str {
        "add constant"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let constant = T::of(self.0);
        elementwise::map(arguments.slice(0), value, false, move |x| x + constant);
    }

    fn vjp(&self, _: usize, _: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        elementwise::map(dy, dx.values, dx.accumulate, |dy| dy);
    }

    /// The constant has no part in the derivative.
    fn tangent(
        &self,
        _: &mut dyn Record<T>,
        _: Var,
        _: &[Var],
        tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        Ok(tangents[0])
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new("add constant", &[(2, 3)], |tape, v| tape.add_constant(v[0], -1.75))]
}
