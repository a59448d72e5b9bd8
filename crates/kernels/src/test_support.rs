//! Random numbers for tests.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Independent generators under one seed.
pub(crate) struct Stream {
    seed: u64,
}

impl Stream {
    /// The streams of a seed; `_purpose` only names the test.
    pub(crate) fn new(seed: u64, _purpose: &str) -> Self {
        Self { seed }
    }

    /// The generator of one stream, from one position on.
    pub(crate) fn at(&self, stream: u64, index: u64) -> ChaCha8Rng {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(stream);
        random.set_word_pos(u128::from(index) << 32);
        random
    }
}
