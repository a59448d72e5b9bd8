//! How well rankings of tags agree with the tags that people gave.

use super::protocol::Ranking;

/// Places of a ranking that are measured.
pub const PLACES: usize = 5;

/// The usual measures of image tagging.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measures {
    /// P@5: the mean share of a picture's first five tags that are its own.
    pub precision: f64,
    /// R@5: the mean share of a picture's own tags that are among the first five.
    pub recall: f64,
    /// F1@5: the harmonic mean of the two.
    pub f1: f64,
    /// MiAP: the mean over pictures of the average precision of the whole ranking.
    pub miap: f64,
    /// N+: how many words are among the first five of a picture that has them, at least once.
    pub recalled: usize,
}

/// Measures rankings against each picture's own tags. A picture without a tag among the ranked words is left
/// out.
pub fn measures(rankings: &Ranking, own: &[Vec<u32>]) -> Measures {
    let mut measures = Measures::default();
    let mut recalled = std::collections::HashSet::new();
    let mut pictures = 0.0;
    for (ranking, own) in rankings.iter().zip(own).filter(|(_, own)| !own.is_empty()) {
        pictures += 1.0;
        let first = &ranking[..PLACES.min(ranking.len())];
        let right: Vec<u32> = first.iter().copied().filter(|word| own.contains(word)).collect();
        measures.precision += right.len() as f64 / PLACES as f64;
        measures.recall += right.len() as f64 / own.len() as f64;
        recalled.extend(right);
        let mut found = 0.0;
        let mut sum = 0.0;
        for (place, word) in (1..).zip(ranking) {
            if own.contains(word) {
                found += 1.0;
                sum += found / f64::from(place);
            }
        }
        measures.miap += sum / own.len() as f64;
    }
    for sum in [&mut measures.precision, &mut measures.recall, &mut measures.miap] {
        *sum /= f64::max(pictures, 1.0);
    }
    let (p, r) = (measures.precision, measures.recall);
    measures.f1 = if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 };
    measures.recalled = recalled.len();
    measures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_counting_by_hand() {
        let rankings = vec![vec![0, 1, 2, 3, 4, 5, 6], vec![6, 5, 4, 3, 2, 1, 0], vec![0, 1, 2, 3, 4, 5, 6]];
        let own = vec![vec![1, 6], vec![6], vec![]];
        let got = measures(&rankings, &own);
        assert!((got.precision - 0.2).abs() < 1e-12);
        assert!((got.recall - 0.75).abs() < 1e-12);
        // (1/2 + 2/7) / 2 and 1.
        assert!((got.miap - ((0.5 + 2.0 / 7.0) / 2.0 + 1.0) / 2.0).abs() < 1e-12);
        assert_eq!(got.recalled, 2);
        assert!((got.f1 - 2.0 * 0.2 * 0.75 / 0.95).abs() < 1e-12);
        assert_eq!(measures(&vec![], &[]), Measures::default());
    }
}
