//! Dense products of `f32`, as tiles that live in registers.
//!
//! [`rows_by_rows`] is x Wᵀ: both operands run along the depth, so a tile is a block of dot products with
//! vectors along the depth, and nothing needs packing. [`times_panel`] is a b for a panel of b's columns: a tile
//! is a sum of outer products, with vectors along the columns.

use super::lanes::{Isa, Lanes, Row, dispatch};

dispatch! {
    /// y_ij = (or +=) Σ_k x_ik w_jk for `rows` rows of x and `columns` rows of w, both of length `depth` and
    /// contiguous; y has `stride` entries from row to row.
    ///
    /// # Safety
    /// x is (rows, depth), w (columns, depth), and y is valid for `rows` rows of `columns` entries.
    rows_by_rows => dots(
        x: *const f32, w: *const f32, y: *mut f32, rows: usize, columns: usize, depth: usize, stride: usize,
        accumulate: bool,
    ), 4 x 6, 3 x 4, 2 x 4
}

/// Depth of a slice: N rows of w this long stay in the nearest cache.
const SLICE: usize = 640;

/// Rows of w by N, rows of x by M, in slices of the depth: a block of w stays in the nearest cache while all of x
/// passes by.
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
        let slices = depth.div_ceil(SLICE).max(1);
        let slice = depth.div_ceil(slices).next_multiple_of(V::WIDTH);
        let mut j = 0;
        while j < columns {
            let wide = columns - j >= N;
            for start in (0..slices).map(|number| number * slice) {
                let length = slice.min(depth.saturating_sub(start));
                let add = accumulate || start > 0;
                let mut i = 0;
                while i < rows {
                    let x = x.add(i * depth + start);
                    let (w, y) = (w.add(j * depth + start), y.add(i * stride + j));
                    let tall = rows - i >= M;
                    match (tall, wide) {
                        (true, true) => dot_tile::<V, M, N>(x, w, y, length, depth, stride, add),
                        (true, false) => dot_tile::<V, M, 1>(x, w, y, length, depth, stride, add),
                        (false, true) => dot_tile::<V, 1, N>(x, w, y, length, depth, stride, add),
                        (false, false) => dot_tile::<V, 1, 1>(x, w, y, length, depth, stride, add),
                    }
                    i += if tall { M } else { 1 };
                }
            }
            j += if wide { N } else { 1 };
        }
    }
}

/// M rows of x by N of w, of which `length` entries count and the next row is `depth` away.
#[inline(always)]
unsafe fn dot_tile<V: Lanes, const M: usize, const N: usize>(
    x: *const f32,
    w: *const f32,
    y: *mut f32,
    length: usize,
    depth: usize,
    stride: usize,
    accumulate: bool,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let x = std::array::from_fn(|i| x.add(i * depth));
        let w = std::array::from_fn(|j| w.add(j * depth));
        let sums: [[f32; N]; M] = tile_of_dots::<V, M, N>(x, w, length);
        for (i, sums) in sums.into_iter().enumerate() {
            for (j, sum) in sums.into_iter().enumerate() {
                let y = y.add(i * stride + j);
                *y = if accumulate { *y + sum } else { sum };
            }
        }
    }
}

/// The dot products of M rows with N others, of which `length` entries count: loads are shared, sums stay in registers.
#[inline(always)]
pub(super) unsafe fn tile_of_dots<V: Lanes, const M: usize, const N: usize>(
    x: [*const f32; M],
    w: [*const f32; N],
    length: usize,
) -> [[f32; N]; M] {
    // SAFETY: whole vectors end at or before `length`, and the last load takes only what is left.
    unsafe {
        let mut sums = [[V::splat(0.0); N]; M];
        let whole = length - length % V::WIDTH;
        for l in (0..whole).step_by(V::WIDTH) {
            let x = x.map(|x| V::load(x.add(l)));
            for (j, w) in w.into_iter().enumerate() {
                let w = V::load(w.add(l));
                for (sums, x) in sums.iter_mut().zip(x) {
                    sums[j] = sums[j].add_product(x, w);
                }
            }
        }
        if whole < length {
            let x = x.map(|x| V::load_first(x.add(whole), length - whole));
            for (j, w) in w.into_iter().enumerate() {
                let w = V::load_first(w.add(whole), length - whole);
                for (sums, x) in sums.iter_mut().zip(x) {
                    sums[j] = sums[j].add_product(x, w);
                }
            }
        }
        sums.map(|sums| sums.map(|sum| sum.sum()))
    }
}

/// Columns of a panel of [`times_panel`].
pub(super) fn panel(isa: Isa) -> usize {
    match isa {
        Isa::Avx512 => 48,
        Isa::Avx2 => 16,
        Isa::Sse2 | Isa::Portable => 8,
    }
}

dispatch! {
    /// c_ij = (or +=) Σ_l a_il b_lj for a panel of b, which is packed: row l holds [`panel`] entries, of which
    /// the first `columns` count.
    ///
    /// a_il stands at `a + i row + l deep`; c has `stride` entries from row to row.
    ///
    /// # Safety
    /// a and c are valid where these formulas point, b for `depth` rows.
    times_panel => outer(
        a: *const f32, row: usize, deep: usize, b: *const f32, c: *mut f32, rows: usize, columns: usize,
        depth: usize, stride: usize, accumulate: bool,
    ), 8 x 3, 6 x 2, 4 x 2
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
            let (a, c) = (a.add(i * row), c.add(i * stride));
            i += match rows - i {
                left if left >= M => {
                    outer_tile::<V, M, N>(a, row, deep, b, c, columns, depth, stride, accumulate);
                    M
                }
                left if left >= 4 => {
                    outer_tile::<V, 4, N>(a, row, deep, b, c, columns, depth, stride, accumulate);
                    4
                }
                _ => {
                    outer_tile::<V, 1, N>(a, row, deep, b, c, columns, depth, stride, accumulate);
                    1
                }
            };
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
    // SAFETY: b's rows hold N vectors; of c only `columns` entries are touched.
    unsafe {
        let mut sums = [[V::splat(0.0); N]; M];
        for l in 0..depth {
            let b: [V; N] = std::array::from_fn(|j| V::load(b.add((l * N + j) * V::WIDTH)));
            for (i, sums) in sums.iter_mut().enumerate() {
                let a = V::splat(*a.add(i * row + l * deep));
                for (sum, b) in sums.iter_mut().zip(b) {
                    *sum = sum.add_product(a, b);
                }
            }
        }
        for (i, sums) in sums.into_iter().enumerate() {
            sums.store_row(c.add(i * stride), columns, accumulate);
        }
    }
}
