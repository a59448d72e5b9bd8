//! From samples to tags, as the paper describes it: "we generated 100 samples, found the 20 closest words by
//! cosine similarity for each, and took the 10 most common".

use autograd::Parameters;
use cgan::Sampler;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use words::neighbours::Near;
use words::neighbours::unit;
use words::{Neighbours, Vectors};

/// Samples for a picture.
pub const SAMPLES: usize = 100;
/// Words that a sample votes for.
pub const VOTES: usize = 20;
/// Tags that a picture gets.
pub const TAGS: usize = 10;

/// For each picture, all words, the best first.
pub type Ranking = Vec<Vec<u32>>;

/// The rankings by the samples of a generator.
pub struct Tagged {
    /// By votes; words with equal votes by the sum of their cosines with the samples.
    pub by_votes: Ranking,
    /// By the cosine with the mean direction of the samples.
    pub by_mean: Ranking,
    /// The word that is nearest to each sample.
    pub named: Vec<Vec<u32>>,
    /// 1 minus the mean cosine of two samples of a picture, averaged over pictures: 0 if all samples are
    /// equal.
    pub diversity: f64,
}

/// Ranks the words of a vocabulary for pictures.
#[derive(Clone)]
pub struct Tagger {
    neighbours: Neighbours,
}

impl Tagger {
    /// Over these words.
    pub fn new(vocabulary: &Vectors) -> Self {
        Self { neighbours: Neighbours::new(vocabulary) }
    }

    /// Draws `samples` word vectors for each row of scaled features and ranks the words.
    pub fn tag(
        &self,
        sampler: &mut Sampler<f32>,
        parameters: &Parameters<f32>,
        features: ArrayView2<f32>,
        samples: usize,
    ) -> Tagged {
        let mut tagged =
            Tagged { by_votes: Vec::new(), by_mean: Vec::new(), named: Vec::new(), diversity: 0.0 };
        // Whole pictures at a time, as many as fit into a batch.
        let at_a_time = (sampler.batch() / samples).max(1);
        for (block, pictures) in features.axis_chunks_iter(Axis(0), at_a_time).enumerate() {
            let rows = pictures.nrows() * samples;
            let mut words = Array2::zeros((rows, sampler.width()));
            for start in (0..rows).step_by(sampler.batch()) {
                let end = rows.min(start + sampler.batch());
                let numbers: Vec<usize> = (start..end).map(|row| row / samples).collect();
                let conditions = pictures.select(Axis(0), &numbers);
                let draw = (block * rows.div_ceil(sampler.batch()) + start / sampler.batch()) as u64;
                let drawn = sampler.sample(parameters, conditions.view(), draw);
                words.slice_mut(ndarray::s![start..end, ..]).assign(&drawn);
            }
            self.rank(words, samples, &mut tagged);
        }
        tagged.diversity /= features.nrows().max(1) as f64;
        tagged
    }

    /// Ranks the words for pictures with `samples` rows each.
    fn rank(&self, words: Array2<f32>, samples: usize, tagged: &mut Tagged) {
        // A picture at a time: its samples are near one another, which makes the search faster.
        let pictures = words.axis_chunks_iter(Axis(0), samples);
        let near: Vec<Vec<Near>> =
            pictures.flat_map(|samples| self.neighbours.nearest(samples, VOTES)).collect();
        let directions = unit(words);
        let pictures = directions.axis_chunks_iter(Axis(0), samples);
        let sums: Vec<Array1<f32>> = pictures.map(|samples| samples.sum_axis(Axis(0))).collect();
        for (sum, near) in sums.iter().zip(near.chunks(samples)) {
            let cosines = self.neighbours.matrix().dot(sum);
            let mut votes = vec![0u32; cosines.len()];
            near.iter().flatten().for_each(|(word, _)| votes[*word as usize] += 1);
            tagged.named.push(near.iter().map(|near| near[0].0).collect());
            tagged.by_votes.push(order(cosines.view(), &votes));
            tagged.by_mean.push(order(cosines.view(), &vec![0; cosines.len()]));
            let (n, square) = (near.len() as f64, sum.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>());
            // |Σ u|² = n + Σ of the cosines of all ordered pairs.
            tagged.diversity += if n > 1.0 { 1.0 - (square - n) / (n * (n - 1.0)) } else { 0.0 };
        }
    }

    /// The vocabulary's vectors, each of length 1 (or 0).
    pub fn directions(&self) -> ArrayView2<'_, f32> {
        self.neighbours.matrix().view()
    }

    /// Ranks by the cosine with one vector for each picture.
    pub fn by_cosine(&self, vectors: Array2<f32>) -> Ranking {
        let none = vec![0; self.neighbours.matrix().nrows()];
        unit(vectors)
            .rows()
            .into_iter()
            .map(|row| order(self.neighbours.matrix().dot(&row).view(), &none))
            .collect()
    }
}

/// All words, sorted by votes, then by score, then by number.
pub fn order(scores: ArrayView1<f32>, votes: &[u32]) -> Vec<u32> {
    let mut words: Vec<u32> = (0..scores.len() as u32).collect();
    words.sort_by(|a, b| {
        let (i, j) = (*a as usize, *b as usize);
        votes[j].cmp(&votes[i]).then(scores[j].total_cmp(&scores[i])).then(a.cmp(b))
    });
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn votes_come_before_cosines_and_equal_samples_are_not_diverse() {
        // 30 words around a circle; a sample votes for the 20 nearest.
        let matrix = Array2::from_shape_fn((30, 2), |(i, j)| {
            let angle = i as f32 / 30.0 * std::f32::consts::TAU;
            if j == 0 { angle.cos() } else { angle.sin() }
        });
        let vocabulary = Vectors::new((0..30).map(|i| format!("w{i}")).collect(), matrix).unwrap();
        let tagger = Tagger::new(&vocabulary);
        let mut tagged = Tagged { by_votes: vec![], by_mean: vec![], named: vec![], diversity: 0.0 };
        let angle = |degrees: f32| [degrees.to_radians().cos(), degrees.to_radians().sin()];
        tagger.rank(
            array![angle(1.0), angle(1.0), angle(1.0), angle(60.0), angle(75.0), angle(-3.0)],
            3,
            &mut tagged,
        );
        assert_eq!(tagged.named, [[0, 0, 0], [5, 6, 0]]);
        assert_eq!(tagged.by_votes[0][..4], [0, 1, 29, 2]);
        assert_eq!(tagged.by_votes[0].len(), 30);
        // The second picture's samples are 15, 63 and 78 degrees apart.
        let mean: f64 = [15.0f64, 63.0, 78.0].map(|d| d.to_radians().cos()).iter().sum::<f64>() / 3.0;
        assert!((tagged.diversity - (1.0 - mean)).abs() < 1e-5, "{}", tagged.diversity);
        // 20 of 30 words are within 120 degrees: those that all three reach have three votes, and the nearest
        // of them to the middle of the three comes first.
        assert_eq!(tagged.by_votes[1][0], tagged.by_mean[1][0]);
    }

    #[test]
    fn equal_scores_are_in_the_order_of_the_vocabulary() {
        assert_eq!(order(array![0.5, 0.7, 0.5, 0.1].view(), &[0, 0, 0, 1]), [3, 1, 0, 2]);
    }
}
