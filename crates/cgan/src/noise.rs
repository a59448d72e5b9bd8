//! z, the generator's noise.

use autograd::{Real, Stream};
use ndarray::{ArrayViewMut2, Axis};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal, StandardUniform};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The distribution of each entry of z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Noise {
    /// Uniform in [0, 1): the paper's "unit hypercube".
    Uniform,
    /// Uniform in [-√3, √3): mean 0 and variance 1; an option of the original adversarial-nets code.
    UniformSymmetric,
    /// Standard normal; the default of the original adversarial-nets code.
    Gaussian,
}

impl Noise {
    /// Fills z (batch, width) with the `draw`-th draw of `stream`; a row depends on its index alone.
    pub fn fill<T: Real>(self, stream: &Stream, draw: u64, mut z: ArrayViewMut2<T>) {
        for (row, mut z) in z.axis_iter_mut(Axis(0)).enumerate() {
            let mut random = stream.at(draw, row as u64);
            z.iter_mut().for_each(|z| *z = T::of(self.sample(&mut random)));
        }
    }

    /// Whether z is uniform in a cube.
    pub fn is_uniform(self) -> bool {
        match self {
            Noise::Uniform | Noise::UniformSymmetric => true,
            Noise::Gaussian => false,
        }
    }

    fn sample(self, random: &mut impl Rng) -> f64 {
        let unit = |random: &mut _| -> f64 { StandardUniform.sample(random) };
        match self {
            Noise::Uniform => unit(random),
            Noise::UniformSymmetric => 3f64.sqrt() * (2.0 * unit(random) - 1.0),
            Noise::Gaussian => StandardNormal.sample(random),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn each_has_its_mean_variance_and_range() {
        let cases = [
            (Noise::Uniform, 0.5, 1.0 / 12.0, 0.0, 1.0),
            (Noise::UniformSymmetric, 0.0, 1.0, -1.7321, 1.7321),
            (Noise::Gaussian, 0.0, 1.0, -6.0, 6.0),
        ];
        for (noise, mean, variance, low, high) in cases {
            let mut z = Array2::<f64>::zeros((500, 100));
            noise.fill(&Stream::new(2, "noise"), 0, z.view_mut());
            let got = z.mean().unwrap();
            // 50,000 draws: five standard errors of the mean, and as much room for the variance.
            assert!((got - mean).abs() < 5.0 * (variance / 5e4f64).sqrt(), "{noise:?}: mean {got}");
            let got = z.mapv(|z| (z - got).powi(2)).mean().unwrap();
            assert!((got - variance).abs() < 0.04 * variance, "{noise:?}: variance {got}");
            assert!(z.iter().all(|z| (low..high).contains(z)));
        }
    }

    #[test]
    fn a_row_does_not_depend_on_the_rows_around_it() {
        let stream = Stream::new(2, "noise");
        let (mut few, mut many) = (Array2::<f32>::zeros((2, 5)), Array2::<f32>::zeros((9, 5)));
        Noise::Gaussian.fill(&stream, 4, few.view_mut());
        Noise::Gaussian.fill(&stream, 4, many.view_mut());
        assert_eq!(few, many.slice(ndarray::s![..2, ..]));
    }
}
