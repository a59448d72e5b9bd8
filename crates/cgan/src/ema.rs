//! The exponential moving average of G's weights.

use kernels::{Buffer, Real, parallel};

/// An average a ← d a + (1 - d) w of the weights after each update.
pub(crate) struct Ema<T> {
    decay: f64,
    pub(crate) values: Buffer<T>,
}

impl<T: Real> Ema<T> {
    /// The average of the first weights alone.
    pub(crate) fn new(decay: f64, weights: &[T]) -> Self {
        let mut values = Buffer::zeros(weights.len());
        values.copy_from_slice(weights);
        Self { decay, values }
    }

    /// Takes in the weights after the `step`-th update, counted from 0.
    pub(crate) fn update(&mut self, weights: &[T], step: u64) {
        // The decay rises to its setting, so that the first weights do not stay in the average for long.
        let steps = step as f64;
        let decay = self.decay.min((1.0 + steps) / (10.0 + steps));
        let share = T::of(1.0 - decay);
        parallel::parts([&mut self.values], |start, [average]| {
            let pairs = average.iter_mut().zip(&weights[start..]);
            pairs.for_each(|(average, w)| *average += share * (*w - *average));
        });
    }
}
