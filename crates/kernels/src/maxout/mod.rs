//! What only maxout layers need: products piece by piece, products with the winners' gradients, and the best piece.

mod best_piece;

use std::cell::RefCell;
use std::ops::Range;

use ndarray::{Array2, ArrayView2, LinalgScalar};

use crate::buffer::Buffer;
use crate::gemm::{self, DotProducts};
use crate::isa::{Isa, vectorised};
use crate::products::{SPARSE, contiguous, non_zero_share, product};
use crate::sddmm::Sampled;
use crate::spmm::{Factor, NonZeros};
use crate::{parallel, sddmm, spmm};

pub use best_piece::{best_piece, wins};

/// Products that only a maxout layer needs, for one kind of number. All matrices are contiguous, row by row;
/// `accumulate` adds to c.
///
/// Every method panics if the sizes do not fit, or a matrix is not contiguous.
pub trait MaxoutProducts: Sized {
    /// x wᵀ, which is never stored as a whole: x (m, k), w (pieces · units, k), piece by piece.
    ///
    /// Calls `each(row, units, block, y, notes)` for every row of x, each time for a range of units. Entry p n + j of
    /// `block` is the product of the row with piece p of unit j of the range, which has n units. `y` and `notes` are the
    /// same part of the row of y (m, units) and of `notes`, which has as many entries as y or none.
    ///
    /// If `samples` (m, units) is given, only products of rows and units where it is not zero are needed; others may be
    /// 0.
    fn by_pieces(
        x: ArrayView2<Self>,
        w: ArrayView2<Self>,
        pieces: usize,
        samples: Option<&[Self]>,
        y: &mut [Self],
        notes: &mut [u8],
        each: impl Fn(usize, Range<usize>, &[Self], &mut [Self], &mut [u8]) + Sync,
    );

    /// y_ij = x_i · w_pj for the winning piece p of row i and unit j: x (m, k), w (pieces · units, k), `winners` and y
    /// (m, units), row by row. Where `samples` (m, units), if given, is 0, so is y.
    fn times_winners(
        x: ArrayView2<Self>,
        w: ArrayView2<Self>,
        winners: &[u8],
        pieces: usize,
        samples: Option<&[Self]>,
        y: &mut [Self],
    );

    /// c = r b: r (m, pieces · units), b (pieces · units, n), c (m, n).
    fn winners_times(r: Winners<Self>, b: ArrayView2<Self>, c: &mut [Self], accumulate: bool);

    /// c = rᵀ b: r (m, pieces · units), b (m, n), c (pieces · units, n).
    fn winners_transposed_times(r: Winners<Self>, b: ArrayView2<Self>, c: &mut [Self], accumulate: bool);
}

/// A matrix (m, pieces · units), piece by piece, that holds one value for each unit, in its winning piece, and zeros
/// elsewhere: the gradient of a maxout's pieces.
#[derive(Clone, Copy)]
pub struct Winners<'a, T> {
    /// (m, units).
    pub values: ArrayView2<'a, T>,
    /// (m, units), row by row: which piece, below `pieces`.
    pub winners: &'a [u8],
    /// How many pieces there are.
    pub pieces: usize,
}

impl<T: LinalgScalar> Winners<'_, T> {
    /// The matrix with its zeros written out.
    fn written_out(&self) -> Array2<T> {
        let (rows, units) = self.values.dim();
        let mut matrix = Array2::zeros((rows, self.pieces * units));
        for (((row, unit), value), winner) in self.values.indexed_iter().zip(self.winners) {
            matrix[[row, usize::from(*winner) * units + unit]] = *value;
        }
        matrix
    }
}

impl MaxoutProducts for f64 {
    fn by_pieces(
        x: ArrayView2<f64>,
        w: ArrayView2<f64>,
        pieces: usize,
        samples: Option<&[f64]>,
        y: &mut [f64],
        notes: &mut [u8],
        each: impl Fn(usize, Range<usize>, &[f64], &mut [f64], &mut [u8]) + Sync,
    ) {
        let (columns, units) = (w.nrows(), w.nrows() / pieces);
        let mut products = vec![0.0; x.nrows() * columns];
        product(x, w.t(), &mut products, false);
        for (i, product) in products.iter_mut().enumerate() {
            let sampled = samples.is_none_or(|samples| samples[i / columns * units + i % units] != 0.0);
            *product = if sampled { *product } else { 0.0 };
        }
        parallel::rows_with(y, units, notes, |row, y, notes| {
            each(row, 0..units, &products[row * columns..][..columns], y, notes);
        });
    }

