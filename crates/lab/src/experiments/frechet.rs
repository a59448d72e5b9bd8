//! The Fréchet distance, and why a set of samples is never at distance 0 from itself drawn again.
//!
//! The squared distance of two Gaussians is |μ₁ - μ₂|² + tr(C₁ + C₂ - 2 (C₁^½ C₂ C₁^½)^½) (Dowson and Landau 1982; as a measure of
//! samples Heusel et al. 2017).
//!
//! **A closed form without matrix roots.** A 2 × 2 matrix M with positive eigenvalues has tr M^½ = √(tr M + 2 √det M). With
//! M = C₁^½ C₂ C₁^½, tr M = tr(C₁ C₂) and det M = det C₁ det C₂. So for covariances made of 2 × 2 blocks, which need not
//! commute, the distance is a sum over the blocks.
//!
//! **The bias.** Take n samples of N(0, I_k) twice. The means differ by E|μ₁ - μ₂|² = 2k / n. Near I the second term is
//! ¼ |C₁ - C₂|² (Frobenius), and with Wishart's variances (2 / n on the diagonal, 1 / n elsewhere) its expectation is
//! ¼ · 2 k (k + 1) / n. Together
//!
//!   E d² ≈ (2k + k (k + 1) / 2) / n,
//!
//! to first order in k / n. So distances of sets of different sizes cannot be compared, and a floor has to be measured.
//!
//! Means are over repetitions; tolerances are three standard errors of these means.

use autograd::Stream;
use evaluation::images::frechet::Gaussian;
use figures::{Chart, Panel, Series};
use ndarray::{Array2, s};
use rand::Rng;
use rand_distr::StandardNormal;

use crate::statistics::{mean_and_error, normal};
use crate::{Error, Experiment, Report, Table};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "frechet",
    theorem: "Two sets of n samples of one Gaussian in k dimensions have the mean squared Fréchet distance \
              (2k + k(k + 1)/2) / n, not 0.",
    source: "Dowson and Landau 1982; Heusel et al. 2017; the bias: derived in the docstring",
    chapter: 12,
    run,
};

/// Pairs of Gaussians, of two 2 x 2 blocks each; repetitions, and samples of each.
const PAIRS: (u64, u64, usize) = (3, 30, 4000);
const BLOCKS: usize = 2;

/// Dimensions and repetitions for the bias.
const BIAS: (usize, u64) = (8, 60);

/// Samples.
const SAMPLES: [usize; 4] = [500, 1000, 2000, 4000];

fn run(seed: u64) -> Result<Report, Error> {
    let mut report = Report::new();
    let stream = Stream::new(seed, "lab/frechet");
    let (pairs, repetitions, n) = PAIRS;
    for pair in 0..pairs {
        let mut random = stream.at(pair, 0);
        let two = [(); 2].map(|()| Blocks::random(&mut random));
        let samples = Stream::new(seed, &format!("lab/frechet/{pair}"));
        let distance = |repetition: u64| {
            let [a, b] =
                [0, 1].map(|which| gaussian(&two[which].samples(n, &samples, 2 * repetition + which as u64)));
            a.distance(&b)
        };
        let (measured, error) = mean_and_error(&(0..repetitions).map(distance).collect::<Vec<_>>());
        let what = format!("pair {} of Gaussians, {n} samples of each", pair + 1);
        report.equal(what, Blocks::distance(&two), measured, 3.0 * error);
    }

    let (k, repetitions) = BIAS;
    let mut table = Table::new("", &["samples", "prediction", "distance", "standard_error"]);
    let (mut predicted, mut dots) = (Vec::new(), Vec::new());
    for n in SAMPLES {
        let samples = Stream::new(seed, &format!("lab/frechet/bias/{n}"));
        let distance = |repetition: u64| {
            let [a, b] = [0, 1].map(|which| gaussian(&normal((n, k), &samples, 2 * repetition + which)));
            a.distance(&b)
        };
        let (measured, error) = mean_and_error(&(0..repetitions).map(distance).collect::<Vec<_>>());
        let prediction = (2 * k + k * (k + 1) / 2) as f64 / n as f64;
        report.equal(format!("N(0, I) twice, k = {k}, n = {n}"), prediction, measured, 3.0 * error);
        table.row(&[], &[n as f64, prediction, measured, error]);
        predicted.push((1.0 / n as f64, prediction));
        dots.push((1.0 / n as f64, measured));
    }
    predicted.push((0.0, 0.0));
    let panel = Panel {
        axes: ("1 / n".to_owned(), "d²".to_owned()),
        series: vec![Series::line("(2k + k(k + 1)/2) / n", predicted), Series::dots("measured", dots)],
        ..Panel::default()
    };
    let title = "Two sets of samples of one Gaussian".to_owned();
    let note = format!("Mean squared Fréchet distance in {k} dimensions");
    report.svg = Chart { title, panels: vec![panel], columns: 1, note }.svg();
    report.tables.push(table);
    Ok(report)
}

fn gaussian(samples: &Array2<f32>) -> Gaussian {
    Gaussian::of(samples.view(), &vec![0; samples.nrows()], 1)
}

/// A Gaussian whose covariance is made of 2 x 2 blocks A Aᵀ.
struct Blocks {
    /// Mean and A of each block.
    blocks: [([f64; 2], [[f64; 2]; 2]); BLOCKS],
}

impl Blocks {
    fn random(random: &mut impl Rng) -> Self {
        let mut normal = || random.sample::<f64, _>(StandardNormal);
        let blocks = std::array::from_fn(|_| {
            let mean = [normal(), normal()];
            // Away from singular.
            (mean, [[1.0 + 0.5 * normal(), 0.8 * normal()], [0.3 * normal(), 1.0]])
        });
        Self { blocks }
    }

    fn samples(&self, n: usize, stream: &Stream, draw: u64) -> Array2<f32> {
        let mut x = normal((n, 2 * BLOCKS), stream, draw);
        for (block, (mean, a)) in self.blocks.iter().enumerate() {
            for mut z in x.slice_mut(s![.., 2 * block..2 * block + 2]).rows_mut() {
                let own = [f64::from(z[0]), f64::from(z[1])];
                for i in 0..2 {
                    z[i] = (mean[i] + a[i][0] * own[0] + a[i][1] * own[1]) as f32;
                }
            }
        }
        x
    }

    /// The squared distance of two, block by block.
    fn distance(two: &[Self; 2]) -> f64 {
        let of_block = |block: usize| {
            let [(mean, a), (other_mean, b)] = [two[0].blocks[block], two[1].blocks[block]];
            let means: f64 = mean.iter().zip(other_mean).map(|(a, b)| (a - b).powi(2)).sum();
            let [c, e] = [a, b].map(covariance);
            let trace = |m: [[f64; 2]; 2]| m[0][0] + m[1][1];
            let det = |m: [[f64; 2]; 2]| m[0][0] * m[1][1] - m[0][1] * m[1][0];
            let product = c[0][0] * e[0][0] + 2.0 * c[0][1] * e[0][1] + c[1][1] * e[1][1];
            let root = (product + 2.0 * (det(c) * det(e)).sqrt()).sqrt();
            means + trace(c) + trace(e) - 2.0 * root
        };
        (0..BLOCKS).map(of_block).sum()
    }
}

/// A Aᵀ.
fn covariance(a: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    let dot = |i: usize, j: usize| a[i][0] * a[j][0] + a[i][1] * a[j][1];
    [[dot(0, 0), dot(0, 1)], [dot(1, 0), dot(1, 1)]]
}
