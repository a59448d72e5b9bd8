//! y = m ∘ x / keep, with m ~ Bernoulli(keep), element by element (Srivastava et al. 2014, "inverted").
//!
//! The division keeps E y = x, so that a net without the node is the mean net: evaluation leaves dropout out.
//! The mask is a constant of the evaluation, so ∂y/∂x = m / keep, and a row that the mask empties passes no
//! gradient. Masks are a function of (stream, draw, row), never of a thread.

use super::{Arguments, Evaluated, Op, Target, same};
use crate::check::Case;
use crate::kernels::{elementwise, masks, parallel};
use crate::{Error, Real, Shape, Stream, Tape, Var};

struct Dropout {
    keep: f64,
    stream: Stream,
}

/// The same mask on another value: dropout's derivative along a direction.
struct Masked {
    keep: f64,
}

impl<T: Real> Tape<T> {
    /// Zeroes each entry with probability 1 - `keep` and divides the rest by `keep`.
    ///
    /// # Errors
    /// If `keep` is not in (0, 1].
    pub fn dropout(&mut self, x: Var, keep: f64, stream: Stream) -> Result<Var, Error> {
        if !(keep > 0.0 && keep <= 1.0) {
            return Err(Error::Setting { operation: "dropout", reason: format!("keep is {keep}, not in (0, 1]") });
        }
        self.record(Dropout { keep, stream }, &[x])
    }
}

impl<T: Real> Op<T> for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn saved(&self, (rows, columns): Shape) -> usize {
        rows * columns
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], saved: &mut [u8], draw: u64) {
        let columns = arguments.shape(0).1;
        parallel::rows_with(value, columns, saved, |row, y, mask| {
            let mut random = self.stream.at(draw, row as u64);
            masks::drop(&mut random, self.keep, &arguments.slice(0)[row * columns..][..columns], y, mask);
        });
    }

    /// A zero may be one that was kept, so that depends on where it came from.
    fn gated(&self, arguments: &[bool]) -> bool {
        arguments[0]
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        masked(at.saved, self.keep, dy, dx.values, dx.accumulate);
    }

    fn tangent(&self, tape: &mut Tape<T>, node: Var, _: &[Var], tangents: &[Option<Var>]) -> Result<Option<Var>, Error> {
        let keep = self.keep;
        tangents[0].map(|dx| tape.record(Masked { keep }, &[node, dx])).transpose()
    }
}

impl<T: Real> Op<T> for Masked {
    fn name(&self) -> &'static str {
        "dropout (tangent)"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        masked(arguments.saved(0), self.keep, arguments.slice(1), value, false);
    }

    fn differentiable(&self, argument: usize) -> bool {
        argument == 1
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        masked(at.arguments.saved(0), self.keep, dy, dx.values, dx.accumulate);
    }
}

/// out = m ∘ x / keep.
fn masked<T: Real>(mask: &[u8], keep: f64, x: &[T], out: &mut [T], accumulate: bool) {
    let scale = T::of(1.0 / keep);
    elementwise::zip(x, mask, out, accumulate, move |x, kept| x * if kept != 0 { scale } else { T::zero() });
}

pub(super) fn cases() -> Vec<Case> {
    let case = |name, keep| {
        Case::new(name, &[(4, 6)], move |tape, v| tape.dropout(v[0], keep, Stream::new(7, "case")))
    };
    vec![case("dropout, half kept", 0.5), case("dropout, 0.8 kept", 0.8), case("dropout, all kept", 1.0)]
}

#[cfg(test)]
mod tests {
    use crate::{Parameters, Stream, Tape};

    #[test]
    fn keeps_the_share_and_the_mean_and_draws_anew() {
        let mut tape = Tape::<f32>::new();
        let x = tape.input("x", (100, 1000));
        let y = tape.dropout(x, 0.8, Stream::new(3, "test")).unwrap();
        tape.value_mut(x).fill(1.0);
        tape.forward(&Parameters::new(), .., 0);
        let first = tape.value(y).to_owned();
        let kept = first.iter().filter(|&&y| y != 0.0).count() as f64 / 1e5;
        // Four standard deviations of a share of 0.8 among 100,000.
        assert!((kept - 0.8).abs() < 4.0 * (0.16f64 / 1e5).sqrt(), "kept {kept}");
        assert!(first.iter().all(|&y| y == 0.0 || y == 1.25));
        tape.forward(&Parameters::new(), .., 1);
        assert_ne!(first, tape.value(y));
        tape.forward(&Parameters::new(), .., 0);
        assert_eq!(first, tape.value(y));
    }

    /// Nothing is left of the row, so all pieces of the maxout after it tie; still, as in PyTorch, the gradient is
    /// zero where the mask is, and that of the weights finite.
    #[test]
    fn a_row_that_the_mask_empties_passes_no_gradient() {
        let mut parameters = Parameters::<f64>::new();
        let w = parameters.push("w", &[4, 2], |w| w.copy_from_slice(&[1.0, 2.0, 3.0, -4.0, 5.0, 6.0, -7.0, 8.0]));
        let mut tape = Tape::new();
        let x = tape.input("x", (64, 2));
        let dropped = tape.dropout(x, 0.3, Stream::new(5, "test")).unwrap();
        let w = tape.parameter(&parameters, w);
        let pieces = tape.linear(dropped, w, None).unwrap();
        let y = tape.maxout(pieces, 2).unwrap();
        let sweep = tape.sweep(y, &[x, w]).unwrap();
        tape.value_mut(x).fill(1.0);
        let mut gradient = parameters.zeros_like();
        tape.forward(&parameters, .., 0);
        tape.backward(&sweep, &parameters, &mut gradient);
        let empty: Vec<usize> = (0..64).filter(|&row| tape.value(dropped).row(row).iter().all(|&x| x == 0.0)).collect();
        assert!(!empty.is_empty() && empty.len() < 64);
        for row in empty {
            assert!(tape.gradient(x).row(row).iter().all(|&dx| dx == 0.0));
            // The first of the equal pieces has won: units 0 and 1 of piece 0.
            assert_eq!(tape.gradient(pieces).row(row).to_vec(), [1.0, 1.0, 0.0, 0.0]);
        }
        assert!(gradient.values().iter().all(|dw| dw.is_finite()) && gradient.values().iter().any(|&dw| dw != 0.0));
    }

    #[test]
    fn keep_outside_its_range_is_refused() {
        let mut tape = Tape::<f32>::new();
        let x = tape.input("x", (1, 1));
        for keep in [0.0, -0.1, 1.1, f64::NAN] {
            assert!(tape.dropout(x, keep, Stream::new(3, "test")).is_err());
        }
    }
}
