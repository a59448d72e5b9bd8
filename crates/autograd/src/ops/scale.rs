//! y = a x for a constant a.
//!
//! dx = a dy.

use kernels::elementwise;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Record, Target, Var};
use crate::shape::{Shape, same};
use crate::tape::Tape;
use crate::{Error, Real};

struct Scale(f64);

impl<T: Real> Tape<T> {
    /// `factor` times x.
    ///
    /// # Errors
    /// Never; the signature is that of every operation.
    pub fn scale(&mut self, x: Var, factor: f64) -> Result<Var, Error> {
        self.record(Scale(factor), &[x])
    }
}

impl<T: Real> Op<T> for Scale {
    fn name(&self) -> &'static str {
        "scale"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let factor = T::of(self.0);
        elementwise::map(arguments.slice(0), value, false, move |x| factor * x);
    }

    fn vjp(&self, _: usize, _: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        let factor = T::of(self.0);
        elementwise::map(dy, dx.values, dx.accumulate, move |dy| factor * dy);
    }

    fn tangent(
        &self,
        tape: &mut dyn Record<T>,
        _: Var,
        _: &[Var],
        tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        tangents[0].map(|dx| tape.record(Scale(self.0), &[dx])).transpose()
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new("scale", &[(2, 3)], |tape, v| tape.scale(v[0], -1.75))]
}
