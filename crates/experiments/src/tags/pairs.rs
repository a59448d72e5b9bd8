//! Pairs of a word and a picture to learn from: a picture with several tags is repeated, once for each, by its number.

use autograd::Real;
use cgan::Examples;
use layers::Input;
use ndarray::{Array2, ArrayViewMut2};

use super::set::{Split, TagSet};
use super::world::World;

/// The training pairs of a set.
pub struct Pairs {
    /// The picture's row of features and the word's number.
    pairs: Vec<(u32, u32)>,
    features: Array2<f32>,
    vectors: Array2<f32>,
    condition: Input,
}

impl Pairs {
    /// Every training picture with each of its tags that has a vector.
    pub fn new(set: &TagSet, world: &World) -> Self {
        let train = set.split(Split::Train);
        let features = world.scaled(set.features.select(ndarray::Axis(0), &train).view());
        let mut pairs = Vec::new();
        for (row, number) in (0..).zip(&train) {
            let words = set.words(*number);
            pairs.extend(words.iter().filter_map(|word| Some((row, world.vectors.number(word)? as u32))));
        }
        // What a ReLU left is mostly zeros, and then worth another kernel.
        let zeros = features.iter().filter(|value| **value == 0.0).count();
        let width = features.ncols();
        let condition = if 2 * zeros > features.len() { Input::Sparse(width) } else { Input::Vector(width) };
        Self { pairs, features, vectors: world.vectors.matrix().clone(), condition }
    }
}

impl<T: Real> Examples<T> for Pairs {
    fn len(&self) -> usize {
        self.pairs.len()
    }

    fn width(&self) -> usize {
        self.vectors.ncols()
    }

    fn condition(&self) -> Input {
        self.condition
    }

    fn mean(&self) -> Vec<f32> {
        let mut sums = vec![0.0; self.vectors.ncols()];
        for (_, word) in &self.pairs {
            let row = self.vectors.row(*word as usize);
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        sums.into_iter().map(|sum| (sum / self.pairs.len().max(1) as f64) as f32).collect()
    }

    fn fill(&self, indices: &[u32], mut x: ArrayViewMut2<T>, mut y: ArrayViewMut2<T>) {
        for ((index, mut x), mut y) in indices.iter().zip(x.rows_mut()).zip(y.rows_mut()) {
            let (picture, word) = self.pairs[*index as usize];
            let single = |value: &f32| T::of(f64::from(*value));
            x.iter_mut().zip(self.vectors.row(word as usize)).for_each(|(x, value)| *x = single(value));
            y.iter_mut().zip(self.features.row(picture as usize)).for_each(|(y, value)| *y = single(value));
        }
    }
}
