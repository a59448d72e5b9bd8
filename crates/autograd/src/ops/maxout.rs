//! y_j = max_p x_{p, j}: the best of k pieces for each unit (Goodfellow et al. 2013, "Maxout networks").
//!
//! x is (batch, k · units), piece by piece (all units' first pieces, then all second ones, ..), so that the
//! maximum is taken between whole vectors. The winner w_j = argmax_p x_{p, j} passes the gradient and the
//! others none: dx_{p, j} = dy_j [p = w_j]. Of equal pieces the first wins, as in PyTorch's `max`. Along a
//! direction t in x the tangent is t_{w_j, j}: linear, with the same winners.

use kernels::maxout::wins;
use kernels::parallel;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Record, Target, Var};
use crate::shape::Shape;
use crate::tape::Tape;
use crate::{Error, Real};

struct Maxout {
    pieces: usize,
}

/// The winners' entries of another value: maxout's derivative along a direction.
struct Winners;

impl<T: Real> Tape<T> {
    /// The maximum over `pieces` blocks of columns: (batch, pieces · units) to (batch, units).
    ///
    /// # Errors
    /// If the columns are not a multiple of `pieces`, or `pieces` is not in 1..=255.
    pub fn maxout(&mut self, x: Var, pieces: usize) -> Result<Var, Error> {
        self.record(Maxout { pieces }, &[x])
    }
}

impl<T: Real> Op<T> for Maxout {
    fn name(&self) -> &'static str {
        "maxout"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        match *arguments {
            [(batch, columns)] if (1..=255).contains(&self.pieces) && columns % self.pieces == 0 => {
                Ok((batch, columns / self.pieces))
            }
            _ => Err(format!("takes (batch, units * pieces), with 1 to 255 pieces, not {}", self.pieces)),
        }
    }

    fn saved(&self, (rows, columns): Shape) -> usize {
        rows * columns
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], saved: &mut [u8], _: u64) {
        let (columns, units) = (arguments.shape(0).1, arguments.shape(0).1 / self.pieces);
        parallel::rows_with(value, units, saved, |row, y, winners| {
            let x = &arguments.slice(0)[row * columns..][..columns];
            y.copy_from_slice(&x[..units]);
            winners.fill(0);
            for (piece, x) in x.chunks_exact(units).enumerate().skip(1) {
                if winners.is_empty() {
                    y.iter_mut().zip(x).for_each(|(y, x)| *y = if wins(*x, *y) { *x } else { *y });
                }
                for ((y, x), winner) in y.iter_mut().zip(x).zip(winners.iter_mut()) {
                    let better = wins(*x, *y);
                    *y = if better { *x } else { *y };
                    *winner = if better { piece as u8 } else { *winner };
                }
            }
        });
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        scatter(at.saved, at.arguments.shape(0), dy, dx);
    }

    fn tangent(
        &self,
        tape: &mut dyn Record<T>,
        node: Var,
        _: &[Var],
        tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        tangents[0].map(|dx| tape.record(Winners, &[node, dx])).transpose()
    }
}

impl<T: Real> Op<T> for Winners {
    fn name(&self) -> &'static str {
        "maxout (tangent)"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        match *arguments {
            [(batch, units), (rows, columns)] if batch == rows && columns % units.max(1) == 0 => {
                Ok((batch, units))
            }
            _ => Err("takes winners (batch, units) and a direction (batch, units * pieces)".to_owned()),
        }
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let (units, columns) = (arguments.shape(0).1, arguments.shape(1).1);
        parallel::rows(value, units, |row, y| {
            let (x, winners) = (&arguments.slice(1)[row * columns..], &arguments.saved(0)[row * units..]);
            for (unit, y) in y.iter_mut().enumerate() {
                *y = x[usize::from(winners[unit]) * units + unit];
            }
        });
    }

    fn differentiable(&self, argument: usize) -> bool {
        argument == 1
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        scatter(at.arguments.saved(0), at.arguments.shape(1), dy, dx);
    }
}

/// dx_{p, j} = dy_j [p = w_j].
fn scatter<T: Real>(winners: &[u8], (rows, columns): Shape, dy: &[T], dx: Target<T>) {
    let units = dy.len() / rows.max(1);
    let accumulate = dx.accumulate;
    parallel::rows(dx.values, columns, |row, dx| {
        let (dy, winners) = (&dy[row * units..][..units], &winners[row * units..][..units]);
        for (piece, dx) in dx.chunks_exact_mut(units).enumerate() {
            for ((dx, dy), winner) in dx.iter_mut().zip(dy).zip(winners) {
                let passed = if usize::from(*winner) == piece { *dy } else { T::zero() };
                *dx = if accumulate { *dx + passed } else { passed };
            }
        }
    });
}

pub(super) fn cases() -> Vec<Case> {
    let case = |name, pieces| Case::new(name, &[(4, 60)], move |tape, v| tape.maxout(v[0], pieces));
    vec![case("maxout of 5 pieces", 5), case("maxout of 4 pieces", 4), case("maxout of one piece", 1)]
}

#[cfg(test)]
mod tests {
    use crate::{Parameters, Tape};
    use ndarray::array;

    #[test]
    fn of_equal_pieces_the_first_wins() {
        let mut tape = Tape::<f64>::new();
        let x = tape.input("x", (1, 6));
        let y = tape.maxout(x, 3).unwrap();
        let sweep = tape.sweep(y, &[x]).unwrap();
        tape.value_mut(x).assign(&array![[1.0, 7.0, 2.0, 7.0, 2.0, 7.0]]);
        let parameters = Parameters::new();
        tape.forward(&parameters, .., 0);
        tape.backward(&sweep, &parameters, &mut parameters.zeros_like());
        assert_eq!(tape.value(y), array![[2.0, 7.0]]);
        assert_eq!(tape.gradient(x), array![[0.0, 1.0, 1.0, 0.0, 0.0, 0.0]]);
    }

    #[test]
    fn a_nan_in_any_piece_shows() {
        let mut tape = Tape::<f64>::new();
        let x = tape.input("x", (3, 3));
        let y = tape.maxout(x, 3).unwrap();
        let nan = f64::NAN;
        tape.value_mut(x).assign(&array![[nan, 1.0, 2.0], [1.0, nan, 2.0], [1.0, 2.0, nan]]);
        tape.forward(&Parameters::new(), .., 0);
        assert!(tape.value(y).iter().all(|y| y.is_nan()));
    }

    #[test]
    fn the_value_does_not_depend_on_whether_winners_are_noted() {
        let values = ndarray::Array2::from_shape_fn((3, 20), |(i, j)| ((i * 20 + j) as f64 * 1.7).sin());
        let run = |sweep: bool| {
            let mut tape = Tape::<f64>::new();
            let x = tape.input("x", (3, 20));
            let y = tape.maxout(x, 4).unwrap();
            if sweep {
                tape.sweep(y, &[x]).unwrap();
            }
            tape.value_mut(x).assign(&values);
            tape.forward(&Parameters::new(), .., 0);
            tape.value(y).to_owned()
        };
        assert_eq!(run(true), run(false));
    }
}
