//! What a product by SpMM does beside its sums, each stage alone, so that benchmarks can time it.

use ndarray::ArrayView2;

use crate::gemm;
use crate::isa::Isa;
use crate::products::contiguous;
use crate::spmm::{self, Factor};

/// Lists the non-zero entries of a (m, k), row by row, as for the product with a matrix (k, `columns`). Returns how many
/// there are.
///
/// # Panics
/// If a is not contiguous.
pub fn list_non_zeros(a: ArrayView2<f32>, columns: usize) -> usize {
    let (isa, (rows, depth)) = (Isa::best(), a.dim());
    spmm::with_non_zeros(|terms| {
        let width = spmm::block_width(isa, depth, columns);
        terms.list(isa, Factor::plain(contiguous(&a), rows, depth), width);
        terms.count()
    })
}

/// Packs the blocks of b (k, n), one after the other, as for the product of a sparse matrix (m, k) and b, all on this
/// thread. Returns how many numbers were written: those of b, and zeros that fill the last columns.
///
/// # Panics
/// If b is not contiguous.
pub fn pack(b: ArrayView2<f32>) -> usize {
    let (isa, (depth, n)) = (Isa::best(), b.dim());
    let width = spmm::block_width(isa, depth, n);
    let height = spmm::block_height(depth, width);
    let b = contiguous(&b);
    spmm::with_packed(|packed| {
        let mut written = 0;
        for column in (0..n).step_by(width) {
            for row in (0..depth).step_by(height) {
                let (rows, columns) = (row..depth.min(row + height), column..n.min(column + width));
                written += rows.len() * width;
                gemm::panels(isa, b, n, rows, columns, width, packed);
            }
        }
        written
    })
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn all_entries_that_are_not_zero_are_listed() {
        for (rows, depth, columns) in [(0, 3, 4), (1, 1, 1), (7, 33, 5), (100, 1200, 784)] {
            let a =
                Array2::from_shape_fn((rows, depth), |(i, j)| if (i + 2 * j) % 4 == 0 { 1.5 } else { 0.0 });
            let want = a.iter().filter(|x| **x != 0.0).count();
            assert_eq!(list_non_zeros(a.view(), columns), want, "({rows}, {depth})");
        }
    }

    #[test]
    fn all_of_b_is_packed() {
        for (depth, n) in [(1, 1), (7, 784), (1200, 784), (290, 960), (100, 65)] {
            let written = pack(Array2::<f32>::zeros((depth, n)).view());
            let width = spmm::block_width(Isa::best(), depth, n);
            assert_eq!(written, depth * n.next_multiple_of(width), "({depth}, {n})");
        }
    }
}
