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
        let b = &b[row * stride..][columns.clone()];
        copy(b, &mut to[..count]);
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
            copy(b, &mut to[..b.len()]);
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

/// Copies by the piece: a call of the system's copy takes longer than the few numbers of a row.
#[inline(always)]
fn copy(from: &[f32], to: &mut [f32]) {
    let ((pieces, rest), (to_pieces, to_rest)) = (from.as_chunks::<8>(), to.as_chunks_mut::<8>());
    to_pieces.iter_mut().zip(pieces).for_each(|(to, from)| *to = *from);
    to_rest.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
}
