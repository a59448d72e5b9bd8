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

/// The best piece of each of N units, and which it is: as wide a number as training's, so that one comparison chooses
/// both.
#[inline(always)]
fn best_of<T: Real, const N: usize>(
    products: &[T],
    units: usize,
    bias: &[T],
    apart: usize,
) -> ([T; N], [u32; N]) {
    let (mut best, mut winner) = ([T::zero(); N], [0; N]);
    for (piece, x) in products.chunks(units).enumerate().take_while(|(_, x)| x.len() >= N) {
        let bias = &bias[piece * apart..][..N];
        for lane in 0..N {
            let value = x[lane] + bias[lane];
            let better = (piece == 0) | wins(value, best[lane]);
            best[lane] = if better { value } else { best[lane] };
            winner[lane] = if better { piece as u32 } else { winner[lane] };
        }
    }
    (best, winner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_a_plain_search() {
        for (units, pieces) in [(1, 1), (7, 3), (8, 5), (13, 4), (24, 2)] {
            let apart = units + 3;
            let number = |i: usize| ((i * 7919 + 13) % 31) as f64 - 15.0;
            let products: Vec<f64> = (0..units * pieces).map(number).collect();
            let bias: Vec<f64> = (0..apart * pieces).map(|i| number(i + 5) / 2.0).collect();
            let (mut y, mut winners) = (vec![0.0; units], vec![9; units]);
            best(&products, &bias, apart, &mut y, &mut winners);
            for unit in 0..units {
                let value = |piece: usize| products[piece * units + unit] + bias[piece * apart + unit];
                let first =
                    (0..pieces).fold(0, |best, piece| if value(piece) > value(best) { piece } else { best });
                assert_eq!((y[unit], usize::from(winners[unit])), (value(first), first), "{units} {pieces}");
            }
            let noted = y.clone();
            best(&products, &bias, apart, &mut y, &mut []);
            assert_eq!(y, noted);
        }
    }
}
