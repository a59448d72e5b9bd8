//! The entries of a product that are asked for.
//!
//! Where a unit is silent, no gradient passes: of a bᵀ only the entries at live units are needed. A block of rows
//! of b stays in the nearest cache, while each row of a meets those among them that are live for it, four at once.

use super::lanes::{Lanes, dispatch};

/// Rows of b in a block: one bit each.
pub(super) const ROWS: usize = 32;

/// Rows of a whose bits are found before they are used.
const CHUNK: usize = 128;

/// Depth of a slice: a block this deep fills three quarters of the smallest nearest cache in use.
const SLICE: usize = 192;

dispatch! {
    /// c_ij = (or +=) Σ_l a_il b_jl where live_ij is not 0, and 0 (or as it was) elsewhere: for `rows` rows of a
    /// and `columns` ≤ [`ROWS`] rows of b, both of length `depth` and contiguous. The rows of c and of `live` are
    /// `stride` entries apart.
    ///
    /// # Safety
    /// a is (rows, depth), b (columns, depth); c and `live` are valid for `rows` rows of `columns` entries.
    live_dots => dots(
        a: *const f32, b: *const f32, live: *const f32, c: *mut f32, rows: usize, columns: usize, depth: usize,
        stride: usize, accumulate: bool,
    ), 4 x 2, 4 x 2, 4 x 2
}

#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn dots<V: Lanes, const M: usize, const N: usize>(
    a: *const f32,
    b: *const f32,
    live: *const f32,
    c: *mut f32,
    rows: usize,
    columns: usize,
    depth: usize,
    stride: usize,
    accumulate: bool,
) {
    // SAFETY: rows and columns stay below what the caller vouches for.
    unsafe {
        let slices = depth.div_ceil(SLICE).max(1);
        let slice = depth.div_ceil(slices).next_multiple_of(V::WIDTH);
        for first in (0..rows).step_by(CHUNK) {
            let count = CHUNK.min(rows - first);
            let mut bits = [0u32; CHUNK];
            for (i, bits) in bits[..count].iter_mut().enumerate() {
                let (live, c) = (live.add((first + i) * stride), c.add((first + i) * stride));
                *bits = (0..columns).fold(0, |bits, j| bits | u32::from(*live.add(j) != 0.0) << j);
                if !accumulate {
                    std::slice::from_raw_parts_mut(c, columns).fill(0.0);
                }
            }
            for start in (0..slices).map(|number| number * slice) {
                let length = slice.min(depth.saturating_sub(start));
                for (i, bits) in bits[..count].iter().enumerate() {
                    let a = a.add((first + i) * depth + start);
                    let c = c.add((first + i) * stride);
                    let mut bits = *bits;
                    while bits != 0 {
                        let mut picked = [0; M];
                        let mut found = 0;
                        for slot in &mut picked {
                            // Too few are left: the last is taken again, and its sum not used.
                            let next = if bits == 0 { *slot } else { bits.trailing_zeros() as usize };
                            found += usize::from(bits != 0);
                            bits &= bits.wrapping_sub(1);
                            *slot = next;
                        }
                        let rows = picked.map(|j| b.add(j * depth + start));
                        let sums = dots_of::<V, M, N>(a, rows, length);
                        for (j, sum) in picked.into_iter().zip(sums).take(found) {
                            *c.add(j) += sum;
                        }
                    }
                }
            }
        }
    }
}

/// a · b for M rows b, in N vectors of sums for each, to hide the latency of a multiplication.
#[inline(always)]
unsafe fn dots_of<V: Lanes, const M: usize, const N: usize>(
    a: *const f32,
    b: [*const f32; M],
    length: usize,
) -> [f32; M] {
    // SAFETY: whole vectors end at or before `length`, and the last load takes only what is left.
    unsafe {
        let mut sums = [[V::splat(0.0); N]; M];
        let whole = length - length % (N * V::WIDTH);
        let mut l = 0;
        while l < whole {
            for n in 0..N {
                let at = l + n * V::WIDTH;
                let a = V::load(a.add(at));
                for (sums, b) in sums.iter_mut().zip(b) {
                    sums[n] = sums[n].add_product(a, V::load(b.add(at)));
                }
            }
            l += N * V::WIDTH;
        }
        while l < length {
            let rest = length - l;
            let load =
                |from: *const f32| if rest < V::WIDTH { V::load_first(from, rest) } else { V::load(from) };
            let a = load(a.add(l));
            for (sums, b) in sums.iter_mut().zip(b) {
                sums[0] = sums[0].add_product(a, load(b.add(l)));
            }
            l += V::WIDTH;
        }
        sums.map(|sums| {
            let one = V::splat(1.0);
            sums.into_iter().skip(1).fold(sums[0], |all, sum| all.add_product(sum, one)).sum()
        })
    }
}
