//! The two micro-kernels of dense products: tiles of the result that stay in registers while they are summed.
//!
//! [`DotProducts`] is x Wᵀ. Both operands run along the depth, so a tile is a block of dot products with vectors along
//! the depth, and nothing needs packing. [`TimesPanel`] is a b for a packed panel of b's columns: a tile is a sum of
//! outer products, with vectors along the columns.

use crate::isa::{Isa, Kernel};
use crate::simd::{Lanes, Row, sums};

/// y_ij = (or +=) Σ_k x_ik w_jk for `rows` rows of x and `columns` rows of w, both contiguous and `depth` long; the rows
/// of y begin `stride` entries apart.
///
/// To run it, x must be (rows, depth), w (columns, depth), and y valid for `rows` rows of `columns` entries.
#[derive(Clone, Copy)]
pub(crate) struct DotProducts {
    pub(crate) x: *const f32,
    pub(crate) w: *const f32,
    pub(crate) y: *mut f32,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) depth: usize,
    pub(crate) stride: usize,
    pub(crate) accumulate: bool,
}

impl Kernel for DotProducts {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        // Tiles of as many rows of x and of w as the registers hold sums for.
        // SAFETY: the caller's promise.
        unsafe {
            match V::WIDTH {
                16 => self.tiles::<V, 4, 6>(),
                8 => self.tiles::<V, 3, 4>(),
                _ => self.tiles::<V, 2, 4>(),
            }
        }
    }
}

/// Entries of a slice of the depth: N rows of w of this length fit the first-level cache.
const SLICE: usize = 640;

impl DotProducts {
    /// Tiles of M rows of x by N rows of w, slice by slice of the depth: a block of w stays in the first-level cache for
    /// all rows of x.
    #[inline(always)]
    unsafe fn tiles<V: Lanes, const M: usize, const N: usize>(self) {
        let Self { x, w, y, rows, columns, depth, stride, accumulate } = self;
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
}

/// The products of the first `length` entries of M rows of x and N rows of w; rows begin `depth` entries apart.
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

/// The dot products of M rows with N others, over their first `length` entries. Loads are shared, and sums stay in
/// registers.
#[inline(always)]
pub(crate) unsafe fn tile_of_dots<V: Lanes, const M: usize, const N: usize>(
    x: [*const f32; M],
    w: [*const f32; N],
    length: usize,
) -> [[f32; N]; M] {
    // SAFETY: whole vectors end at or before `length`, and the last load takes only what is left.
    unsafe {
        // Loops, not maps of arrays: the compiler makes functions of these, which pass vectors through memory.
        let mut totals = [[V::splat(0.0); N]; M];
        let mut loaded = [V::splat(0.0); M];
        let whole = length - length % V::WIDTH;
        for l in (0..whole).step_by(V::WIDTH) {
            for i in 0..M {
                loaded[i] = V::load(x[i].add(l));
            }
            for j in 0..N {
                let w = V::load(w[j].add(l));
                for i in 0..M {
                    totals[i][j] = totals[i][j].add_product(loaded[i], w);
                }
            }
        }
        if whole < length {
            for i in 0..M {
                loaded[i] = V::load_first(x[i].add(whole), length - whole);
            }
            for j in 0..N {
                let w = V::load_first(w[j].add(whole), length - whole);
                for i in 0..M {
                    totals[i][j] = totals[i][j].add_product(loaded[i], w);
                }
            }
        }
        let mut products = [[0.0; N]; M];
        sums(totals.as_flattened(), products.as_flattened_mut());
        products
    }
}

/// Columns of a panel: as many vectors side by side as [`TimesPanel`] has in a tile.
pub(crate) fn panel_width(isa: Isa) -> usize {
    isa.lanes() * if isa == Isa::Avx512 { 3 } else { 2 }
}

/// c_ij = (or +=) Σ_l a_il b_lj for a panel of b, which is packed: row l holds [`panel_width`] entries, and the first
/// `columns` of them are written. a_il is at `a + i row + l deep`; the rows of c begin `stride` entries apart.
///
/// To run it, a and c must be valid where these formulas point, and b for `depth` rows.
#[derive(Clone, Copy)]
pub(crate) struct TimesPanel {
    pub(crate) a: *const f32,
    pub(crate) row: usize,
    pub(crate) deep: usize,
    pub(crate) b: *const f32,
    pub(crate) c: *mut f32,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) depth: usize,
    pub(crate) stride: usize,
    pub(crate) accumulate: bool,
}

impl Kernel for TimesPanel {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        // SAFETY: the caller's promise.
        unsafe {
            match V::WIDTH {
                16 => self.tiles::<V, 8, 3>(),
                8 => self.tiles::<V, 6, 2>(),
                _ => self.tiles::<V, 4, 2>(),
            }
        }
    }
}

impl TimesPanel {
    #[inline(always)]
    unsafe fn tiles<V: Lanes, const M: usize, const N: usize>(self) {
        let Self { a, row, deep, b, c, rows, columns, depth, stride, accumulate } = self;
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
}

/// M rows of a by N vectors, of which the first `columns` entries are written.
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
