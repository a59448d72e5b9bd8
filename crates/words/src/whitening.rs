//! Whitening and scaling of word vectors.

use nalgebra::DMatrix;
use ndarray::{Array1, Array2};

use crate::neighbours::unit;
use crate::vectors::Vectors;

/// Whitens the directions of all words by the mean and covariance of the directions of `rows`.
///
/// The mean is subtracted, and each principal direction is divided by √(its variance + `share` · the mean
/// variance). The transform is symmetric, so a word stays as near to its place as whitening allows (Kessy et
/// al. 2018, "ZCA"). Without it, few directions hold most of the variance and decide every cosine.
///
/// # Errors
/// If a vector is no longer finite.
pub fn whitened(vectors: Vectors, rows: &[u32], share: f64) -> Result<Vectors, String> {
    let directions = unit(vectors.matrix().clone());
    let width = directions.ncols();
    let mut around = DMatrix::from_fn(rows.len(), width, |i, j| f64::from(directions[[rows[i] as usize, j]]));
    let mean = around.row_mean();
    around.row_iter_mut().for_each(|mut row| row -= &mean);
    let covariance = around.tr_mul(&around) / rows.len() as f64;
    let shrinkage = share * covariance.trace() / width as f64;
    let eigen = covariance.symmetric_eigen();
    let scale = eigen.eigenvalues.map(|variance| 1.0 / (variance.max(0.0) + shrinkage).sqrt());
    let turn = &eigen.eigenvectors * DMatrix::from_diagonal(&scale) * eigen.eigenvectors.transpose();
    let turn = Array2::from_shape_fn((width, width), |(i, j)| turn[(i, j)] as f32);
    let mean: Array1<f32> = mean.iter().map(|value| *value as f32).collect();
    Vectors::new(vectors.words().to_vec(), (directions - mean).dot(&turn))
}

/// Scales every word vector to this norm.
///
/// # Errors
/// If a vector is no longer finite.
pub fn scaled(vectors: Vectors, norm: f32) -> Result<Vectors, String> {
    let matrix = unit(vectors.matrix().clone()) * norm;
    Vectors::new(vectors.words().to_vec(), matrix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors() -> Vectors {
        let matrix = Array2::from_shape_fn((60, 3), |(i, j)| {
            let number = ((i * 37 + j * 101) % 53) as f32 / 26.0 - 1.0;
            // The first direction has most of the variance, and none is centred.
            number * [4.0, 1.0, 0.5][j] + 0.7
        });
        Vectors::new((0..60).map(|i| format!("w{i}")).collect(), matrix).unwrap()
    }

    #[test]
    fn whitened_tags_vary_as_much_in_every_direction() {
        let tags: Vec<u32> = (0..50).collect();
        let white = whitened(vectors(), &tags, 1e-9).unwrap();
        let rows = white.matrix().slice(ndarray::s![..50, ..]);
        let covariance = rows.t().dot(&rows) / 50.0;
        for ((i, j), value) in covariance.indexed_iter() {
            assert!((value - f32::from(i == j)).abs() < 1e-3, "{covariance}");
        }
        assert_eq!(white.len(), 60);
    }
}
