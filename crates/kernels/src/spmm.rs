//! SpMM, the product of a sparse and a dense matrix: zeros of the first factor are skipped, not multiplied.
//!
//! A maxout unit passes its gradient to one piece of k, a ReLU is zero about half of the time, and dropout sets half of
//! all units to zero: nine tenths of a discriminator's pre-activation gradient are zeros, and three quarters of a
//! generator's hidden values. So the non-zero entries of S are listed once, row by row, and a row of S b is the sum of
//! the rows of b that its list names. b is packed block by block into the first-level cache, and a block serves all rows
//! of S before the next one is packed. The lists of a block follow one another in memory, in the order in which they are
//! read.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};

use crate::buffer::Buffer;
use crate::gemm;
use crate::isa::{Isa, Kernel};
use crate::parallel::{self, Shared};
use crate::simd::{Lanes, Row, prefetch};

/// Vectors in a block's row: at least so many sums hide the latency of a multiplication, and more than the most leave no
/// registers for anything else.
const VECTORS: RangeInclusive<usize> = 4..=8;

/// Entries of a block: three quarters of the smallest first-level cache in use.
pub(crate) const BLOCK: usize = 104 * 64;

/// How many rows of c ahead of the present one are prefetched.
const AHEAD: usize = 4;

/// So many tasks are even enough, whatever their number.
const FEW: usize = 16;

/// Rows that are listed together, or columns of a transpose.
const GROUP: usize = 32;

/// How many numbers behind the last of a list may be written over.
const OVERHANG: usize = 16;

/// Columns of a block of b (depth, columns): as wide as can be, but if one block can have all of b's rows, no wider than
/// that; and then no wider than it takes to cover all columns with as many blocks.
pub(crate) fn block_width(isa: Isa, depth: usize, columns: usize) -> usize {
    let whole = BLOCK / (depth.max(1) * isa.lanes());
    let most = if VECTORS.contains(&whole) { whole } else { *VECTORS.end() };
    let vectors = columns.div_ceil(isa.lanes());
    let blocks = vectors.div_ceil(most).max(1);
    vectors.div_ceil(blocks).max(*VECTORS.start()) * isa.lanes()
}

/// Rows of a block of b, which has `depth` rows, for blocks of `width` columns: all blocks are about as high.
pub(crate) fn block_height(depth: usize, width: usize) -> usize {
    depth.div_ceil(depth.div_ceil(BLOCK / width).max(1)).max(1)
}

/// Rows of c that one task sums.
const ROWS: usize = 600;

