//! The three products of a linear layer, x (batch, in), W (out, in), y (batch, out):
//! forward y = x Wᵀ, input gradient dx = dy W, weight gradient dW = dyᵀ x.
//!
//! For `f32` they run on kernels of our own: `dense`, or `sparse` where most
//! of dy is zero. For `f64`, in which nets are only proved, a tile is one call of `matrixmultiply`.

use std::cell::RefCell;

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, s};

use super::dense::{PANEL, rows_by_rows, times_panel};
use super::lanes::Isa;
use super::parallel;
use super::sparse::{Term, sum_of_rows};

/// The products, for one kind of number. All matrices are contiguous, row by row.
pub trait Products: Sized {
    /// y = x Wᵀ, or y += x Wᵀ. `y` is (batch, out).
    fn forward(x: ArrayView2<Self>, w: ArrayView2<Self>, y: &mut [Self], accumulate: bool);

    /// dx = dy W, or dx += dy W. `dy` is (batch, out), `dx` (batch, in).
    fn input_gradient(dy: ArrayView2<Self>, w: ArrayView2<Self>, dx: &mut [Self], accumulate: bool);

    /// dW = dyᵀ x, or dW += dyᵀ x. `dy` is (batch, out), `dw` (out, in).
    fn weight_gradient(dy: ArrayView2<Self>, x: ArrayView2<Self>, dw: &mut [Self], accumulate: bool);
}

impl Products for f64 {
    fn forward(x: ArrayView2<f64>, w: ArrayView2<f64>, y: &mut [f64], accumulate: bool) {
        product(x, w.t(), y, accumulate);
    }

    fn input_gradient(dy: ArrayView2<f64>, w: ArrayView2<f64>, dx: &mut [f64], accumulate: bool) {
        product(dy, w, dx, accumulate);
    }

    fn weight_gradient(dy: ArrayView2<f64>, x: ArrayView2<f64>, dw: &mut [f64], accumulate: bool) {
        product(dy.t(), x, dw, accumulate);
    }
}

/// c = a b, or c += a b, in tiles of some rows of c.
fn product(a: ArrayView2<f64>, b: ArrayView2<f64>, c: &mut [f64], accumulate: bool) {
    const TILE: usize = 32;
    let (depth, n) = (a.ncols(), b.ncols());
    let beta = if accumulate { 1.0 } else { 0.0 };
    let rows = TILE * n.max(1);
    parallel::blocks(c, rows, TILE * depth * n, |tile, c| {
        let mut c =
            ArrayViewMut2::from_shape((c.len() / n.max(1), n), c).expect("c is (rows of a, columns of b)");
        let a = a.slice(s![tile * TILE..tile * TILE + c.nrows(), ..]);
        general_mat_mul(1.0, &a, &b, beta, &mut c);
    });
}

impl Products for f32 {
    fn forward(x: ArrayView2<f32>, w: ArrayView2<f32>, y: &mut [f32], accumulate: bool) {
        forward(Isa::best(), x, w, y, accumulate);
    }

    fn input_gradient(dy: ArrayView2<f32>, w: ArrayView2<f32>, dx: &mut [f32], accumulate: bool) {
        input_gradient(Isa::best(), dy, w, dx, accumulate);
    }

    fn weight_gradient(dy: ArrayView2<f32>, x: ArrayView2<f32>, dw: &mut [f32], accumulate: bool) {
        weight_gradient(Isa::best(), dy, x, dw, accumulate);
    }
}

/// Rows of W that one task multiplies by: a multiple of every tile's.
const ROWS: usize = 48;

/// Columns of dW's rows that one task sums, and rows of dx: enough to be worth a task, few enough to share.
const SPARSE_ROWS: usize = 8;

/// Where fewer than one entry in this many is live, skipping zeros pays.
const SPARSE: usize = 4;

/// Rows of a panel that are packed at a time: what stays in a core's own cache.
const DEPTH: usize = 1280;

/// Live entries that are listed at a time.
const TERMS_AT_ONCE: usize = 4096;

thread_local! {
    /// A thread's panel of packed columns, made once.
    static PACKED: RefCell<Vec<f32>> = RefCell::new(vec![0.0; DEPTH * PANEL]);
    /// A thread's list of live entries, made once.
    static TERMS: RefCell<Vec<Term>> = RefCell::new(vec![(0, 0.0); TERMS_AT_ONCE]);
}

fn contiguous<'a>(matrix: &'a ArrayView2<f32>) -> &'a [f32] {
    matrix.as_slice().expect("the operands of a product are contiguous")
}

fn is_sparse(dy: &[f32]) -> bool {
    dy.iter().filter(|dy| **dy != 0.0).count() * SPARSE < dy.len()
}

