//! Dropout with a rate and a source of masks.

use autograd::{Error, Real, Shape, Stream, Tape, Var};

/// Drops entries with a given probability; masks are a function of the seed and a name.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    rate: f64,
    seed: u64,
}

impl Dropout {
    /// Dropout of probability `rate`, in [0, 1).
    pub fn new(rate: f64, seed: u64) -> Self {
        Self { rate, seed }
    }

    /// Records the layer on `x`; at rate 0 that is `x` itself. `name` tells its masks from those of others.
    ///
    /// # Errors
    /// If the rate is not in [0, 1).
    pub fn record<T: Real>(&self, tape: &mut Tape<T>, x: Var, name: &str) -> Result<Var, Error> {
        let mask = self.mask(tape, tape.shape(x), name)?;
        mask.map_or(Ok(x), |mask| tape.masked(x, mask))
    }

    /// Records the layer's mask alone, of this shape; at rate 0 there is none.
    ///
    /// # Errors
    /// As for [`Dropout::record`].
    pub fn mask<T: Real>(&self, tape: &mut Tape<T>, shape: Shape, name: &str) -> Result<Option<Var>, Error> {
        if self.rate == 0.0 {
            return Ok(None);
        }
        tape.mask(shape, 1.0 - self.rate, Stream::new(self.seed, &format!("dropout/{name}"))).map(Some)
    }
}
