//! y_j = max_p (x · W_{p, j} + b_{p, j}): a linear layer and the best of its k pieces for each unit, in one pass
//! (Goodfellow et al. 2013, "Maxout networks").
//!
//! x (batch, in), W (k · units, in) and b (1, k · units), piece by piece; y (batch, units). It is [`Tape::maxout`]
//! of [`Tape::linear`], but the pieces are never stored. With the winner w_ij = argmax_p, the first of equals, and
//! R the matrix (batch, k · units) of zeros but for R_{i, (w_ij, j)} = dy_ij:
//!   dx = R W          dW = Rᵀ x          db = Σ_i R_i
//! which are sums over one entry of k. Along a direction t in x with W and b held fixed, the tangent is that of
//! the winners, t · W_{w_ij, j}: linear in t and in W, with the same R for its own derivatives.
//!
//! Where a mask (batch, units) that follows is 0, the products are not computed. y is the largest bias there, and the
//! mask sets it to zero, so dropout of half of the units saves half of the work. No gradient reaches these entries.

use kernels::maxout::{Winners, best_piece};
use ndarray::ArrayView2;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Record, Target, Var};
use crate::shape::Shape;
use crate::tape::Tape;
use crate::{Error, Real, Stream};

struct LinearMaxout {
    pieces: usize,
}

/// The winners' products with another value: the derivative along a direction.
struct OfWinners {
    pieces: usize,
}

impl<T: Real> Tape<T> {
    /// The maximum over `pieces` of x Wᵀ + b: x (batch, in), W (pieces · units, in), b (1, pieces · units) to
    /// (batch, units), and that times a mask (batch, units), if there is one.
    ///
    /// # Errors
    /// If the shapes do not fit, or `pieces` is not in 1..=255.
    pub fn linear_maxout(
        &mut self,
        x: Var,
        weight: Var,
        bias: Var,
        mask: Option<Var>,
        pieces: usize,
    ) -> Result<Var, Error> {
        let Some(mask) = mask else { return self.record(LinearMaxout { pieces }, &[x, weight, bias]) };
        let y = self.record(LinearMaxout { pieces }, &[x, weight, bias, mask])?;
        self.masked(y, mask)
    }
}

impl<T: Real> Op<T> for LinearMaxout {
    fn name(&self) -> &'static str {
        "linear, maxout"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        let k = self.pieces;
        match *arguments {
            [(batch, fan_in), (out, width), (1, bias), ref mask @ ..]
                if fan_in == width
                    && bias == out
                    && (1..=255).contains(&k)
                    && out % k == 0
                    && mask.iter().all(|mask| *mask == (batch, out / k)) =>
            {
                Ok((batch, out / k))
            }
            _ => Err(
                "takes x (batch, in), W (k · units, in), b (1, k · units), a mask (batch, units), k ≤ 255"
                    .to_owned(),
            ),
        }
    }

    fn saved(&self, (rows, columns): Shape) -> usize {
        rows * columns
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], saved: &mut [u8], _: u64) {
        let (x, w, bias) = (arguments.view(0), arguments.view(1), arguments.slice(2));
        let all = bias.len() / self.pieces;
        T::by_pieces(x, w, self.pieces, mask(arguments), value, saved, |_, units, block, y, winners| {
            best_piece(block, &bias[units.start..], all, y, winners);
        });
    }

    fn differentiable(&self, argument: usize) -> bool {
        argument < 3
    }

    fn vjp(&self, argument: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        if argument < 2 {
            let (x, w) = (at.arguments.view(0), at.arguments.view(1));
            return gradient(argument == 0, routed(dy, at.saved, x.nrows(), self.pieces), x, w, dx);
        }
        if !dx.accumulate {
            dx.values.fill(T::zero());
        }
        let units = dx.values.len() / self.pieces;
        for (dy, winners) in dy.chunks_exact(units.max(1)).zip(at.saved.chunks_exact(units.max(1))) {
            for (unit, (dy, winner)) in dy.iter().zip(winners).enumerate() {
                dx.values[usize::from(*winner) * units + unit] += *dy;
            }
        }
    }

    fn tangent(
        &self,
        tape: &mut dyn Record<T>,
        node: Var,
        arguments: &[Var],
        tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        match tangents {
            [Some(dx), None, None, ..] => {
                let of: Vec<Var> =
                    [node, *dx, arguments[1]].into_iter().chain(arguments.get(3).copied()).collect();
                tape.record(OfWinners { pieces: self.pieces }, &of).map(Some)
            }
            _ => Err(Error::NoTangent { operation: "linear, maxout in its weights" }),
        }
    }
}

impl<T: Real> Op<T> for OfWinners {
    fn name(&self) -> &'static str {
        "linear, maxout (tangent)"
    }

    /// Only ever recorded beside the layer itself, so all fits.
    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        Ok(arguments[0])
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let (t, w) = (arguments.view(1), arguments.view(2));
        T::times_winners(t, w, arguments.saved(0), self.pieces, mask(arguments), value);
    }

    fn differentiable(&self, argument: usize) -> bool {
        argument == 1 || argument == 2
    }

    fn vjp(&self, argument: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        let (t, w) = (at.arguments.view(1), at.arguments.view(2));
        gradient(argument == 1, routed(dy, at.arguments.saved(0), t.nrows(), self.pieces), t, w, dx);
    }
}

/// The mask (batch, units), the last of four arguments.
fn mask<'a, T: Real>(arguments: &Arguments<'a, T>) -> Option<&'a [T]> {
    (arguments.count() == 4).then(|| arguments.slice(3))
}