thread_local! {
    /// A thread's non-zero entries of a row or of some columns, before they are sorted.
    static FOUND: RefCell<Found> = RefCell::default();
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

/// The non-zero entries of a matrix (rows, depth): for each block of b, the lists of all rows.
#[derive(Default)]
pub(crate) struct NonZeros {
    /// Where the row of b that an entry is multiplied by begins in the packed block.
    places: Vec<u32>,
    /// The entries, none of which is 0.
    values: Vec<f32>,
    /// Item n · rows + r is where the list of row r in block n begins and ends.
    marks: Vec<[u32; 2]>,
    rows: usize,
    depth: usize,
    /// Rows of b in a block, and columns of a packed block.
    block: usize,
    width: usize,
    blocks: usize,
}

/// Non-zero entries before they are sorted: where they are, and what they are.
#[derive(Default)]
struct Found {
    places: Vec<u32>,
    values: Vec<f32>,
    /// Where those of each row of b end.
    ends: Vec<usize>,
    /// Where the list of each row of S goes on.
    next: Vec<u32>,
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
    /// Makes room for a matrix (rows, depth) that is listed `GROUP` rows at a time, or for its transpose; for blocks of b of
    /// `width` columns. Returns the entries of a region.
    fn prepare(&mut self, rows: usize, depth: usize, groups: usize, width: usize) -> usize {
        self.block = block_height(depth, width);
        self.blocks = depth.div_ceil(self.block).max(1);
        (self.rows, self.depth, self.width) = (rows, depth, width);
        let region = GROUP * self.block + OVERHANG;
        let entries = self.blocks * groups * region;
        assert!(u32::try_from(entries).is_ok(), "fewer entries than a u32 can number");
        // Never shrunk, so that the next product need not allocate.
        if self.places.len() < entries {
            self.places.resize(entries, 0);
            self.values.resize(entries, 0.0);
        }
        if self.marks.len() < self.blocks * rows {
            self.marks.resize(self.blocks * rows, [0; 2]);
        }
        region
    }

    /// Lists a, for blocks of b of `width` columns.
    pub(crate) fn list(&mut self, isa: Isa, a: Factor, width: usize) {
        let (groups, depth) = (a.rows.div_ceil(GROUP), a.columns());
        let region = self.prepare(a.rows, depth, groups, width);
        let (block, blocks) = (self.block, self.blocks);
        let (places, values, marks) =
            (Shared::new(&mut self.places), Shared::new(&mut self.values), Shared::new(&mut self.marks));
        parallel::tasks(groups, GROUP * a.units, &|group| {
            FOUND.with_borrow_mut(|found| {
                // Where the next entry of each block goes.
                found.next.clear();
                found.next.extend((0..blocks).map(|n| ((n * groups + group) * region) as u32));
                for row in group * GROUP..a.rows.min((group + 1) * GROUP) {
                    let entries = &a.values[row * a.units..][..a.units];
                    // SAFETY: each region is one task's, and so is each row's mark. A region has room for all entries
                    // of its rows and its block, and for what hangs over.
                    unsafe {
                        for (n, next) in found.next.iter().enumerate() {
                            (*marks.at(n * a.rows + row))[0] = *next;
                        }
                        if a.winners.is_empty() {
                            for (entries, next) in entries.chunks(block).zip(&mut found.next) {
                                let at = *next as usize;
                                *next += isa.run(Find {
                                    entries,
                                    step: width as u32,
                                    places: places.at(at),
                                    values: values.at(at),
                                });
                            }
                        } else {
                            found.places.resize(a.units + OVERHANG, 0);
                            found.values.resize(a.units + OVERHANG, 0.0);
                            let (units, of_units) = (&mut found.places, &mut found.values);
                            let find = Find {
                                entries,
                                step: 1,
                                places: units.as_mut_ptr(),
                                values: of_units.as_mut_ptr(),
                            };
                            let count = isa.run(find) as usize;
                            for (unit, value) in units[..count].iter().zip(&of_units[..count]) {
                                let unit = *unit as usize;
                                let column = a.piece(row * a.units + unit) * a.units + unit;
                                let next = &mut found.next[column / block];
                                *places.at(*next as usize) = (column % block * width) as u32;
                                *values.at(*next as usize) = *value;
                                *next += 1;
                            }
                        }
                        for (n, next) in found.next.iter().enumerate() {
                            (*marks.at(n * a.rows + row))[1] = *next;
                        }
                    }
                }
            });
        });
    }

    /// Lists aᵀ, for blocks of b of `width` columns.
    pub(crate) fn list_transposed(&mut self, isa: Isa, a: Factor, width: usize) {
        let (groups, depth, rows) = (a.units.div_ceil(GROUP), a.rows, a.columns());
        let region = self.prepare(rows, depth, groups, width);
        let (block, blocks) = (self.block, self.blocks);
        let (places, values, marks) =
            (Shared::new(&mut self.places), Shared::new(&mut self.values), Shared::new(&mut self.marks));
        parallel::tasks(groups, GROUP * depth, &|group| {
            let units = group * GROUP..a.units.min((group + 1) * GROUP);
            FOUND.with_borrow_mut(|found| {
                found.places.resize(GROUP * block + OVERHANG, 0);
                found.values.resize(GROUP * block + OVERHANG, 0.0);
                for n in 0..blocks {
                    // The entries row by row of a, and how many there are in each column.
                    let (mut count, of) = (0, n * block..depth.min((n + 1) * block));
                    found.ends.clear();
                    found.next.clear();
                    found.next.resize(a.pieces * GROUP, 0);
                    for l in of {
                        let at = l * a.units + units.start;
                        let entries = &a.values[at..][..units.len()];
                        let (to, values) = (&mut found.places[count..], &mut found.values[count..]);
                        let find =
                            Find { entries, step: 1, places: to.as_mut_ptr(), values: values.as_mut_ptr() };
                        // SAFETY: there is room for all entries, and for what hangs over.
                        let more = unsafe { isa.run(find) } as usize;
                        for unit in &mut to[..more] {
                            *unit += (a.piece(at + *unit as usize) * GROUP) as u32;
                            found.next[*unit as usize] += 1;
                        }
                        count += more;
                        found.ends.push(count);
                    }
                    // SAFETY: each region is one task's, and has room for all these entries; so is each row's mark.
                    unsafe {
                        let mut end = ((n * groups + group) * region) as u32;
                        for piece in 0..a.pieces {
                            for (unit, next) in units.clone().zip(&mut found.next[piece * GROUP..]) {
                                let first = end;
                                end += *next;
                                *next = first;
                                *marks.at(n * rows + piece * a.units + unit) = [first, end];
                            }
                        }
                        let mut first = 0;
                        for (number, end) in found.ends.iter().enumerate() {
                            for (column, value) in
                                found.places[first..*end].iter().zip(&found.values[first..*end])
                            {
                                let next = &mut found.next[*column as usize];
                                *places.at(*next as usize) = (number * width) as u32;
                                *values.at(*next as usize) = *value;
                                *next += 1;
                            }
                            first = *end;
                        }
                    }
                }
            });
        });
    }

    /// How many entries are listed.
    pub(crate) fn count(&self) -> usize {
        let lists = &self.marks[..self.blocks * self.rows];
        lists.iter().map(|[start, end]| (end - start) as usize).sum()
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
    /// The width that was listed for is a [`block_width`], and the block holds the rows that [`NonZeros::blocks`] says; c is
    /// valid for as many rows, `stride` entries apart; the processor has the instruction set.
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
        let packed = packed.as_ptr();
        // SAFETY: the lists name rows of this block alone; the rest is the caller's promise.
        unsafe { isa.run(RowSums { terms: self, n, rows, packed, c, stride, columns, accumulate }) }
    }

    /// The list of a row in a block: where rows of the packed block begin, and what they are multiplied by.
    #[inline(always)]
    fn of(&self, row: usize, block: usize) -> (&[u32], &[f32]) {
        let [start, end] = self.marks[block * self.rows + row].map(|mark| mark as usize);
        (&self.places[start..end], &self.values[start..end])
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
        let width = block_width(isa, b.len() / n.max(1), n);
        list(terms, width);
        let (m, depth) = terms.shape();
        assert!(b.len() == depth * n && c.len() == m * n, "S (m, k), b (k, n), c (m, n)");
        let (terms, c) = (&*terms, Shared::new(c));
        let (panels, cost) = (n.div_ceil(width), (m.min(ROWS) * depth * width) / 4);
        let count = panels * m.div_ceil(ROWS);
        let evened = count % 2 == 1 && count < FEW;
        parallel::tasks(count + usize::from(evened), cost, &|task| {
            let (task, half) = if evened { even(task, count) } else { (task, None) };
            let (start, first) = (task % panels * width, task / panels * ROWS);
            let (columns, end) = (start..n.min(start + width), m.min(first + ROWS));
            let middle = first.midpoint(end);
            let rows = match half {
                None => first..end,
                Some(Half::First) => first..middle,
                Some(Half::Second) => middle..end,
            };
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

enum Half {
    First,
    Second,
}

/// Of an odd number of tasks the last is cut in two, and a half of it goes to the end of either half of the others: two
/// threads then have as much to do. Returns which task it is, and which half of it.
fn even(task: usize, count: usize) -> (usize, Option<Half>) {
    let middle = count / 2;
    match task {
        _ if task == middle => (count - 1, Some(Half::First)),
        _ if task == count => (count - 1, Some(Half::Second)),
        _ => (task - usize::from(task > middle), None),
    }
}

/// Finds the non-zero entries: the number of each times `step`, and the entry. Returns how many there are.
///
/// To run it, `places` and `values` must be valid for as many numbers as there are entries, and [`OVERHANG`] more.
struct Find<'a> {
    entries: &'a [f32],
    step: u32,
    places: *mut u32,
    values: *mut f32,
}

impl Kernel for Find<'_> {
    type Output = u32;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) -> u32 {
        let Self { entries, step, places, values } = self;
        // SAFETY: vectors end where the entries do. No more are found than there are, and a vector hangs over by less
        // than its lanes.
        unsafe {
            let (mut count, mut start) = (0, 0);
            while start < entries.len() {
                let (from, left) = (entries.as_ptr().add(start), entries.len() - start);
                let lanes = if left >= V::WIDTH { V::load(from) } else { V::load_first(from, left) };
                count += lanes.list_non_zero(start as u32, step, places.add(count), values.add(count));
                start += V::WIDTH;
            }
            count as u32
        }
    }
}

/// The sums of [`NonZeros::times_block`].
struct RowSums<'a> {
    terms: &'a NonZeros,
    n: usize,
    rows: Range<usize>,
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
        // SAFETY: the caller's promise.
        unsafe {
            match self.terms.width / V::WIDTH {
                4 => self.sums::<V, 4>(),
                5 => self.sums::<V, 5>(),
                6 => self.sums::<V, 6>(),
                7 => self.sums::<V, 7>(),
                _ => self.sums::<V, 8>(),
            }
        }
    }
}

