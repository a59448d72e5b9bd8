//! The Fréchet distance between two clouds of features, each modelled as a Gaussian (Heusel et al. 2017;
//! Dowson and Landau 1982):
//!
//!   d² = |μ₁ - μ₂|² + tr(C₁ + C₂ - 2 (C₁^½ C₂ C₁^½)^½)
//!
//! Both clouds weight every class equally, whatever its share, because samples have equally many of each
//! class.

use kernels::Products;
use nalgebra::{DMatrix, DVector, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView2, Zip};

use super::samples::members;

/// Mean and covariance of a cloud.
#[derive(Clone, Debug)]
pub struct Gaussian {
    mean: DVector<f64>,
    covariance: DMatrix<f64>,
}

impl Gaussian {
    /// Of `features` (n, k) with their labels; every class that occurs has equal weight.
    pub fn of(features: ArrayView2<f32>, labels: &[usize], classes: usize) -> Self {
        let (n, k) = features.dim();
        let sizes: Vec<usize> = (0..classes).map(|class| members(labels, class).len()).collect();
        let present = sizes.iter().filter(|size| **size > 0).count().max(1) as f64;
        let weight = |i: usize| 1.0 / (present * sizes[labels[i]] as f64);
        let mut mean = Array1::<f64>::zeros(k);
        for (i, row) in features.rows().into_iter().enumerate() {
            Zip::from(&mut mean).and(row).for_each(|mean, x| *mean += weight(i) * f64::from(*x));
        }
        let mut centred = Array2::zeros((n, k));
        Zip::indexed(centred.rows_mut()).and(features.rows()).par_for_each(|i, centred, row| {
            let root = weight(i).sqrt();
            Zip::from(centred).and(row).and(&mean).for_each(|c, x, mean| *c = (f64::from(*x) - mean) * root);
        });
        let mut covariance = DMatrix::zeros(k, k);
        // Symmetric, so that rows may stand for columns.
        f64::transposed_times(centred.view(), centred.view(), covariance.as_mut_slice(), false);
        // The unbiased estimate: with equal weights, a sum over n - 1 instead of n.
        covariance *= n as f64 / (n as f64 - 1.0).max(1.0);
        Self { covariance, mean: DVector::from_vec(mean.to_vec()) }
    }

    /// The squared distance to another.
    pub fn distance(&self, other: &Self) -> f64 {
        let half = root(&self.covariance);
        let between = root(&(&half * &other.covariance * &half)).trace();
        let means = (&self.mean - &other.mean).norm_squared();
        // Rounding may give a tiny negative number.
        (means + self.covariance.trace() + other.covariance.trace() - 2.0 * between).max(0.0)
    }
}

/// The symmetric square root of a symmetric positive semi-definite matrix; negative eigenvalues by rounding
/// count as 0.
fn root(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let SymmetricEigen { eigenvalues, eigenvectors } =
        SymmetricEigen::new((matrix + matrix.transpose()) * 0.5);
    let scaled = DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |i, j| {
        eigenvectors[(i, j)] * eigenvalues[j].max(0.0).sqrt()
    });
    scaled * eigenvectors.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mean: &[f64], variances: &[f64]) -> Gaussian {
        let covariance = DMatrix::from_diagonal(&DVector::from_row_slice(variances));
        Gaussian { mean: DVector::from_row_slice(mean), covariance }
    }

    #[test]
    fn has_its_closed_form_where_covariances_commute() {
        // Σ (μ₁ - μ₂)² + (σ₁ - σ₂)².
        let (a, b) = (of(&[0.0, 1.0, 2.0], &[4.0, 1.0, 0.0]), of(&[1.0, 1.0, 0.0], &[1.0, 9.0, 0.0]));
        assert!((a.distance(&b) - (1.0 + 4.0 + 1.0 + 4.0)).abs() < 1e-12);
        assert!(a.distance(&a).abs() < 1e-12);
    }

    #[test]
    fn moments_count_classes_equally() {
        let features = Array2::from_shape_vec((3, 1), vec![0f32, 0.0, 3.0]).unwrap();
        let gaussian = Gaussian::of(features.view(), &[0, 0, 1], 2);
        assert!((gaussian.mean[0] - 1.5).abs() < 1e-12);
        // Variance 2.25 over the weights, times 3/2.
        assert!((gaussian.covariance[(0, 0)] - 3.375).abs() < 1e-12);
    }
}
