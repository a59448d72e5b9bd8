//! Sums of a few rows out of many: what a product is where most entries of one factor are zero.
//!
//! A maxout unit passes its gradient to one piece of k, and dropout empties half of the units, so nine tenths of
//! a discriminator's pre-activation gradient are zeros. They are skipped, not multiplied.

use super::lanes::{Lanes, dispatch};

/// A row's number and its factor.
pub(super) type Term = (u32, f32);

dispatch! {
    /// out = (or +=) Σ factor · rows[number], over rows of `width` entries.
    ///
    /// # Safety
    /// `out` is valid for `width` entries, and `rows` for every row that a term names.
    sum_of_rows => sum(terms: &[Term], rows: *const f32, out: *mut f32, width: usize, accumulate: bool),
    8 x 1, 8 x 1, 4 x 1
}

/// M rows at a time run along `out`, which stays in the nearest cache.
#[inline(always)]
unsafe fn sum<V: Lanes, const M: usize, const N: usize>(
    terms: &[Term],
    rows: *const f32,
    out: *mut f32,
    width: usize,
    accumulate: bool,
) {
    // SAFETY: the caller vouches for `rows` and `out`.
    unsafe {
        let mut accumulate = accumulate;
        let mut chunks = terms.chunks_exact(M);
        for chunk in &mut chunks {
            let chunk: &[Term; M] = chunk.try_into().expect("chunks of M");
            add_rows::<V, M>(chunk, rows, out, width, accumulate);
            accumulate = true;
        }
        for term in chunks.remainder() {
            add_rows::<V, 1>(&[*term], rows, out, width, accumulate);
            accumulate = true;
        }
        if !accumulate {
            std::slice::from_raw_parts_mut(out, width).fill(0.0);
        }
    }
}

#[inline(always)]
unsafe fn add_rows<V: Lanes, const M: usize>(
    terms: &[Term; M],
    rows: *const f32,
    out: *mut f32,
    width: usize,
    accumulate: bool,
) {
    // SAFETY: whole vectors end at or before `width`, and the last ones take only what is left.
    unsafe {
        let factors: [V; M] = std::array::from_fn(|i| V::splat(terms[i].1));
        let rows: [*const f32; M] = std::array::from_fn(|i| rows.add(terms[i].0 as usize * width));
        let whole = width - width % V::WIDTH;
        let mut k = 0;
        while k < whole {
            let mut sum = if accumulate { V::load(out.add(k)) } else { V::splat(0.0) };
            for (factor, row) in factors.into_iter().zip(rows) {
                sum = sum.add_product(factor, V::load(row.add(k)));
            }
            sum.store(out.add(k));
            k += V::WIDTH;
        }
        if whole < width {
            let (out, rest) = (out.add(whole), width - whole);
            let mut sum = if accumulate { V::load_first(out, rest) } else { V::splat(0.0) };
            for (factor, row) in factors.into_iter().zip(rows) {
                sum = sum.add_product(factor, V::load_first(row.add(whole), rest));
            }
            sum.store_first(out, rest);
        }
    }
}
