//! Products with a matrix that is mostly zeros: exact zeros are skipped, not multiplied.
//!
//! A maxout unit passes its gradient to one piece of k, a ReLU is silent half of the time, and dropout empties
//! half of all units: nine tenths of a discriminator's pre-activation gradient are zeros, and three quarters of a
//! generator's hidden values. So the live entries of S are listed once, row by row, and a row of S b is the sum
//! of the rows of b that its list names. b comes in blocks that are packed into the nearest cache, and a block
//! serves all rows of S before the next one is packed.

use std::ops::Range;

use super::lanes::{Isa, Lanes, Row, dispatch};
use super::parallel::{self, Shared};

/// Vectors in a block's row: so many sums hide the latency of a multiplication.
const VECTORS: usize = 8;

/// Entries of a block: three quarters of the smallest nearest cache in use.
pub(super) const BLOCK: usize = 104 * 64;

/// Rows that are listed together.
const GROUP: usize = 16;

/// The number of a live entry's column, and the entry.
#[derive(Clone, Copy, Default)]
pub(super) struct Term(u32, f32);

/// Columns of a block of b.
pub(super) fn block_width(isa: Isa) -> usize {
    VECTORS
        * match isa {
            Isa::Avx512 => 16,
            Isa::Avx2 => 8,
            Isa::Portable => 4,
        }
}

/// The live entries of a matrix (rows, depth), row by row, with the places where blocks of b begin.
#[derive(Default)]
pub(super) struct Terms {
    /// Row r's are at r · depth, as many as there are.
    terms: Vec<Term>,
    /// Where in row r block n begins, at r · (blocks + 1) + n, counted from the row's own start.
    starts: Vec<u32>,
    rows: usize,
    depth: usize,
    /// Rows of b in a block.
    block: usize,
    blocks: usize,
}

impl Terms {
    /// Lists the matrix whose entry (r, l) stands at `a[r row + l deep]`, for blocks of at most `block` rows of b.
    pub(super) fn list(
        &mut self,
        a: &[f32],
        (rows, depth): (usize, usize),
        (row, deep): (usize, usize),
        block: usize,
    ) {
        let blocks = depth.div_ceil(block).max(1);
        (self.rows, self.depth, self.blocks) = (rows, depth, blocks);
        self.block = depth.div_ceil(blocks);
        // Never shrunk: the next product finds its room.
        if self.terms.len() < rows * depth {
            self.terms.resize(rows * depth, Term::default());
        }
        if self.starts.len() < rows * (blocks + 1) {
            self.starts.resize(rows * (blocks + 1), 0);
        }
        if rows == 0 || depth == 0 {
            return self.starts.fill(0);
        }
        let block = self.block;
        let (terms, starts) = (Shared::new(&mut self.terms), Shared::new(&mut self.starts));
        parallel::tasks(rows.div_ceil(GROUP), GROUP * depth, |group| {
            let first = group * GROUP;
            let count = GROUP.min(rows - first);
            // SAFETY: groups have rows of their own, which are within both lists.
            let (terms, starts) = unsafe {
                (terms.part(first * depth, count * depth), starts.part(first * (blocks + 1), count * (blocks + 1)))
            };
            let mut live = [0; GROUP];
            for l in 0..depth {
                if l % block == 0 {
                    (0..count).for_each(|r| starts[r * (blocks + 1) + l / block] = live[r] as u32);
                }
                for (r, live) in live[..count].iter_mut().enumerate() {
                    let value = a[(first + r) * row + l * deep];
                    // Always written, and kept by moving on: which entries are live is not to be guessed.
                    terms[r * depth + *live] = Term(l as u32, value);
                    *live += usize::from(value != 0.0);
                }
            }
            (0..count).for_each(|r| starts[r * (blocks + 1) + blocks] = live[r] as u32);
        });
    }

    /// The rows of b that each block holds.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        let (block, depth) = (self.block, self.depth);
        (0..self.blocks).map(move |n| (n, n * block..depth.min((n + 1) * block)))
    }

    /// c = (or +=) S b for the rows `rows` of c and `columns` columns, with the `n`-th block of b packed.
    ///
    /// # Safety
    /// The block is of the instruction set's width and holds the rows that [`Terms::blocks`] says; c is valid for
    /// the rows, `stride` entries apart.
    #[allow(clippy::too_many_arguments)]
    pub(super) unsafe fn times_block(
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
        // SAFETY: the lists name rows of this block alone; the rest is the caller's promise.
        unsafe { rows_times_block(isa, self, n, rows, first, packed.as_ptr(), c, stride, columns, accumulate) }
    }

    #[inline(always)]
    fn of(&self, row: usize, block: usize) -> &[Term] {
        let starts = &self.starts[row * (self.blocks + 1) + block..][..2];
        &self.terms[row * self.depth..][starts[0] as usize..starts[1] as usize]
    }
}

dispatch! {
    /// # Safety
    /// As for [`Terms::times_block`]; `first` is the number of the block's first row.
    rows_times_block => sums(
        terms: &Terms, n: usize, rows: Range<usize>, first: u32, packed: *const f32, c: *mut f32, stride: usize,
        columns: usize, accumulate: bool,
    ), 1 x 8, 1 x 8, 1 x 8
}

#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn sums<V: Lanes, const M: usize, const N: usize>(
    terms: &Terms,
    n: usize,
    rows: Range<usize>,
    first: u32,
    packed: *const f32,
    c: *mut f32,
    stride: usize,
    columns: usize,
    accumulate: bool,
) {
    // SAFETY: the block's rows hold N vectors; of c only `columns` entries of each row are touched.
    unsafe {
        let whole = columns == N * V::WIDTH;
        for row in rows {
            let c = c.add(row * stride);
            let list = terms.of(row, n);
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
