//! The three products of matrices that a linear layer and its derivatives are made of.
//!
//! With y = x Wᵀ, x (batch, in), W (out, in), y (batch, out): dx = dy W and dW = dyᵀ x. If W is kept by columns, as
//! the matrix Wᵀ (in, out), then the same three serve in other places: y = x (Wᵀ), dx = dy (Wᵀ)ᵀ, dWᵀ = xᵀ dy.
//!
//! For `f32` they run on kernels of our own: `dense`, `sparse` where few entries
//! of the first factor are live, `sampled` where few entries of the product are asked for. For
//! `f64`, in which nets are only proved, a tile is one call of `matrixmultiply`.

use std::cell::RefCell;
use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, LinalgScalar, s};

use super::dense::{panel, rows_by_rows, times_panel};
use super::lanes::{Isa, vectorised};
use super::sampled::Asked;
use super::sparse::{self, Factor, Terms};
use super::{Buffer, pack, parallel};

/// The products, for one kind of number. All matrices are contiguous, row by row, and `accumulate` adds to c.
pub trait Products: Sized {
    /// c = a bᵀ: a (m, k), b (n, k), c (m, n).
    fn times_transposed(a: ArrayView2<Self>, b: ArrayView2<Self>, c: &mut [Self], accumulate: bool);

    /// The same, but only entries where `live` (m, n) is not zero are asked for; others may be left out.
    fn times_transposed_where(
        live: ArrayView2<Self>,
        a: ArrayView2<Self>,
        b: ArrayView2<Self>,
        c: &mut [Self],
        accumulate: bool,
    );

    /// c = a b: a (m, k), b (k, n), c (m, n).
    fn times(a: ArrayView2<Self>, b: ArrayView2<Self>, c: &mut [Self], accumulate: bool);

    /// c = aᵀ b: a (k, m), b (k, n), c (m, n).
    fn transposed_times(a: ArrayView2<Self>, b: ArrayView2<Self>, c: &mut [Self], accumulate: bool);

    /// x wᵀ, which is never stored: for x (m, k) and w (pieces · units, k), piece by piece, calls
    /// `each(row, units, block, y, notes)` for every row and some range of units at a time. Entry p n + j of
    /// `block` is the product of the row and piece p of the range's unit j, of n; `y` and `notes` are that part of the
    /// row of y (m, units) and of `notes`, which has as many entries or none. If `live` (m, units) is given, only
    /// products of rows and units where it is not zero are asked for; others may be 0.
    fn by_pieces(
        x: ArrayView2<Self>,
        w: ArrayView2<Self>,
        pieces: usize,
        live: Option<&[Self]>,
        y: &mut [Self],
        notes: &mut [u8],
        each: impl Fn(usize, Range<usize>, &[Self], &mut [Self], &mut [u8]) + Sync,
    );

    /// c = r b: r (m, pieces · units), b (pieces · units, n), c (m, n).
    fn routed_times(r: Routed<Self>, b: ArrayView2<Self>, c: &mut [Self], accumulate: bool);

    /// c = rᵀ b: r (m, pieces · units), b (m, n), c (pieces · units, n).
    fn routed_transposed_times(r: Routed<Self>, b: ArrayView2<Self>, c: &mut [Self], accumulate: bool);
}

/// A matrix (m, pieces · units), piece by piece, that holds one value for each unit, in the piece that won it, and
/// zeros elsewhere: the gradient of a maxout's pieces.
#[derive(Clone, Copy)]
pub struct Routed<'a, T> {
    /// (m, units).
    pub values: ArrayView2<'a, T>,
    /// (m, units), row by row: which piece, below `pieces`.
    pub winners: &'a [u8],
    /// How many there are.
    pub pieces: usize,
}

impl<T: LinalgScalar> Routed<'_, T> {
    /// The matrix with its zeros.
    fn written_out(&self) -> Array2<T> {
        let (rows, units) = self.values.dim();
        let mut matrix = Array2::zeros((rows, self.pieces * units));
        for (((row, unit), value), winner) in self.values.indexed_iter().zip(self.winners) {
            matrix[[row, usize::from(*winner) * units + unit]] = *value;
        }
        matrix
    }
}

impl Products for f64 {
    fn times_transposed(a: ArrayView2<f64>, b: ArrayView2<f64>, c: &mut [f64], accumulate: bool) {
        product(a, b.t(), c, accumulate);
    }