    fn times_winners(
        x: ArrayView2<f64>,
        w: ArrayView2<f64>,
        winners: &[u8],
        pieces: usize,
        samples: Option<&[f64]>,
        y: &mut [f64],
    ) {
        let units = w.nrows() / pieces;
        Self::by_pieces(x, w, pieces, samples, y, &mut [], |row, range, block, y, _| {
            let winners = &winners[row * units..][range.clone()];
            for (j, (y, winner)) in y.iter_mut().zip(winners).enumerate() {
                *y = block[usize::from(*winner) * range.len() + j];
            }
        });
    }

    fn winners_times(r: Winners<f64>, b: ArrayView2<f64>, c: &mut [f64], accumulate: bool) {
        product(r.written_out().view(), b, c, accumulate);
    }

    fn winners_transposed_times(r: Winners<f64>, b: ArrayView2<f64>, c: &mut [f64], accumulate: bool) {
        product(r.written_out().t(), b, c, accumulate);
    }
}

impl MaxoutProducts for f32 {
    fn by_pieces(
        x: ArrayView2<f32>,
        w: ArrayView2<f32>,
        pieces: usize,
        samples: Option<&[f32]>,
        y: &mut [f32],
        notes: &mut [u8],
        each: impl Fn(usize, Range<usize>, &[f32], &mut [f32], &mut [u8]) + Sync,
    ) {
        by_pieces(Isa::best(), x, w, pieces, samples, y, notes, each);
    }

    fn times_winners(
        x: ArrayView2<f32>,
        w: ArrayView2<f32>,
        winners: &[u8],
        pieces: usize,
        samples: Option<&[f32]>,
        y: &mut [f32],
    ) {
        times_winners(Isa::best(), x, w, winners, pieces, samples, y);
    }

    fn winners_times(r: Winners<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
        winners_times(Isa::best(), r, b, c, accumulate);
    }

    fn winners_transposed_times(r: Winners<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
        winners_transposed_times(Isa::best(), r, b, c, accumulate);
    }
}

/// Units whose pieces one task computes, for this many rows at once.
const UNITS: usize = 24;
const ROWS_AT_ONCE: usize = 128;

/// The cost of a sampled product, of its non-zero samples, beside the same number of entries of a dense product.
const SAMPLING_COST: f64 = 1.15;

thread_local! {
    /// A thread's buffer for the pieces of some units.
    static BLOCK: RefCell<Buffer<f32>> = RefCell::default();
    /// A thread's buffer for where a piece wins.
    static WON: RefCell<Buffer<f32>> = RefCell::default();
}

/// Piece by piece, the rows and units where it wins, as SDDMM.
fn times_winners(
    isa: Isa,
    x: ArrayView2<f32>,
    w: ArrayView2<f32>,
    winners: &[u8],
    pieces: usize,
    samples: Option<&[f32]>,
    y: &mut [f32],
) {
    let (m, depth, units) = (x.nrows(), x.ncols(), w.nrows() / pieces);
    assert!(w.dim() == (pieces * units, depth) && y.len() == m * units, "x (m, k), w (pieces · units, k)");
    assert_eq!(winners.len(), y.len(), "a winner for each value");
    assert!(samples.is_none_or(|samples| samples.len() == y.len()), "samples (m, units)");
    let (x, w) = (contiguous(&x), contiguous(&w));
    y.fill(0.0);
    WON.with_borrow_mut(|won| {
        won.grow(y.len());
        let won = &mut won[..y.len()];
        for piece in 0..pieces {
            parallel::parts([won], |start, [won]| {
                let kept = |i: usize| samples.is_none_or(|samples| samples[start + i] != 0.0);
                for (i, won) in won.iter_mut().enumerate() {
                    let wins = usize::from(winners[start + i]) == piece && kept(i);
                    *won = if wins { 1.0 } else { 0.0 };
                }
            });
            let w = &w[piece * units * depth..][..units * depth];
            sddmm::times_transposed(isa, won, x, w, (m, depth, units), y, true);
        }
    });
}

