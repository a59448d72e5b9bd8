//! Training examples and their order.

use autograd::{Real, Stream};
use layers::Input;
use ndarray::{Array2, ArrayViewMut2};
use rand::seq::SliceRandom;

/// Pairs (x, y) to learn from.
pub trait Examples<T: Real>: Sync {
    /// Number of examples.
    fn len(&self) -> usize;

    /// Whether there are no examples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Height and width of x, if it is an image; otherwise 1 and its entries.
    fn size(&self) -> (usize, usize);

    /// Number of entries of x.
    fn width(&self) -> usize {
        let (height, width) = self.size();
        height * width
    }

    /// Kind and size of y.
    fn condition(&self) -> Input;

    /// The mean of x over all examples.
    fn mean(&self) -> Vec<f32>;

    /// Writes the examples of these indices: x (n, width) and y (n, columns of the condition). `batch` is the number of
    /// the batch in the whole training, for what is drawn anew for each. Called within a
    /// [`region`](kernels::parallel::region), so it must not call rayon.
    fn fill(&self, batch: u64, indices: &[u32], x: ArrayViewMut2<T>, y: ArrayViewMut2<T>);

    /// Every value of x, where that is a finite set: what the auxiliary classifier tells apart.
    fn vocabulary(&self) -> Option<Vocabulary> {
        None
    }

    /// Writes the row of [`Examples::vocabulary`] that each of these examples is, (n, 1). Not called without a
    /// vocabulary.
    fn fill_vocabulary_indices(&self, _indices: &[u32], _rows: ArrayViewMut2<T>) {}
}

/// Every value that x can have, where that is a finite set, such as word vectors.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    /// The values, a row each: (words, width).
    pub points: Array2<f32>,
    /// The number of examples that have each value; at least one.
    pub counts: Vec<u32>,
}

/// The order of the examples: a new permutation each epoch, as a function of the seed and the epoch.
///
/// The last examples of a permutation that do not fill a batch are left out of that epoch.
pub struct Order {
    stream: Stream,
    batch: usize,
    epoch: Option<u64>,
    permutation: Vec<u32>,
}

impl Order {
    /// The order of `examples` examples in batches of `batch`.
    pub fn new(seed: u64, examples: usize, batch: usize) -> Self {
        let permutation = (0..u32::try_from(examples).expect("fewer than 2³² examples")).collect();
        Self { stream: Stream::new(seed, "order"), batch, epoch: None, permutation }
    }

    /// Whole batches in an epoch.
    pub fn batches(&self) -> u64 {
        (self.permutation.len() / self.batch) as u64
    }

    /// The indices of the `number`-th batch of the whole training.
    pub fn batch(&mut self, number: u64) -> &[u32] {
        let (epoch, position) = (number / self.batches(), (number % self.batches()) as usize);
        if self.epoch != Some(epoch) {
            // From the identity each time: an epoch's order must not depend on those before it.
            self.permutation.iter_mut().zip(0..).for_each(|(slot, index)| *slot = index);
            self.permutation.shuffle(&mut self.stream.at(epoch, 0));
            self.epoch = Some(epoch);
        }
        &self.permutation[position * self.batch..][..self.batch]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_shows_each_example_once_whatever_came_before() {
        let mut order = Order::new(9, 23, 5);
        assert_eq!(order.batches(), 4);
        let mut seen: Vec<u32> = (4..8).flat_map(|number| order.batch(number).to_vec()).collect();
        let second = seen.clone();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 20);
        let mut resumed = Order::new(9, 23, 5);
        assert_eq!(resumed.batch(6), &second[10..15]);
        assert_ne!(order.batch(0).to_vec(), second[..5]);
    }
}
