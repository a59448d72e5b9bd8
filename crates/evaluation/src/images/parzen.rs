//! Log-likelihood under a Gaussian Parzen window: the measure of Table 1 (Goodfellow et al. 2014; Breuleux et
//! al. 2011 before them).
//!
//!   log p(x) = log (1/n) Σ_i exp(-|x - s_i|² / 2σ²) - k log(σ √(2π))
//!
//! for n samples s_i of k entries. The width σ is the best of ten on validation images; the result is the
//! mean over test images with that width. Simple baselines score high by this measure: see `yardsticks`.

use kernels::distances;
use kernels::exp::sum_of_exponentials;
use ndarray::{Array1, Array2, ArrayBase, ArrayView2, Axis, Data, Ix2, s};
use serde::{Deserialize, Serialize};

/// How many widths are tried, log-spaced from 0.1 to 1.
const WIDTHS: usize = 10;

/// How many validation images choose the width, as in the original evaluation.
pub(super) const CHOOSING: usize = 1000;

/// A Parzen estimate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parzen {
    /// Mean log-likelihood of the images, in nats.
    pub nats: f64,
    /// Its standard error: the standard deviation over the root of the number of images.
    pub error: f64,
    /// The chosen width.
    pub sigma: f64,
    /// Mean log-likelihood of the validation images that chose it, for every width: (σ, nats).
    pub curve: Vec<(f64, f64)>,
}

/// The widths that are tried.
pub fn widths() -> [f64; WIDTHS] {
    std::array::from_fn(|i| 10f64.powf(i as f64 / (WIDTHS - 1) as f64 - 1.0))
}

/// The estimate for images, which come in parts (n, k), under `samples` (m, k), its width chosen on the first
/// thousand of `choosing`.
pub fn parzen<S: Data<Elem = f32>>(
    samples: ArrayView2<f32>,
    choosing: ArrayView2<f32>,
    images: impl IntoIterator<Item = ArrayBase<S, Ix2>>,
) -> Parzen {
    let choosing = choosing.slice_move(s![..CHOOSING.min(choosing.nrows()), ..]);
    let widths = widths();
    let means =
        log_likelihoods(choosing, samples, &widths).mean_axis(Axis(0)).unwrap_or(Array1::zeros(WIDTHS));
    let curve: Vec<(f64, f64)> = widths.into_iter().zip(means).collect();
    let best = |best: (f64, f64), next: &(f64, f64)| if next.1 > best.1 { *next } else { best };
    let sigma = curve.iter().fold(curve[0], best).0;
    let parts = images.into_iter().map(|part| log_likelihoods(part.view(), samples, &[sigma]));
    let each: Array1<f64> = parts.flatten().collect();
    let (nats, deviation) = (each.mean().unwrap_or(f64::NAN), each.std(0.0));
    Parzen { nats, error: deviation / (each.len() as f64).sqrt(), sigma, curve }
}

/// For one image: the smallest squared distance so far, and for each width the sum of the exponentials, all
/// relative to that distance, so that the largest term is 1.
struct Sums {
    least: f32,
    sums: Vec<f64>,
}

/// log p of each image (n, k) under `samples` (m, k) for each width: (n, widths).
///
/// Distances are computed once for all widths, block by block; memory does not grow with n · m.
pub fn log_likelihoods(images: ArrayView2<f32>, samples: ArrayView2<f32>, widths: &[f64]) -> Array2<f64> {
    let scales: Vec<f32> = widths.iter().map(|sigma| (0.5 / (sigma * sigma)) as f32).collect();
    let mut states: Vec<Sums> = images
        .rows()
        .into_iter()
        .map(|_| Sums { least: f32::INFINITY, sums: vec![0.0; widths.len()] })
        .collect();
    distances::squared(images, samples, &mut states, |_, _, distances, state| {
        let least = smallest(distances);
        if least < state.least {
            for (sum, scale) in state.sums.iter_mut().zip(&scales) {
                *sum *= f64::from((least - state.least) * scale).exp();
            }
            state.least = least;
        }
        for (sum, scale) in state.sums.iter_mut().zip(&scales) {
            *sum += sum_of_exponentials(distances, state.least, *scale);
        }
    });
    let entries = images.ncols() as f64;
    Array2::from_shape_fn((images.nrows(), widths.len()), |(i, j)| {
        let Sums { least, sums } = &states[i];
        let (sigma, n) = (widths[j], samples.nrows() as f64);
        let exponent = -f64::from(*least) * 0.5 / (sigma * sigma);
        exponent + (sums[j] / n).ln() - entries * (sigma * (2.0 * std::f64::consts::PI).sqrt()).ln()
    })
}

/// Numbers that are computed at once.
const LANES: usize = 16;

#[inline(always)]
fn smallest(distances: &[f32]) -> f32 {
    let (whole, rest) = distances.as_chunks::<LANES>();
    let mut least = [f32::INFINITY; LANES];
    for distances in whole {
        least.iter_mut().zip(distances).for_each(|(least, d)| *least = if d < least { *d } else { *least });
    }
    least.iter().chain(rest).fold(f32::INFINITY, |least, d| least.min(*d))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The formula in double precision, the exponentials relative to the largest.
    fn plain(images: &Array2<f32>, samples: &Array2<f32>, sigma: f64) -> Vec<f64> {
        let square = |(a, b): (&f32, &f32)| (f64::from(*a) - f64::from(*b)).powi(2);
        let each = images.rows().into_iter().map(|x| {
            let exponents: Vec<f64> = samples
                .rows()
                .into_iter()
                .map(|s| -x.iter().zip(s).map(square).sum::<f64>() / (2.0 * sigma * sigma))
                .collect();
            let most = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let mean = exponents.iter().map(|e| (e - most).exp()).sum::<f64>() / samples.nrows() as f64;
            most + mean.ln() - x.len() as f64 * (sigma * (2.0 * std::f64::consts::PI).sqrt()).ln()
        });
        each.collect()
    }

    #[test]
    fn agrees_with_the_formula_in_double_precision() {
        let set = data::images::embedded_mnist().unwrap();
        let (images, samples) = (set.test.rows(0..60), set.train.rows(0..1500));
        let got = log_likelihoods(images.view(), samples.view(), &widths());
        for (j, sigma) in widths().into_iter().enumerate() {
            for (got, want) in got.column(j).iter().zip(plain(&images, &samples, sigma)) {
                assert!((got - want).abs() < 0.01, "σ {sigma}: {got}, not {want}");
            }
        }
    }

    #[test]
    fn one_centre_is_a_gaussian() {
        let centre = Array2::from_elem((1, 3), 0.25f32);
        let image = ndarray::array![[0.25f32, 0.75, 0.25]];
        let got = log_likelihoods(image.view(), centre.view(), &[0.5])[[0, 0]];
        // log N(x; c, σ² I) with |x - c|² = σ².
        let want = -0.5 - 1.5 * (2.0 * std::f64::consts::PI * 0.25).ln();
        assert!((got - want).abs() < 1e-6, "{got} {want}");
    }

    #[test]
    fn far_away_is_very_unlikely_but_never_infinite() {
        let (far, centre) = (Array2::from_elem((1, 784), 1f32), Array2::zeros((2, 784)));
        let got = parzen(centre.view(), far.view(), [far.view()]);
        assert_eq!(got.sigma, 1.0);
        assert!(got.nats.is_finite() && got.curve.iter().all(|(_, nats)| nats.is_finite()), "{got:?}");
    }
}
