//! Squared Euclidean distances between all rows of two matrices, block by block, never all at once.
//!
//!   |a_i - b_j|² = |a_i|² + |b_j|² - 2 a_i · b_j
//!
//! so that nearly all of the work is a product of matrices.

use ndarray::{ArrayView2, Axis};

use crate::buffer::Buffer;
use crate::isa::vectorised;
use crate::parallel;
use crate::products::Products;

/// Rows of a and of b whose products are held at a time: a mebibyte.
const BLOCK: (usize, usize) = (512, 512);

/// Rows of a task.
const ROWS: usize = 8;

/// Calls `each(i, start, distances, state)` for every row i of a (m, k), again and again with the squared distances
/// to the rows of b (n, k) from `start` on, until all rows of b have been seen, in their order. `states` has one
/// entry for each row of a.
///
/// An error is about 1e-6 of |a_i|² + |b_j|²; no distance is negative.
///
/// # Panics
/// If the sizes do not fit, or a matrix is not contiguous.
pub fn squared<S: Send>(
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    states: &mut [S],
    each: impl Fn(usize, usize, &[f32], &mut S) + Sync,
) {
    assert!(a.ncols() == b.ncols() && states.len() == a.nrows(), "a (m, k), b (n, k), a state for each of a");
    let norms = (norms(a), norms(b));
    let mut products = Buffer::<f32>::zeros(BLOCK.0 * BLOCK.1);
    parallel::region(|| {
        for (block, a) in a.axis_chunks_iter(Axis(0), BLOCK.0).enumerate() {
            for (other, b) in b.axis_chunks_iter(Axis(0), BLOCK.1).enumerate() {
                let (first, start) = (block * BLOCK.0, other * BLOCK.1);
                let products = &mut products[..a.nrows() * b.nrows()];
                f32::times_transposed(a, b, products, false);
                let norms = (&norms.0[first..], &norms.1[start..]);
                let rows = (&mut states[first..first + a.nrows()], products);
                each_row(rows, b.nrows(), |row, products, state| {
                    let own = norms.0[row];
                    for (p, other) in products.iter_mut().zip(norms.1) {
                        let square = own + other - 2.0 * *p;
                        // So written, a NaN stays one.
                        *p = if square < 0.0 { 0.0 } else { square };
                    }
                    each(first + row, start, products, state);
                });
            }
        }
    });
}

/// |x_i|² for the rows of x (n, k).
fn norms(x: ArrayView2<f32>) -> Vec<f32> {
    let mut norms = vec![0.0; x.nrows()];
    parallel::blocks(&mut norms, ROWS, ROWS * x.ncols(), |block, norms| {
        let square = |x: &f32| f64::from(*x) * f64::from(*x);
        for (norm, row) in norms.iter_mut().zip(x.rows().into_iter().skip(block * ROWS)) {
            *norm = row.iter().map(square).sum::<f64>() as f32;
        }
    });
    norms
}

/// Calls `each(row, values, state)` for every row of `width` values, which has a state.
fn each_row<S: Send>(
    (states, values): (&mut [S], &mut [f32]),
    width: usize,
    each: impl Fn(usize, &mut [f32], &mut S) + Sync,
) {
    let count = states.len();
    let (states, values) = (parallel::Shared::new(states), parallel::Shared::new(values));
    parallel::tasks(count.div_ceil(ROWS), ROWS * width * 8, &|task| {
        for row in task * ROWS..count.min((task + 1) * ROWS) {
            // SAFETY: rows are disjoint, each belongs to one task, and both slices have as many.
            let (state, values) = unsafe { (&mut states.part(row, 1)[0], values.part(row * width, width)) };
            vectorised(|| each(row, values, state));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fenced::{Edge, Fenced};
    use ndarray::Array2;
    use rand::Rng;

    #[test]
    fn every_pair_is_seen_once_and_in_order() {
        let mut random = crate::test_support::random(1);
        let drawn = std::iter::repeat_with(|| [700, 1200, 40].map(|most| random.random_range(0..most)));
        let fixed = [[0, 3, 2], [3, 0, 2], [3, 2, 0], [1, 1, 1], [7, 5, 784], [300, 1100, 13], [257, 513, 5]];
        for [m, n, k] in fixed.into_iter().chain(drawn.take(20)) {
            let number = |i: usize, j: usize| ((i * 31 + j * 17) % 23) as f32 / 23.0;
            let a = Array2::from_shape_fn((m, k), |(i, j)| number(i, j));
            // Mostly zeros, which take other kernels.
            for share in [1, 5] {
                let a = Array2::from_shape_fn((m, k), |(i, j)| if j % share == 0 { a[[i, j]] } else { 0.0 });
                let b = Array2::from_shape_fn((n, k), |(i, j)| number(i + 3, j * 2));
                let mut seen = vec![Vec::new(); m];
                let fenced = [&a, &b].map(|x| Fenced::matrix(&x.mapv(f64::from), Edge::End));
                let [a, b] =
                    fenced.each_ref().map(|(shape, values)| ArrayView2::from_shape(*shape, values).unwrap());
                squared(a, b, &mut seen, |_, start, distances, seen: &mut Vec<f32>| {
                    assert_eq!(seen.len(), start);
                    seen.extend(distances);
                });
                for (a, seen) in a.rows().into_iter().zip(&seen) {
                    assert_eq!(seen.len(), n);
                    for (b, seen) in b.rows().into_iter().zip(seen) {
                        let square = |(a, b): (&f32, &f32)| f64::from(a - b).powi(2);
                        let want: f64 = a.iter().zip(b).map(square).sum();
                        assert!((f64::from(*seen) - want).abs() < 1e-6 * k as f64 + 1e-6, "{seen} {want}");
                    }
                }
            }
        }
    }
}
