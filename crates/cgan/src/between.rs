//! Points on the lines between real x and fakes: x̂ = G + ε (x - G), with ε uniform in [0, 1) for each pair.
//!
//! Shares ε are a function of (stream, draw, row). No gradient flows to x or to the fake: what the points are for is D's
//! gradient at them.

use autograd::{Arguments, Error, Evaluated, Op, Real, Shape, Stream, Tape, Target, Var};
use rand::Rng;

struct Between {
    shares: Stream,
}

/// Records points between `real` and `fake`, both (batch, width), new in each evaluation.
///
/// # Errors
/// If the shapes differ.
pub(crate) fn record<T: Real>(
    tape: &mut Tape<T>,
    real: Var,
    fake: Var,
    shares: Stream,
) -> Result<Var, Error> {
    tape.record(Between { shares }, &[real, fake])
}

impl<T: Real> Op<T> for Between {
    fn name(&self) -> &'static str {
        "points between"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        match *arguments {
            [real, fake] if real == fake => Ok(real),
            _ => Err("takes as many real examples as fakes, of one width".to_owned()),
        }
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], draw: u64) {
        let (_, width) = arguments.shape(0);
        let pairs = arguments.slice(0).chunks_exact(width).zip(arguments.slice(1).chunks_exact(width));
        for (row, (points, (real, fake))) in value.chunks_exact_mut(width).zip(pairs).enumerate() {
            let share = T::of(self.shares.at(draw, row as u64).random::<f64>());
            for ((point, x), g) in points.iter_mut().zip(real).zip(fake) {
                *point = *g + share * (*x - *g);
            }
        }
    }

    fn differentiable(&self, _: usize) -> bool {
        false
    }

    /// Never called: no argument is differentiable.
    fn vjp(&self, _: usize, _: &Evaluated<T>, _: &[T], _: Target<T>) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use autograd::Parameters;

    #[test]
    fn points_lie_evenly_between_their_pair() {
        let mut tape = Tape::<f64>::new();
        let (real, fake) = (tape.input("real", (10_000, 2)), tape.input("fake", (10_000, 2)));
        let points = record(&mut tape, real, fake, Stream::new(3, "test")).unwrap();
        tape.value_mut(real).fill(5.0);
        tape.value_mut(fake).fill(1.0);
        tape.forward(&Parameters::new(), .., 0);
        let first = tape.value(points).to_owned();
        assert!(first.rows().into_iter().all(|row| row[0] == row[1] && (1.0..5.0).contains(&row[0])));
        // 10,000 draws of variance 16 / 12: five standard errors.
        assert!((first.mean().unwrap() - 3.0).abs() < 5.0 * (16.0 / 12.0 / 1e4f64).sqrt());
        tape.forward(&Parameters::new(), .., 1);
        assert_ne!(first, tape.value(points));
    }
}
