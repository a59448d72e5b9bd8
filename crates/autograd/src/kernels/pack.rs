//! Blocks of a matrix, copied to where a kernel reads them in order.

use std::ops::Range;

/// Rows `rows` and columns `columns` of b, whose rows have `stride` entries: row after row of `width` entries,
/// the rest of which are zeros.
pub(super) fn rows(
    b: &[f32],
    stride: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    width: usize,
    to: &mut [f32],
) {
    let count = columns.len();
    for (to, row) in to.chunks_exact_mut(width).zip(rows) {
        to[..count].copy_from_slice(&b[row * stride..][columns.clone()]);
        to[count..].fill(0.0);
    }
}

/// The same in panels of `width` columns, one after the other.
pub(super) fn panels(
    b: &[f32],
    stride: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    width: usize,
    to: &mut [f32],
) {
    let depth = rows.len();
    for (l, row) in rows.enumerate() {
        let b = &b[row * stride..][columns.clone()];
        for (panel, b) in b.chunks(width).enumerate() {
            let to = &mut to[(panel * depth + l) * width..][..width];
            to[..b.len()].copy_from_slice(b);
            to[b.len()..].fill(0.0);
        }
    }
}

/// The same as [`rows`] of bᵀ: rows `rows` and columns `columns` of it are columns and rows of b.
pub(super) fn columns(
    b: &[f32],
    stride: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    width: usize,
    to: &mut [f32],
) {
    let count = columns.len();
    if count < width {
        to[..rows.len() * width].fill(0.0);
    }
    for (j, column) in columns.enumerate() {
        let b = &b[column * stride..][rows.clone()];
        to[j..].iter_mut().step_by(width).zip(b).for_each(|(to, b)| *to = *b);
    }
}
