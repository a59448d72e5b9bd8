//! SDDMM, the sampled dense-dense product: of a product x wᵀ, only the entries where a third matrix is not zero.
//!
//! A ReLU passes no gradient where its value is zero, and where dropout sets a unit to zero its value does not matter.
//! So of many products only some entries are needed. Unit by unit, the rows with a non-zero sample are collected, and a
//! tile is some of these rows by all pieces of the unit, as dot products.

use crate::gemm::tile_of_dots;
use crate::isa::{Isa, Kernel};
use crate::parallel;
use crate::simd::Lanes;

/// Rows of b whose products with all rows of a one task computes.
const COLUMNS: usize = 32;

/// Rows and units that are collected at once. A row's number among them fits a byte.
const PICKS: usize = 128;
const UNITS: usize = 32;

/// Most entries of a slice of the depth: the pieces of a unit then fit the first-level cache, and some hundred rows of x
/// the second.
const SLICE: usize = 832;

/// The products of some rows of x with the pieces of some units of w, for rows and units where `samples` is not zero.
/// A plain product has one piece.
#[derive(Clone, Copy)]
pub(crate) struct Sampled<'a> {
    /// (rows, depth).
    pub(crate) x: &'a [f32],
    /// From the first unit's row of the first piece. The rows of the other units follow; pieces begin `apart` entries
    /// apart.
    pub(crate) w: &'a [f32],
    pub(crate) apart: usize,
    /// From the first row and unit; rows begin `stride` entries apart.
    pub(crate) samples: &'a [f32],
    pub(crate) stride: usize,
    pub(crate) units: usize,
    pub(crate) pieces: usize,
    pub(crate) depth: usize,
}

impl Sampled<'_> {
    /// to[i stride + p units + j] += Σ_l x_il w_jl, with w_j of piece p, for all units j and the rows i where
    /// their sample is not zero.
    ///
    /// # Safety
    /// `to` is valid where the formula points.
    ///
    /// # Panics
    /// If anything is shorter than it says.
    pub(crate) unsafe fn add_to(self, isa: Isa, to: *mut f32, stride: usize) {
        let Self { x, w, apart, samples, units, pieces, depth, .. } = self;
        if units == 0 || pieces == 0 || depth == 0 || x.is_empty() {
            return;
        }
        let rows = x.len() / depth;
        assert!(w.len() >= (pieces - 1) * apart + units * depth, "all pieces of all units");
        assert!(samples.len() >= (rows - 1) * self.stride + units, "all rows and units");
        let slice = depth.div_ceil(depth.div_ceil(SLICE)).next_multiple_of(16);
        for first in (0..rows).step_by(PICKS) {
            let some = first..rows.min(first + PICKS);
            for group in (0..units).step_by(UNITS) {
                let count = UNITS.min(units - group);
                let (mut picks, mut counts) = ([[0; PICKS]; UNITS], [0; UNITS]);
                for (number, row) in some.clone().enumerate() {
                    let samples = &samples[row * self.stride + group..][..count];
                    for ((sample, picks), count) in samples.iter().zip(&mut picks).zip(&mut counts) {
                        // Always written, and kept if the sample is not zero: no branch.
                        picks[*count] = number as u8;
                        *count += usize::from(*sample != 0.0);
                    }
                }
                for start in (0..depth).step_by(slice) {
                    for (number, (picks, count)) in picks.iter().zip(counts).enumerate().take(count) {
                        let unit = group + number;
                        // SAFETY: picks are rows of x, and the sizes were checked; the rest is the caller's promise.
                        unsafe {
                            let x = x.as_ptr().add(first * depth + start);
                            let w = w.as_ptr().add(unit * depth + start);
                            let to = to.add(first * stride + unit);
                            let (picks, length) = (&picks[..count], slice.min(depth - start));
                            let apart_to = units;
                            isa.run(UnitDots {
                                x,
                                picks,
                                w,
                                apart,
                                pieces,
                                apart_to,
                                length,
                                depth,
                                to,
                                stride,
                            });
                        }
                    }
                }
            }
        }
    }
}

/// c_ij = (or +=) Σ_l a_il b_jl where `samples` (m, n) is not zero: a (m, depth), b (n, depth), c (m, n). Elsewhere c_ij is
/// 0, or stays.
///
/// # Panics
/// If the sizes do not fit.
pub(crate) fn times_transposed(
    isa: Isa,
    samples: &[f32],
    a: &[f32],
    b: &[f32],
    (m, depth, n): (usize, usize, usize),
    c: &mut [f32],
    accumulate: bool,
) {
    assert!(a.len() == m * depth && b.len() == n * depth && c.len() == m * n, "a (m, k), b (n, k), c (m, n)");
    assert_eq!(samples.len(), m * n, "samples (m, n)");
    if c.is_empty() {
        return;
    }
    let c = parallel::Shared::new(c);
    parallel::tasks(n.div_ceil(COLUMNS), m * depth * COLUMNS / 4, &|task| {
        let start = task * COLUMNS;
        let units = COLUMNS.min(n - start);
        let (w, samples) = (&b[start * depth..], &samples[start..]);
        // SAFETY: the sizes were checked above, and each task writes columns of its own.
        unsafe {
            if !accumulate {
                (0..m).for_each(|row| c.part(row * n + start, units).fill(0.0));
            }
            let sampled = Sampled { x: a, w, apart: 0, samples, stride: n, units, pieces: 1, depth };
            sampled.add_to(isa, c.at(start), n);
        }
    });
}