    fn times_transposed_where(
        live: ArrayView2<f64>,
        a: ArrayView2<f64>,
        b: ArrayView2<f64>,
        c: &mut [f64],
        accumulate: bool,
    ) {
        product(a, b.t(), c, accumulate);
        // What is not asked for is left out here, too, so that a check would find what relies on it.
        if !accumulate {
            c.iter_mut().zip(live).for_each(|(c, live)| *c = if *live == 0.0 { 0.0 } else { *c });
        }
    }

    fn times(a: ArrayView2<f64>, b: ArrayView2<f64>, c: &mut [f64], accumulate: bool) {
        product(a, b, c, accumulate);
    }

    fn transposed_times(a: ArrayView2<f64>, b: ArrayView2<f64>, c: &mut [f64], accumulate: bool) {
        product(a.t(), b, c, accumulate);
    }

    fn by_pieces(
        x: ArrayView2<f64>,
        w: ArrayView2<f64>,
        pieces: usize,
        live: Option<&[f64]>,
        y: &mut [f64],
        notes: &mut [u8],
        each: impl Fn(usize, Range<usize>, &[f64], &mut [f64], &mut [u8]) + Sync,
    ) {
        let (columns, units) = (w.nrows(), w.nrows() / pieces);
        let mut products = vec![0.0; x.nrows() * columns];
        product(x, w.t(), &mut products, false);
        for (i, product) in products.iter_mut().enumerate() {
            let asked = live.is_none_or(|live| live[i / columns * units + i % units] != 0.0);
            *product = if asked { *product } else { 0.0 };
        }
        parallel::rows_with(y, units, notes, |row, y, notes| {
            each(row, 0..units, &products[row * columns..][..columns], y, notes);
        });
    }

    fn routed_times(r: Routed<f64>, b: ArrayView2<f64>, c: &mut [f64], accumulate: bool) {
        product(r.written_out().view(), b, c, accumulate);
    }

    fn routed_transposed_times(r: Routed<f64>, b: ArrayView2<f64>, c: &mut [f64], accumulate: bool) {
        product(r.written_out().t(), b, c, accumulate);
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
    fn times_transposed(a: ArrayView2<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
        times_transposed(Isa::best(), None, a, b, c, accumulate);
    }

    fn times_transposed_where(
        live: ArrayView2<f32>,
        a: ArrayView2<f32>,
        b: ArrayView2<f32>,
        c: &mut [f32],
        accumulate: bool,
    ) {
        times_transposed(Isa::best(), Some(live), a, b, c, accumulate);
    }

    fn times(a: ArrayView2<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
        times(Isa::best(), a, b, c, accumulate);
    }

    fn transposed_times(a: ArrayView2<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
        transposed_times(Isa::best(), a, b, c, accumulate);
    }

    fn by_pieces(
        x: ArrayView2<f32>,
        w: ArrayView2<f32>,
        pieces: usize,
        live: Option<&[f32]>,
        y: &mut [f32],
        notes: &mut [u8],
        each: impl Fn(usize, Range<usize>, &[f32], &mut [f32], &mut [u8]) + Sync,
    ) {
        by_pieces(Isa::best(), x, w, pieces, live, y, notes, each);
    }

    fn routed_times(r: Routed<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
        routed_times(Isa::best(), r, b, c, accumulate);
    }

    fn routed_transposed_times(r: Routed<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
        routed_transposed_times(Isa::best(), r, b, c, accumulate);
    }
}

/// Rows of b that one task of a bᵀ multiplies by: a multiple of every tile's.
const ROWS: usize = 48;

/// Columns of b that one task of a b multiplies by: a few panels, so that b is read in pieces of some length.
const COLUMNS: usize = 48;

/// Rows of b whose products with some rows of a one task computes.
const ASKED: usize = 32;

/// Rows of a panel that are packed at a time: what stays in the nearest cache.
const DEPTH: usize = 256;

/// Rows of c that one task of a sparse product sums.
const SPARSE_ROWS: usize = 256;

/// Units whose pieces one task computes, for so many rows at once.
const UNITS: usize = 24;
const ROWS_AT_ONCE: usize = 128;

/// Below this share of live entries, skipping zeros pays: measured by `cargo bench --bench products`.
const SPARSE: f64 = 0.4;

/// The same where b must be transposed while it is packed, and where single entries are asked for.
const SPARSE_TRANSPOSED: f64 = 0.6;
const SAMPLED: f64 = 0.4;

/// What a product costs more where those that are asked for are picked out.
const PICKED: f64 = 1.15;

thread_local! {
    /// A thread's room for packed columns, made once.
    static PACKED: RefCell<Buffer<f32>> = RefCell::new(Buffer::zeros(sparse::BLOCK.max(DEPTH * COLUMNS)));
    /// A thread's room for the pieces of some units.
    static BLOCK: RefCell<Buffer<f32>> = RefCell::default();
    /// A thread's lists of live entries.
    static TERMS: RefCell<Terms> = RefCell::default();
}

fn contiguous<'a>(matrix: &'a ArrayView2<f32>) -> &'a [f32] {
    matrix.as_slice().expect("the operands of a product are contiguous")
}

