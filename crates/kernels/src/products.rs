//! The three matrix products that a linear layer and its derivatives are made of.
//!
//! With y = x Wᵀ, x (batch, in), W (out, in), y (batch, out): dx = dy W and dW = dyᵀ x. If W is stored by columns, as the
//! matrix Wᵀ (in, out), the same three products serve in other places: y = x (Wᵀ), dx = dy (Wᵀ)ᵀ, dWᵀ = xᵀ dy.
//!
//! `f32` products are computed by one of three kernels: GEMM ([`crate::gemm`]); SpMM ([`crate::spmm`]) if few entries of
//! the first factor are non-zero; SDDMM ([`crate::sddmm`]) if few entries of the product are needed. `f64`, in which nets
//! are only checked, calls `matrixmultiply` for each tile.

use std::sync::atomic::{AtomicU32, Ordering};

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, s};

use crate::isa::Isa;
use crate::spmm::{Factor, NonZeros};
use crate::{gemm, parallel, sddmm, spmm};

/// Matrix products for one kind of number. All matrices are contiguous, row by row; `accumulate` adds to c.
///
/// Every method panics if the sizes do not fit, or a matrix is not contiguous.
pub trait Products: Sized {
    /// c = a bᵀ: a (m, k), b (n, k), c (m, n).
    fn times_transposed(a: ArrayView2<Self>, b: ArrayView2<Self>, c: &mut [Self], accumulate: bool);

    /// The same, sampled: only entries where `samples` (m, n) is not zero are needed. Others may be left out: they are 0,
    /// or stay if the product is added to them.
    fn times_transposed_sampled(
        samples: ArrayView2<Self>,
        a: ArrayView2<Self>,
        b: ArrayView2<Self>,
        c: &mut [Self],
        accumulate: bool,
    );

    /// c = a b: a (m, k), b (k, n), c (m, n).
    fn times(a: ArrayView2<Self>, b: ArrayView2<Self>, c: &mut [Self], accumulate: bool);

    /// c = aᵀ b: a (k, m), b (k, n), c (m, n).
    fn transposed_times(a: ArrayView2<Self>, b: ArrayView2<Self>, c: &mut [Self], accumulate: bool);
}

impl Products for f64 {
    fn times_transposed(a: ArrayView2<f64>, b: ArrayView2<f64>, c: &mut [f64], accumulate: bool) {
        product(a, b.t(), c, accumulate);
    }

    fn times_transposed_sampled(
        samples: ArrayView2<f64>,
        a: ArrayView2<f64>,
        b: ArrayView2<f64>,
        c: &mut [f64],
        accumulate: bool,
    ) {
        product(a, b.t(), c, accumulate);
        // Entries that are not sampled are left out here too, so that a gradient check finds code that relies on them.
        if !accumulate {
            c.iter_mut().zip(samples).for_each(|(c, sample)| *c = if *sample == 0.0 { 0.0 } else { *c });
        }
    }

    fn times(a: ArrayView2<f64>, b: ArrayView2<f64>, c: &mut [f64], accumulate: bool) {
        product(a, b, c, accumulate);
    }

    fn transposed_times(a: ArrayView2<f64>, b: ArrayView2<f64>, c: &mut [f64], accumulate: bool) {
        product(a.t(), b, c, accumulate);
    }
}

/// c = a b, or c += a b, in tiles of some rows of c.
pub(crate) fn product(a: ArrayView2<f64>, b: ArrayView2<f64>, c: &mut [f64], accumulate: bool) {
    const TILE: usize = 32;
    let (depth, n) = (a.ncols(), b.ncols());
    let beta = if accumulate { 1.0 } else { 0.0 };
    let rows = TILE * n.max(1);
    parallel::blocks(c, rows, TILE * depth * n, |tile, c| {
        let mut c =
            ArrayViewMut2::from_shape((c.len() / n.max(1), n), c).expect("c is (rows of a, columns of b)");
        let a = a.slice(s![tile * TILE..tile * TILE + c.nrows(), ..]);
        general_mat_mul(1.0, &a, &b, beta, &mut c);
    });
}

impl Products for f32 {
    fn times_transposed(a: ArrayView2<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
        times_transposed(Isa::best(), None, a, b, c, accumulate);
    }

