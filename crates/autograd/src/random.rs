//! Random numbers as a function of (seed, purpose, draw, index), so that no generator state exists.
//!
//! A checkpoint then has nothing to save, and no result can depend on which thread drew first.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// One purpose's random numbers, such as the generator's noise or one layer's dropout.
#[derive(Clone, Debug)]
pub struct Stream {
    key: [u8; 32],
}

impl Stream {
    /// The stream of `purpose` under `seed`; another purpose or another seed is independent of it.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&fnv1a(purpose).to_le_bytes());
        Self { key }
    }

    /// A generator for the `index`-th part (a row, say) of the `draw`-th use.
    ///
    /// ChaCha is a block cipher run over a counter: `draw` is its 64-bit stream number, and `index` the upper
    /// half of its position, which leaves 2³² words to each part.
    pub fn at(&self, draw: u64, index: u64) -> ChaCha8Rng {
        let mut generator = ChaCha8Rng::from_seed(self.key);
        generator.set_stream(draw);
        generator.set_word_pos(u128::from(index) << 32);
        generator
    }
}

/// The 64-bit FNV-1a hash: short, and the same on every machine and version, unlike the standard hasher.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngCore;

    #[test]
    fn every_coordinate_of_a_stream_matters() {
        let word = |seed, purpose, draw, index| Stream::new(seed, purpose).at(draw, index).next_u64();
        let base = word(1, "noise", 2, 3);
        assert_eq!(base, word(1, "noise", 2, 3));
        for other in
            [word(2, "noise", 2, 3), word(1, "order", 2, 3), word(1, "noise", 3, 3), word(1, "noise", 2, 4)]
        {
            assert_ne!(base, other);
        }
    }
}
