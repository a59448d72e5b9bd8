//! How the Parzen estimate of Table 1 can be fooled.
//!
//! The estimate of log p(x) from samples s_i is log (1/n) Σ_i N(x; s_i, σ² I).
//!
//! **Many samples.** If samples and test points come from N(0, I_d), the mean of kernels tends to N(0, (1 + σ²) I), and with
//! E|x|² = d the mean log-likelihood tends to
//!
//!   -d/2 log(2π (1 + σ²)) - d / (2 (1 + σ²)).
//!
//! **Few samples, many dimensions.** In 784 dimensions the nearest sample outweighs all others together, so
//! log p(x) ≈ -min_i |x - s_i|² / 2σ² - log n - d log(σ √(2π)). Given x, the |x - s_i|² are independent non-central χ² numbers of
//! d degrees of freedom and non-centrality |x|², whose distribution is near that of a power of a normal number (Sankaran
//! 1959, "On the non-central chi-square distribution"). The expected least of n follows by integration:
//! E min = ∫ t(z) n φ(z) (1 - Φ(z))ⁿ⁻¹ dz. It falls like √log n only. So even ten thousand samples of the true distribution
//! stay far below the limit, and a better score is better at being near, not at being the distribution.
//!
//! **Not the distribution at all.** Centres of k-means lie nearer to test points than samples do. They score higher than as
//! many samples of the true distribution, both with the best of the ten widths of the protocol (Theis et al. 2015, "A note
//! on the evaluation of generative models"). In the extreme, one point at the mean with σ = 1 scores the negative entropy,
//! -d/2 log(2π e), which no distribution can exceed.
//!
//! Means are over repetitions with samples of their own; tolerances are three standard errors of these means.

use autograd::Stream;
use evaluation::images::k_means;
use evaluation::images::parzen::{log_likelihoods, parzen};
use figures::{Chart, Panel, Series};
use ndarray::{Array2, Axis, s};
use std::f64::consts::PI;

use crate::statistics::{mean_and_error, normal};
use crate::{Error, Experiment, Report, Table};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "parzen",
    theorem: "A Parzen estimate in 784 dimensions measures the distance to the nearest sample, so ten thousand samples of the \
              true distribution score far below their limit, and k-means centres score higher than true samples.",
    source: "Theis et al. 2015; the non-central χ² distribution: Sankaran 1959",
    chapter: 12,
    run,
};

/// (d, σ) at which five thousand samples are many.
const MANY: [(usize, f64); 3] = [(1, 0.3), (2, 0.5), (5, 1.0)];

/// Repetitions, samples and test points of each of them, where samples are many.
const MANY_SIZES: (u64, usize, usize) = (20, 5000, 400);

/// Dimensions and σ where samples are few.
const FEW: (usize, f64) = (784, 0.2);

/// Pools of the most samples, and test points of each.
const POOLS: (u64, usize) = (10, 20);

/// Samples.
const SAMPLES: [usize; 3] = [100, 1000, 10_000];

/// For k-means: dimensions, points to cluster, centres, repetitions.
const CLUSTERS: (usize, usize, usize, u64) = (20, 4000, 100, 8);

fn run(seed: u64) -> Result<Report, Error> {
    let mut report = Report::new();
    many_samples(seed, &mut report);
    few_samples(seed, &mut report);
    clusters(seed, &mut report);
    Ok(report)
}

fn many_samples(seed: u64, report: &mut Report) {
    let stream = Stream::new(seed, "lab/parzen/many");
    let (repetitions, samples, tests) = MANY_SIZES;
    for (d, sigma) in MANY {
        let mean = |repetition: u64| {
            let draw = 1000 * d as u64 + 2 * repetition;
            let (samples, tests) =
                (normal((samples, d), &stream, draw), normal((tests, d), &stream, draw + 1));
            log_likelihoods(tests.view(), samples.view(), &[sigma]).mean().unwrap_or(f64::NAN)
        };
        let (measured, error) = mean_and_error(&(0..repetitions).map(mean).collect::<Vec<_>>());
        let what = format!("d = {d}, σ = {sigma}, {samples} samples: mean log-likelihood");
        report.equal(what, limit(d, sigma), measured, 3.0 * error);
    }
}

