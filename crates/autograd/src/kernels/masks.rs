//! Dropout's masks, from sixteen random bits an entry.

use rand::{Rng, RngCore};

use super::lanes::vectorised;
use crate::Real;

/// Entries whose bits are drawn at once. Even, so that no word of random bits is left half used.
const AT_ONCE: usize = 256;

/// y = x / keep where an entry is kept, with probability `keep` to the nearest 2⁻¹⁶, and 0 elsewhere. `mask`, unless
/// it is empty, notes what was kept.
pub fn drop<T: Real>(random: &mut impl RngCore, keep: f64, x: &[T], y: &mut [T], mask: &mut [u8]) {
    let scale = T::of(1.0 / keep);
    // Of 2¹⁶ equally likely numbers, so many are below the threshold.
    let threshold = (keep * 65_536.0).round() as u32;
    let mut bits = [0u16; AT_ONCE];
    let mut masks = mask.chunks_mut(AT_ONCE);
    for (x, y) in x.chunks(AT_ONCE).zip(y.chunks_mut(AT_ONCE)) {
        let bits = &mut bits[..x.len()];
        random.fill(bits);
        let bits = &*bits;
        // Moved in, so that the compiler sees that y is none of them.
        vectorised(move || {
            for ((x, y), bits) in x.iter().zip(y).zip(bits) {
                // A choice between two constants: one of x would become a branch, which no processor can foresee.
                *y = *x * if u32::from(*bits) < threshold { scale } else { T::zero() };
            }
        });
        if let Some(mask) = masks.next() {
            vectorised(move || {
                for (mask, bits) in mask.iter_mut().zip(bits) {
                    *mask = u8::from(u32::from(*bits) < threshold);
                }
            });
        }
    }
}