fn forward(isa: Isa, x: ArrayView2<f32>, w: ArrayView2<f32>, y: &mut [f32], accumulate: bool) {
    let (batch, depth, out) = (x.nrows(), x.ncols(), w.nrows());
    assert!(w.ncols() == depth && y.len() == batch * out, "x (batch, in), W (out, in), y (batch, out)");
    if y.is_empty() {
        return;
    }
    let (x, w) = (contiguous(&x), contiguous(&w));
    let y = parallel::Shared::new(y);
    parallel::tasks(out.div_ceil(ROWS), batch * depth * ROWS, |task| {
        let start = task * ROWS;
        let count = ROWS.min(out - start);
        // SAFETY: the sizes were checked above, and each task writes columns of its own.
        unsafe {
            let (w, y) = (w.as_ptr().add(start * depth), y.at(start));
            rows_by_rows(isa, x.as_ptr(), w, y, batch, count, depth, out, accumulate);
        }
    });
}

fn input_gradient(isa: Isa, dy: ArrayView2<f32>, w: ArrayView2<f32>, dx: &mut [f32], accumulate: bool) {
    let (batch, out, width) = (dy.nrows(), dy.ncols(), w.ncols());
    assert!(w.nrows() == out && dx.len() == batch * width, "dy (batch, out), W (out, in), dx (batch, in)");
    let (dy, w) = (contiguous(&dy), contiguous(&w));
    if !is_sparse(dy) {
        return times_matrix(isa, (dy, batch, out, 1), w, (out, width), dx, accumulate);
    }
    let dx = parallel::Shared::new(dx);
    parallel::tasks(batch.div_ceil(SPARSE_ROWS), SPARSE_ROWS * out * width / SPARSE, |task| {
        for i in task * SPARSE_ROWS..batch.min((task + 1) * SPARSE_ROWS) {
            with_terms(dy[i * out..][..out].iter(), accumulate, |terms, add| {
                // SAFETY: terms name rows of W below `out`, and each task writes rows of its own.
                unsafe { sum_of_rows(isa, terms, w.as_ptr(), dx.at(i * width), width, add) }
            });
        }
    });
}

fn weight_gradient(isa: Isa, dy: ArrayView2<f32>, x: ArrayView2<f32>, dw: &mut [f32], accumulate: bool) {
    let (batch, out, width) = (dy.nrows(), dy.ncols(), x.ncols());
    assert!(x.nrows() == batch && dw.len() == out * width, "dy (batch, out), x (batch, in), dW (out, in)");
    let (dy, x) = (contiguous(&dy), contiguous(&x));
    if !is_sparse(dy) {
        return times_matrix(isa, (dy, out, 1, out), x, (batch, width), dw, accumulate);
    }
    let dw = parallel::Shared::new(dw);
    parallel::tasks(out.div_ceil(SPARSE_ROWS), SPARSE_ROWS * batch * width / SPARSE, |task| {
        for j in task * SPARSE_ROWS..out.min((task + 1) * SPARSE_ROWS) {
            with_terms(dy[j..].iter().step_by(out), accumulate, |terms, add| {
                // SAFETY: terms name rows of x below `batch`, and each task writes rows of its own.
                unsafe { sum_of_rows(isa, terms, x.as_ptr(), dw.at(j * width), width, add) }
            });
        }
    });
}

/// Calls `each(terms, add)` with the live entries of `factors` and their numbers, a list at a time; from the
/// second list on, to add.
fn with_terms<'a>(
    factors: impl Iterator<Item = &'a f32>,
    accumulate: bool,
    mut each: impl FnMut(&[Term], bool),
) {
    TERMS.with_borrow_mut(|terms| {
        let (mut live, mut add) = (0, accumulate);
        for (number, factor) in factors.enumerate() {
            // Always written, and kept by moving on: which entries are live is not to be guessed.
            terms[live] = (number as u32, *factor);
            live += usize::from(*factor != 0.0);
            if live == TERMS_AT_ONCE {
                each(terms, add);
                (live, add) = (0, true);
            }
        }
        each(&terms[..live], add);
    });
}

