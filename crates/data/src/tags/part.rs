//! The pictures of a split that have tags which are ranked.

use ndarray::{Array2, Axis};

use super::preprocessing::Preprocessing;
use super::set::TagSet;
use crate::split::Split;

/// Pictures that have a tag among those that are ranked.
pub struct Part {
    /// Their numbers in the set.
    pub numbers: Vec<usize>,
    /// A row of scaled features for each.
    pub features: Array2<f32>,
    /// The tags of each, as places in [`Preprocessing::tags`].
    pub own: Vec<Vec<u32>>,
}

impl Part {
    /// The first such pictures of a split, at most `most`.
    pub fn new(set: &TagSet, fitted: &Preprocessing, split: Split, most: usize) -> Self {
        let own = fitted.own_tags(set, &set.split(split)).into_iter();
        let (numbers, own): (Vec<usize>, Vec<Vec<u32>>) =
            own.filter(|(_, own)| !own.is_empty()).take(most).unzip();
        let features = fitted.scaled(set.features.select(Axis(0), &numbers).view());
        Self { numbers, features, own }
    }
}