/// The mean log-likelihood under infinitely many samples.
fn limit(d: usize, sigma: f64) -> f64 {
    let (d, variance) = (d as f64, 1.0 + sigma * sigma);
    -d / 2.0 * (2.0 * PI * variance).ln() - d / (2.0 * variance)
}

fn few_samples(seed: u64, report: &mut Report) {
    let stream = Stream::new(seed, "lab/parzen/few");
    let (d, sigma) = FEW;
    let most = SAMPLES[SAMPLES.len() - 1];
    let mut means: Vec<Vec<f64>> = vec![Vec::new(); SAMPLES.len()];
    for pool in 0..POOLS.0 {
        let samples = normal((most, d), &stream, 2 * pool);
        let tests = normal((POOLS.1, d), &stream, 2 * pool + 1);
        for (n, means) in SAMPLES.iter().zip(&mut means) {
            // The same test points under each part of the pool: one repetition, since they share the points.
            let parts = samples.axis_chunks_iter(Axis(0), *n).take(10);
            let of_part = |part| log_likelihoods(tests.view(), part, &[sigma]).mean().unwrap_or(f64::NAN);
            let of_parts: Vec<f64> = parts.map(of_part).collect();
            means.push(of_parts.iter().sum::<f64>() / of_parts.len() as f64);
        }
    }
    let mut table = Table::new("", &["samples", "prediction", "log_likelihood", "standard_error", "limit"]);
    let limit = limit(d, sigma);
    let (mut predicted, mut measured) = (Vec::new(), Vec::new());
    for (n, means) in SAMPLES.iter().zip(&means) {
        let (mean, error) = mean_and_error(means);
        let nearest = expected_nearest(d, *n);
        let scale = (sigma * (2.0 * PI).sqrt()).ln();
        let prediction = -nearest / (2.0 * sigma * sigma) - (*n as f64).ln() - d as f64 * scale;
        let what = format!("d = {d}, σ = {sigma}, {n} samples: how far below the limit of {limit:.0}");
        report.equal(what, limit - prediction, limit - mean, 3.0 * error);
        table.row(&[], &[*n as f64, prediction, mean, error, limit]);
        let x = (*n as f64).log10();
        predicted.push((x, prediction));
        measured.push((x, mean));
    }
    let ends = [measured[0].0, measured[measured.len() - 1].0];
    let panel = Panel {
        axes: ("samples, log₁₀".to_owned(), "nats".to_owned()),
        series: vec![
            Series::line("infinitely many samples", ends.map(|x| (x, limit))),
            Series::line("nearest sample, predicted", predicted),
            Series::dots("measured", measured),
        ],
        ..Panel::default()
    };
    let title = "The true distribution under its own Parzen window".to_owned();
    let note = format!("N(0, I) in {d} dimensions, σ = {sigma}");
    report.svg = Chart { title, panels: vec![panel], columns: 1, note }.svg();
    report.tables.push(table);
}

/// E min_i |x - s_i|² for x and s_1..s_n from N(0, I_d).
fn expected_nearest(d: usize, n: usize) -> f64 {
    const STEP: f64 = 0.01;
    const REACH: i32 = 900;
    let grid: Vec<f64> = (-REACH..=REACH).map(|i| f64::from(i) * STEP).collect();
    let density = |z: f64| (-z * z / 2.0).exp() / (2.0 * PI).sqrt();
    // 1 - Φ, summed from the right, where the terms are small.
    let mut above = vec![0.0; grid.len()];
    for i in (0..grid.len() - 1).rev() {
        above[i] = above[i + 1] + STEP * (density(grid[i]) + density(grid[i + 1])) / 2.0;
    }
    let least: Vec<f64> = grid
        .iter()
        .zip(&above)
        .map(|(z, above)| STEP * n as f64 * density(*z) * above.powi(n as i32 - 1))
        .collect();
    // |x|² as the third power of a normal number (Wilson and Hilferty 1931).
    let own = 2.0 / (9.0 * d as f64);
    grid.iter()
        .step_by(20)
        .map(|z| {
            let square = d as f64 * (1.0 - own + z * own.sqrt()).powi(3);
            let distances = Sankaran::new(d as f64, square);
            let mean: f64 = grid.iter().zip(&least).map(|(z, weight)| weight * distances.at(*z)).sum();
            20.0 * STEP * density(*z) * mean
        })
        .sum()
}

