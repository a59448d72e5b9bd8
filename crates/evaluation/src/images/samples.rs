//! Samples: images with the class that they should show.

use std::ops::Range;

use autograd::Parameters;
use cgan::Sampler;
use data::images::ImageSet;
use ndarray::{Array1, Array2, Axis, s};

use super::judge::Verdict;

/// Images in [0, 1] and their classes.
#[derive(Clone, Debug)]
pub struct Samples {
    /// (n, pixels).
    pub images: Array2<f32>,
    /// The class that each should show, below the number of classes. Without a condition, 0 for all.
    pub labels: Vec<usize>,
    /// Whether they were drawn without a condition, so that the labels say nothing.
    pub unconditional: bool,
}

impl Samples {
    /// The real training images of a data set.
    pub fn of_training(set: &ImageSet) -> Self {
        let images = set.train.rows(0..set.train.len());
        Self { images, labels: set.train.labels(), unconditional: false }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The images of a range.
    pub fn rows(&self, range: Range<usize>) -> Array2<f32> {
        self.images.slice(s![range, ..]).to_owned()
    }

    /// These of them, in this order.
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            images: self.images.select(Axis(0), indices),
            labels: indices.iter().map(|index| self.labels[*index]).collect(),
            unconditional: self.unconditional,
        }
    }

    /// The images of one class.
    pub fn of_class(&self, class: usize) -> Self {
        self.select(&members(&self.labels, class))
    }

    /// `count` of each class, or as many as there are: the first ones, class by class.
    pub fn balanced(&self, classes: usize, count: usize) -> Self {
        let first = |class| members(&self.labels, class).into_iter().take(count);
        self.select(&(0..classes).flat_map(first).collect::<Vec<_>>())
    }

    /// Variation within classes: the square root of the mean, over pixels and classes, of the variance of a
    /// pixel within a class. About 0.23 for real digits, 0 where each class has one image.
    pub fn spread(&self, classes: usize) -> f64 {
        self.spread_within(&self.labels, classes)
    }

    /// The same; without a condition within the classes that the judge sees.
    pub fn judged_spread(&self, verdict: &Verdict, classes: usize) -> f64 {
        self.spread_within(if self.unconditional { &verdict.classes } else { &self.labels }, classes)
    }

    /// The share that the judge assigns to the class of the label; `None` without a condition.
    pub fn accuracy(&self, verdict: &Verdict) -> Option<f64> {
        (!self.unconditional).then(|| verdict.accuracy(&self.labels))
    }

    fn spread_within(&self, seen: &[usize], classes: usize) -> f64 {
        let variances: Vec<f64> = (0..classes)
            .map(|class| self.images.select(Axis(0), &members(seen, class)))
            .filter(|images| images.nrows() > 0)
            .map(|images| images.mapv(f64::from).var_axis(Axis(0), 0.0).mean().unwrap_or(0.0))
            .collect();
        Array1::from(variances).mean().unwrap_or(0.0).sqrt()
    }
}

/// Draws `each` samples of every one of these classes, or as many in all if G has no condition; each has noise of its own.
pub fn draw(
    sampler: &mut Sampler<f32>,
    parameters: &Parameters<f32>,
    classes: &[usize],
    each: usize,
) -> Samples {
    let unconditional = !sampler.is_conditional();
    let label = |class: &usize| if unconditional { 0 } else { *class };
    let labels: Vec<usize> = classes.iter().flat_map(|class| vec![label(class); each]).collect();
    let conditions = Array2::from_shape_fn((labels.len(), 1), |(i, _)| labels[i] as f32);
    let mut images = Array2::zeros((labels.len(), sampler.width()));
    let parts = images.axis_chunks_iter_mut(Axis(0), sampler.batch());
    for ((draw, conditions), mut images) in
        (0..).zip(conditions.axis_chunks_iter(Axis(0), sampler.batch())).zip(parts)
    {
        images.assign(&sampler.sample(parameters, conditions, draw));
    }
    Samples { images, labels, unconditional }
}

/// The indices of a class in `labels`.
pub(super) fn members(labels: &[usize], class: usize) -> Vec<usize> {
    labels.iter().enumerate().filter(|(_, label)| **label == class).map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn spread_is_within_classes_only() {
        let images = array![[0.0, 0.0], [0.2, 0.0], [1.0, 1.0], [1.0, 1.0]];
        let samples = Samples { images, labels: vec![0, 0, 1, 1], unconditional: false };
        // Variances 0.01, 0, 0, 0.
        assert!((samples.spread(2) - (0.01f64 / 4.0).sqrt()).abs() < 1e-7);
        assert_eq!(samples.balanced(2, 1).labels, [0, 1]);
        assert_eq!(samples.balanced(2, 1).images, array![[0.0, 0.0], [1.0, 1.0]]);
    }
}
