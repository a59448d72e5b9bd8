//! What a core can do at most: the yardstick beside which kernels are timed.

use std::hint::black_box;
use std::time::Instant;

use super::lanes::{Isa, Lanes, dispatch};

/// Rounds of one measurement: about 5 ms.
const ROUNDS: usize = 1 << 20;

/// Multiplications and additions that this thread does in a second at most, in GFLOP/s: fused multiply-adds whose
/// operands stay in registers, the best of several measurements.
pub fn peak() -> f64 {
    let isa = Isa::best();
    let seconds = (0..5).map(|_| {
        let (mut sum, start) = (0.0, Instant::now());
        // SAFETY: nothing is read or written but `sum`.
        unsafe { chains(isa, black_box(1e-9), &mut sum) };
        black_box(sum);
        start.elapsed().as_secs_f64()
    });
    let lanes = match isa {
        Isa::Avx512 => 16,
        Isa::Avx2 => 8,
        Isa::Sse2 | Isa::Portable => 4,
    };
    (2 * ROUNDS * CHAINS * lanes) as f64 / seconds.fold(f64::INFINITY, f64::min) / 1e9
}

/// Enough for two units of a latency of up to six.
const CHAINS: usize = 12;

dispatch! {
    /// # Safety
    /// The processor has the instruction set.
    chains => multiply_add(factor: f32, sum: &mut f32), 1 x 12, 1 x 12, 1 x 12
}

#[inline(always)]
unsafe fn multiply_add<V: Lanes, const M: usize, const N: usize>(factor: f32, sum: &mut f32) {
    // SAFETY: the caller vouches for the instruction set.
    unsafe {
        let (factor, mut sums) = (V::splat(factor), [V::splat(0.5); N]);
        for _ in 0..ROUNDS {
            for sum in &mut sums {
                *sum = sum.add_product(*sum, factor);
            }
        }
        *sum = sums.into_iter().map(|sum| sum.sum()).sum();
    }
}
