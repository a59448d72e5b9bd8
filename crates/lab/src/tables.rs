//! Distributions on finite tables: conditions y with their probabilities, data p(x|y), what G makes q(x|y).

use ndarray::{Array2, ArrayView1, Axis};
use rand::Rng;
use rand_distr::StandardNormal;

/// A finite game: p(y), and for each y the distributions of real x, of fakes and of x beside a wrong condition.
#[derive(Clone, Debug)]
pub struct Tables {
    /// p(y).
    pub y: Vec<f64>,
    /// p(x|y), a row for each y.
    pub p: Array2<f64>,
    /// q(x|y), a row for each y.
    pub q: Array2<f64>,
}

/// Probabilities of which none is near 0: the exponentials of normal numbers, over their sum.
pub(crate) fn probabilities(n: usize, random: &mut impl Rng) -> Vec<f64> {
    let weights: Vec<f64> = (0..n).map(|_| random.sample::<f64, _>(StandardNormal).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// A random distribution over x for each of `conditions` conditions.
pub(crate) fn conditionals((conditions, x): (usize, usize), random: &mut impl Rng) -> Array2<f64> {
    let rows: Vec<f64> = (0..conditions).flat_map(|_| probabilities(x, random)).collect();
    Array2::from_shape_vec((conditions, x), rows).expect("a row for each condition")
}

impl Tables {
    /// Random tables for so many values of y and of x.
    pub fn random((conditions, x): (usize, usize), random: &mut impl Rng) -> Self {
        Self {
            y: probabilities(conditions, random),
            p: conditionals((conditions, x), random),
            q: conditionals((conditions, x), random),
        }
    }

    /// Every (y, x) with p(x|y) and q(x|y).
    pub fn cells(&self) -> impl Iterator<Item = ((usize, usize), f64, f64)> {
        self.p.indexed_iter().zip(&self.q).map(|((cell, p), q)| (cell, *p, *q))
    }

    /// Σ_y p(y) f(p(·|y), q(·|y)).
    pub(crate) fn mean(&self, f: impl Fn(ArrayView1<f64>, ArrayView1<f64>) -> f64) -> f64 {
        let rows = self.p.rows().into_iter().zip(self.q.rows());
        self.y.iter().zip(rows).map(|(y, (p, q))| y * f(p, q)).sum()
    }

    /// Σ_y p(y) t(x|y) of a table of conditional distributions.
    pub(crate) fn marginal(&self, of: &Array2<f64>) -> Array2<f64> {
        let weighted = of * &ArrayView1::from(&self.y).insert_axis(Axis(1));
        weighted.sum_axis(Axis(0)).insert_axis(Axis(0))
    }
}

/// KL(p ‖ q) = Σ p log(p / q), in nats.
pub(crate) fn kl(p: ArrayView1<f64>, q: ArrayView1<f64>) -> f64 {
    p.iter().zip(q).map(|(p, q)| if *p > 0.0 { p * (p / q).ln() } else { 0.0 }).sum()
}

/// JSD(p, q) = ½ KL(p ‖ m) + ½ KL(q ‖ m) with m = (p + q) / 2, in nats.
pub(crate) fn jsd(p: ArrayView1<f64>, q: ArrayView1<f64>) -> f64 {
    let middle = (&p + &q) / 2.0;
    0.5 * kl(p, middle.view()) + 0.5 * kl(q, middle.view())
}

/// The total variation distance ½ Σ |p - q|.
pub(crate) fn total_variation(p: ArrayView1<f64>, q: ArrayView1<f64>) -> f64 {
    0.5 * p.iter().zip(q).map(|(p, q)| (p - q).abs()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use autograd::Stream;
    use ndarray::array;

    #[test]
    fn divergences_have_the_values_worked_out_by_hand() {
        let (p, q) = (array![0.5, 0.5, 0.0], array![0.25, 0.25, 0.5]);
        assert!((kl(p.view(), q.view()) - 2f64.ln()).abs() < 1e-15);
        assert!((total_variation(p.view(), q.view()) - 0.5).abs() < 1e-15);
        // m = (3/8, 3/8, 1/4): ½ log(4/3) + ½ (½ log(2/3) + ½ log 2).
        let want = 0.5 * (4f64 / 3.0).ln() + 0.25 * (4f64 / 3.0).ln();
        assert!((jsd(p.view(), q.view()) - want).abs() < 1e-15);
        let (apart, from) = (array![1.0, 0.0], array![0.0, 1.0]);
        assert!((jsd(apart.view(), from.view()) - 2f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn random_tables_are_distributions() {
        let tables = Tables::random((3, 5), &mut Stream::new(1, "test").at(0, 0));
        let sums = tables.p.rows().into_iter().chain(tables.q.rows()).map(|row| row.sum());
        assert!(sums.chain([tables.y.iter().sum()]).all(|sum| (sum - 1.0).abs() < 1e-12));
        assert_eq!(tables.cells().count(), 15);
        assert!((tables.marginal(&tables.p).sum() - 1.0).abs() < 1e-12);
        assert!((tables.mean(|p, q| p.sum() + q.sum()) - 2.0).abs() < 1e-12);
    }
}
