//! Dropout's masks, from sixteen random bits an entry.

use rand::{Rng, RngCore};

use super::lanes::vectorised;
use crate::Real;

/// Entries whose bits are drawn at once. Even, so that no word of random bits is left half used.
const AT_ONCE: usize = 256;

/// mask = 1 / keep where an entry is kept, with probability `keep` to the nearest 2⁻¹⁶, and 0 elsewhere.
pub fn draw<T: Real>(random: &mut impl RngCore, keep: f64, mask: &mut [T]) {
    let scale = T::of(1.0 / keep);
    // Of 2¹⁶ equally likely numbers, so many are below the threshold.
    let threshold = (keep * 65_536.0).round() as u32;
    let mut bits = [0u16; AT_ONCE];
    for mask in mask.chunks_mut(AT_ONCE) {
        let bits = &mut bits[..mask.len()];
        random.fill(bits);
        let bits = &*bits;
        // Moved in, so that the compiler sees that the mask is none of them.
        vectorised(move || {
            for (mask, bits) in mask.iter_mut().zip(bits) {
                *mask = if u32::from(*bits) < threshold { scale } else { T::zero() };
            }
        });
    }
}