/// The share of the entries that is live.
fn live_share(values: &[f32]) -> f64 {
    values.iter().filter(|value| **value != 0.0).count() as f64 / values.len().max(1) as f64
}

/// Whether fewer than this share of the entries is live.
fn fewer_live_than(share: f64, values: &[f32]) -> bool {
    live_share(values) < share
}

fn times_transposed(
    isa: Isa,
    live: Option<ArrayView2<f32>>,
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    c: &mut [f32],
    accumulate: bool,
) {
    let (m, depth, n) = (a.nrows(), a.ncols(), b.nrows());
    assert!(b.ncols() == depth && c.len() == m * n, "a (m, k), b (n, k), c (m, n)");
    if c.is_empty() {
        return;
    }
    let (a, b) = (contiguous(&a), contiguous(&b));
    let live = live.as_ref().map(|live| {
        assert_eq!(live.dim(), (m, n), "live (m, n)");
        contiguous(live)
    });
    if let Some(live) = live.filter(|live| fewer_live_than(SAMPLED, live)) {
        let c = parallel::Shared::new(c);
        return parallel::tasks(n.div_ceil(ASKED), m * depth * ASKED / 4, |task| {
            let start = task * ASKED;
            let units = ASKED.min(n - start);
            let (w, live) = (&b[start * depth..], &live[start..]);
            // SAFETY: the sizes were checked above, and each task writes columns of its own.
            unsafe {
                if !accumulate {
                    (0..m).for_each(|row| c.part(row * n + start, units).fill(0.0));
                }
                let asked = Asked { x: a, w, apart: 0, live, stride: n, units, pieces: 1, depth };
                asked.add_to(isa, c.at(start), n);
            }
        });
    }
    if fewer_live_than(SPARSE_TRANSPOSED, a) {
        let list = |terms: &mut Terms, block| terms.list(isa, Factor::plain(a, m, depth), block);
        return sparse_times(isa, list, b, true, n, c, accumulate);
    }
    let c = parallel::Shared::new(c);
    parallel::tasks(n.div_ceil(ROWS), m * depth * ROWS, |task| {
        let start = task * ROWS;
        let count = ROWS.min(n - start);
        // SAFETY: the sizes were checked above, and each task writes columns of its own.
        unsafe {
            let (b, c) = (b.as_ptr().add(start * depth), c.at(start));
            rows_by_rows(isa, a.as_ptr(), b, c, m, count, depth, n, accumulate);
        }
    });
}

fn times(isa: Isa, a: ArrayView2<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
    let (m, depth, n) = (a.nrows(), a.ncols(), b.ncols());
    assert!(b.nrows() == depth && c.len() == m * n, "a (m, k), b (k, n), c (m, n)");
    let (a, b) = (contiguous(&a), contiguous(&b));
    if fewer_live_than(SPARSE, a) {
        let list = |terms: &mut Terms, block| terms.list(isa, Factor::plain(a, m, depth), block);
        return sparse_times(isa, list, b, false, n, c, accumulate);
    }
    strided_times(isa, a, (depth, 1), b, (m, depth, n), c, accumulate);
}

fn transposed_times(isa: Isa, a: ArrayView2<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
    let (m, depth, n) = (a.ncols(), a.nrows(), b.ncols());
    assert!(b.nrows() == depth && c.len() == m * n, "a (k, m), b (k, n), c (m, n)");
    let (a, b) = (contiguous(&a), contiguous(&b));
    if fewer_live_than(SPARSE, a) {
        let list = |terms: &mut Terms, block| terms.list_transposed(isa, Factor::plain(a, depth, m), block);
        return sparse_times(isa, list, b, false, n, c, accumulate);
    }
    strided_times(isa, a, (1, m), b, (m, depth, n), c, accumulate);
}

fn routed_times(isa: Isa, r: Routed<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
    let ((m, units), n) = (r.values.dim(), b.ncols());
    assert!(
        b.nrows() == r.pieces * units && c.len() == m * n,
        "r (m, pieces · units), b (pieces · units, n)"
    );
    let factor = Factor::routed(contiguous(&r.values), m, units, r.winners, r.pieces);
    let list = |terms: &mut Terms, block| terms.list(isa, factor, block);
    sparse_times(isa, list, contiguous(&b), false, n, c, accumulate);
}

