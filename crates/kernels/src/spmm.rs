//! SpMM, the product of a sparse and a dense matrix: zeros of the first factor are skipped, not multiplied.
//!
//! A maxout unit passes its gradient to one piece of k, a ReLU is zero about half of the time, and dropout sets half of
//! all units to zero: nine tenths of a discriminator's pre-activation gradient are zeros, and three quarters of a
//! generator's hidden values. So the non-zero entries of S are listed once, row by row, and a row of S b is the sum of
//! the rows of b that its list names. b is packed block by block into the first-level cache, and a block serves all rows
//! of S before the next one is packed.

use std::cell::RefCell;
use std::ops::Range;

use crate::buffer::Buffer;
use crate::gemm;
use crate::isa::{Isa, Kernel};
use crate::parallel::{self, Shared};
use crate::simd::{Lanes, Row, prefetch};

/// Vectors in a block's row: this many sums hide the latency of a multiplication.
const VECTORS: usize = 8;

/// Entries of a block: three quarters of the smallest first-level cache in use.
pub(crate) const BLOCK: usize = 104 * 64;

/// How many rows of c ahead of the present one are prefetched.
const AHEAD: usize = 4;

/// Rows that are listed together.
const GROUP: usize = 64;

/// The column of a non-zero entry, and the entry.
#[derive(Clone, Copy, Default)]
pub(crate) struct Term(u32, f32);

/// Columns of a block of b.
pub(crate) fn block_width(isa: Isa) -> usize {
    VECTORS * isa.lanes()
}

/// Rows of c that one task sums.
const ROWS: usize = 256;

thread_local! {
    /// A thread's list of one row, before it is sorted by blocks.
    static FOUND: RefCell<Vec<Term>> = RefCell::default();
    /// A thread's lists of non-zero entries.
    static NON_ZEROS: RefCell<NonZeros> = RefCell::default();
    /// A thread's buffer for a packed block, allocated once.
    static PACKED: RefCell<Buffer<f32>> = RefCell::new(Buffer::zeros(BLOCK));
}

/// Runs `body` with this thread's lists, which keep their memory from one product to the next.
pub(crate) fn with_non_zeros<R>(body: impl FnOnce(&mut NonZeros) -> R) -> R {
    NON_ZEROS.with_borrow_mut(body)
}

/// Runs `body` with this thread's buffer for a packed block.
pub(crate) fn with_packed<R>(body: impl FnOnce(&mut [f32]) -> R) -> R {
    PACKED.with_borrow_mut(|packed| body(packed))
}

/// The non-zero entries of a matrix (rows, depth), row by row, and where the blocks of b begin among them.
#[derive(Default)]
pub(crate) struct NonZeros {
    terms: Vec<Term>,
    /// Entry r · (blocks + 1) + n is where the terms of row r in block n begin; the last entry of a row is where they
    /// end.
    starts: Vec<u32>,
    rows: usize,
    depth: usize,
    /// The block of each row of b.
    block_of: Vec<u32>,
    /// Rows of b in a block.
    block: usize,
    blocks: usize,
}

/// A matrix whose zeros are skipped.
#[derive(Clone, Copy)]
pub(crate) struct Factor<'a> {
    /// (rows, units), row by row.
    values: &'a [f32],
    rows: usize,
    units: usize,
    /// Empty for a plain matrix. Otherwise (rows, units): the matrix is then (rows, pieces · units), and holds each
    /// value in the column of its unit and of the piece that is named here.
    winners: &'a [u8],
    pieces: usize,
}

impl<'a> Factor<'a> {
    /// A plain matrix (rows, units).
    pub(crate) fn plain(values: &'a [f32], rows: usize, units: usize) -> Self {
        Self { values, rows, units, winners: &[], pieces: 1 }
    }

    /// The matrix (rows, pieces · units) that holds each of `values` (rows, units) in its winning piece, and zeros
    /// elsewhere.
    ///
    /// # Panics
    /// Unless there is a winner for each value, and it is one of the pieces.
    pub(crate) fn routed(
        values: &'a [f32],
        rows: usize,
        units: usize,
        winners: &'a [u8],
        pieces: usize,
    ) -> Self {
        assert!(winners.len() == values.len(), "a winner for each value");
        assert!(winners.iter().all(|winner| usize::from(*winner) < pieces), "winners are among the pieces");
        Self { values, rows, units, winners, pieces }
    }

    fn columns(&self) -> usize {
        self.pieces * self.units
    }

    /// The piece of the value at `index`.
    #[inline(always)]
    fn piece(&self, index: usize) -> usize {
        self.winners.get(index).map_or(0, |winner| usize::from(*winner))
    }
}