/// c (rows, width) = a b, or c += a b, for b (depth, width): a panel of b's columns is a task. a_il stands at
/// `a[i row + l deep]`, given as (a, rows, row, deep).
fn times_matrix(
    isa: Isa,
    (a, rows, row, deep): (&[f32], usize, usize, usize),
    b: &[f32],
    (depth, width): (usize, usize),
    c: &mut [f32],
    accumulate: bool,
) {
    if c.is_empty() {
        return;
    }
    if depth == 0 && !accumulate {
        c.fill(0.0);
    }
    let c = parallel::Shared::new(c);
    parallel::tasks(width.div_ceil(PANEL), rows * depth * PANEL, |task| {
        let start = task * PANEL;
        let columns = PANEL.min(width - start);
        PACKED.with_borrow_mut(|packed| {
            for (slice, b) in b.chunks(DEPTH * width).enumerate() {
                let rows_of_b = b.chunks_exact(width);
                let depth = rows_of_b.len();
                for (packed, b) in packed.chunks_exact_mut(PANEL).zip(rows_of_b) {
                    packed[..columns].copy_from_slice(&b[start..start + columns]);
                    packed[columns..].fill(0.0);
                }
                // SAFETY: the callers have checked the sizes, and each task writes columns of its own.
                unsafe {
                    let (a, c) = (a.as_ptr().add(slice * DEPTH * deep), c.at(start));
                    let add = accumulate || slice > 0;
                    times_panel(isa, a, row, deep, packed.as_ptr(), c, rows, columns, depth, width, add);
                }
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn numbers(rows: usize, columns: usize, seed: usize, live: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, columns), |(i, j)| {
            let hash = (i * 7919 + j * 104_729 + seed * 31).wrapping_mul(2_654_435_761) >> 7;
            if hash % 100 < live { (hash % 1009) as f64 / 500.0 - 1.0 } else { 0.0 }
        })
    }

    /// Each product against three loops, in f64 and in f32 on every instruction set, over shapes that fill tiles
    /// and shapes that do not, dense and sparse, writing and adding.
    #[test]
    fn the_products_equal_naive_loops() {
        let shapes = [
            (1, 1, 1),
            (3, 5, 7),
            (0, 3, 2),
            (0, 60, 1300),
            (100, 13, 97),
            (7, 290, 49),
            (2, 3, 0),
            (9, 64, 100),
            (33, 100, 5),
            (2, 3, 1301),
            (2, 3, 50_000),
            (50_000, 2, 3),
        ];
        for (batch, fan_in, out) in shapes {
            for live in [0, 12, 100] {
                let x = numbers(batch, fan_in, 1, 100);
                let (w, dy) = (numbers(out, fan_in, 2, 100), numbers(batch, out, 3, live));
                let y = naive(batch, out, fan_in, |i, j, k| x[[i, k]] * w[[j, k]]);
                let dx = naive(batch, fan_in, out, |i, j, k| dy[[i, k]] * w[[k, j]]);
                let dw = naive(out, fan_in, batch, |i, j, k| dy[[k, i]] * x[[k, j]]);
                for accumulate in [false, true] {
                    let what = format!("{batch} x {fan_in} x {out}, {live} % live, adding: {accumulate}");
                    let run = |size: usize, product: &dyn Fn(&mut [f64])| {
                        let mut got = vec![1.0; size];
                        product(&mut got);
                        got
                    };
                    let got = run(y.len(), &|y| f64::forward(x.view(), w.view(), y, accumulate));
                    compare(&got, &y, accumulate, 1e-12, &what);
                    let got = run(dx.len(), &|dx| f64::input_gradient(dy.view(), w.view(), dx, accumulate));
                    compare(&got, &dx, accumulate, 1e-12, &what);
                    let got = run(dw.len(), &|dw| f64::weight_gradient(dy.view(), x.view(), dw, accumulate));
                    compare(&got, &dw, accumulate, 1e-12, &what);

                    let [x, w, dy] = [&x, &w, &dy].map(|matrix| matrix.mapv(|value| value as f32));
                    for isa in Isa::available() {
                        let what = format!("{what}, {isa:?}");
                        let run = |size: usize, product: &dyn Fn(&mut [f32])| {
                            // A margin on either side tells of writes outside the slice.
                            let mut got = vec![1.0; size + 32];
                            product(&mut got[16..16 + size]);
                            assert!(
                                got[..16].iter().chain(&got[16 + size..]).all(|&margin| margin == 1.0),
                                "{what}"
                            );
                            got[16..16 + size].iter().map(|&value| f64::from(value)).collect::<Vec<_>>()
                        };
                        let got = run(y.len(), &|y| forward(isa, x.view(), w.view(), y, accumulate));
                        compare(&got, &y, accumulate, 1e-5, &what);
                        let got =
                            run(dx.len(), &|dx| input_gradient(isa, dy.view(), w.view(), dx, accumulate));
                        compare(&got, &dx, accumulate, 1e-5, &what);
                        let got =
                            run(dw.len(), &|dw| weight_gradient(isa, dy.view(), x.view(), dw, accumulate));
                        compare(&got, &dw, accumulate, 1e-5, &what);
                    }
                }
            }
        }
    }

    fn naive(
        rows: usize,
        columns: usize,
        depth: usize,
        term: impl Fn(usize, usize, usize) -> f64,
    ) -> Array2<f64> {
        Array2::from_shape_fn((rows, columns), |(i, j)| (0..depth).map(|k| term(i, j, k)).sum::<f64>())
    }

    fn compare(got: &[f64], want: &Array2<f64>, accumulate: bool, tolerance: f64, what: &str) {
        let start = if accumulate { 1.0 } else { 0.0 };
        for (got, want) in got.iter().zip(want) {
            assert!(
                (got - start - want).abs() <= tolerance * (20.0 + want.abs()),
                "{what}: {got}, not {want}"
            );
        }
    }
}
