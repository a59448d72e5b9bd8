//! Means of repeated measurements.

use autograd::Stream;
use ndarray::Array2;
use rand::Rng;
use rand_distr::StandardNormal;

/// The mean of independent repetitions, and its standard error.
pub(crate) fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// A matrix of standard normal numbers: the `draw`-th of a stream.
pub(crate) fn normal(shape: (usize, usize), stream: &Stream, draw: u64) -> Array2<f32> {
    let mut random = stream.at(draw, 0);
    Array2::from_shape_simple_fn(shape, || random.sample(StandardNormal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_mean_is_that_of_the_sample_over_the_root_of_n() {
        let (mean, error) = mean_and_error(&[1.0, 2.0, 3.0, 6.0]);
        assert!(mean == 3.0 && (error - (14.0f64 / 3.0 / 4.0).sqrt()).abs() < 1e-15);
    }
}
