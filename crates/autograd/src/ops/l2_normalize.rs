//! y_i = x_i / |x_i|: each row of a matrix scaled to length 1.
//!
//! ∂L/∂x_i = (dy_i - (dy_i · y_i) y_i) / |x_i|: the component of dy_i along y_i changes only the length of
//! x_i, which y_i does not depend on. A row of zeros stays zero, and no gradient passes.

use kernels::parallel;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Target, Var};
use crate::shape::{Shape, same};
use crate::tape::Tape;
use crate::{Error, Real};

struct L2Normalize;

impl<T: Real> Tape<T> {
    /// Every row of `x` scaled to length 1.
    ///
    /// # Errors
    /// Never; the signature is that of every operation.
    pub fn l2_normalize(&mut self, x: Var) -> Result<Var, Error> {
        self.record(L2Normalize, &[x])
    }
}

fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).map(|(a, b)| *a * *b).sum()
}

/// One over the length of a row, or 0 for a row of zeros.
fn shrink<T: Real>(x: &[T]) -> T {
    let length = dot(x, x).sqrt();
    if length == T::zero() { length } else { T::one() / length }
}

impl<T: Real> Op<T> for L2Normalize {
    fn name(&self) -> &'static str {
        "l2_normalize"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let (x, width) = (arguments.slice(0), arguments.shape(0).1);
        parallel::rows(value, width, |row, y| {
            let x = &x[row * width..][..width];
            let shrink = shrink(x);
            y.iter_mut().zip(x).for_each(|(y, x)| *y = shrink * *x);
        });
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        let (x, width) = (at.arguments.slice(0), at.arguments.shape(0).1);
        parallel::rows(dx.values, width, |row, dx_row| {
            let [x, y, dy] = [x, at.value, dy].map(|rows| &rows[row * width..][..width]);
            let (shrink, along) = (shrink(x), dot(dy, y));
            for ((dx_i, dy), y) in dx_row.iter_mut().zip(dy).zip(y) {
                let slope = shrink * (*dy - along * *y);
                *dx_i = if dx.accumulate { *dx_i + slope } else { slope };
            }
        });
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("l2_normalize", &[(3, 4)], |tape, v| tape.l2_normalize(v[0])),
        Case::new("l2_normalize, cosines of all pairs of rows", &[(3, 4), (5, 4)], |tape, v| {
            let (a, b) = (tape.l2_normalize(v[0])?, tape.l2_normalize(v[1])?);
            let own = tape.linear(b, b, None)?;
            let cosines = tape.linear(a, b, None)?;
            tape.linear(cosines, own, None)
        }),
    ]
}

#[cfg(test)]
mod tests {
    use crate::{Parameters, Tape};
    use ndarray::array;

    #[test]
    fn a_row_of_zeros_stays_and_lets_nothing_pass() {
        let mut parameters = Parameters::<f64>::new();
        let weight = parameters.push("w", &[2, 2], |w| w.copy_from_slice(&[3.0, 4.0, 0.0, 0.0]));
        let mut tape = Tape::new();
        let x = tape.parameter(&parameters, weight);
        let y = tape.l2_normalize(x).unwrap();
        let sweep = tape.sweep(y, &[x]).unwrap();
        tape.forward(&parameters, .., 0);
        assert!((&tape.value(y) - &array![[0.6, 0.8], [0.0, 0.0]]).iter().all(|off| off.abs() < 1e-12));
        let mut gradients = parameters.zeros_like();
        tape.backward_from(&[1.0, 0.0, 5.0, 5.0], &sweep, &parameters, &mut gradients);
        let want = [0.2 * 0.64, -0.2 * 0.48, 0.0, 0.0];
        assert!(
            gradients.values().iter().zip(want).all(|(got, want): (&f64, f64)| (got - want).abs() < 1e-12)
        );
    }
}
