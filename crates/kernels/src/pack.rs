//! Blocks of a matrix, copied to where a kernel reads them in order.

use std::ops::Range;

use super::lanes::{Isa, Lanes, dispatch};

/// Rows `rows` and columns `columns` of b, whose rows have `stride` entries, in panels of `width` columns, one after the
/// other: in each, row after row of `width` entries, a multiple of a vector's, the rest of which are zeros.
pub(super) fn panels(
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
            copy_rows(isa, from, stride, depth, count, width, to);
        }
    }
}

/// The same as one panel of bᵀ: rows `rows` and columns `columns` of it are columns and rows of b.
pub(super) fn columns(
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
        transpose(isa, from, stride, count, depth, width, to.as_mut_ptr());
    }
}

dispatch! {
    /// Copies `rows` rows of `columns` entries, `stride` apart, to rows of `width` entries, the rest zeros.
    ///
    /// # Safety
    /// `from` is valid for these rows, `to` for `rows` of `width`, a multiple of the lanes and at least `columns`.
    copy_rows => copied(
        from: *const f32, stride: usize, rows: usize, columns: usize, width: usize, to: *mut f32,
    ), 1 x 8, 1 x 8, 1 x 8
}

#[inline(always)]
unsafe fn copied<V: Lanes, const M: usize, const N: usize>(
    from: *const f32,
    stride: usize,
    rows: usize,
    columns: usize,
    width: usize,
    to: *mut f32,
) {
    // SAFETY: whole vectors end at or before `columns`, and the last takes only what is left.
    unsafe {
        for row in 0..rows {
            let (from, to) = (from.add(row * stride), to.add(row * width));
            if columns == N * V::WIDTH && width == N * V::WIDTH {
                // Each load of its own walks down the rows in even steps, which a prefetcher sees.
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

dispatch! {
    /// Entry (i, j) of `rows` rows of `columns` entries, `stride` apart, goes to `to[j width + i]`.
    ///
    /// # Safety
    /// `from` is valid for these rows, `to` for `columns` rows of `width` ≥ `rows` entries.
    transpose => transposed(
        from: *const f32, stride: usize, rows: usize, columns: usize, width: usize, to: *mut f32,
    ), 1 x 1, 1 x 1, 1 x 1
}

#[inline(always)]
unsafe fn transposed<V: Lanes, const M: usize, const N: usize>(
    from: *const f32,
    stride: usize,
    rows: usize,
    columns: usize,
    width: usize,
    to: *mut f32,
) {
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

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::super::fenced::{Edge, Fenced};
    use super::*;
    use crate::test_support::Stream;

    /// Some of 0..length, perhaps none or all.
    fn range(random: &mut impl Rng, length: usize) -> Range<usize> {
        let start = random.random_range(0..=length);
        start..random.random_range(start..=length)
    }

    #[test]
    fn blocks_are_where_they_were_and_the_rest_is_zero() {
        let mut random = Stream::new(1, "pack").at(0, 0);
        for _ in 0..300 {
            let (height, stride) = (random.random_range(1..40), random.random_range(1..60));
            let (r, c) = (range(&mut random, height), range(&mut random, stride));
            let b: Vec<f32> = (0..stride * height).map(|i| i as f32).collect();
            let at = |i: usize, j: usize| (i * stride + j) as f32;
            for (isa, edge) in Isa::available().into_iter().flat_map(|isa| Edge::BOTH.map(|edge| (isa, edge)))
            {
                let b = Fenced::new(&b, edge);
                // Whole vectors of every instruction set, and room to the entry.
                let width = 16 * random.random_range(1..4);
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
