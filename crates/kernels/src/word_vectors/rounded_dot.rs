//! Dot products of rounded word vectors, to find which words can be among the nearest at half the cost of `f32` products.
//! Exact products are then needed of these words only.
//!
//! A vector u of length 1 is stored as the integers X = round(S u). For two of them, |X · Y - S² u · v| is at most
//! [`RoundedRows::error`]. Entries are 16 bits wide, and one instruction multiplies and adds twice as many of them as of
//! `f32`.

use ndarray::ArrayView2;

use crate::isa::{Isa, Kernel};
use crate::simd::{IntegerLanes, Lanes};

/// The factor S before rounding. Products of vectors of length 1 stay below S², which fits a sum.
const SCALE: f32 = 16_384.0;
/// Rows of a panel, whose sums are computed side by side.
pub const PANEL: usize = 16;

/// Rows of length 1 (or 0), rounded, in panels: for each pair of entries, that of each row of the panel.
#[derive(Clone, Debug)]
pub struct RoundedRows {
    panels: Vec<[[i16; 2]; PANEL]>,
    rows: usize,
    pairs: usize,
}

/// RoundedQueries of length 1 (or 0), rounded, row by row.
#[derive(Clone, Debug)]
pub struct RoundedQueries {
    pairs: Vec<[i16; 2]>,
    rows: usize,
    width: usize,
}

/// Two entries of a row, rounded; past its end there are zeros.
fn pair(row: &[f32], l: usize) -> [i16; 2] {
    [2 * l, 2 * l + 1].map(|l| row.get(l).map_or(0, |x| (x * SCALE).round() as i16))
}

impl RoundedQueries {
    /// Rounds `queries` (n, width), rows of length 1 or 0.
    ///
    /// # Panics
    /// If they are not contiguous.
    pub fn new(queries: ArrayView2<f32>) -> Self {
        let (rows, width) = queries.dim();
        let rounded = queries.rows().into_iter().flat_map(|row| {
            let row = row.to_slice().expect("rows that are contiguous");
            (0..width.div_ceil(2)).map(|l| pair(row, l))
        });
        Self { pairs: rounded.collect(), rows, width }
    }
}

impl RoundedRows {
    /// Rounds `matrix` (rows, width), rows of length 1 or 0.
    ///
    /// # Panics
    /// If it is not contiguous.
    pub fn new(matrix: ArrayView2<f32>) -> Self {
        let (rows, width) = matrix.dim();
        let pairs = width.div_ceil(2);
        let mut panels = vec![[[0; 2]; PANEL]; rows.div_ceil(PANEL) * pairs];
        for (i, row) in matrix.rows().into_iter().enumerate() {
            let row = row.to_slice().expect("rows that are contiguous");
            let panel = &mut panels[i / PANEL * pairs..][..pairs];
            panel.iter_mut().enumerate().for_each(|(l, place)| place[i % PANEL] = pair(row, l));
        }
        Self { panels, rows, pairs }
    }

    /// How far a product of rounded vectors of this width can be from S² times that of the vectors, whose own lengths
    /// are 1 but for the rounding of `f32`: entries are off by ½ at most, so a vector by √width / 2.
    pub fn error(width: usize) -> i32 {
        let (width, scale) = (width as f64, f64::from(SCALE));
        (scale * width.sqrt() + width / 4.0 + 2e-6 * scale * scale).ceil() as i32
    }

    /// For each of `count` rows from `start` on, calls `hit(query, row, product)` for the queries with which its product
    /// is greater than the query's entry of `bars`. `hit` returns the query's new bar, which must not be lower. `start` is
    /// the first row of a panel. For each query, rows come in ascending order.
    ///
    /// # Panics
    /// If the sizes do not fit.
    pub fn above(
        &self,
        start: usize,
        count: usize,
        queries: &RoundedQueries,
        bars: &mut [i32],
        hit: &mut impl FnMut(usize, u32, i32) -> i32,
    ) {
        self.above_by(Isa::best(), start, count, queries, bars, hit);
    }

    fn above_by(
        &self,
        isa: Isa,
        start: usize,
        count: usize,
        queries: &RoundedQueries,
        bars: &mut [i32],
        hit: &mut impl FnMut(usize, u32, i32) -> i32,
    ) {
        assert!(start.is_multiple_of(PANEL) && start + count <= self.rows, "rows from the start of a panel");
        assert!(
            queries.width.div_ceil(2) == self.pairs && bars.len() == queries.rows,
            "a bar for each query"
        );
        // SAFETY: the sizes were checked.
        unsafe { isa.run(Above { matrix: self, rows: (start, count), queries, bars, hit }) }
    }
}

/// [`RoundedRows::above`], for sizes that fit.
struct Above<'a, F> {
    matrix: &'a RoundedRows,
    rows: (usize, usize),
    queries: &'a RoundedQueries,
    bars: &'a mut [i32],
    hit: &'a mut F,
}

impl<F: FnMut(usize, u32, i32) -> i32> Kernel for Above<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { matrix, rows, queries, bars, hit } = self;
        // SAFETY: the caller's promise.
        unsafe {
            match V::Integers::WIDTH {
                8 => tiles::<V::Integers, 6, 2>(matrix, rows, queries, bars, hit),
                _ => tiles::<V::Integers, 2, 4>(matrix, rows, queries, bars, hit),
            }
        }
    }
}

