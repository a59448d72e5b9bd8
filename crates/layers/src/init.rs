//! The distributions of initial weights.

use autograd::{Real, Stream};
use ndarray::Array2;
use ndarray_rand::RandomExt;
use ndarray_rand::rand_distr::{Normal, Uniform};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The distribution of a weight's initial values. Written `"he_uniform"` or `{ uniform = 0.05 }`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Init {
    /// All zero.
    Zeros,
    /// Uniform in ± the number given.
    Uniform(#[schemars(range(max = 1e6), extend("exclusiveMinimum" = 0.0))] f64),
    /// Gaussian of mean 0, with the standard deviation given.
    Normal(#[schemars(range(max = 1e6), extend("exclusiveMinimum" = 0.0))] f64),
    /// Uniform in ±√(6 / fan-in): keeps the second moment through ReLUs (He et al. 2015, eq. 10).
    HeUniform,
    /// Uniform in ±√(3 / fan-in): variance 1 / fan-in, keeps it through linear units (LeCun et al. 1998, §4.6).
    LecunUniform,
    /// Uniform in ±√(6 / (fan-in + fan-out)) (Glorot and Bengio 2010, eq. 16).
    GlorotUniform,
}

impl Init {
    /// Fills a weight (out, in) with a function of `seed` and its `name`.
    pub fn fill<T: Real>(self, seed: u64, name: &str, (out, fan_in): (usize, usize), weight: &mut [T]) {
        let uniform =
            |bound: f64| (bound > 0.0).then(|| Uniform::new(-bound, bound).expect("a finite bound"));
        let mut random = Stream::new(seed, &format!("init/{name}")).at(0, 0);
        let shape = (out, fan_in);
        let ratio = |numerator: f64, denominator: usize| (numerator / denominator.max(1) as f64).sqrt();
        let uniform = match self {
            Init::Zeros => None,
            Init::Uniform(bound) => uniform(bound),
            Init::HeUniform => uniform(ratio(6.0, fan_in)),
            Init::LecunUniform => uniform(ratio(3.0, fan_in)),
            Init::GlorotUniform => uniform(ratio(6.0, fan_in + out)),
            Init::Normal(deviation) => {
                let normal = Normal::new(0.0, deviation).expect("a finite deviation");
                let values = Array2::<f64>::random_using(shape, normal, &mut random);
                return copy(&values, weight);
            }
        };
        match uniform {
            Some(uniform) => copy(&Array2::<f64>::random_using(shape, uniform, &mut random), weight),
            None => weight.fill(T::zero()),
        }
    }
}

/// Drawn in double precision, so that `f32` and `f64` start from the same numbers up to rounding.
fn copy<T: Real>(values: &Array2<f64>, weight: &mut [T]) {
    weight.iter_mut().zip(values).for_each(|(weight, value)| *weight = T::of(*value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_distribution_has_its_mean_and_deviation() {
        let (out, fan_in) = (300, 200);
        for (init, deviation) in [
            (Init::Zeros, 0.0),
            (Init::Uniform(0.3), 0.3 / 3f64.sqrt()),
            (Init::Normal(0.02), 0.02),
            (Init::HeUniform, (2.0f64 / 200.0).sqrt()),
            (Init::LecunUniform, (1.0f64 / 200.0).sqrt()),
            (Init::GlorotUniform, (2.0f64 / 500.0).sqrt()),
        ] {
            let mut w = vec![1.0f64; out * fan_in];
            init.fill(5, "w", (out, fan_in), &mut w);
            let n = w.len() as f64;
            let mean = w.iter().sum::<f64>() / n;
            let got = (w.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / n).sqrt();
            // 60,000 draws: five standard errors of either estimate.
            assert!(mean.abs() <= 5.0 * deviation / n.sqrt(), "{init:?}: mean {mean}");
            assert!((got - deviation).abs() <= 5.0 * deviation / n.sqrt(), "{init:?}: deviation {got}");
        }
    }

    #[test]
    fn weights_depend_on_seed_and_name_and_not_on_precision() {
        let fill = |seed, name| {
            let mut w = [0.0f32; 12];
            Init::HeUniform.fill(seed, name, (3, 4), &mut w);
            w
        };
        assert_eq!(fill(1, "a"), fill(1, "a"));
        assert_ne!(fill(1, "a"), fill(2, "a"));
        assert_ne!(fill(1, "a"), fill(1, "b"));
        let mut double = [0.0f64; 12];
        Init::HeUniform.fill(1, "a", (3, 4), &mut double);
        assert!(fill(1, "a").iter().zip(double).all(|(single, double)| *single == double as f32));
    }
}
