//! y = m ∘ x / keep, with m ~ Bernoulli(keep), element by element (Srivastava et al. 2014, "inverted").
//!
//! The division keeps E y = x, so that a net without the node is the mean net: evaluation leaves dropout out.
//! The mask is a constant of the evaluation, so ∂y/∂x = m / keep, and a row whose mask is zero passes no gradient. Masks are a function of (stream, draw, row), never of a thread.

use kernels::{elementwise, masks, parallel};

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Record, Target, Var};
use crate::shape::{Shape, same};
use crate::tape::Tape;
use crate::{Error, Real, Stream};

/// m / keep.
struct Mask {
    shape: Shape,
    keep: f64,
    stream: Stream,
}

/// x times a mask: linear in x, so that its tangent is the operation itself.
struct Masked;

impl<T: Real> Tape<T> {
    /// A mask of this shape, new in each evaluation: 0 with probability 1 - `keep`, else 1 / `keep`.
    ///
    /// # Errors
    /// If `keep` is not in (0, 1].
    pub fn mask(&mut self, shape: Shape, keep: f64, stream: Stream) -> Result<Var, Error> {
        if !(keep > 0.0 && keep <= 1.0) {
            return Err(Error::Setting {
                operation: "dropout",
                reason: format!("keep is {keep}, not in (0, 1]"),
            });
        }
        self.record(Mask { shape, keep, stream }, &[])
    }

    /// x times a mask of its shape.
    ///
    /// # Errors
    /// If the shapes differ.
    pub fn masked(&mut self, x: Var, mask: Var) -> Result<Var, Error> {
        self.record(Masked, &[x, mask])
    }
}

impl<T: Real> Op<T> for Mask {
    fn name(&self) -> &'static str {
        "mask"
    }

    fn shape(&self, _: &[Shape]) -> Result<Shape, String> {
        Ok(self.shape)
    }

    fn forward(&self, _: &Arguments<T>, value: &mut [T], _: &mut [u8], draw: u64) {
        parallel::rows(value, self.shape.1, |row, mask| {
            masks::draw(&mut self.stream.at(draw, row as u64), self.keep, mask);
        });
    }

    /// Never called: there are no arguments.
    fn vjp(&self, _: usize, _: &Evaluated<T>, _: &[T], _: Target<T>) {}
}

impl<T: Real> Op<T> for Masked {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        elementwise::zip(arguments.slice(0), arguments.slice(1), value, false, |x, m| x * m);
    }

    fn differentiable(&self, argument: usize) -> bool {
        argument == 0
    }

    /// A zero may be one that was kept, so that depends on where it came from.
    fn gated(&self, arguments: &[bool]) -> bool {
        arguments[0]
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        elementwise::zip(dy, at.arguments.slice(1), dx.values, dx.accumulate, |dy, m| dy * m);
    }

    fn tangent(
        &self,
        tape: &mut dyn Record<T>,
        _: Var,
        arguments: &[Var],
        tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        tangents[0].map(|dx| tape.record(Masked, &[dx, arguments[1]])).transpose()
    }
}

pub(super) fn cases() -> Vec<Case> {
    let case = |name, keep| {
        Case::new(name, &[(4, 6)], move |tape, v| {
            let mask = tape.mask((4, 6), keep, Stream::new(7, "case"))?;
            tape.masked(v[0], mask)
        })
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
        let mask = tape.mask((100, 1000), 0.8, Stream::new(3, "test")).unwrap();
        let y = tape.masked(x, mask).unwrap();
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

    /// The row is all zeros, so all pieces of the maxout after it tie. As in PyTorch, the gradient is still zero where
    /// the mask is, and the gradient of the weights is finite.
    #[test]
    fn a_row_whose_mask_is_zero_passes_no_gradient() {
        let mut parameters = Parameters::<f64>::new();
        let w =
            parameters.push("w", &[4, 2], |w| w.copy_from_slice(&[1.0, 2.0, 3.0, -4.0, 5.0, 6.0, -7.0, 8.0]));
        let mut tape = Tape::new();
        let x = tape.input("x", (64, 2));
        let mask = tape.mask((64, 2), 0.3, Stream::new(5, "test")).unwrap();
        let dropped = tape.masked(x, mask).unwrap();
        let w = tape.parameter(&parameters, w);
        let pieces = tape.linear(dropped, w, None).unwrap();
        let y = tape.maxout(pieces, 2).unwrap();
        let sweep = tape.sweep(y, &[x, w]).unwrap();
        tape.value_mut(x).fill(1.0);
        let mut gradient = parameters.zeros_like();
        tape.forward(&parameters, .., 0);
        tape.backward(&sweep, &parameters, &mut gradient);
        let empty: Vec<usize> =
            (0..64).filter(|&row| tape.value(dropped).row(row).iter().all(|&x| x == 0.0)).collect();
        assert!(!empty.is_empty() && empty.len() < 64);
        for row in empty {
            assert!(tape.gradient(x).row(row).iter().all(|&dx| dx == 0.0));
            // The first of the equal pieces has won: units 0 and 1 of piece 0.
            assert_eq!(tape.gradient(pieces).row(row).to_vec(), [1.0, 1.0, 0.0, 0.0]);
        }
        assert!(
            gradient.values().iter().all(|dw| dw.is_finite())
                && gradient.values().iter().any(|&dw| dw != 0.0)
        );
    }

    #[test]
    fn keep_outside_its_range_is_refused() {
        let mut tape = Tape::<f32>::new();
        for keep in [0.0, -0.1, 1.1, f64::NAN] {
            assert!(tape.mask((1, 1), keep, Stream::new(3, "test")).is_err());
        }
    }
}
