//! The three products of a linear layer, x (batch, in), W (out, in), y (batch, out):
//! forward y = x Wᵀ, input gradient dx = dy W, weight gradient dW = dyᵀ x.
//!
//! Each is cut into tiles of fixed size which rayon shares out; a tile is one call of `matrixmultiply`.

use ndarray::linalg::general_mat_mul;
use ndarray::parallel::prelude::*;
use ndarray::{ArrayView2, ArrayViewMut2, Axis};

use crate::Real;

/// y = x Wᵀ, or y += x Wᵀ. `y` is (batch, out), row by row.
pub fn forward<T: Real>(x: ArrayView2<T>, w: ArrayView2<T>, y: &mut [T], accumulate: bool) {
    product(x, w.t(), y, accumulate);
}

/// dx = dy W, or dx += dy W. `dy` is (batch, out), `dx` (batch, in).
pub fn input_gradient<T: Real>(dy: &[T], w: ArrayView2<T>, dx: &mut [T], accumulate: bool) {
    let batch = dy.len() / w.nrows().max(1);
    let dy = ArrayView2::from_shape((batch, w.nrows()), dy).expect("dy is (batch, out)");
    product(dy, w, dx, accumulate);
}

/// dW = dyᵀ x, or dW += dyᵀ x. `dy` is (batch, out), `dw` (out, in).
pub fn weight_gradient<T: Real>(dy: &[T], x: ArrayView2<T>, dw: &mut [T], accumulate: bool) {
    let out = dy.len() / x.nrows().max(1);
    let dy = ArrayView2::from_shape((x.nrows(), out), dy).expect("dy is (batch, out)");
    product(dy.t(), x, dw, accumulate);
}

/// c = a b, or c += a b, with the longer side of c cut into tiles.
fn product<T: Real>(a: ArrayView2<T>, b: ArrayView2<T>, c: &mut [T], accumulate: bool) {
    let (m, n) = (a.nrows(), b.ncols());
    let mut c = ArrayViewMut2::from_shape((m, n), c).expect("c is (rows of a, columns of b)");
    let beta = if accumulate { T::one() } else { T::zero() };
    let (a, b) = (&a, &b);
    if n >= m {
        c.axis_chunks_iter_mut(Axis(1), tile(n)).into_par_iter().enumerate().for_each(|(i, mut c)| {
            let start = i * tile(n);
            let b = b.slice(ndarray::s![.., start..start + c.ncols()]);
            general_mat_mul(T::one(), a, &b, beta, &mut c);
        });
    } else {
        c.axis_chunks_iter_mut(Axis(0), tile(m)).into_par_iter().enumerate().for_each(|(i, mut c)| {
            let start = i * tile(m);
            let a = a.slice(ndarray::s![start..start + c.nrows(), ..]);
            general_mat_mul(T::one(), &a, b, beta, &mut c);
        });
    }
}

/// The length of a tile along a side of this length: an even number of tiles of about 200, so that two or four
/// cores have equal shares, and one tile of a short side.
fn tile(length: usize) -> usize {
    let tiles = (length / 400 * 2).max(1);
    length.div_ceil(tiles).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn numbers(rows: usize, columns: usize, seed: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, columns), |(i, j)| ((i * 31 + j * 17 + seed) % 23) as f64 / 11.0 - 1.0)
    }

    #[test]
    fn the_three_products_equal_naive_loops() {
        for (batch, fan_in, out) in
            [(1, 1, 1), (3, 5, 7), (0, 3, 2), (100, 13, 1201), (7, 900, 401), (2, 3, 0)]
        {
            let (x, w, dy) = (numbers(batch, fan_in, 1), numbers(out, fan_in, 2), numbers(batch, out, 3));
            let naive = |rows, columns, inner: usize, term: &dyn Fn(usize, usize, usize) -> f64| {
                Array2::from_shape_fn((rows, columns), |(i, j)| {
                    (0..inner).map(|k| term(i, j, k)).sum::<f64>()
                })
            };
            let check = |got: &[f64], start: f64, want: Array2<f64>| {
                assert!(got.iter().zip(&want).all(|(got, want)| (got - start - want).abs() < 1e-9));
            };
            for (accumulate, start) in [(false, 0.0), (true, 1.0)] {
                let mut y = vec![1.0; batch * out];
                forward(x.view(), w.view(), &mut y, accumulate);
                check(&y, start, naive(batch, out, fan_in, &|i, j, k| x[[i, k]] * w[[j, k]]));
                let flat = dy.as_slice().unwrap();
                let mut dx = vec![1.0; batch * fan_in];
                if out > 0 {
                    input_gradient(flat, w.view(), &mut dx, accumulate);
                    check(&dx, start, naive(batch, fan_in, out, &|i, j, k| dy[[i, k]] * w[[k, j]]));
                }
                let mut dw = vec![1.0; out * fan_in];
                if batch > 0 {
                    weight_gradient(flat, x.view(), &mut dw, accumulate);
                    check(&dw, start, naive(out, fan_in, batch, &|i, j, k| dy[[k, i]] * x[[k, j]]));
                }
            }
        }
    }
}