fn routed_transposed_times(isa: Isa, r: Routed<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
    let ((m, units), n) = (r.values.dim(), b.ncols());
    assert!(b.nrows() == m && c.len() == r.pieces * units * n, "r (m, pieces · units), b (m, n)");
    let factor = Factor::routed(contiguous(&r.values), m, units, r.winners, r.pieces);
    let list = |terms: &mut Terms, block| terms.list_transposed(isa, factor, block);
    sparse_times(isa, list, contiguous(&b), false, n, c, accumulate);
}

#[allow(clippy::too_many_arguments)]
fn by_pieces(
    isa: Isa,
    x: ArrayView2<f32>,
    w: ArrayView2<f32>,
    pieces: usize,
    live: Option<&[f32]>,
    y: &mut [f32],
    notes: &mut [u8],
    each: impl Fn(usize, Range<usize>, &[f32], &mut [f32], &mut [u8]) + Sync,
) {
    let (m, depth, units) = (x.nrows(), x.ncols(), w.nrows() / pieces);
    assert!(w.dim() == (pieces * units, depth) && y.len() == m * units, "x (m, k), w (pieces · units, k)");
    assert!(notes.is_empty() || notes.len() == y.len(), "a note for each value");
    let (x, w) = (contiguous(&x), contiguous(&w));
    assert!(live.is_none_or(|live| live.len() == y.len()), "live (m, units)");
    // What each way costs, as a share of the dense product.
    let sparse = live_share(x) / SPARSE_TRANSPOSED;
    if let Some(live) = live.filter(|live| live_share(live) * PICKED < sparse.min(1.0)) {
        let product = |rows: Range<usize>, range: Range<usize>, block: &mut [f32]| {
            block.fill(0.0);
            let asked = Asked {
                x: &x[rows.start * depth..rows.end * depth],
                w: &w[range.start * depth..],
                apart: units * depth,
                live: &live[rows.start * units + range.start..],
                stride: units,
                units: range.len(),
                pieces,
                depth,
            };
            // SAFETY: the block has a row for each row, of all pieces of the units.
            unsafe { asked.add_to(isa, block.as_mut_ptr(), range.len() * pieces) };
        };
        return by_blocks((m, units, pieces), UNITS, depth, product, y, notes, each);
    }
    if sparse >= 1.0 {
        let product = |rows: Range<usize>, range: Range<usize>, block: &mut [f32]| {
            for piece in 0..pieces {
                let (first, to) = (piece * units + range.start, &mut block[piece * range.len()..]);
                // SAFETY: rows of x and of w, and room for as many rows and columns.
                unsafe {
                    let (x, w) = (x.as_ptr().add(rows.start * depth), w.as_ptr().add(first * depth));
                    let stride = range.len() * pieces;
                    rows_by_rows(isa, x, w, to.as_mut_ptr(), rows.len(), range.len(), depth, stride, false);
                }
            }
        };
        return by_blocks((m, units, pieces), UNITS, depth, product, y, notes, each);
    }
    TERMS.with_borrow_mut(|terms| {
        let width = sparse::block_width(isa);
        terms.list(isa, Factor::plain(x, m, depth), sparse::BLOCK / width);
        let terms = &*terms;
        let product = |rows: Range<usize>, range: Range<usize>, to: &mut [f32]| {
            PACKED.with_borrow_mut(|packed| {
                let (columns, stride) = (range.len(), range.len() * pieces);
                for piece in 0..pieces {
                    let of_w = piece * units + range.start..piece * units + range.end;
                    for (number, block) in terms.blocks() {
                        pack::columns(isa, w, depth, block, of_w.clone(), width, packed);
                        let (to, add) = (to[piece * columns..].as_mut_ptr(), number > 0);
                        // SAFETY: as above.
                        unsafe {
                            terms.times_block(isa, number, rows.clone(), packed, to, stride, columns, add);
                        }
                    }
                }
            });
        };
        by_blocks((m, units, pieces), width, depth / 4, product, y, notes, each);
    });
}

