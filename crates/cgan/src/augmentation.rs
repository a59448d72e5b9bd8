//! What a data augmentation of D's images is.
//!
//! D sees real images and fakes with random changes of the same kind, so it cannot learn the training images by heart. G
//! does not learn the changes as long as some images stay as they are: then D can still tell where the data lie (Karras et
//! al. 2020, "Training generative adversarial networks with limited data"). The change lies on the tape after G, and it is
//! linear in x, so its transpose takes D's gradient back to G and to the penalties.

use autograd::{Error, Real, Shape, Stream, Tape, Var};

/// When images are changed, and by which random numbers.
#[derive(Clone, Copy, Debug)]
pub struct Chance<'a> {
    /// Probability that an image is changed.
    pub probability: f64,
    /// Of the run.
    pub seed: u64,
    /// Each name has changes of its own, each new in every evaluation.
    pub name: &'a str,
}

impl Chance<'_> {
    /// Random numbers of the augmentation `kind`.
    pub fn stream(&self, kind: &str) -> Stream {
        Stream::new(self.seed, &format!("{kind}/{}", self.name))
    }
}

/// A random change of images that is linear in them.
pub trait Augmentation: Sized {
    /// A setting for which the derivatives of small images are checked.
    const CHECKED: Self;

    /// Why it cannot change images of `size` (height, width), if it cannot.
    fn misfit(&self, _size: Shape) -> Option<String> {
        None
    }

    /// Records the change of images x (batch, height · width).
    ///
    /// # Errors
    /// If x has another width.
    fn record<T: Real>(&self, tape: &mut Tape<T>, x: Var, size: Shape, chance: Chance) -> Result<Var, Error>;
}
