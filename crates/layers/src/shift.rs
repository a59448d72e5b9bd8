//! Moving pictures by some pixels, with a source of moves.

use autograd::{Error, Real, Shape, Stream, Tape, Var};

/// Moves some of the pictures; by how much is a function of the seed and a name.
#[derive(Clone, Copy, Debug)]
pub struct Shift {
    most: usize,
    share: f64,
    size: Shape,
    seed: u64,
}

impl Shift {
    /// Moves a `share` of pictures of `size` (height, width) by up to `most` pixels along either side.
    pub fn new(most: usize, share: f64, size: Shape, seed: u64) -> Self {
        Self { most, share, size, seed }
    }

    /// Records the layer on `x` (batch, height · width); where nothing moves that is `x` itself. `name` tells its moves
    /// from those of others.
    ///
    /// # Errors
    /// If the share is not in [0, 1], or the pictures have another size.
    pub fn record<T: Real>(&self, tape: &mut Tape<T>, x: Var, name: &str) -> Result<Var, Error> {
        if self.most == 0 || self.share == 0.0 {
            return Ok(x);
        }
        let stream = Stream::new(self.seed, &format!("shift/{name}"));
        let moves = tape.moves(tape.shape(x).0, self.most, self.share, stream)?;
        tape.shift(x, moves, self.size)
    }
}
