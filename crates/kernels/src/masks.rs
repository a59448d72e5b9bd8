//! Dropout's masks, from sixteen random bits an entry.

use rand::{Rng, RngCore};

use crate::isa::vectorised;
use crate::scalar::Scalar;

/// Entries whose bits are drawn at once. Even, so that no word of random bits is left half used.
const AT_ONCE: usize = 256;

/// mask = 1 / keep where an entry is kept, with probability `keep` to the nearest 2⁻¹⁶, and 0 elsewhere.
pub fn draw<T: Scalar>(random: &mut impl RngCore, keep: f64, mask: &mut [T]) {
    let scale = T::of(1.0 / keep);
    // Of 2¹⁶ equally likely numbers, so many are below the threshold.
    let threshold = (keep * 65_536.0).round() as u32;
    let mut bits = [0u16; AT_ONCE];
    for mask in mask.chunks_mut(AT_ONCE) {
        let bits = &mut bits[..mask.len()];
        random.fill(bits);
        let bits = &*bits;
        // Moved in, so that the compiler knows that the mask does not overlap them.
        vectorised(move || {
            for (mask, bits) in mask.iter_mut().zip(bits) {
                *mask = if u32::from(*bits) < threshold { scale } else { T::zero() };
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fenced::{Edge, Fenced};
    use crate::test_support::random;

    #[test]
    fn equals_a_decision_an_entry() {
        for length in [0, 1, 2, 31, 255, 256, 257, 511, 1301] {
            for keep in [0.0, 0.2, 0.5, 0.9, 1.0] {
                for edge in Edge::BOTH {
                    let mut mask = Fenced::new(&vec![-1.0f32; length], edge);
                    draw(&mut random(length as u64), keep, &mut mask);
                    // The stream's words, the lower half first.
                    let mut generator = random(length as u64);
                    let words: Vec<u32> = (0..length.div_ceil(2)).map(|_| generator.next_u32()).collect();
                    for (i, mask) in mask.iter().enumerate() {
                        let bits = words[i / 2] >> (16 * (i % 2)) & 0xffff;
                        let want = if f64::from(bits) < (keep * 65_536.0).round() { 1.0 / keep } else { 0.0 };
                        assert_eq!(*mask, want as f32, "entry {i} of {length}, keep {keep}");
                    }
                }
            }
        }
    }
}
