//! Packing: blocks of a matrix are copied to a buffer in the order in which a kernel reads them.

use std::ops::Range;

use crate::isa::{Isa, Kernel};
use crate::simd::Lanes;

/// Copies rows `rows` and columns `columns` of b, whose rows have `stride` entries, to panels of `width` columns, one
/// panel after the other. In each, row follows row; a row has `width` entries, a multiple of the lanes, and what b does
/// not fill is zeros.
pub(crate) fn panels(
    isa: Isa,
    b: &[f32],
    stride: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    width: usize,
    to: &mut [f32],
) {
    let depth = rows.len();
    if depth == 0 {
        return;
    }
    assert!(columns.end <= stride && rows.end * stride <= b.len(), "within b");
    assert!(to.len() >= columns.len().div_ceil(width) * depth * width, "room for all");
    for (panel, first) in columns.clone().step_by(width).enumerate() {
        let count = width.min(columns.end - first);
        // SAFETY: rows and columns of b, and room for them, as was just checked.
        unsafe {
            let (from, to) =
                (b.as_ptr().add(rows.start * stride + first), to.as_mut_ptr().add(panel * depth * width));
            isa.run(CopyRows { from, stride, rows: depth, columns: count, width, to });
        }
    }
}

/// Copies rows `rows` and columns `columns` of bᵀ, which are columns and rows of b, to one panel.
pub(crate) fn columns(
    isa: Isa,
    b: &[f32],
    stride: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    width: usize,
    to: &mut [f32],
) {
    let (depth, count) = (rows.len(), columns.len());
    if depth == 0 {
        return;
    }
    assert!(rows.end <= stride && columns.end * stride <= b.len(), "within b");
    assert!(count <= width && to.len() >= depth * width, "room for all");
    if count < width {
        to[..depth * width].fill(0.0);
    }
    // SAFETY: rows and columns of b, and room for them, as was just checked.
    unsafe {
        let from = b.as_ptr().add(columns.start * stride + rows.start);
        isa.run(Transpose { from, stride, rows: count, columns: depth, width, to: to.as_mut_ptr() });
    }
}

/// Copies `rows` rows of `columns` entries, `stride` apart, to rows of `width` entries; the rest of each is zeros.
///
/// To run it, `from` must be valid for these rows, and `to` for `rows` rows of `width` entries. `width` is a multiple of
/// the lanes and at least `columns`.
struct CopyRows {
    from: *const f32,
    stride: usize,
    rows: usize,
    columns: usize,
    width: usize,
    to: *mut f32,
}

impl Kernel for CopyRows {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        /// Vectors of a row that are copied by an unrolled loop.
        const N: usize = 8;
        let Self { from, stride, rows, columns, width, to } = self;
        // SAFETY: whole vectors end at or before `columns`, and the last takes only what is left.
        unsafe {
            for row in 0..rows {
                let (from, to) = (from.add(row * stride), to.add(row * width));
                if columns == N * V::WIDTH && width == N * V::WIDTH {
                    // Each load goes down the rows in even steps, which a prefetcher detects.
                    for j in (0..N).map(|j| j * V::WIDTH) {
                        V::load(from.add(j)).store(to.add(j));
                    }
                    continue;
                }
                let mut j = 0;
                while j < width {
                    let value = match columns.saturating_sub(j) {
                        0 => V::splat(0.0),
                        left if left < V::WIDTH => V::load_first(from.add(j), left),
                        _ => V::load(from.add(j)),
                    };
                    value.store(to.add(j));
                    j += V::WIDTH;
                }
            }
        }
    }
}

/// Copies entry (i, j) of `rows` rows of `columns` entries, `stride` apart, to `to[j width + i]`.
///
/// To run it, `from` must be valid for these rows, and `to` for `columns` rows of `width` ≥ `rows` entries.
struct Transpose {
    from: *const f32,
    stride: usize,
    rows: usize,
    columns: usize,
    width: usize,
    to: *mut f32,
}

impl Kernel for Transpose {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { from, stride, rows, columns, width, to } = self;
        let (whole_rows, whole_columns) = (rows - rows % V::TILE, columns - columns % V::TILE);
        // SAFETY: tiles end at or before the rows and the columns, and the rest goes one by one.
        unsafe {
            for i in (0..whole_rows).step_by(V::TILE) {
                for j in (0..whole_columns).step_by(V::TILE) {
                    V::transpose(from.add(i * stride + j), stride, to.add(j * width + i), width);
                }
            }
            for i in 0..rows {
                let first = if i < whole_rows { whole_columns } else { 0 };
                for j in first..columns {
                    *to.add(j * width + i) = *from.add(i * stride + j);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;
    use crate::fenced::{Edge, Fenced};
    use crate::test_support::random;

    /// Some of 0..length, perhaps none or all.
    fn range(random: &mut impl Rng, length: usize) -> Range<usize> {
        let start = random.random_range(0..=length);
        start..random.random_range(start..=length)
    }

    #[test]
    fn blocks_are_where_they_were_and_the_rest_is_zero() {
        let mut rng = random(1);
        for _ in 0..300 {
            let (height, stride) = (rng.random_range(1..40), rng.random_range(1..60));
            let (r, c) = (range(&mut rng, height), range(&mut rng, stride));
            let b: Vec<f32> = (0..stride * height).map(|i| i as f32).collect();
            let at = |i: usize, j: usize| (i * stride + j) as f32;
            for (isa, edge) in Isa::available().into_iter().flat_map(|isa| Edge::BOTH.map(|edge| (isa, edge)))
            {
                let b = Fenced::new(&b, edge);
                // Whole vectors of every instruction set, and room to the entry.
                let width = 16 * rng.random_range(1..4);
                let panel = |first: usize| first..c.end.min(first + width);
                let starts: Vec<usize> = c.clone().step_by(width).collect();
                let mut to = Fenced::new(&vec![-1.0; starts.len() * r.len() * width], edge);
                panels(isa, &b, stride, r.clone(), c.clone(), width, &mut to);
                let rows = starts.iter().flat_map(|first| r.clone().map(|i| (i, panel(*first))));
                for ((i, columns), row) in rows.zip(to.chunks(width)) {
                    let want = |j: usize| if j < columns.len() { at(i, columns.start + j) } else { 0.0 };
                    assert!(row.iter().enumerate().all(|(j, x)| *x == want(j)), "{isa:?} {r:?} {c:?}");
                }
                let few = r.start..r.end.min(r.start + width);
                let mut to = Fenced::new(&vec![-1.0; c.len() * width], edge);
                columns(isa, &b, stride, c.clone(), few.clone(), width, &mut to);
                for (j, row) in c.clone().zip(to.chunks(width)) {
                    let want = |i: usize| if i < few.len() { at(few.start + i, j) } else { 0.0 };
                    assert!(row.iter().enumerate().all(|(i, x)| *x == want(i)), "{isa:?} {few:?} {c:?}");
                }
            }
        }
    }
}