impl RowSums<'_> {
    /// An entry of c is a sum in the order of the terms, from what stands there if that is added to: its bits do not depend
    /// on where blocks begin and end.
    #[inline(always)]
    unsafe fn sums<V: Lanes, const N: usize>(self) {
        let Self { terms, n, rows, packed, c, stride, columns, accumulate } = self;
        // SAFETY: the block's rows hold N vectors; of c only `columns` entries of each row are touched.
        unsafe {
            let whole = columns == N * V::WIDTH;
            for (at, row) in rows.enumerate() {
                let c = c.add(at * stride);
                let list = terms.of(row, n);
                // Rows of c are far apart, so no hardware prefetcher loads them in time.
                prefetch(c.wrapping_add(AHEAD * stride), N * V::WIDTH);
                let mut sums = [V::splat(0.0); N];
                if whole {
                    if accumulate {
                        for (j, sum) in sums.iter_mut().enumerate() {
                            *sum = V::load(c.add(j * V::WIDTH));
                        }
                    }
                    add(&mut sums, list, packed);
                    for (j, sum) in sums.into_iter().enumerate() {
                        sum.store(c.add(j * V::WIDTH));
                    }
                } else {
                    if accumulate {
                        sums.load_row(c, columns);
                    }
                    add(&mut sums, list, packed);
                    sums.store_row(c, columns, false);
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn add<V: Lanes, const N: usize>(
    sums: &mut [V; N],
    (places, factors): (&[u32], &[f32]),
    packed: *const f32,
) {
    // SAFETY: the list names rows of the block.
    unsafe {
        for (place, factor) in places.iter().zip(factors) {
            let row = packed.add(*place as usize);
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
    fn an_odd_number_of_tasks_is_evened() {
        for count in [1, 3, 7, 15] {
            let mut rows = vec![0; count];
            let mut halves = [0, 0];
            for task in 0..=count {
                let (number, half) = even(task, count);
                let share = if half.is_some() { 1 } else { 2 };
                rows[number] += share;
                halves[usize::from(task > count / 2)] += share;
            }
            assert_eq!(rows, vec![2; count]);
            assert_eq!(halves, [count, count]);
        }
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
                    let rows = |terms: &mut NonZeros, width| terms.list(isa, Factor::plain(&a, m, k), width);
                    let columns = |terms: &mut NonZeros, width| {
                        terms.list_transposed(isa, Factor::plain(&at, k, m), width)
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