/// R: dy (rows, units) at the winners.
fn routed<'a, T: Real>(dy: &'a [T], winners: &'a [u8], rows: usize, pieces: usize) -> Winners<'a, T> {
    let shape = (rows, dy.len() / rows.max(1));
    Winners { values: ArrayView2::from_shape(shape, dy).expect("dy is (batch, units)"), winners, pieces }
}

/// R W, the gradient of what the layer is fed, or Rᵀ x, that of its weight.
fn gradient<T: Real>(of_input: bool, r: Winners<T>, x: ArrayView2<T>, w: ArrayView2<T>, dx: Target<T>) {
    if of_input {
        T::winners_times(r, w, dx.values, dx.accumulate);
    } else {
        T::winners_transposed_times(r, x, dx.values, dx.accumulate);
    }
}

pub(super) fn cases() -> Vec<Case> {
    let case = |name, pieces: usize| {
        Case::new(name, &[(4, 3), (12, 3), (1, 12)], move |tape, v| {
            tape.linear_maxout(v[0], v[1], v[2], None, pieces)
        })
    };
    vec![
        case("linear, maxout of 4 pieces", 4),
        case("linear, maxout of 3 pieces", 3),
        case("linear, maxout of one piece", 1),
        Case::new("linear, maxout, the same twice", &[(3, 4), (8, 4), (1, 8)], |tape, v| {
            let a = tape.linear_maxout(v[0], v[1], v[2], None, 2)?;
            tape.linear_maxout(a, v[1], v[2], None, 2)
        }),
        Case::new("linear, maxout, masked", &[(6, 3), (12, 3), (1, 12)], |tape, v| {
            let mask = tape.mask((6, 4), 0.5, Stream::new(7, "case"))?;
            tape.linear_maxout(v[0], v[1], v[2], Some(mask), 3)
        }),
    ]
}

#[cfg(test)]
mod tests {
    use crate::{Parameters, Stream, Tape};
    use rand::Rng;

    /// Values, winners and all gradients, in single precision too, where other kernels are at work.
    #[test]
    fn equals_maxout_of_linear() {
        let mut random = Stream::new(1, "linear maxout").at(0, 0);
        let mut parameters = Parameters::<f32>::new();
        let mut fill =
            |values: &mut [f32]| values.iter_mut().for_each(|x| *x = random.random_range(-1.0..1.0));
        let w = parameters.push("w", &[50 * 5, 70], &mut fill);
        let b = parameters.push("b", &[50 * 5], &mut fill);
        let x = parameters.push("x", &[30, 70], &mut fill);
        let mut tape = Tape::new();
        let leaves = [x, w, b].map(|id| tape.parameter(&parameters, id));
        let pieces = tape.linear(leaves[0], leaves[1], Some(leaves[2])).unwrap();
        let plain = tape.maxout(pieces, 5).unwrap();
        // Without a mask, with one that leaves few enough to compute no others, and with one that does not.
        for keep in [None, Some(0.2), Some(0.9)] {
            let mask = keep.map(|keep| tape.mask((30, 50), keep, Stream::new(2, "mask")).unwrap());
            let fused = tape.linear_maxout(leaves[0], leaves[1], leaves[2], mask, 5).unwrap();
            let plain = mask.map_or(plain, |mask| tape.masked(plain, mask).unwrap());
            let mut gradients = [parameters.zeros_like(), parameters.zeros_like()];
            let seed: Vec<f32> =
                (0..30 * 50).map(|i| if i % 3 == 0 { 0.0 } else { (i as f32).sin() }).collect();
            for (y, gradient) in [fused, plain].into_iter().zip(&mut gradients) {
                let sweep = tape.sweep(y, &leaves).unwrap();
                tape.forward(&parameters, .., 0);
                tape.backward_from(&seed, &sweep, &parameters, gradient);
            }
            let near = |a: &f32, b: &f32| (a - b).abs() <= 1e-5 * (1.0 + b.abs());
            assert!(tape.value(fused).iter().zip(tape.value(plain)).all(|(a, b)| near(a, b)), "{keep:?}");
            assert!(
                gradients[0].values().iter().zip(gradients[1].values()).all(|(a, b)| near(a, b)),
                "{keep:?}"
            );
            let kept = mask.map_or(30 * 50, |mask| tape.value(mask).iter().filter(|m| **m != 0.0).count());
            assert_eq!(tape.value(fused).iter().filter(|y| **y != 0.0).count(), kept);
        }
    }

    #[test]
    fn of_equal_pieces_the_first_wins_and_a_nan_shows() {
        let mut parameters = Parameters::<f64>::new();
        let w = parameters.push("w", &[3, 1], |w| w.copy_from_slice(&[1.0, 2.0, 2.0]));
        let b = parameters.push("b", &[3], |_| ());
        let mut tape = Tape::new();
        let x = tape.input("x", (3, 1));
        let [w, b] = [w, b].map(|id| tape.parameter(&parameters, id));
        let y = tape.linear_maxout(x, w, b, None, 3).unwrap();
        let sweep = tape.sweep(y, &[w, b]).unwrap();
        tape.value_mut(x).assign(&ndarray::array![[1.0], [0.0], [f64::NAN]]);
        let mut gradient = parameters.zeros_like();
        tape.forward(&parameters, .., 0);
        assert!(tape.value(y)[[2, 0]].is_nan());
        tape.backward_from(&[1.0, 10.0, 0.0], &sweep, &parameters, &mut gradient);
        assert_eq!(gradient.values()[3..], [10.0, 1.0, 0.0]);
    }
}
