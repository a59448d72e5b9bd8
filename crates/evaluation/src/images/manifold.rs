//! Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020): how far samples
//! lie among real images, and real images among samples, measured with balls around each point that reach to
//! its k-th nearest neighbour.

use kernels::distances;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Which nearest neighbour a ball reaches to; Naeem et al. use 5.
const K: usize = 5;

/// Four shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifold {
    /// Samples within the ball of some real point.
    pub precision: f64,
    /// Real points within the ball of some sample.
    pub recall: f64,
    /// Mean number of real balls that contain a sample, divided by k; may exceed 1.
    pub density: f64,
    /// Real points whose ball contains a sample.
    pub coverage: f64,
}

/// A cloud with the squared radii of its balls.
#[derive(Clone, Debug)]
pub struct Cloud {
    /// (n, d).
    pub points: Array2<f32>,
    /// The [`radii`] of the points.
    pub radii: Vec<f32>,
}

impl Cloud {
    /// Of these points (n, d); `None` if there are not more than k.
    pub fn new(points: Array2<f32>) -> Option<Self> {
        let radii = radii(points.view())?;
        Some(Self { points, radii })
    }
}

/// The squared distance from each point to its k-th nearest neighbour; `None` if there are not more than k points.
pub fn radii(points: ArrayView2<f32>) -> Option<Vec<f32>> {
    if points.nrows() <= K {
        return None;
    }
    let mut nearest = vec![[f32::INFINITY; K]; points.nrows()];
    distances::squared(points, points, &mut nearest, |i, start, distances, nearest| {
        for (j, &distance) in (start..).zip(distances) {
            if distance < nearest[K - 1] && j != i {
                let at = nearest.partition_point(|near| *near <= distance);
                nearest[at..].rotate_right(1);
                nearest[at] = distance;
            }
        }
    });
    Some(nearest.into_iter().map(|nearest| nearest[K - 1]).collect())
}

/// Precision, recall, density and coverage of samples.
pub fn manifold(real: &Cloud, samples: &Cloud) -> Manifold {
    let mut among = vec![0u32; samples.radii.len()];
    distances::squared(
        samples.points.view(),
        real.points.view(),
        &mut among,
        |_, start, distances, among| {
            let hits =
                distances.iter().zip(&real.radii[start..]).filter(|(distance, radius)| distance <= radius);
            *among += hits.count() as u32;
        },
    );
    // Whether a real point lies in a sample's ball, and its distance to the nearest sample.
    let mut of_real = vec![(false, f32::INFINITY); real.radii.len()];
    distances::squared(
        real.points.view(),
        samples.points.view(),
        &mut of_real,
        |_, start, distances, (hit, nearest)| {
            *hit |=
                distances.iter().zip(&samples.radii[start..]).any(|(distance, radius)| distance <= radius);
            *nearest = distances.iter().fold(*nearest, |nearest, distance| nearest.min(*distance));
        },
    );
    let share = |count: usize, of: usize| count as f64 / of as f64;
    let (n, m) = (samples.radii.len(), real.radii.len());
    Manifold {
        precision: share(among.iter().filter(|hits| **hits > 0).count(), n),
        recall: share(of_real.iter().filter(|(hit, _)| *hit).count(), m),
        density: among.iter().map(|hits| f64::from(*hits)).sum::<f64>() / (K * n) as f64,
        coverage: share(
            of_real.iter().zip(&real.radii).filter(|((_, near), radius)| near <= radius).count(),
            m,
        ),
    }
}

/// The squared distance from each of `points` to the nearest of `others`, which come in parts, one after the
/// other.
pub fn nearest(points: ArrayView2<f32>, parts: impl Iterator<Item = Array2<f32>>) -> Vec<f32> {
    let mut nearest = vec![f32::INFINITY; points.nrows()];
    for part in parts {
        distances::squared(points, part.view(), &mut nearest, |_, _, distances, nearest| {
            *nearest = distances.iter().fold(*nearest, |nearest, distance| nearest.min(*distance));
        });
    }
    nearest
}

/// The probability that a random one of `a` is smaller than a random one of `b`, ties counted half (Mann and
/// Whitney).
pub fn smaller(a: &[f32], b: &[f32]) -> f64 {
    let mut b = b.to_vec();
    b.sort_by(f32::total_cmp);
    let above = |a: &f32| {
        let (below, not_above) = (b.partition_point(|b| b < a), b.partition_point(|b| b <= a));
        (b.len() - not_above) as f64 + 0.5 * (not_above - below) as f64
    };
    a.iter().map(above).sum::<f64>() / (a.len() * b.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points 0, 1, .., n - 1 on a line, moved by `by`.
    fn line(n: usize, by: f32) -> Array2<f32> {
        Array2::from_shape_fn((n, 2), |(i, j)| if j == 0 { i as f32 + by } else { 0.0 })
    }

    #[test]
    fn a_shifted_line_has_the_values_counted_by_hand() {
        let (real, samples) = (line(20, 0.0), line(20, 10.25));
        let [real, samples] = [real, samples].map(|points| Cloud::new(points).unwrap());
        // Inner points have two neighbours at 1, two at 2, and the fifth at 3; those at the ends 5, 4, 3, ..
        assert_eq!(real.radii[..4], [25.0, 16.0, 9.0, 9.0]);
        let got = manifold(&real, &samples);
        // The last real points are 17 (radius 3), 18 (4), 19 (5): samples up to 24 lie in a ball, the first
        // 14 of 20.
        assert_eq!(got.precision, 14.0 / 20.0);
        // By symmetry: sample 10.25 has radius 5, 11.25 has 4, so real points from 5.25 on.
        assert_eq!(got.recall, 14.0 / 20.0);
        // Real point i has the sample at 10.25 within its radius of 3 from 8 on.
        assert_eq!(got.coverage, 12.0 / 20.0);
        let same = manifold(&real, &real);
        assert_eq!((same.precision, same.recall, same.coverage), (1.0, 1.0, 1.0));
    }

    #[test]
    fn few_points_have_no_balls() {
        assert!(Cloud::new(line(K, 0.0)).is_none());
        assert!(Cloud::new(line(K + 1, 0.0)).is_some());
    }

    #[test]
    fn ranks_count_ties_half() {
        assert_eq!(smaller(&[1.0, 2.0], &[2.0, 3.0]), 3.5 / 4.0);
        assert_eq!(smaller(&[1.0], &[1.0]), 0.5);
    }
}