/// A non-central χ² number as a power of a normal number (Sankaran 1959).
struct Sankaran {
    sum: f64,
    power: f64,
    mean: f64,
    deviation: f64,
}

impl Sankaran {
    /// Of k degrees of freedom and non-centrality λ.
    fn new(k: f64, lambda: f64) -> Self {
        let sum = k + lambda;
        let h = 1.0 - 2.0 / 3.0 * sum * (k + 3.0 * lambda) / (k + 2.0 * lambda).powi(2);
        let p = (k + 2.0 * lambda) / (sum * sum);
        let m = (h - 1.0) * (1.0 - 3.0 * h);
        Self {
            sum,
            power: 1.0 / h,
            mean: 1.0 + h * p * (h - 1.0 - 0.5 * (2.0 - h) * m * p),
            deviation: h * (2.0 * p).sqrt() * (1.0 + 0.5 * m * p),
        }
    }

    /// The number that stands for a normal z.
    fn at(&self, z: f64) -> f64 {
        self.sum * (self.mean + self.deviation * z).powf(self.power)
    }
}

fn clusters(seed: u64, report: &mut Report) {
    let (d, points, count, repetitions) = CLUSTERS;
    let stream = Stream::new(seed, "lab/parzen/k-means");
    let mut table = Table::new("k-means", &["repetition", "true_samples", "k_means_centres", "one_centre"]);
    let (mut wins, mut of_one) = (0, Vec::new());
    for repetition in 0..repetitions {
        let draw = |which: u64| normal((points, d), &stream, 4 * repetition + which);
        let (train, tests) = (draw(0), draw(1));
        let choosing = tests.slice(s![..1000, ..]);
        let tests = tests.slice(s![1000.., ..]);
        let samples = train.slice(s![..count, ..]);
        let centres = k_means(train.view(), count, &mut stream.at(4 * repetition + 2, 0));
        let nats = |of: &Array2<f32>| parzen(of.view(), choosing, [tests]).nats;
        let (of_samples, of_centres) = (nats(&samples.to_owned()), nats(&centres));
        let centre = log_likelihoods(tests, Array2::zeros((1, d)).view(), &[1.0]).mean().unwrap_or(f64::NAN);
        wins += usize::from(of_centres > of_samples);
        of_one.push(centre);
        table.row(&[], &[repetition as f64, of_samples, of_centres, centre]);
    }
    let what = format!(
        "d = {d}: k-means centres score higher than true samples, {count} each: share of {repetitions}"
    );
    report.equal(what, 1.0, wins as f64 / repetitions as f64, 1e-9);
    let (measured, error) = mean_and_error(&of_one);
    let entropy = -(d as f64) / 2.0 * (2.0 * PI * std::f64::consts::E).ln();
    report.equal(
        format!("d = {d}: one centre at the mean, σ = 1: minus the entropy"),
        entropy,
        measured,
        3.0 * error,
    );
    report.tables.push(table);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_power_of_a_normal_number_has_the_moments_of_a_non_central_chi_square() {
        let (k, lambda) = (784.0, 700.0);
        let distances = Sankaran::new(k, lambda);
        let weight = |z: f64| 0.01 * (-z * z / 2.0).exp() / (2.0 * PI).sqrt();
        let grid = || (-900..=900).map(|i| f64::from(i) * 0.01);
        let mean: f64 = grid().map(|z| weight(z) * distances.at(z)).sum();
        let variance: f64 = grid().map(|z| weight(z) * (distances.at(z) - mean).powi(2)).sum();
        assert!((mean - (k + lambda)).abs() < 1e-2, "{mean}");
        assert!((variance / (2.0 * (k + 2.0 * lambda)) - 1.0).abs() < 1e-3, "{variance}");
        // One of one is the mean: E|x - s|² = 2d.
        assert!((expected_nearest(784, 1) - 1568.0).abs() < 0.1);
    }
}