    fn times_transposed_sampled(
        samples: ArrayView2<f32>,
        a: ArrayView2<f32>,
        b: ArrayView2<f32>,
        c: &mut [f32],
        accumulate: bool,
    ) {
        times_transposed(Isa::best(), Some(samples), a, b, c, accumulate);
    }

    fn times(a: ArrayView2<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
        times(Isa::best(), a, b, c, accumulate);
    }

    fn transposed_times(a: ArrayView2<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
        transposed_times(Isa::best(), a, b, c, accumulate);
    }
}

/// Below this share of non-zero entries of the first factor, SpMM is faster than GEMM; so it is for a ReLU, of which half are
/// zero. Measured by `cargo bench -p kernels`.
pub(crate) const SPARSE: f64 = 0.6;

/// Below this share of entries that are needed, SDDMM is.
const SAMPLED: f64 = 0.4;

/// A matrix as its entries, row by row.
pub(crate) fn contiguous<'a>(matrix: &'a ArrayView2<f32>) -> &'a [f32] {
    matrix.as_slice().expect("the operands of a product are contiguous")
}

/// The share of the entries that is not zero.
pub(crate) fn non_zero_share(values: &[f32]) -> f64 {
    let count = AtomicU32::new(0);
    parallel::parts_of(values, |part| {
        let of_part: u32 = part.iter().map(|value| u32::from(*value != 0.0)).sum();
        count.fetch_add(of_part, Ordering::Relaxed);
    });
    f64::from(count.into_inner()) / values.len().max(1) as f64
}

fn times_transposed(
    isa: Isa,
    samples: Option<ArrayView2<f32>>,
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    c: &mut [f32],
    accumulate: bool,
) {
    let (m, depth, n) = (a.nrows(), a.ncols(), b.nrows());
    assert!(b.ncols() == depth && c.len() == m * n, "a (m, k), b (n, k), c (m, n)");
    if c.is_empty() {
        return;
    }
    let (a, b) = (contiguous(&a), contiguous(&b));
    let samples = samples.as_ref().map(|samples| {
        assert_eq!(samples.dim(), (m, n), "samples (m, n)");
        contiguous(samples)
    });
    if let Some(samples) = samples.filter(|samples| non_zero_share(samples) < SAMPLED) {
        return sddmm::times_transposed(isa, samples, a, b, (m, depth, n), c, accumulate);
    }
    if non_zero_share(a) < SPARSE {
        let list = |terms: &mut NonZeros, width| terms.list(isa, Factor::plain(a, m, depth), width);
        return spmm::times(isa, list, b, true, n, c, accumulate);
    }
    gemm::times_transposed(isa, a, b, (m, depth, n), c, accumulate);
}

fn times(isa: Isa, a: ArrayView2<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
    let (m, depth, n) = (a.nrows(), a.ncols(), b.ncols());
    assert!(b.nrows() == depth && c.len() == m * n, "a (m, k), b (k, n), c (m, n)");
    let (a, b) = (contiguous(&a), contiguous(&b));
    if non_zero_share(a) < SPARSE {
        let list = |terms: &mut NonZeros, width| terms.list(isa, Factor::plain(a, m, depth), width);
        return spmm::times(isa, list, b, false, n, c, accumulate);
    }
    gemm::times(isa, a, (depth, 1), b, (m, depth, n), c, accumulate);
}

fn transposed_times(isa: Isa, a: ArrayView2<f32>, b: ArrayView2<f32>, c: &mut [f32], accumulate: bool) {
    let (m, depth, n) = (a.ncols(), a.nrows(), b.ncols());
    assert!(b.nrows() == depth && c.len() == m * n, "a (k, m), b (k, n), c (m, n)");
    let (a, b) = (contiguous(&a), contiguous(&b));
    if non_zero_share(a) < SPARSE {
        let list =
            |terms: &mut NonZeros, width| terms.list_transposed(isa, Factor::plain(a, depth, m), width);
        return spmm::times(isa, list, b, false, n, c, accumulate);
    }
    gemm::times(isa, a, (1, m), b, (m, depth, n), c, accumulate);
}

#[cfg(test)]
mod tests;