impl NonZeros {
    /// Makes room for a matrix (rows, depth), for blocks of at most `block` rows of b.
    fn prepare(&mut self, rows: usize, depth: usize, block: usize) {
        self.block = depth.div_ceil(depth.div_ceil(block).max(1)).max(1);
        self.blocks = depth.div_ceil(self.block).max(1);
        (self.rows, self.depth) = (rows, depth);
        assert!(u32::try_from(rows * depth).is_ok(), "fewer entries than a u32 can number");
        // Never shrunk, so that the next product need not allocate.
        if self.terms.len() < rows * depth {
            self.terms.resize(rows * depth, Term::default());
        }
        let marks = rows * (self.blocks + 1);
        if self.starts.len() < marks {
            self.starts.resize(marks, 0);
        }
        if self.block_of.len() < depth {
            self.block_of.resize(depth, 0);
        }
        let block = self.block;
        self.block_of[..depth].chunks_mut(block).enumerate().for_each(|(n, of)| of.fill(n as u32));
    }

    /// Lists a.
    pub(crate) fn list(&mut self, isa: Isa, a: Factor, block: usize) {
        let depth = a.columns();
        self.prepare(a.rows, depth, block);
        let marks = self.blocks + 1;
        let (terms, starts, block_of) =
            (Shared::new(&mut self.terms), Shared::new(&mut self.starts), &self.block_of);
        let block = self.block;
        parallel::tasks(a.rows.div_ceil(GROUP), GROUP * a.units, |group| {
            let rows = group * GROUP..a.rows.min((group + 1) * GROUP);
            // SAFETY: each row is one task's, and within both lists.
            let (terms, starts) = unsafe {
                (
                    terms.part(rows.start * depth, rows.len() * depth),
                    starts.part(rows.start * marks, rows.len() * marks),
                )
            };
            // Row after row without gaps: what is written is soon read again, and should still be cached.
            let (base, mut end) = (rows.start * depth, 0);
            for (row, starts) in rows.zip(starts.chunks_exact_mut(marks)) {
                let values = &a.values[row * a.units..][..a.units];
                let first = (base + end) as u32;
                starts.fill(first);
                if a.winners.is_empty() {
                    for (n, values) in values.chunks(block).enumerate() {
                        end += list_non_zeros(isa, values, (n * block) as u32, &mut terms[end..]);
                        starts[n + 1] = (base + end) as u32;
                    }
                    continue;
                }
                // A counting sort by block; within a block, the order of the units stays.
                FOUND.with_borrow_mut(|found| {
                    if found.len() < a.units {
                        found.resize(a.units, Term::default());
                    }
                    let count = list_non_zeros(isa, values, 0, found);
                    let column = |unit: u32| a.piece(row * a.units + unit as usize) * a.units + unit as usize;
                    for Term(unit, _) in &found[..count] {
                        starts[block_of[column(*unit)] as usize + 1] += 1;
                    }
                    (1..marks).for_each(|n| starts[n] += starts[n - 1] - first);
                    // The start of each block moves to its end, which is the start of the next block.
                    for Term(unit, value) in &found[..count] {
                        let column = column(*unit);
                        let place = &mut starts[block_of[column] as usize];
                        terms[*place as usize - base] = Term(column as u32, *value);
                        *place += 1;
                    }
                    starts.copy_within(..marks - 1, 1);
                    starts[0] = first;
                    end += count;
                });
            }
        });
    }

    /// Lists aᵀ.
    pub(crate) fn list_transposed(&mut self, isa: Isa, a: Factor, block: usize) {
        let depth = a.rows;
        self.prepare(a.columns(), depth, block);
        let (marks, block) = (self.blocks + 1, self.block);
        let (terms, starts) = (Shared::new(&mut self.terms), Shared::new(&mut self.starts));
        parallel::tasks(a.units.div_ceil(GROUP), GROUP * depth, |group| {
            let units = group * GROUP..a.units.min((group + 1) * GROUP);
            let rows =
                || (0..a.pieces).flat_map(|piece| units.clone().map(move |unit| piece * a.units + unit));
            let mut found = [Term::default(); GROUP];
            // SAFETY: a group has all rows of its units, in every piece, which are within both lists; no row has
            // more terms than there are rows of a. A row's last mark is where its list ends so far.
            unsafe {
                rows().for_each(|row| starts.part(row * marks, marks).fill((row * depth) as u32));
                for l in 0..depth {
                    if l % block == 0 {
                        for row in rows() {
                            *starts.at(row * marks + l / block) = *starts.at(row * marks + marks - 1);
                        }
                    }
                    let at = l * a.units + units.start;
                    let count = list_non_zeros(isa, &a.values[at..][..units.len()], 0, &mut found);
                    for Term(unit, value) in &found[..count] {
                        let unit = *unit as usize;
                        let row = a.piece(at + unit) * a.units + units.start + unit;
                        let end = starts.at(row * marks + marks - 1);
                        *terms.at(*end as usize) = Term(l as u32, *value);
                        *end += 1;
                    }
                }
            }
        });
    }