/// [`by_pieces`] for a range of at most `width` units at a time, each a task. `product(rows, units, block)` writes the
/// products of these rows of x and all pieces of these units.
fn by_blocks(
    (m, units, pieces): (usize, usize, usize),
    width: usize,
    cost: usize,
    product: impl Fn(Range<usize>, Range<usize>, &mut [f32]) + Sync,
    y: &mut [f32],
    notes: &mut [u8],
    each: impl Fn(usize, Range<usize>, &[f32], &mut [f32], &mut [u8]) + Sync,
) {
    let noted = !notes.is_empty();
    let (y, notes) = (parallel::Shared::new(y), parallel::Shared::new(notes));
    parallel::tasks(units.div_ceil(width), m * cost * width * pieces, |task| {
        let range = task * width..units.min((task + 1) * width);
        let (count, stride) = (range.len(), range.len() * pieces);
        BLOCK.with_borrow_mut(|block| {
            block.grow(m.min(ROWS_AT_ONCE) * width * pieces);
            for first in (0..m).step_by(ROWS_AT_ONCE) {
                let rows = first..m.min(first + ROWS_AT_ONCE);
                product(rows.clone(), range.clone(), &mut block[..rows.len() * stride]);
                for (row, block) in rows.zip(block.chunks_exact(stride)) {
                    let at = row * units + range.start;
                    // SAFETY: each task has units of its own in every row of y and of the notes.
                    let (y, notes) = unsafe {
                        (y.part(at, count), if noted { notes.part(at, count) } else { &mut [][..] })
                    };
                    vectorised(|| each(row, range.clone(), block, y, notes));
                }
            }
        });
    });
}

/// c (m, n) = a b, or c += a b, for a_il at `a[i row + l deep]` and b (depth, n) row by row: some panels of b's
/// columns are a task.
fn strided_times(
    isa: Isa,
    a: &[f32],
    (row, deep): (usize, usize),
    b: &[f32],
    (m, depth, n): (usize, usize, usize),
    c: &mut [f32],
    accumulate: bool,
) {
    if depth == 0 && !accumulate {
        c.fill(0.0);
    }
    let width = panel(isa);
    let c = parallel::Shared::new(c);
    parallel::tasks(n.div_ceil(COLUMNS), m * depth * COLUMNS, |task| {
        let columns = task * COLUMNS..n.min((task + 1) * COLUMNS);
        PACKED.with_borrow_mut(|packed| {
            for start in (0..depth).step_by(DEPTH) {
                let slice = start..depth.min(start + DEPTH);
                let length = slice.len();
                pack::panels(isa, b, n, slice, columns.clone(), width, packed);
                for (panel, first) in columns.clone().step_by(width).enumerate() {
                    let count = width.min(columns.end - first);
                    let packed = &packed[panel * length * width..];
                    // SAFETY: the callers have checked the sizes, and each task writes columns of its own.
                    unsafe {
                        let (a, c) = (a.as_ptr().add(start * deep), c.at(first));
                        let add = accumulate || start > 0;
                        times_panel(isa, a, row, deep, packed.as_ptr(), c, m, count, length, n, add);
                    }
                }
            }
        });
    });
}

/// c (m, n) = s b, or c += s b, for the s that `list` lists. b is (depth, n), or (n, depth) if it is `transposed`.
fn sparse_times(
    isa: Isa,
    list: impl FnOnce(&mut Terms, usize),
    b: &[f32],
    transposed: bool,
    n: usize,
    c: &mut [f32],
    accumulate: bool,
) {
    TERMS.with_borrow_mut(|terms| {
        let width = sparse::block_width(isa);
        list(terms, sparse::BLOCK / width);
        let (terms, c) = (&*terms, parallel::Shared::new(c));
        let (m, depth) = terms.shape();
        let (panels, cost) = (n.div_ceil(width), (m.min(SPARSE_ROWS) * depth * width) / 4);
        parallel::tasks(panels * m.div_ceil(SPARSE_ROWS), cost, |task| {
            let (start, first) = (task % panels * width, task / panels * SPARSE_ROWS);
            let (columns, rows) = (start..n.min(start + width), first..m.min(first + SPARSE_ROWS));
            PACKED.with_borrow_mut(|packed| {
                for (number, block) in terms.blocks() {
                    let add = accumulate || number > 0;
                    if transposed {
                        pack::columns(isa, b, depth, block, columns.clone(), width, packed);
                    } else {
                        pack::panels(isa, b, n, block, columns.clone(), width, packed);
                    }
                    // SAFETY: the callers have checked the sizes, and each task writes a part of its own.
                    unsafe {
                        let c = c.at(rows.start * n + start);
                        terms.times_block(isa, number, rows.clone(), packed, c, n, columns.len(), add);
                    }
                }
            });
        });
    });
}

#[cfg(test)]
mod tests;
