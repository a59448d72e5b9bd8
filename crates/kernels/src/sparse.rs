//! Products with a matrix that is mostly zeros: exact zeros are skipped, not multiplied.
//!
//! A maxout unit passes its gradient to one piece of k, a ReLU is silent half of the time, and dropout empties
//! half of all units: nine tenths of a discriminator's pre-activation gradient are zeros, and three quarters of a
//! generator's hidden values. So the live entries of S are listed once, row by row, and a row of S b is the sum
//! of the rows of b that its list names. b comes in blocks that are packed into the nearest cache, and a block
//! serves all rows of S before the next one is packed.

use std::cell::RefCell;
use std::ops::Range;

use super::lanes::{Isa, Lanes, Row, dispatch, prefetch};
use super::parallel::{self, Shared};

/// Vectors in a block's row: so many sums hide the latency of a multiplication.
const VECTORS: usize = 8;

/// Entries of a block: three quarters of the smallest nearest cache in use.
pub(super) const BLOCK: usize = 104 * 64;

/// Rows of c that are asked for before they are summed.
const AHEAD: usize = 4;

/// Rows that are listed together.
const GROUP: usize = 64;

/// The number of a live entry's column, and the entry.
#[derive(Clone, Copy, Default)]
pub(super) struct Term(u32, f32);

/// Columns of a block of b.
pub(super) fn block_width(isa: Isa) -> usize {
    VECTORS
        * match isa {
            Isa::Avx512 => 16,
            Isa::Avx2 => 8,
            Isa::Sse2 | Isa::Portable => 4,
        }
}

thread_local! {
    /// A thread's list of one row, before it is sorted by blocks.
    static FOUND: RefCell<Vec<Term>> = RefCell::default();
}

/// The live entries of a matrix (rows, depth), row by row, with the places where blocks of b begin.
#[derive(Default)]
pub(super) struct Terms {
    terms: Vec<Term>,
    /// Where among the terms row r's of block n begin, at r · (blocks + 1) + n; the last is where they end.
    starts: Vec<u32>,
    rows: usize,
    depth: usize,
    /// The block of each row of b.
    block_of: Vec<u32>,
    /// Rows of b in a block.
    block: usize,
    blocks: usize,
}

/// A matrix whose zeros are to be skipped.
#[derive(Clone, Copy)]
pub(super) struct Factor<'a> {
    /// (rows, units), row by row.
    values: &'a [f32],
    rows: usize,
    units: usize,
    /// Without pieces, none: the matrix is `values`. Else (rows, units): the matrix is (rows, pieces · units) and
    /// holds each value in the piece that is named here.
    winners: &'a [u8],
    pieces: usize,
}

impl<'a> Factor<'a> {
    /// `values` as they are, (rows, units).
    pub(super) fn plain(values: &'a [f32], rows: usize, units: usize) -> Self {
        Self { values, rows, units, winners: &[], pieces: 1 }
    }

