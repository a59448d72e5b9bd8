//! What a core can do at most, with which the benchmarks compare the kernels: multiplications in registers, and reading.

use std::hint::black_box;
use std::time::Instant;

use crate::buffer::Buffer;
use crate::isa::{Isa, Kernel};
use crate::simd::{self, Lanes};

/// Rounds of one measurement: about 5 ms.
const ROUNDS: usize = 1 << 20;

/// Multiplications and additions that this thread can do in a second, in GFLOP/s: measured with multiply-adds whose
/// operands stay in registers, the best of several measurements.
pub fn peak_rate() -> f64 {
    let isa = Isa::best();
    let seconds = best_of_five(|| {
        // SAFETY: the kernel reads and writes no memory.
        let sum = unsafe { isa.run(MultiplyAdd { factor: black_box(1e-9) }) };
        black_box(sum);
    });
    (2 * ROUNDS * CHAINS * isa.lanes()) as f64 / seconds / 1e9
}

/// Bytes that this thread can read in a second, in GB/s, from an array of `bytes` (rounded down to 2 KiB, at least that)
/// that it reads again and again: it then lies in the nearest cache that holds all of it, or in memory. The best of
/// several measurements.
pub fn read_rate(bytes: usize) -> f64 {
    let values = Buffer::<f32>::zeros((bytes / STRETCH / 4).max(1) * STRETCH);
    let rounds = (READ / (4 * values.len())).max(1);
    let seconds = best_of_five(|| {
        for _ in 0..rounds {
            // SAFETY: the processor has its best instruction set, and the array is whole stretches.
            let sum = unsafe { Isa::best().run(Read { values: black_box(&values) }) };
            black_box(sum);
        }
    });
    (4 * values.len() * rounds) as f64 / seconds / 1e9
}

/// Bytes that one measurement of reading reads at least, and entries that are read without a branch.
const READ: usize = 1 << 27;
const STRETCH: usize = 512;

/// Seconds of the fastest of five runs.
fn best_of_five(run: impl Fn()) -> f64 {
    let seconds = (0..5).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    });
    seconds.fold(f64::INFINITY, f64::min)
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

/// The sum of all values, of which there are whole stretches.
struct Read<'a> {
    values: &'a [f32],
}

impl Kernel for Read<'_> {
    type Output = f32;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) -> f32 {
        const SUMS: usize = 8;
        // SAFETY: the loads stay within a stretch; the caller vouches for the instruction set.
        unsafe {
            let (one, mut sums) = (V::splat(1.0), [V::splat(0.0); SUMS]);
            for stretch in self.values.as_chunks::<STRETCH>().0 {
                for start in (0..STRETCH).step_by(SUMS * V::WIDTH) {
                    for (number, sum) in sums.iter_mut().enumerate() {
                        *sum = sum.add_product(V::load(stretch.as_ptr().add(start + number * V::WIDTH)), one);
                    }
                }
            }
            let mut totals = [0.0; SUMS];
            simd::sums(&sums, &mut totals);
            totals.iter().sum()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_once() {
        for isa in Isa::available() {
            for stretches in [1, 3] {
                let values: Vec<f32> = (0..stretches * STRETCH).map(|i| (i % 7) as f32).collect();
                // SAFETY: the processor has the instruction set, and these are whole stretches.
                let sum = unsafe { isa.run(Read { values: &values }) };
                assert_eq!(sum, values.iter().sum::<f32>(), "{isa:?}, {stretches} stretches");
            }
        }
    }
}
