//! y = (1/n) Σ x over all n entries: the batch mean of a per-example loss.
//!
//! ∂y/∂x_i = 1/n.

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Record, Target, Var};
use crate::shape::Shape;
use crate::tape::Tape;
use crate::{Error, Real};

struct Mean;

impl<T: Real> Tape<T> {
    /// The mean of all entries, (1, 1).
    ///
    /// # Errors
    /// If there are none.
    pub fn mean(&mut self, x: Var) -> Result<Var, Error> {
        self.record(Mean, &[x])
    }
}

impl<T: Real> Op<T> for Mean {
    fn name(&self) -> &'static str {
        "mean"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        match *arguments {
            [(rows, columns)] if rows * columns > 0 => Ok((1, 1)),
            _ => Err("takes at least one entry".to_owned()),
        }
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let x = arguments.slice(0);
        value[0] = T::of(x.iter().map(|x| x.f64()).sum::<f64>() / x.len() as f64);
    }

    fn vjp(&self, _: usize, _: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        let each = dy[0] / T::of(dx.values.len() as f64);
        for value in dx.values {
            *value = if dx.accumulate { *value + each } else { each };
        }
    }

    fn tangent(
        &self,
        tape: &mut dyn Record<T>,
        _: Var,
        _: &[Var],
        tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        tangents[0].map(|dx| tape.record(Mean, &[dx])).transpose()
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("mean", &[(3, 4)], |tape, v| tape.mean(v[0])),
        Case::new("mean, used twice", &[(3, 1)], |tape, v| {
            let (a, b) = (tape.mean(v[0])?, tape.mean(v[0])?);
            tape.add(a, b)
        }),
    ]
}
