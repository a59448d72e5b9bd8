//! y_i = Σ_j (a_ij - b_ij)²: how far the rows of two matrices are apart, squared.
//!
//! ∂y_i/∂a_ij = 2 (a_ij - b_ij) = -∂y_i/∂b_ij.

use super::{Arguments, Evaluated, Op, Target, same};
use crate::check::Case;
use crate::kernels::parallel;
use crate::{Error, Real, Shape, Tape, Var};

struct SquaredDistance;

impl<T: Real> Tape<T> {
    /// The squared Euclidean distances (rows, 1) between the rows of two values of one shape.
    ///
    /// # Errors
    /// If the shapes differ.
    pub fn squared_distance(&mut self, a: Var, b: Var) -> Result<Var, Error> {
        self.record(SquaredDistance, &[a, b])
    }
}

impl<T: Real> Op<T> for SquaredDistance {
    fn name(&self) -> &'static str {
        "squared distance"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments).map(|(rows, _)| (rows, 1))
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let (a, b) = (arguments.view(0), arguments.view(1));
        for ((a, b), value) in a.rows().into_iter().zip(b.rows()).zip(value) {
            *value = a.iter().zip(b).map(|(a, b)| (*a - *b) * (*a - *b)).sum();
        }
    }

    fn vjp(&self, argument: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        let (from, to) = (at.arguments.slice(argument), at.arguments.slice(1 - argument));
        let width = at.arguments.shape(0).1;
        parallel::rows(dx.values, width, |row, dx_row| {
            let (from, to) = (&from[row * width..], &to[row * width..]);
            for ((dx_i, from), to) in dx_row.iter_mut().zip(from).zip(to) {
                let slope = (dy[row] + dy[row]) * (*from - *to);
                *dx_i = if dx.accumulate { *dx_i + slope } else { slope };
            }
        });
    }

    /// 2 Σ_j (a_ij - b_ij) (da_ij - db_ij) is bilinear, for which there is no operation.
    fn tangent(&self, _: &mut Tape<T>, _: Var, _: &[Var], _: &[Option<Var>]) -> Result<Option<Var>, Error> {
        Err(Error::NoTangent { operation: "squared distance" })
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("squared distance", &[(3, 4), (3, 4)], |tape, v| tape.squared_distance(v[0], v[1])),
        Case::new("squared distance, an argument used twice", &[(2, 3), (2, 3)], |tape, v| {
            let sum = tape.add(v[0], v[1])?;
            tape.squared_distance(v[0], sum)
        }),
    ]
}
