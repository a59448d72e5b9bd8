//! Thinning and smoothing of long series of points.

/// Points drawn of the raw series, at most.
const MOST_POINTS: usize = 600;
/// Buckets in which a long series is averaged.
const BUCKETS: usize = 300;
/// Shorter series are drawn as they are: smoothing would hide details of few points.
const LEAST_TO_SMOOTH: usize = 50;

/// What is drawn of a series.
#[derive(Clone, Debug)]
pub struct Line {
    /// The points themselves, or the least and the greatest of each bucket.
    pub raw: Vec<(f64, f64)>,
    /// The running mean, if there are points enough.
    pub smooth: Option<Vec<(f64, f64)>>,
}

impl Line {
    /// Of points in the order of x, for a picture.
    pub fn of(points: &[(f64, f64)]) -> Self {
        Self::thinned(points, MOST_POINTS)
    }

    /// The same with at most `most` points, such as for one that can be magnified. No extreme is lost.
    pub fn thinned(points: &[(f64, f64)], most: usize) -> Self {
        let raw = if points.len() > most { extremes(points, most) } else { points.to_vec() };
        Self { raw, smooth: (points.len() >= LEAST_TO_SMOOTH).then(|| running_mean(points)) }
    }

    /// The line that is drawn bold.
    pub fn main(&self) -> &[(f64, f64)] {
        self.smooth.as_deref().unwrap_or(&self.raw)
    }
}

/// Half the width of the running mean, in buckets: with those on both sides it spans about 5 % of the series.
fn half_width(buckets: usize) -> usize {
    (buckets / 50).max(1)
}

fn buckets(points: &[(f64, f64)], most: usize) -> std::slice::Chunks<'_, (f64, f64)> {
    points.chunks(points.len().div_ceil(most).max(1))
}

/// The least and the greatest point of each bucket, in the order in which they come.
fn extremes(points: &[(f64, f64)], most: usize) -> Vec<(f64, f64)> {
    let mut kept = Vec::with_capacity(most);
    for bucket in buckets(points, most / 2) {
        let by_value = |a: &usize, b: &usize| bucket[*a].1.total_cmp(&bucket[*b].1);
        let least = (0..bucket.len()).min_by(by_value).unwrap_or(0);
        let greatest = (0..bucket.len()).max_by(by_value).unwrap_or(0);
        kept.push(bucket[least.min(greatest)]);
        kept.push(bucket[least.max(greatest)]);
    }
    kept
}

/// The mean around the centre of each bucket; near the ends, of the points that exist.
fn running_mean(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let sums: Vec<(f64, f64, f64)> = buckets(points, BUCKETS)
        .map(|bucket| {
            let (x, y) = bucket.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
            (x, y, bucket.len() as f64)
        })
        .collect();
    let half = half_width(sums.len());
    let mut means: Vec<(f64, f64)> = (0..sums.len())
        .map(|at| {
            let near = &sums[at.saturating_sub(half)..(at + half + 1).min(sums.len())];
            let (y, count) = near.iter().fold((0.0, 0.0), |sum, bucket| (sum.0 + bucket.1, sum.1 + bucket.2));
            (sums[at].0 / sums[at].2, y / count)
        })
        .collect();
    // The centres of the outer buckets are inside: extend the line to the first and last point.
    if let ([first, .., last], [start, .., end]) = (means.as_mut_slice(), points) {
        (first.0, last.0) = (start.0, end.0);
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(count: usize) -> Vec<(f64, f64)> {
        (0..count).map(|i| (i as f64, 2.0 * i as f64)).collect()
    }

    #[test]
    fn few_points_are_kept() {
        let points = ramp(20);
        let line = Line::of(&points);
        assert_eq!(line.raw, points);
        assert_eq!(line.main(), points);
        assert!(Line::of(&[]).main().is_empty());
    }

    #[test]
    fn many_points_are_thinned_and_spikes_survive() {
        let mut points = ramp(1_000_003);
        points[654_321].1 = 1e9;
        let line = Line::of(&points);
        assert!(line.raw.len() <= MOST_POINTS);
        assert!(line.raw.contains(&(654_321.0, 1e9)));
        assert!(line.raw.is_sorted_by(|a, b| a.0 <= b.0));
        assert!(line.main().len() <= BUCKETS);
    }

    #[test]
    fn the_mean_of_a_line_is_the_line_away_from_its_ends() {
        let line = Line::of(&ramp(3000));
        let mean = line.main();
        assert!(mean[10..mean.len() - 10].iter().all(|&(x, y)| (y - 2.0 * x).abs() < 1e-6));
        assert_eq!((mean[0].0, mean[mean.len() - 1].0), (0.0, 2999.0));
    }

    #[test]
    fn a_spike_stays_where_it_is() {
        let mut points = vec![(0.0, 1.0); 1000];
        points[10].1 = 1e38;
        assert_eq!(Line::of(&points).main()[100].1, 1.0);
    }
}
