//! y = [a, b]: the columns of a, then those of b.
//!
//! y is a permutation of the entries of a and b, so the gradient of each is its own slice of columns.

use kernels::parallel;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Record, Target, Var};
use crate::shape::Shape;
use crate::tape::Tape;
use crate::{Error, Real};

struct Concat;

impl<T: Real> Tape<T> {
    /// (batch, m) and (batch, n) side by side: (batch, m + n).
    ///
    /// # Errors
    /// If the numbers of rows differ.
    pub fn concat(&mut self, a: Var, b: Var) -> Result<Var, Error> {
        self.record(Concat, &[a, b])
    }
}

impl<T: Real> Op<T> for Concat {
    fn name(&self) -> &'static str {
        "concat"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        match arguments {
            [(rows, a), (same, b)] if rows == same => Ok((*rows, a + b)),
            _ => Err("numbers of rows must agree".to_owned()),
        }
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let (m, n) = (arguments.shape(0).1, arguments.shape(1).1);
        parallel::rows(value, m + n, |row, y| {
            y[..m].copy_from_slice(&arguments.slice(0)[row * m..][..m]);
            y[m..].copy_from_slice(&arguments.slice(1)[row * n..][..n]);
        });
    }

    fn gated(&self, arguments: &[bool]) -> bool {
        arguments.iter().all(|gated| *gated)
    }

    fn vjp(&self, argument: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        let (m, n) = (at.arguments.shape(0).1, at.arguments.shape(1).1);
        let accumulate = dx.accumulate;
        let (start, width) = if argument == 0 { (0, m) } else { (m, n) };
        parallel::rows(dx.values, width, |row, dx| {
            for (dx, dy) in dx.iter_mut().zip(&dy[row * (m + n) + start..]) {
                *dx = if accumulate { *dx + *dy } else { *dy };
            }
        });
    }

    fn tangent(
        &self,
        tape: &mut dyn Record<T>,
        _: Var,
        arguments: &[Var],
        tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        let mut tangent = |argument: usize| match tangents[argument] {
            Some(tangent) => tangent,
            None => tape.zeros(tape.shape(arguments[argument])),
        };
        let both = [tangent(0), tangent(1)];
        tape.record(Concat, &both).map(Some)
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new("concat", &[(3, 2), (3, 5)], |tape, v| tape.concat(v[0], v[1]))]
}
