//! The largest of several pieces, unit by unit.

use crate::isa::{Isa, Kernel};
use crate::scalar::Scalar;
use crate::simd::Lanes;

/// Units that are compared at once.
const AT_ONCE: usize = 8;

/// Whether a later piece wins over an earlier one. A NaN wins over all, so that it is not hidden.
#[inline(always)]
pub fn wins<T: Scalar>(later: T, earlier: T) -> bool {
    // Without a branch, so that many are compared at once.
    (later > earlier) | later.is_nan()
}

/// y_j = max_p (products_{p, j} + bias_{p, j}), and in `winners`, unless that is empty, the first p of the largest. The
/// products of the pieces follow one another; the biases of two pieces begin `apart` entries apart.
///
/// # Panics
/// If a slice is too short.
pub fn best_piece<T: Scalar>(products: &[T], bias: &[T], apart: usize, y: &mut [T], winners: &mut [u8]) {
    // SAFETY: the processor has its best instruction set, and the kernel is safe code.
    unsafe { Isa::best().run(BestPiece { products, bias, apart, y, winners }) }
}

struct BestPiece<'a, T> {
    products: &'a [T],
    bias: &'a [T],
    apart: usize,
    y: &'a mut [T],
    winners: &'a mut [u8],
}

impl<T: Scalar> Kernel for BestPiece<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        best(self.products, self.bias, self.apart, self.y, self.winners);
    }
}

#[inline(always)]
fn best<T: Scalar>(products: &[T], bias: &[T], apart: usize, y: &mut [T], winners: &mut [u8]) {
    let units = y.len();
    let (whole, rest) = y.as_chunks_mut::<AT_ONCE>();
    for (n, y) in whole.iter_mut().enumerate() {
        let first = n * AT_ONCE;
        let winner;
        (*y, winner) = best_of(&products[first..], units, &bias[first..], apart);
        if let Some(noted) = winners.get_mut(first..first + AT_ONCE) {
            noted.iter_mut().zip(winner).for_each(|(noted, winner)| *noted = winner as u8);
        }
    }
    let first = units - rest.len();
    for (unit, y) in (first..).zip(rest) {
        let ([best], [winner]) = best_of(&products[unit..], units, &bias[unit..], apart);
        *y = best;
        if let Some(noted) = winners.get_mut(unit) {
            *noted = winner as u8;
        }
    }
}

/// The best piece of each of N units, and its number. The number is as wide as an `f32`, so that one comparison selects
/// both.
#[inline(always)]
fn best_of<T: Scalar, const N: usize>(
    products: &[T],
    units: usize,
    bias: &[T],
    apart: usize,
) -> ([T; N], [u32; N]) {
    let (mut best, mut winner) = ([T::neg_infinity(); N], [0; N]);
    let pieces = products.chunks(units).map_while(|piece| piece.first_chunk::<N>());
    for (piece, x) in pieces.enumerate() {
        let bias = bias[piece * apart..].first_chunk::<N>().expect("a bias for each unit");
        let value: [T; N] = std::array::from_fn(|lane| x[lane] + bias[lane]);
        // Arrays of a fixed length with a loop for each, so that the compiler makes a vector of each.
        for lane in 0..N {
            winner[lane] = if wins(value[lane], best[lane]) { piece as u32 } else { winner[lane] };
        }
        for lane in 0..N {
            best[lane] = if wins(value[lane], best[lane]) { value[lane] } else { best[lane] };
        }
    }
    (best, winner)
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;
    use crate::fenced::{Edge, Fenced};
    use crate::test_support::random;

    /// The first of the largest, or the last that is not a number; and its value.
    fn naive<T: Scalar>(values: &[T]) -> (T, u8) {
        let not_a_number = values.iter().rposition(|value| value.is_nan());
        let largest = || (0..values.len()).fold(0, |best, p| if values[p] > values[best] { p } else { best });
        let best = not_a_number.unwrap_or_else(largest);
        (values[best], best as u8)
    }

    fn check<T: Scalar + std::fmt::Debug>(random: &mut impl Rng, units: usize, pieces: usize, edge: Edge) {
        let apart = units + random.random_range(0..4);
        // Of few values, so that pieces tie; now and then one that is not a number.
        let mut number = || match random.random_range(0..40) {
            0 => T::of(f64::NAN),
            n => T::of(f64::from(n % 5) - 2.0),
        };
        let products: Vec<T> = (0..units * pieces).map(|_| number()).collect();
        let bias: Vec<T> = (0..(pieces - 1) * apart + units).map(|_| number()).collect();
        let (products, bias) = (Fenced::new(&products, edge), Fenced::new(&bias, edge));
        let (mut y, mut winners) =
            (Fenced::new(&vec![T::zero(); units], edge), Fenced::new(&vec![99; units], edge));
        best_piece(&products, &bias, apart, &mut y, &mut winners);
        for unit in 0..units {
            let value = |piece: usize| products[piece * units + unit] + bias[piece * apart + unit];
            let (value, winner) = naive(&(0..pieces).map(value).collect::<Vec<_>>());
            let same = y[unit] == value || (y[unit].is_nan() && value.is_nan());
            assert!(same && winners[unit] == winner, "{units} x {pieces}, {edge:?}, unit {unit}");
        }
        let mut unnoted = Fenced::new(&vec![T::zero(); units], edge);
        best_piece(&products, &bias, apart, &mut unnoted, &mut []);
        let bits = |y: &[T]| y.iter().map(|y| y.f64().to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&unnoted), bits(&y), "without winners");
    }

    #[test]
    fn equals_a_plain_search() {
        let mut random = random(1);
        for units in (0..40).chain([97, 128, 257]) {
            for pieces in [1, 2, 3, 5, 7] {
                for edge in Edge::BOTH {
                    check::<f32>(&mut random, units, pieces, edge);
                    check::<f64>(&mut random, units, pieces, edge);
                }
            }
        }
    }
}
