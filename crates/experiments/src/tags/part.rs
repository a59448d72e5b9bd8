//! The pictures of a split that can be asked about.

use ndarray::{Array2, Axis};

use super::set::{Split, TagSet};
use super::world::World;

/// Pictures that have a tag among those that are ranked.
pub struct Part {
    /// Their numbers in the set.
    pub numbers: Vec<usize>,
    /// A row of scaled features for each.
    pub features: Array2<f32>,
    /// The tags of each, as places in [`World::tags`].
    pub own: Vec<Vec<u32>>,
}

impl Part {
    /// The first pictures of a split, `most` of them.
    pub fn new(set: &TagSet, world: &World, split: Split, most: usize) -> Self {
        let own = world.own_tags(set, &set.split(split)).into_iter();
        let (numbers, own): (Vec<usize>, Vec<Vec<u32>>) =
            own.filter(|(_, own)| !own.is_empty()).take(most).unzip();
        let features = world.scaled(set.features.select(Axis(0), &numbers).view());
        Self { numbers, features, own }
    }
}