    /// (rows, depth) of what is listed.
    pub(crate) fn shape(&self) -> (usize, usize) {
        (self.rows, self.depth)
    }

    /// The rows of b that each block holds.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        let (block, depth) = (self.block, self.depth);
        (0..self.blocks).map(move |n| (n, n * block..depth.min((n + 1) * block)))
    }

    /// c = (or +=) S b for the rows `rows` of S and `columns` columns, with the `n`-th block of b packed.
    ///
    /// # Safety
    /// The block is of the instruction set's width and holds the rows that [`NonZeros::blocks`] says; c is valid for
    /// as many rows, `stride` entries apart; the processor has the instruction set.
    #[allow(clippy::too_many_arguments)]
    pub(crate) unsafe fn times_block(
        &self,
        isa: Isa,
        n: usize,
        rows: Range<usize>,
        packed: &[f32],
        c: *mut f32,
        stride: usize,
        columns: usize,
        accumulate: bool,
    ) {
        let first = (n * self.block) as u32;
        let packed = packed.as_ptr();
        // SAFETY: the lists name rows of this block alone; the rest is the caller's promise.
        unsafe { isa.run(RowSums { terms: self, n, rows, first, packed, c, stride, columns, accumulate }) }
    }

    #[inline(always)]
    fn of(&self, row: usize, block: usize) -> &[Term] {
        let starts = &self.starts[row * (self.blocks + 1) + block..][..2];
        &self.terms[starts[0] as usize..starts[1] as usize]
    }
}

/// c (m, n) = S b, or c += S b, for the S that `list` lists. b is (depth, n), or (n, depth) if it is `transposed`.
///
/// # Panics
/// If the sizes do not fit.
pub(crate) fn times(
    isa: Isa,
    list: impl FnOnce(&mut NonZeros, usize),
    b: &[f32],
    transposed: bool,
    n: usize,
    c: &mut [f32],
    accumulate: bool,
) {
    with_non_zeros(|terms| {
        let width = block_width(isa);
        list(terms, BLOCK / width);
        let (m, depth) = terms.shape();
        assert!(b.len() == depth * n && c.len() == m * n, "S (m, k), b (k, n), c (m, n)");
        let (terms, c) = (&*terms, Shared::new(c));
        let (panels, cost) = (n.div_ceil(width), (m.min(ROWS) * depth * width) / 4);
        parallel::tasks(panels * m.div_ceil(ROWS), cost, |task| {
            let (start, first) = (task % panels * width, task / panels * ROWS);
            let (columns, rows) = (start..n.min(start + width), first..m.min(first + ROWS));
            with_packed(|packed| {
                for (number, block) in terms.blocks() {
                    let add = accumulate || number > 0;
                    if transposed {
                        gemm::columns(isa, b, depth, block, columns.clone(), width, packed);
                    } else {
                        gemm::panels(isa, b, n, block, columns.clone(), width, packed);
                    }
                    // SAFETY: the sizes were checked above, and each task writes a part of its own.
                    unsafe {
                        let c = c.at(rows.start * n + start);
                        terms.times_block(isa, number, rows.clone(), packed, c, n, columns.len(), add);
                    }
                }
            });
        });
    });
}

/// Lists the non-zero entries of `values`, numbered from `first`, and returns how many there are.
///
/// # Panics
/// If `terms` is shorter than `values`.
fn list_non_zeros(isa: Isa, values: &[f32], first: u32, terms: &mut [Term]) -> usize {
    assert!(terms.len() >= values.len(), "room for all");
    // SAFETY: there is room for a term of each value.
    unsafe { isa.run(Find { values, first, terms: terms.as_mut_ptr() }) }
}

/// Writes a term for each non-zero value; the columns are numbered from `first`. Returns how many there are.
///
/// To run it, `terms` must be valid for as many terms as there are values.
struct Find<'a> {
    values: &'a [f32],
    first: u32,
    terms: *mut Term,
}