    /// `values` in the pieces that won, which must be below `pieces`.
    ///
    /// # Panics
    /// Unless there is a winner for each value, and it is one of the pieces.
    pub(super) fn routed(
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

impl Terms {
    /// Makes room for a matrix (rows, depth), to be met by blocks of at most `block` rows of b.
    fn prepare(&mut self, rows: usize, depth: usize, block: usize) {
        self.block = depth.div_ceil(depth.div_ceil(block).max(1)).max(1);
        self.blocks = depth.div_ceil(self.block).max(1);
        (self.rows, self.depth) = (rows, depth);
        assert!(u32::try_from(rows * depth).is_ok(), "fewer entries than a place can number");
        // Never shrunk: the next product finds its room.
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
    pub(super) fn list(&mut self, isa: Isa, a: Factor, block: usize) {
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
            // Row after row without gaps: what is written is soon read again, and should stay near.
            let (base, mut end) = (rows.start * depth, 0);
            for (row, starts) in rows.zip(starts.chunks_exact_mut(marks)) {
                let values = &a.values[row * a.units..][..a.units];
                let first = (base + end) as u32;
                starts.fill(first);
                if a.winners.is_empty() {
                    for (n, values) in values.chunks(block).enumerate() {
                        end += live_terms(isa, values, (n * block) as u32, &mut terms[end..]);
                        starts[n + 1] = (base + end) as u32;
                    }
                    continue;
                }
                // A counting sort by blocks: within one, in the order of the units.
                FOUND.with_borrow_mut(|found| {
                    if found.len() < a.units {
                        found.resize(a.units, Term::default());
                    }
                    let live = live_terms(isa, values, 0, found);
                    let column = |unit: u32| a.piece(row * a.units + unit as usize) * a.units + unit as usize;
                    for Term(unit, _) in &found[..live] {
                        starts[block_of[column(*unit)] as usize + 1] += 1;
                    }
                    (1..marks).for_each(|n| starts[n] += starts[n - 1] - first);
                    // Where a block begins moves to its end, and that is where the next begins.
                    for Term(unit, value) in &found[..live] {
                        let column = column(*unit);
                        let place = &mut starts[block_of[column] as usize];
                        terms[*place as usize - base] = Term(column as u32, *value);
                        *place += 1;
                    }
                    starts.copy_within(..marks - 1, 1);
                    starts[0] = first;
                    end += live;
                });
            }
        });
    }

    /// Lists aᵀ.
    pub(super) fn list_transposed(&mut self, isa: Isa, a: Factor, block: usize) {
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
                    let live = live_terms(isa, &a.values[at..][..units.len()], 0, &mut found);
                    for Term(unit, value) in &found[..live] {
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
    pub(super) fn shape(&self) -> (usize, usize) {
        (self.rows, self.depth)
    }

    /// The rows of b that each block holds.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        let (block, depth) = (self.block, self.depth);
        (0..self.blocks).map(move |n| (n, n * block..depth.min((n + 1) * block)))
    }

    /// c = (or +=) S b for the rows `rows` of S and `columns` columns, with the `n`-th block of b packed.
    ///
    /// # Safety
    /// The block is of the instruction set's width and holds the rows that [`Terms::blocks`] says; c is valid for
    /// as many rows, `stride` entries apart; the processor has the instruction set.
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
        unsafe {
            rows_times_block(isa, self, n, rows, first, packed.as_ptr(), c, stride, columns, accumulate)
        }
    }

    #[inline(always)]
    fn of(&self, row: usize, block: usize) -> &[Term] {
        let starts = &self.starts[row * (self.blocks + 1) + block..][..2];
        &self.terms[starts[0] as usize..starts[1] as usize]
    }
}

/// Lists the entries of `values` that are not zero, numbered from `first`; how many there are.
///
/// # Panics
/// If `terms` is shorter than `values`.
fn live_terms(isa: Isa, values: &[f32], first: u32, terms: &mut [Term]) -> usize {
    assert!(terms.len() >= values.len(), "room for all");
    let mut count = 0;
    // SAFETY: there is room for a term of each value.
    unsafe { find_live(isa, values, first, terms.as_mut_ptr(), &mut count) };
    count
}

dispatch! {
    /// # Safety
    /// `terms` is valid for as many terms as there are values.
    find_live => find(values: &[f32], first: u32, terms: *mut Term, count: &mut usize), 1 x 1, 1 x 1, 1 x 1
}

#[inline(always)]
unsafe fn find<V: Lanes, const M: usize, const N: usize>(
    values: &[f32],
    first: u32,
    terms: *mut Term,
    count: &mut usize,
) {
    // SAFETY: vectors end where the values do, and no more terms are written than there are values.
    unsafe {
        let (mut end, mut start) = (terms, 0);
        let from = values.as_ptr();
        while start < values.len() {
            // As many lanes as a word has bits.
            let mut bits = 0;
            for offset in (0..32).step_by(V::WIDTH) {
                let left = values.len().saturating_sub(start + offset);
                let from = from.wrapping_add(start + offset);
                let lanes = if left >= V::WIDTH { V::load(from) } else { V::load_first(from, left) };
                bits |= lanes.live() << offset;
            }
            while bits != 0 {
                let number = start + bits.trailing_zeros() as usize;
                *end = Term(first + number as u32, *from.add(number));
                end = end.add(1);
                bits &= bits - 1;
            }
            start += 32;
        }
        *count = end.offset_from_unsigned(terms);
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
        for (at, row) in rows.enumerate() {
            let c = c.add(at * stride);
            let list = terms.of(row, n);
            // Rows of c are far apart, and no prefetcher foresees them.
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
