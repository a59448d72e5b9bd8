//! Dense products of `f32`, as tiles that live in registers.
//!
//! [`rows_by_rows`] is x Wᵀ: both operands run along the depth, so a tile is a block of dot products with
//! vectors along the depth, and nothing needs packing. [`times_panel`] is a b for a panel of b's columns: a tile
//! is a sum of outer products, with vectors along the columns.

use super::lanes::{Lanes, dispatch};

dispatch! {
    /// y_ij = (or +=) Σ_k x_ik w_jk for `rows` rows of x and `columns` rows of w, both of length `depth` and
    /// contiguous; y has `stride` entries from row to row.
    ///
    /// # Safety
    /// x is (rows, depth), w (columns, depth), and y is valid for `rows` rows of `columns` entries.
    rows_by_rows => dots(
        x: *const f32, w: *const f32, y: *mut f32, rows: usize, columns: usize, depth: usize, stride: usize,
        accumulate: bool,
    ), 4 x 6, 4 x 3, 2 x 2
}

/// Rows of x by M, rows of w by N: a block of w stays in the nearest cache while all of x passes by.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn dots<V: Lanes, const M: usize, const N: usize>(
    x: *const f32,
    w: *const f32,
    y: *mut f32,
    rows: usize,
    columns: usize,
    depth: usize,
    stride: usize,
    accumulate: bool,
) {
    // SAFETY: tiles stay within `rows` and `columns`; the caller vouches for these.
    unsafe {
        let mut j = 0;
        while j < columns {
            let wide = columns - j >= N;
            let mut i = 0;
            while i < rows {
                let (x, w, y) = (x.add(i * depth), w.add(j * depth), y.add(i * stride + j));
                let tall = rows - i >= M;
                match (tall, wide) {
                    (true, true) => dot_tile::<V, M, N>(x, w, y, depth, stride, accumulate),
                    (true, false) => dot_tile::<V, M, 1>(x, w, y, depth, stride, accumulate),
                    (false, true) => dot_tile::<V, 1, N>(x, w, y, depth, stride, accumulate),
                    (false, false) => dot_tile::<V, 1, 1>(x, w, y, depth, stride, accumulate),
                }
                i += if tall { M } else { 1 };
            }
            j += if wide { N } else { 1 };
        }
    }
}

#[inline(always)]
unsafe fn dot_tile<V: Lanes, const M: usize, const N: usize>(
    x: *const f32,
    w: *const f32,
    y: *mut f32,
    depth: usize,
    stride: usize,
    accumulate: bool,
) {
    // SAFETY: whole vectors end at or before `depth`, and the last load takes only what is left.
    unsafe {
        let mut sums = [[V::splat(0.0); N]; M];
        let whole = depth - depth % V::WIDTH;
        let mut k = 0;
        while k < whole {
            let w: [V; N] = std::array::from_fn(|j| V::load(w.add(j * depth + k)));
            for (i, sums) in sums.iter_mut().enumerate() {
                let x = V::load(x.add(i * depth + k));
                for (sum, w) in sums.iter_mut().zip(w) {
                    *sum = sum.add_product(x, w);
                }
            }
            k += V::WIDTH;
        }
        if whole < depth {
            let rest = depth - whole;
            let w: [V; N] = std::array::from_fn(|j| V::load_first(w.add(j * depth + whole), rest));
            for (i, sums) in sums.iter_mut().enumerate() {
                let x = V::load_first(x.add(i * depth + whole), rest);
                for (sum, w) in sums.iter_mut().zip(w) {
                    *sum = sum.add_product(x, w);
                }
            }
        }
        for (i, sums) in sums.into_iter().enumerate() {
            for (j, sum) in sums.into_iter().enumerate() {
                let y = y.add(i * stride + j);
                *y = if accumulate { *y + sum.sum() } else { sum.sum() };
            }
        }
    }
}

/// Columns of a panel: a multiple of every tile's width.
pub(super) const PANEL: usize = 48;

dispatch! {
    /// c_ij = (or +=) Σ_l a_il b_lj for a panel of b, which is packed: row l holds [`PANEL`] entries, of which
    /// the first `columns` count and the rest are zeros.
    ///
    /// a_il stands at `a + i row + l deep`; c has `stride` entries from row to row.
    ///
    /// # Safety
    /// a and c are valid where these formulas point, b for `depth` rows.
    times_panel => outer(
        a: *const f32, row: usize, deep: usize, b: *const f32, c: *mut f32, rows: usize, columns: usize,
        depth: usize, stride: usize, accumulate: bool,
    ), 8 x 3, 4 x 3, 2 x 2
}

#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn outer<V: Lanes, const M: usize, const N: usize>(
    a: *const f32,
    row: usize,
    deep: usize,
    b: *const f32,
    c: *mut f32,
    rows: usize,
    columns: usize,
    depth: usize,
    stride: usize,
    accumulate: bool,
) {
    // SAFETY: tiles stay within `rows` and `columns`; the caller vouches for these.
    unsafe {
        let mut i = 0;
        while i < rows {
            let left = rows - i;
            let step = if left >= M {
                M
            } else if left >= 4 {
                4
            } else {
                1
            };
            let mut j = 0;
            while j < columns {
                let (a, b, c) = (a.add(i * row), b.add(j), c.add(i * stride + j));
                let count = columns - j;
                match step {
                    4 if M != 4 => {
                        outer_tile::<V, 4, N>(a, row, deep, b, c, count, depth, stride, accumulate)
                    }
                    1 => outer_tile::<V, 1, N>(a, row, deep, b, c, count, depth, stride, accumulate),
                    _ => outer_tile::<V, M, N>(a, row, deep, b, c, count, depth, stride, accumulate),
                }
                j += N * V::WIDTH;
            }
            i += step;
        }
    }
}

/// M rows by N vectors, of which only the first `columns` entries are written.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn outer_tile<V: Lanes, const M: usize, const N: usize>(
    a: *const f32,
    row: usize,
    deep: usize,
    b: *const f32,
    c: *mut f32,
    columns: usize,
    depth: usize,
    stride: usize,
    accumulate: bool,
) {
    // SAFETY: b's rows are padded to PANEL, a multiple of N WIDTH; of c only `columns` entries are touched.
    unsafe {
        let mut sums = [[V::splat(0.0); N]; M];
        for l in 0..depth {
            let b: [V; N] = std::array::from_fn(|j| V::load(b.add(l * PANEL + j * V::WIDTH)));
            for (i, sums) in sums.iter_mut().enumerate() {
                let a = V::splat(*a.add(i * row + l * deep));
                for (sum, b) in sums.iter_mut().zip(b) {
                    *sum = sum.add_product(a, b);
                }
            }
        }
        for (i, sums) in sums.into_iter().enumerate() {
            for (j, sum) in sums.into_iter().enumerate().take_while(|(j, _)| j * V::WIDTH < columns) {
                let c = c.add(i * stride + j * V::WIDTH);
                let rest = columns - j * V::WIDTH;
                let one = V::splat(1.0);
                if rest >= V::WIDTH {
                    (if accumulate { V::load(c).add_product(sum, one) } else { sum }).store(c);
                } else {
                    let old = V::load_first(c, rest);
                    (if accumulate { old.add_product(sum, one) } else { sum }).store_first(c, rest);
                }
            }
        }
    }
}
