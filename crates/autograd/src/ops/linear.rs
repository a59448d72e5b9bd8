//! y = x Wᵀ + b: x (batch, in), W (out, in), b (out), y (batch, out).
//!
//! With dy = ∂L/∂y, the chain rule over y_ij = Σ_k x_ik W_jk + b_j gives
//!   dx = dy W          (batch, in)
//!   dW = dyᵀ x         (out, in)
//!   db = Σ_i dy_i      (out)
//! and, along a direction t in x with W and b held fixed, the tangent t Wᵀ: the same operation without bias.
//!
//! A weight that lies column by column is the matrix M = Wᵀ (in, out), row by row: x M, dx = dy Mᵀ, dM = xᵀ dy.
//! Then column k of W, by which a non-zero x_ik is multiplied, is a row of M. Where x_ik is 0 after a ReLU, neither the
//! product nor dx_ik is computed.

use kernels::elementwise;
use ndarray::ArrayView2;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Record, Target, Var};
use crate::shape::Shape;
use crate::tape::Tape;
use crate::{Error, Real};

struct Linear;

impl<T: Real> Tape<T> {
    /// x Wᵀ + b, for x (batch, in), W (out, in) and, where there is one, b (1, out).
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn linear(&mut self, x: Var, weight: Var, bias: Option<Var>) -> Result<Var, Error> {
        match bias {
            Some(bias) => self.record(Linear, &[x, weight, bias]),
            None => self.record(Linear, &[x, weight]),
        }
    }
}

impl<T: Real> Op<T> for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        match *arguments {
            [(batch, fan_in), (out, width)] if fan_in == width => Ok((batch, out)),
            [(batch, fan_in), (out, width), (1, bias)] if fan_in == width && bias == out => Ok((batch, out)),
            _ => Err("takes x (batch, in), W (out, in) and b (1, out)".to_owned()),
        }
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let biased = arguments.count() == 3;
        if biased {
            elementwise::broadcast_row(arguments.slice(2), value);
        }
        let (x, w) = (arguments.view(0), arguments.view(1));
        if w.is_standard_layout() {
            T::times_transposed(x, w, value, biased);
        } else {
            T::times(x, w.reversed_axes(), value, biased);
        }
    }

    fn vjp(&self, argument: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        let (x, w) = (at.arguments.view(0), at.arguments.view(1));
        let dy_rows = ArrayView2::from_shape((x.nrows(), w.nrows()), dy).expect("dy is (batch, out)");
        let by_rows = w.is_standard_layout();
        match argument {
            0 if by_rows => T::times(dy_rows, w, dx.values, dx.accumulate),
            0 if dx.skip_zeros => {
                T::times_transposed_sampled(x, dy_rows, w.reversed_axes(), dx.values, dx.accumulate);
            }
            0 => T::times_transposed(dy_rows, w.reversed_axes(), dx.values, dx.accumulate),
            1 if by_rows => T::transposed_times(dy_rows, x, dx.values, dx.accumulate),
            1 => T::transposed_times(x, dy_rows, dx.values, dx.accumulate),
            _ => elementwise::column_sums(dy, dx.values, dx.accumulate),
        }
    }

    fn tangent(
        &self,
        tape: &mut dyn Record<T>,
        _: Var,
        arguments: &[Var],
        tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        match tangents {
            [Some(dx), rest @ ..] if rest.iter().all(Option::is_none) => {
                tape.record(Linear, &[*dx, arguments[1]]).map(Some)
            }
            _ => Err(Error::NoTangent { operation: "linear in its weights" }),
        }
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("linear with bias", &[(4, 3), (5, 3), (1, 5)], |tape, v| {
            tape.linear(v[0], v[1], Some(v[2]))
        }),
        Case::new("linear by columns", &[(4, 3), (5, 3), (1, 5)], |tape, v| {
            tape.linear(v[0], v[1], Some(v[2]))
        })
        .by_columns(1),
        Case::new("linear by columns, of what a ReLU lets through", &[(9, 7), (5, 7)], |tape, v| {
            let (a, b) = (tape.relu(v[0])?, tape.relu(v[0])?);
            let h = tape.concat(a, b)?;
            let w = tape.concat(v[1], v[1])?;
            let once = tape.linear(h, w, None)?;
            let a = tape.linear(a, v[1], None)?;
            tape.add(once, a)
        })
        .by_columns(1),
        Case::new("linear without bias", &[(2, 7), (1, 7)], |tape, v| tape.linear(v[0], v[1], None)),
        Case::new("linear, a weight used twice", &[(3, 4), (4, 4)], |tape, v| {
            let h = tape.linear(v[0], v[1], None)?;
            tape.linear(h, v[1], None)
        }),
    ]
}
