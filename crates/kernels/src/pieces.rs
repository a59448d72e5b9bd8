//! The best of several pieces, unit by unit.

use super::lanes::for_each_isa;
use crate::Real;

/// Units that are compared at once.
const AT_ONCE: usize = 8;

/// Whether a later piece beats an earlier one. A NaN beats all, so that it is not hidden.
#[inline(always)]
pub fn wins<T: Real>(later: T, earlier: T) -> bool {
    // Without a branch, so that many are compared at once.
    (later > earlier) | later.is_nan()
}

for_each_isa! {
    /// y_j = max_p (products_{p, j} + bias_{p, j}), and in `winners`, unless that is empty, the first best p. The
    /// products of a piece follow those of the one before; its biases lie `apart` behind those.
    pub fn best<T: Real>(products: &[T], bias: &[T], apart: usize, y: &mut [T], winners: &mut [u8]) => best_here
}

#[inline(always)]
fn best_here<T: Real>(products: &[T], bias: &[T], apart: usize, y: &mut [T], winners: &mut [u8]) {
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

/// The best piece of each of N units, and which it is, as a number as wide as training's: one comparison chooses both.
#[inline(always)]
fn best_of<T: Real, const N: usize>(
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
        // Arrays of a fixed length, and a loop for each: so the compiler makes a vector of each.
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

    use super::super::fenced::{Edge, Fenced};
    use super::*;
    use crate::test_support::Stream;

    /// The first of the largest, or the last that is not a number; and its value.
    fn naive<T: Real>(values: &[T]) -> (T, u8) {
        let not_a_number = values.iter().rposition(|value| value.is_nan());
        let largest = || (0..values.len()).fold(0, |best, p| if values[p] > values[best] { p } else { best });
        let best = not_a_number.unwrap_or_else(largest);
        (values[best], best as u8)
    }

    fn check<T: Real + std::fmt::Debug>(random: &mut impl Rng, units: usize, pieces: usize, edge: Edge) {
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
        best(&products, &bias, apart, &mut y, &mut winners);
        for unit in 0..units {
            let value = |piece: usize| products[piece * units + unit] + bias[piece * apart + unit];
            let (value, winner) = naive(&(0..pieces).map(value).collect::<Vec<_>>());
            let same = y[unit] == value || (y[unit].is_nan() && value.is_nan());
            assert!(same && winners[unit] == winner, "{units} x {pieces}, {edge:?}, unit {unit}");
        }
        let mut unnoted = Fenced::new(&vec![T::zero(); units], edge);
        best(&products, &bias, apart, &mut unnoted, &mut []);
        let bits = |y: &[T]| y.iter().map(|y| y.f64().to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&unnoted), bits(&y), "without winners");
    }

    #[test]
    fn equals_a_plain_search() {
        let mut random = Stream::new(1, "pieces").at(0, 0);
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
