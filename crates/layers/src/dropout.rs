//! Dropout (Srivastava et al. 2014): y = m ∘ x / keep, with a mask m of zeros and ones.

use autograd::{Error, Real, Shape, Stream, Tape, Var};

/// Drops entries with a given probability. Masks are a function of the seed and a name.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    rate: f64,
    seed: u64,
}

impl Dropout {
    /// Dropout with probability `rate`, in [0, 1).
    pub fn new(rate: f64, seed: u64) -> Self {
        Self { rate, seed }
    }

    /// Records the layer on `x`. Each `name` has masks of its own.
    ///
    /// # Errors
    /// If the rate is not in [0, 1).
    pub fn record<T: Real>(&self, tape: &mut Tape<T>, x: Var, name: &str) -> Result<Var, Error> {
        let mask = self.mask(tape, tape.shape(x), name)?;
        tape.masked(x, mask)
    }

    /// Records the layer's mask alone, of this shape.
    ///
    /// # Errors
    /// As for [`Dropout::record`].
    pub fn mask<T: Real>(&self, tape: &mut Tape<T>, shape: Shape, name: &str) -> Result<Var, Error> {
        tape.mask(shape, 1.0 - self.rate, Stream::new(self.seed, &format!("dropout/{name}")))
    }
}