/// Panel by panel, M queries at a time by N vectors. If fewer queries are left, the last one is repeated.
///
/// # Safety
/// Rows and queries are there; the processor has the instructions.
#[inline(always)]
unsafe fn tiles<V: IntegerLanes, const M: usize, const N: usize>(
    matrix: &RoundedRows,
    (start, count): (usize, usize),
    queries: &RoundedQueries,
    bars: &mut [i32],
    hit: &mut impl FnMut(usize, u32, i32) -> i32,
) {
    assert!(N * V::WIDTH == PANEL, "vectors as wide as a panel");
    let pairs = matrix.pairs;
    for first in (start..start + count).step_by(PANEL) {
        let panel = &matrix.panels[first / PANEL * pairs..][..pairs];
        for query in (0..queries.rows).step_by(M) {
            let number = |i: usize| (query + i).min(queries.rows - 1);
            // SAFETY: a row of queries has `pairs` pairs, and so has the panel, of PANEL rows each.
            let sums: [[V; N]; M] = unsafe {
                let rows: [*const [i16; 2]; M] =
                    std::array::from_fn(|i| queries.pairs.as_ptr().add(number(i) * pairs));
                let mut sums = [[V::splat(0); N]; M];
                for (l, panel) in panel.iter().enumerate() {
                    let columns: [V; N] =
                        std::array::from_fn(|j| V::load_pairs(panel.as_ptr().add(j * V::WIDTH)));
                    for (sums, row) in sums.iter_mut().zip(rows) {
                        let row = V::splat(row.add(l).cast::<i32>().read_unaligned());
                        for (sum, column) in sums.iter_mut().zip(columns) {
                            *sum = sum.add_pairs(row, column);
                        }
                    }
                }
                sums
            };
            for (sums, query) in sums.into_iter().zip(query..queries.rows) {
                let bar = &mut bars[query];
                // SAFETY: as above; the products have room for a panel.
                unsafe {
                    let height = V::splat(*bar);
                    if sums.iter().any(|sums| sums.any_above(height)) {
                        let mut products = [0; PANEL];
                        sums.iter().enumerate().for_each(|(j, sums)| {
                            sums.store(products.as_mut_ptr().add(j * V::WIDTH));
                        });
                        for (row, product) in (first..start + count).zip(products) {
                            if product > *bar {
                                *bar = hit(query, row as u32, product);
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, ArrayView1};

    fn unit(rows: usize, width: usize, seed: usize) -> Array2<f32> {
        let number = |i: usize, j: usize| ((i * 7919 + j * 104_729 + seed) % 1009) as f32 / 504.0 - 1.0;
        let mut matrix = Array2::from_shape_fn((rows, width), |(i, j)| number(i, j));
        for mut row in matrix.rows_mut() {
            let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            row.mapv_inplace(|x| x / length);
        }
        matrix
    }

    #[test]
    fn products_are_as_near_as_promised_and_come_in_order() {
        for isa in Isa::available() {
            for (rows, count, width) in [(1, 1, 1), (16, 3, 4), (33, 7, 5), (100, 13, 200), (70, 6, 31)] {
                let (matrix, queries) = (unit(rows, width, 3), unit(count, width, 58));
                let rounded = (RoundedRows::new(matrix.view()), RoundedQueries::new(queries.view()));
                for start in [0, rows / 2 / PANEL * PANEL] {
                    let mut seen = vec![Vec::new(); count];
                    let mut bars = vec![i32::MIN; count];
                    rounded.0.above_by(
                        isa,
                        start,
                        rows - start,
                        &rounded.1,
                        &mut bars,
                        &mut |query, row, product| {
                            seen[query].push((row as usize, product));
                            i32::MIN
                        },
                    );
                    for (seen, query) in seen.iter().zip(queries.rows()) {
                        assert!(seen.iter().map(|(row, _)| *row).eq(start..rows), "{isa:?}: {seen:?}");
                        for (row, product) in seen {
                            let dot = |a: ArrayView1<f32>, b: ArrayView1<f32>| -> f64 {
                                a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
                            };
                            let want = dot(matrix.row(*row), query) * f64::from(SCALE).powi(2);
                            let error = (f64::from(*product) - want).abs();
                            assert!(error <= f64::from(RoundedRows::error(width)), "{isa:?}: off by {error}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn sums_have_room_for_the_longest_and_signs_are_kept() {
        // One entry that is all of a vector, and two thousand that share it.
        for width in [1, 2, 2001] {
            for sign in [1.0, -1.0] {
                let rows = Array2::from_elem((17, width), 1.0 / (width as f32).sqrt());
                let queries = RoundedQueries::new((&rows.slice(ndarray::s![..1, ..]) * sign).view());
                for isa in Isa::available() {
                    let mut count = 0;
                    let mut look = |_, _, product: i32| {
                        count += 1;
                        let want = sign * SCALE * SCALE;
                        assert!(
                            (product as f32 - want).abs() <= RoundedRows::error(width) as f32,
                            "{isa:?}: {product}"
                        );
                        i32::MIN
                    };
                    RoundedRows::new(rows.view()).above_by(isa, 0, 17, &queries, &mut [i32::MIN], &mut look);
                    assert_eq!(count, 17);
                }
            }
        }
    }

    #[test]
    fn rows_that_are_not_above_the_bar_are_skipped() {
        let (matrix, queries) = (unit(200, 12, 3), unit(5, 12, 58));
        let rounded = (RoundedRows::new(matrix.view()), RoundedQueries::new(queries.view()));
        for isa in Isa::available() {
            // Each bar is the largest product so far, so the products that pass increase.
            let mut bars = [i32::MIN; 5];
            let mut seen = vec![Vec::new(); 5];
            rounded.0.above_by(isa, 0, 200, &rounded.1, &mut bars, &mut |query, _, product| {
                seen[query].push(product);
                product
            });
            for (seen, bar) in seen.iter().zip(bars) {
                assert!(seen.is_sorted_by(|a, b| a < b) && seen.last() == Some(&bar), "{isa:?}: {seen:?}");
            }
        }
    }
}
