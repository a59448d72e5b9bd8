//! The peak rate of a core, with which the benchmarks compare the kernels.

use std::hint::black_box;
use std::time::Instant;

use crate::isa::{Isa, Kernel};
use crate::simd::{self, Lanes};

/// Rounds of one measurement: about 5 ms.
const ROUNDS: usize = 1 << 20;

/// Multiplications and additions that this thread can do in a second, in GFLOP/s: measured with multiply-adds whose
/// operands stay in registers, the best of several measurements.
pub fn peak_rate() -> f64 {
    let isa = Isa::best();
    let seconds = (0..5).map(|_| {
        let start = Instant::now();
        // SAFETY: the kernel reads and writes no memory.
        let sum = unsafe { isa.run(MultiplyAdd { factor: black_box(1e-9) }) };
        black_box(sum);
        start.elapsed().as_secs_f64()
    });
    let lanes = isa.lanes();
    (2 * ROUNDS * CHAINS * lanes) as f64 / seconds.fold(f64::INFINITY, f64::min) / 1e9
}

/// Independent sums: enough for two units with a latency of up to six cycles.
const CHAINS: usize = 12;

struct MultiplyAdd {
    factor: f32,
}

impl Kernel for MultiplyAdd {
    type Output = f32;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) -> f32 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let (factor, mut sums) = (V::splat(self.factor), [V::splat(0.5); CHAINS]);
            for _ in 0..ROUNDS {
                for sum in &mut sums {
                    *sum = sum.add_product(*sum, factor);
                }
            }
            let mut totals = [0.0; CHAINS];
            simd::sums(&sums, &mut totals);
            totals.iter().sum()
        }
    }
}
