//! Draws from a fixed distribution in constant time.
//!
//! `rand_distr::weighted::WeightedAliasIndex` does the same with two random numbers a draw (an index and an
//! `f64`) and its columns in two arrays. This table uses one 64-bit number and 8 bytes a draw. Word vectors
//! depend on the sequence of random numbers, so the other table would change the bits of all vectors that
//! were published.

use rand::Rng;

/// An alias table (Vose 1991): each column is shared by two outcomes.
#[derive(Clone, Debug)]
pub struct Alias {
    /// For each column: the share of its own outcome, times 2³², and the other outcome.
    columns: Vec<(u32, u32)>,
}

impl Alias {
    /// Of outcomes in proportion to their weights.
    ///
    /// # Panics
    /// If there is none, or their sum is not positive.
    pub fn new(weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        assert!(total > 0.0 && weights.len() <= u32::MAX as usize, "something to draw");
        let mut shares: Vec<f64> = weights.iter().map(|w| w * weights.len() as f64 / total).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..shares.len()).partition(|i| shares[*i] < 1.0);
        // Columns that are left at the end differ from 1 by rounding alone.
        let mut columns: Vec<(u32, u32)> = (0..shares.len()).map(|i| (u32::MAX, i as u32)).collect();
        while let (Some(less), Some(&more)) = (small.last().copied(), large.last()) {
            small.pop();
            columns[less] = ((shares[less] * 2f64.powi(32)) as u32, more as u32);
            shares[more] -= 1.0 - shares[less];
            if shares[more] < 1.0 {
                small.push(more);
                large.pop();
            }
        }
        Self { columns }
    }

    /// An outcome.
    #[inline]
    pub fn draw(&self, random: &mut impl Rng) -> u32 {
        let bits = random.next_u64();
        // The upper half picks the column by multiplication, the lower half the side.
        let column = (((bits >> 32) * self.columns.len() as u64) >> 32) as usize;
        let (end, other) = self.columns[column];
        if (bits as u32) < end { column as u32 } else { other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use autograd::Stream;

    #[test]
    fn outcomes_come_as_often_as_they_should() {
        let weights = [1.0, 0.0, 5.0, 0.5, 3.5, 10.0];
        let alias = Alias::new(&weights);
        let mut random = Stream::new(3, "test").at(0, 0);
        let mut counts = [0f64; 6];
        const DRAWS: f64 = 400_000.0;
        (0..DRAWS as usize).for_each(|_| counts[alias.draw(&mut random) as usize] += 1.0);
        for (weight, count) in weights.iter().zip(counts) {
            let p = weight / 20.0;
            // Five standard deviations of a binomial count.
            assert!((count - DRAWS * p).abs() <= 5.0 * (DRAWS * p * (1.0 - p)).sqrt() + 1e-3, "{p} {count}");
        }
        assert_eq!(Alias::new(&[2.0]).draw(&mut random), 0);
    }
}