/// to[i stride + p apart_to] += x_i · w_p for the collected rows i (`picks`) and all pieces p.
///
/// To run it, x must be valid for the picked rows, `depth` apart, w for the pieces, `apart` apart, all `length` long, and
/// `to` where the formula points.
#[derive(Clone, Copy)]
struct UnitDots<'a> {
    x: *const f32,
    picks: &'a [u8],
    w: *const f32,
    apart: usize,
    pieces: usize,
    apart_to: usize,
    length: usize,
    depth: usize,
    to: *mut f32,
    stride: usize,
}

impl Kernel for UnitDots<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let mut first = 0;
        // SAFETY: rows, pieces and lengths are the caller's.
        unsafe {
            while first < self.pieces {
                // Tiles of as many sums as there are registers for. With one piece loads are the bound, not sums.
                let many = V::WIDTH == 16;
                first += match self.pieces - first {
                    1 => self.tiles::<V, 8, 4, 1>(first),
                    2 if many => self.tiles::<V, 8, 4, 2>(first),
                    2 => self.tiles::<V, 4, 2, 2>(first),
                    3 if many => self.tiles::<V, 6, 3, 3>(first),
                    3 => self.tiles::<V, 4, 2, 3>(first),
                    5 if many => self.tiles::<V, 4, 2, 5>(first),
                    5 => self.tiles::<V, 2, 1, 5>(first),
                    _ if many => self.tiles::<V, 6, 3, 4>(first),
                    _ => self.tiles::<V, 3, 1, 4>(first),
                };
            }
        }
    }
}

impl UnitDots<'_> {
    /// The picked rows, M at a time, by P pieces from the first on; returns P. If at most `HALF` rows are left, they are a
    /// smaller tile.
    #[inline(always)]
    unsafe fn tiles<V: Lanes, const M: usize, const HALF: usize, const P: usize>(
        self,
        first: usize,
    ) -> usize {
        let mut picks = self.picks;
        while !picks.is_empty() {
            let (tile, rest) = picks.split_at(picks.len().min(M));
            // SAFETY: as in [`UnitDots`].
            unsafe {
                if tile.len() > HALF {
                    self.tile::<V, M, P>(tile, first);
                } else {
                    self.tile::<V, HALF, P>(tile, first);
                }
            }
            picks = rest;
        }
        P
    }

    /// At most M picked rows by P pieces. If there are fewer, the last one is repeated: several sums at once hide the
    /// latency of a multiplication, for which a single sum would wait.
    #[inline(always)]
    unsafe fn tile<V: Lanes, const M: usize, const P: usize>(self, picks: &[u8], first: usize) {
        let Self { x, w, apart, apart_to, length, depth, to, stride, .. } = self;
        // SAFETY: as in [`UnitDots`]; there is a pick.
        unsafe {
            let rows = std::array::from_fn(|i| x.add(usize::from(picks[i.min(picks.len() - 1)]) * depth));
            let w = std::array::from_fn(|p| w.add((first + p) * apart));
            let sums: [[f32; P]; M] = tile_of_dots::<V, M, P>(rows, w, length);
            for (row, sums) in picks.iter().zip(sums) {
                for (p, sum) in sums.into_iter().enumerate() {
                    *to.add(usize::from(*row) * stride + (first + p) * apart_to) += sum;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, ArrayView2};

    use super::*;
    use crate::fenced::{Edge, Fenced};
    use crate::test_support::{numbers, random, size};

    /// c_ij = Σ_l a_il b_jl where `samples` is not zero, else 0.
    fn naive(samples: ArrayView2<f64>, a: ArrayView2<f64>, b: ArrayView2<f64>) -> Array2<f64> {
        let mut c = Array2::zeros(samples.dim());
        for ((i, j), _) in samples.indexed_iter().filter(|(_, sample)| **sample != 0.0) {
            for l in 0..a.ncols() {
                c[[i, j]] += a[[i, l]] * b[[j, l]];
            }
        }
        c
    }

    #[test]
    fn sampled_products_equal_the_naive_loops() {
        let mut random = random(3);
        for number in 0..40 {
            let (m, k, n) =
                (size(&mut random).clamp(1, 150), size(&mut random).max(1), size(&mut random).clamp(1, 150));
            let share = [0.0, 0.1, 0.5, 1.0][number % 4];
            let (a, b) = (numbers(&mut random, (m, k), 1.0), numbers(&mut random, (n, k), 1.0));
            let samples = numbers(&mut random, (m, n), share);
            let want = naive(samples.view(), a.view(), b.view());
            for edge in Edge::BOTH {
                let [a, b, samples] = [&a, &b, &samples].map(|x| Fenced::matrix(x, edge).1);
                for isa in Isa::available() {
                    let mut c = Fenced::new(&vec![7.0; m * n], edge);
                    times_transposed(isa, &samples, &a, &b, (m, k, n), &mut c, false);
                    for (got, want) in c.iter().zip(&want) {
                        let off = (f64::from(*got) - want).abs();
                        assert!(off < 1e-6 * (4.0 + k as f64), "{isa:?}, {m} x {k} x {n}: off by {off}");
                    }
                }
            }
        }
    }
}