impl Kernel for Find<'_> {
    type Output = usize;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) -> usize {
        let Self { values, first, terms } = self;
        // SAFETY: vectors end where the values do, and no more terms are written than there are values.
        unsafe {
            let (mut end, mut start) = (terms, 0);
            let from = values.as_ptr();
            while start < values.len() {
                // As many lanes as the word `bits` has bits.
                let mut bits = 0;
                for offset in (0..32).step_by(V::WIDTH) {
                    let left = values.len().saturating_sub(start + offset);
                    let from = from.wrapping_add(start + offset);
                    let lanes = if left >= V::WIDTH { V::load(from) } else { V::load_first(from, left) };
                    bits |= lanes.non_zero() << offset;
                }
                while bits != 0 {
                    let number = start + bits.trailing_zeros() as usize;
                    *end = Term(first + number as u32, *from.add(number));
                    end = end.add(1);
                    bits &= bits - 1;
                }
                start += 32;
            }
            end.offset_from_unsigned(terms)
        }
    }
}

/// The sums of [`NonZeros::times_block`]; `first` is the number of the block's first row.
struct RowSums<'a> {
    terms: &'a NonZeros,
    n: usize,
    rows: Range<usize>,
    first: u32,
    packed: *const f32,
    c: *mut f32,
    stride: usize,
    columns: usize,
    accumulate: bool,
}

impl Kernel for RowSums<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        const N: usize = VECTORS;
        let Self { terms, n, rows, first, packed, c, stride, columns, accumulate } = self;
        // SAFETY: the block's rows hold N vectors; of c only `columns` entries of each row are touched.
        unsafe {
            let whole = columns == N * V::WIDTH;
            for (at, row) in rows.enumerate() {
                let c = c.add(at * stride);
                let list = terms.of(row, n);
                // Rows of c are far apart, so no hardware prefetcher loads them in time.
                prefetch(c.wrapping_add(AHEAD * stride), N * V::WIDTH);
                if whole {
                    let mut sums: [V; N] = if accumulate {
                        std::array::from_fn(|j| V::load(c.add(j * V::WIDTH)))
                    } else {
                        [V::splat(0.0); N]
                    };
                    add(&mut sums, list, first, packed);
                    for (j, sum) in sums.into_iter().enumerate() {
                        sum.store(c.add(j * V::WIDTH));
                    }
                } else {
                    let mut sums = [V::splat(0.0); N];
                    add(&mut sums, list, first, packed);
                    sums.store_row(c, columns, accumulate);
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn add<V: Lanes, const N: usize>(sums: &mut [V; N], list: &[Term], first: u32, packed: *const f32) {
    // SAFETY: the list names rows of the block.
    unsafe {
        for Term(number, factor) in list {
            let row = packed.add((number - first) as usize * N * V::WIDTH);
            let factor = V::splat(*factor);
            for (j, sum) in sums.iter_mut().enumerate() {
                *sum = sum.add_product(factor, V::load(row.add(j * V::WIDTH)));
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

    /// c = a b by three loops that skip zeros of a.
    fn naive(a: ArrayView2<f64>, b: ArrayView2<f64>) -> Array2<f64> {
        let mut c = Array2::zeros((a.nrows(), b.ncols()));
        for ((i, l), a) in a.indexed_iter().filter(|(_, a)| **a != 0.0) {
            for j in 0..b.ncols() {
                c[[i, j]] += a * b[[l, j]];
            }
        }
        c
    }

    #[test]
    fn sparse_products_equal_the_naive_loops() {
        let mut random = random(2);
        for number in 0..40 {
            let (m, k, n) = (size(&mut random).min(150), size(&mut random), size(&mut random).min(150));
            let share = [0.0, 0.1, 0.5, 1.0][number % 4];
            let (a, b) = (numbers(&mut random, (m, k), share), numbers(&mut random, (k, n), 1.0));
            let want = naive(a.view(), b.view());
            let by_columns = |matrix: &Array2<f64>| matrix.t().as_standard_layout().into_owned();
            for edge in Edge::BOTH {
                let [a, at, b, bt] =
                    [&a, &by_columns(&a), &b, &by_columns(&b)].map(|x| Fenced::matrix(x, edge).1);
                for isa in Isa::available() {
                    let rows = |terms: &mut NonZeros, block| terms.list(isa, Factor::plain(&a, m, k), block);
                    let columns = |terms: &mut NonZeros, block| {
                        terms.list_transposed(isa, Factor::plain(&at, k, m), block)
                    };
                    let [mut c, mut d, mut e] = [(); 3].map(|()| Fenced::new(&vec![1.0; m * n], edge));
                    times(isa, rows, &b, false, n, &mut c, true);
                    times(isa, rows, &bt, true, n, &mut d, true);
                    times(isa, columns, &b, false, n, &mut e, true);
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
