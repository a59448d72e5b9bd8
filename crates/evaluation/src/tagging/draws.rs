//! What the samples of a generator are, one by one. Each names its nearest word.
//!
//! A picture has several tags, and a generator of its words should draw now one of them, now another: what is drawn should
//! be a tag of the picture, and each of its tags should be drawn.

use ndarray::{ArrayView2, Axis};

use super::protocol::SAMPLES;

/// Measures of single samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Draws {
    /// 1 minus the mean cosine of two samples of a picture: 0 if all are equal.
    pub diversity: f64,
    /// The mean share of a picture's samples that name one of its own tags.
    pub sample_precision: f64,
    /// The mean share of a picture's own tags that at least one sample names.
    pub sample_recall: f64,
}

/// The shares of [`Draws`], from the words that the samples of each picture name. A picture without a tag among the
/// ranked words is left out.
pub fn shares(named: &[Vec<u32>], own: &[Vec<u32>]) -> (f64, f64) {
    let (mut precision, mut recall, mut pictures) = (0.0, 0.0, 0.0);
    for (named, own) in named.iter().zip(own).filter(|(_, own)| !own.is_empty()) {
        pictures += 1.0;
        let right = named.iter().filter(|word| own.contains(word)).count();
        precision += right as f64 / named.len().max(1) as f64;
        recall += own.iter().filter(|tag| named.contains(tag)).count() as f64 / own.len() as f64;
    }
    let pictures = f64::max(pictures, 1.0);
    (precision / pictures, recall / pictures)
}

/// The draws of a generator that gives each of a picture's own tags with equal probability. `directions` are the vocabulary's
/// vectors, each of length 1. A picture without tags is left out.
pub fn of_own_tags(directions: ArrayView2<f32>, own: &[Vec<u32>]) -> Draws {
    let own: Vec<&Vec<u32>> = own.iter().filter(|tags| !tags.is_empty()).collect();
    let mut draws = Draws { sample_precision: 1.0, ..Draws::default() };
    for tags in &own {
        let rows: Vec<usize> = tags.iter().map(|tag| *tag as usize).collect();
        let mean = directions.select(Axis(0), &rows).sum_axis(Axis(0)) / tags.len() as f32;
        // Two draws are independent: the mean of their cosine is the square of the mean direction.
        draws.diversity += (1.0 - f64::from(mean.dot(&mean))) / own.len() as f64;
        let missed = (1.0 - 1.0 / tags.len() as f64).powi(SAMPLES as i32);
        draws.sample_recall += (1.0 - missed) / own.len() as f64;
    }
    draws
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_sample_is_right_or_wrong_and_a_tag_is_drawn_or_not() {
        // Three of four samples are right, and they name one of two tags; then none of either; then a picture without tags.
        let named = [vec![1, 1, 4, 1], vec![0, 0, 0, 0], vec![2, 2, 2, 2]];
        assert_eq!(shares(&named, &[vec![1, 2], vec![3], vec![]]), (0.375, 0.25));
        assert_eq!(shares(&[], &[]), (0.0, 0.0));
    }

    #[test]
    fn own_tags_are_as_diverse_as_two_draws_of_them() {
        // Two orthogonal words: two draws differ half of the time. One word: never.
        let directions = array![[1.0, 0.0], [0.0, 1.0]];
        let draws = of_own_tags(directions.view(), &[vec![0, 1], vec![1], vec![]]);
        assert!((draws.diversity - 0.25).abs() < 1e-7 && draws.sample_precision == 1.0);
        // The second of two tags is missed once in 2^100 times.
        assert!((draws.sample_recall - 1.0).abs() < 1e-12);
        assert_eq!(of_own_tags(directions.view(), &[]).diversity, 0.0);
    }
}
