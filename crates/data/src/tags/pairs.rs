//! Training pairs of a picture and a word. A picture with several tags is in several pairs, which share its
//! features.

use std::collections::{BTreeMap, HashMap, HashSet};

use autograd::{Real, Stream};
use cgan::{Examples, Noise, Vocabulary};
use layers::Input;
use ndarray::{Array2, ArrayViewMut2, Axis};

use super::preprocessing::Preprocessing;
use super::set::TagSet;
use crate::split::Split;

/// The training pairs of a set.
pub struct Pairs {
    /// The picture's row of `features`, and the word's row of `words`.
    pairs: Vec<(u32, u32)>,
    features: Array2<f32>,
    /// The words that occur in pairs, in the order of their numbers.
    words: Vocabulary,
    condition: Input,
    noise: f64,
    stream: Stream,
}

impl Pairs {
    /// Every training picture with each of its words that has a vector and, without `rare_words`, is a tag.
    /// `noise` is the standard deviation of Gaussian noise on each entry of a vector, drawn anew for each
    /// batch.
    pub fn new(set: &TagSet, fitted: &Preprocessing, rare_words: bool, noise: f64, seed: u64) -> Self {
        let train = set.split(Split::Train);
        let features = fitted.scaled(set.features.select(Axis(0), &train).view());
        let tags: HashSet<u32> = fitted.tags.iter().copied().collect();
        let mut named: Vec<(u32, usize)> = Vec::new();
        for (row, number) in (0..).zip(&train) {
            let words = set.words(*number).into_iter().filter_map(|word| fitted.vectors.number(&word));
            let words = words.filter(|word| rare_words || tags.contains(&(*word as u32)));
            named.extend(words.map(|word| (row, word)));
        }
        let mut counts: BTreeMap<usize, u32> = BTreeMap::new();
        named.iter().for_each(|(_, word)| *counts.entry(*word).or_default() += 1);
        let places: HashMap<usize, u32> = counts.keys().copied().zip(0..).collect();
        let pairs = named.into_iter().map(|(row, word)| (row, places[&word])).collect();
        let (numbers, counts): (Vec<usize>, Vec<u32>) = counts.into_iter().unzip();
        let words = Vocabulary { points: fitted.vectors.matrix().select(Axis(0), &numbers), counts };
        // Outputs of a ReLU are mostly zeros, for which the sparse kernel is faster.
        let zeros = features.iter().filter(|value| **value == 0.0).count();
        let width = features.ncols();
        let condition = if 2 * zeros > features.len() { Input::Sparse(width) } else { Input::Vector(width) };
        let stream = Stream::new(seed, "word noise");
        Self { pairs, features, words, condition, noise, stream }
    }
}

impl<T: Real> Examples<T> for Pairs {
    fn len(&self) -> usize {
        self.pairs.len()
    }

    fn size(&self) -> (usize, usize) {
        (1, self.words.points.ncols())
    }

    fn condition(&self) -> Input {
        self.condition
    }

    fn mean(&self) -> Vec<f32> {
        let mut sums = vec![0.0; self.words.points.ncols()];
        for (_, word) in &self.pairs {
            let row = self.words.points.row(*word as usize);
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        sums.into_iter().map(|sum| (sum / self.pairs.len().max(1) as f64) as f32).collect()
    }

    fn fill(&self, batch: u64, indices: &[u32], mut x: ArrayViewMut2<T>, mut y: ArrayViewMut2<T>) {
        if self.noise > 0.0 {
            Noise::Gaussian.fill(&self.stream, batch, x.view_mut());
        }
        let noise = T::of(self.noise);
        for ((index, mut x), mut y) in indices.iter().zip(x.rows_mut()).zip(y.rows_mut()) {
            let (picture, word) = self.pairs[*index as usize];
            let single = |value: &f32| T::of(f64::from(*value));
            // Without noise the old content is not read: it may be anything.
            let blurred =
                |x: T, value| if self.noise > 0.0 { single(value) + noise * x } else { single(value) };
            x.iter_mut()
                .zip(self.words.points.row(word as usize))
                .for_each(|(x, value)| *x = blurred(*x, value));
            y.iter_mut().zip(self.features.row(picture as usize)).for_each(|(y, value)| *y = single(value));
        }
    }

    /// The words, without noise.
    fn vocabulary(&self) -> Option<Vocabulary> {
        Some(self.words.clone())
    }

    fn fill_vocabulary_indices(&self, indices: &[u32], mut rows: ArrayViewMut2<T>) {
        for (index, rows) in indices.iter().zip(&mut rows) {
            let (_, word) = self.pairs[*index as usize];
            *rows = T::of(f64::from(word));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};
    use words::Vectors;

    #[test]
    fn a_picture_is_repeated_for_each_tag_and_noise_is_drawn_anew() {
        let lines = br#"{"id":"a","tags":["x","y","unknown"],"split":"train"}
{"id":"b","tags":["y"],"split":"test"}
{"id":"c","tags":["y"],"split":"train"}"#;
        let path = std::path::Path::new("t");
        let mut matrix = Vec::new();
        files::npy::write(&mut matrix, &array![[1.0f32, 2.0], [0.0, 0.0], [3.0, 4.0]]).unwrap();
        let set = TagSet::read("t".into(), (path, lines), (path, &matrix)).unwrap();
        let fitted = Preprocessing {
            vectors: Vectors::new(vec!["y".into(), "x".into()], array![[0.5, 0.0, 1.0], [2.0, 2.0, 2.0]])
                .unwrap(),
            tags: vec![0],
            counts: vec![2],
            mean: array![1.0, 0.0],
            scale: Array1::from_elem(2, 2.0),
            made: None,
        };
        let plain = Pairs::new(&set, &fitted, true, 0.0, 1);
        assert_eq!(Examples::<f32>::len(&plain), 3);
        assert_eq!(Examples::<f32>::mean(&plain), [1.0, 2.0 / 3.0, 4.0 / 3.0]);
        let filled = |pairs: &Pairs, batch| {
            let (mut x, mut y) = (Array2::<f32>::from_elem((2, 3), f32::NAN), Array2::zeros((2, 2)));
            pairs.fill(batch, &[0, 2], x.view_mut(), y.view_mut());
            (x, y)
        };
        let (x, y) = filled(&plain, 0);
        assert_eq!(x, array![[2.0, 2.0, 2.0], [0.5, 0.0, 1.0]]);
        assert_eq!(y, array![[0.0, 4.0], [4.0, 8.0]]);
        let noisy = Pairs::new(&set, &fitted, true, 0.1, 1);
        let (first, second) = (filled(&noisy, 0).0, filled(&noisy, 1).0);
        assert_eq!(first, filled(&noisy, 0).0);
        assert!(first != second && (&first - &x).iter().all(|d| d.abs() < 0.6 && *d != 0.0));

        // The words of the pairs, by number, and each pair's place among them.
        let vocabulary = Examples::<f32>::vocabulary(&plain).unwrap();
        assert_eq!((vocabulary.points, vocabulary.counts), (fitted.vectors.matrix().clone(), vec![2, 1]));
        let mut rows = Array2::<f32>::zeros((3, 1));
        plain.fill_vocabulary_indices(&[2, 0, 1], rows.view_mut());
        assert_eq!(rows, array![[0.0], [1.0], [0.0]]);
        let tags = Pairs::new(&set, &fitted, false, 0.0, 1);
        assert_eq!(Examples::<f32>::len(&tags), 2);
        assert_eq!(Examples::<f32>::vocabulary(&tags).unwrap().counts, [2]);
    }
}
