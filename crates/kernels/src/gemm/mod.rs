//! GEMM, dense matrix products of `f32`: packing, micro-kernels, and the loops over blocks around them.

mod micro_kernels;
mod pack;

use std::cell::RefCell;

use crate::buffer::Buffer;
use crate::isa::Isa;
use crate::parallel;

pub(crate) use micro_kernels::{DotProducts, tile_of_dots};
use micro_kernels::{TimesPanel, panel_width};
pub(crate) use pack::{columns, panels};

/// Rows of b that one task of a bᵀ multiplies by: a multiple of every tile's.
const ROWS: usize = 48;

/// Columns of b that one task of a b multiplies by: a few panels, so that b is read in runs of some length.
const COLUMNS: usize = 48;

/// Rows of a panel that are packed at a time: as many as fit the first-level cache.
const DEPTH: usize = 256;

thread_local! {
    /// A thread's buffer for packed panels, allocated once.
    static PACKED: RefCell<Buffer<f32>> = RefCell::new(Buffer::zeros(DEPTH * COLUMNS));
}

/// c = a bᵀ, or c += a bᵀ: a (m, depth), b (n, depth), c (m, n). Each task computes some columns of c.
pub(crate) fn times_transposed(
    isa: Isa,
    a: &[f32],
    b: &[f32],
    (m, depth, n): (usize, usize, usize),
    c: &mut [f32],
    accumulate: bool,
) {
    assert!(a.len() == m * depth && b.len() == n * depth && c.len() == m * n, "a (m, k), b (n, k), c (m, n)");
    let c = parallel::Shared::new(c);
    parallel::tasks(n.div_ceil(ROWS), m * depth * ROWS, &|task| {
        let start = task * ROWS;
        let columns = ROWS.min(n - start);
        // SAFETY: the sizes were checked above, and each task writes columns of its own.
        unsafe {
            let (x, w, y) = (a.as_ptr(), b.as_ptr().add(start * depth), c.at(start));
            isa.run(DotProducts { x, w, y, rows: m, columns, depth, stride: n, accumulate });
        }
    });
}

/// c = a b, or c += a b: b (depth, n), c (m, n), and a_il at `a[i row + l deep]`. Each task computes some panels of c's
/// columns.
pub(crate) fn times(
    isa: Isa,
    a: &[f32],
    (row, deep): (usize, usize),
    b: &[f32],
    (m, depth, n): (usize, usize, usize),
    c: &mut [f32],
    accumulate: bool,
) {
    assert!(a.len() == m * depth && b.len() == depth * n && c.len() == m * n, "a (m, k), b (k, n), c (m, n)");
    assert!((row, deep) == (depth, 1) || (row, deep) == (1, m), "a by rows or by columns");
    if depth == 0 && !accumulate {
        c.fill(0.0);
    }
    let width = panel_width(isa);
    let c = parallel::Shared::new(c);
    parallel::tasks(n.div_ceil(COLUMNS), m * depth * COLUMNS, &|task| {
        let columns = task * COLUMNS..n.min((task + 1) * COLUMNS);
        PACKED.with_borrow_mut(|packed| {
            for start in (0..depth).step_by(DEPTH) {
                let slice = start..depth.min(start + DEPTH);
                let length = slice.len();
                pack::panels(isa, b, n, slice, columns.clone(), width, packed);
                for (panel, first) in columns.clone().step_by(width).enumerate() {
                    let count = width.min(columns.end - first);
                    let packed = &packed[panel * length * width..];
                    // SAFETY: the sizes were checked above, and each task writes columns of its own.
                    unsafe {
                        let (a, c) = (a.as_ptr().add(start * deep), c.at(first));
                        isa.run(TimesPanel {
                            a,
                            row,
                            deep,
                            b: packed.as_ptr(),
                            c,
                            rows: m,
                            columns: count,
                            depth: length,
                            stride: n,
                            accumulate: accumulate || start > 0,
                        });
                    }
                }
            }
        });
    });
}

#[cfg(test)]
pub(crate) mod tests {
    use ndarray::{Array2, ArrayView2};

    use super::*;
    use crate::fenced::{Edge, Fenced};
    use crate::test_support::{numbers, random, size};

    /// c = a b by three loops.
    pub(crate) fn naive(a: ArrayView2<f64>, b: ArrayView2<f64>) -> Array2<f64> {
        let mut c = Array2::zeros((a.nrows(), b.ncols()));
        for ((i, j), c) in c.indexed_iter_mut() {
            for l in 0..a.ncols() {
                *c += a[[i, l]] * b[[l, j]];
            }
        }
        c
    }

    #[test]
    fn dense_products_equal_the_naive_loops() {
        let mut random = random(1);
        for _ in 0..40 {
            let (m, k, n) = (size(&mut random).min(150), size(&mut random), size(&mut random).min(150));
            let (a, b) = (numbers(&mut random, (m, k), 1.0), numbers(&mut random, (k, n), 1.0));
            let want = naive(a.view(), b.view());
            let by_columns = |matrix: &Array2<f64>| matrix.t().as_standard_layout().into_owned();
            for edge in Edge::BOTH {
                let [a, at, b, bt] =
                    [&a, &by_columns(&a), &b, &by_columns(&b)].map(|x| Fenced::matrix(x, edge).1);
                for isa in Isa::available() {
                    let [mut c, mut d, mut e] = [(); 3].map(|()| Fenced::new(&vec![1.0; m * n], edge));
                    times_transposed(isa, &a, &bt, (m, k, n), &mut c, true);
                    times(isa, &a, (k, 1), &b, (m, k, n), &mut d, true);
                    times(isa, &at, (1, m), &b, (m, k, n), &mut e, true);
                    for got in [c, d, e] {
                        for (got, want) in got.iter().zip(&want) {
                            let off = (f64::from(*got) - 1.0 - want).abs();
                            assert!(off < 1e-6 * (4.0 + k as f64), "{isa:?}, {m} x {k} x {n}: off by {off}");
                        }
                    }
                }
            }
        }
    }
}