fn winners_times(isa: Isa, r: Winners<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
    let ((m, units), n) = (r.values.dim(), b.ncols());
    assert!(
        b.nrows() == r.pieces * units && c.len() == m * n,
        "r (m, pieces · units), b (pieces · units, n)"
    );
    let factor = Factor::routed(contiguous(&r.values), m, units, r.winners, r.pieces);
    let list = |terms: &mut NonZeros, width| terms.list(isa, factor, width);
    spmm::times(isa, list, contiguous(&b), false, n, c, accumulate);
}

fn winners_transposed_times(isa: Isa, r: Winners<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
    let ((m, units), n) = (r.values.dim(), b.ncols());
    assert!(b.nrows() == m && c.len() == r.pieces * units * n, "r (m, pieces · units), b (m, n)");
    let factor = Factor::routed(contiguous(&r.values), m, units, r.winners, r.pieces);
    let list = |terms: &mut NonZeros, width| terms.list_transposed(isa, factor, width);
    spmm::times(isa, list, contiguous(&b), false, n, c, accumulate);
}

#[allow(clippy::too_many_arguments)]
fn by_pieces(
    isa: Isa,
    x: ArrayView2<f32>,
    w: ArrayView2<f32>,
    pieces: usize,
    samples: Option<&[f32]>,
    y: &mut [f32],
    notes: &mut [u8],
    each: impl Fn(usize, Range<usize>, &[f32], &mut [f32], &mut [u8]) + Sync,
) {
    let (m, depth, units) = (x.nrows(), x.ncols(), w.nrows() / pieces);
    assert!(w.dim() == (pieces * units, depth) && y.len() == m * units, "x (m, k), w (pieces · units, k)");
    assert!(notes.is_empty() || notes.len() == y.len(), "a note for each value");
    let (x, w) = (contiguous(&x), contiguous(&w));
    assert!(samples.is_none_or(|samples| samples.len() == y.len()), "samples (m, units)");
    // The cost of SpMM, and below of SDDMM, as a share of the dense product.
    let sparse = non_zero_share(x) / SPARSE;
    if let Some(samples) = samples.filter(|samples| non_zero_share(samples) * SAMPLING_COST < sparse.min(1.0))
    {
        let product = |rows: Range<usize>, range: Range<usize>, block: &mut [f32]| {
            block.fill(0.0);
            let sampled = Sampled {
                x: &x[rows.start * depth..rows.end * depth],
                w: &w[range.start * depth..],
                apart: units * depth,
                samples: &samples[rows.start * units + range.start..],
                stride: units,
                units: range.len(),
                pieces,
                depth,
            };
            // SAFETY: the block has a row for each row, of all pieces of the units.
            unsafe { sampled.add_to(isa, block.as_mut_ptr(), range.len() * pieces) };
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
                    isa.run(DotProducts {
                        x,
                        w,
                        y: to.as_mut_ptr(),
                        rows: rows.len(),
                        columns: range.len(),
                        depth,
                        stride: range.len() * pieces,
                        accumulate: false,
                    });
                }
            }
        };
        return by_blocks((m, units, pieces), UNITS, depth, product, y, notes, each);
    }
    spmm::with_non_zeros(|terms| {
        let width = spmm::block_width(isa, depth, units);
        terms.list(isa, Factor::plain(x, m, depth), width);
        let terms = &*terms;
        let product = |rows: Range<usize>, range: Range<usize>, to: &mut [f32]| {
            spmm::with_packed(|packed| {
                let (columns, stride) = (range.len(), range.len() * pieces);
                for piece in 0..pieces {
                    let of_w = piece * units + range.start..piece * units + range.end;
                    for (number, block) in terms.blocks() {
                        gemm::columns(isa, w, depth, block, of_w.clone(), width, packed);
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
    parallel::tasks(units.div_ceil(width), m * cost * width * pieces, &|task| {
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

#[cfg(test)]
mod tests;
