//! e^x in single precision, without a branch or a call, so that a loop over it becomes vector instructions, and a sum of
//! exponentials.

use crate::isa::{Isa, Kernel};
use crate::simd::Lanes;

/// e^x for x ≤ 0, to 3e-7 of the value; 0 below -87, where single precision leaves its normal numbers.
///
/// x = n log 2 + r with |r| ≤ ½ log 2; e^r by its Taylor polynomial, 2ⁿ by its bits.
#[inline(always)]
pub fn exp_of_negative(x: f32) -> f32 {
    // Adding and taking away 1.5 · 2²³ rounds to an integer, which then also stands in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    // log 2 in two parts, the first with few enough bits that n times it is exact.
    const LOG2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
    let held = if x < -87.0 { -87.0 } else { x };
    let shifted = held * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (held - n * LOG2.0) - n * LOG2.1;
    let mut p = 1.0 / 720.0;
    for c in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        p = p * r + c;
    }
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23));
    if x < -87.0 { 0.0 } else { p * power }
}

/// Sums that are made side by side, whatever the instruction set, so that bits do not depend on it.
const SUMS: usize = 16;

/// Σ_i e^((least - x_i) scale), for `least` that is no more than any x_i: the term of the smallest x_i is at most 1, and no
/// sum overflows.
pub fn sum_of_exponentials(values: &[f32], least: f32, scale: f32) -> f64 {
    // SAFETY: the processor has its best instruction set, and the kernel is safe code.
    unsafe { Isa::best().run(SumOfExponentials { values, least, scale }) }
}

struct SumOfExponentials<'a> {
    values: &'a [f32],
    least: f32,
    scale: f32,
}

impl Kernel for SumOfExponentials<'_> {
    type Output = f64;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) -> f64 {
        let Self { values, least, scale } = self;
        let (whole, rest) = values.as_chunks::<SUMS>();
        let mut sums = [0f32; SUMS];
        for values in whole {
            for (sum, x) in sums.iter_mut().zip(values) {
                *sum += exp_of_negative((least - *x) * scale);
            }
        }
        let mut total: f64 = sums.into_iter().map(f64::from).sum();
        for x in rest {
            total += f64::from(exp_of_negative((least - *x) * scale));
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_exponential_in_double_precision() {
        for step in 0..870_000 {
            let x = -1e-4 * step as f32;
            let want = f64::from(x).exp();
            let error = (f64::from(exp_of_negative(x)) / want - 1.0).abs();
            assert!(error < 3e-7, "{x}: {error}");
        }
        assert_eq!([0.0, -88.0, -1e30, f32::NEG_INFINITY].map(exp_of_negative), [1.0, 0.0, 0.0, 0.0]);
        assert!(exp_of_negative(f32::NAN).is_nan());
    }

    #[test]
    fn sums_agree_with_the_formula_on_every_instruction_set() {
        let values: Vec<f32> = (0..1003).map(|i| 3.0 + (i * 37 % 101) as f32 / 9.0).collect();
        for count in [0, 1, 15, 16, 33, 1003] {
            let (values, scale) = (&values[..count], 0.7);
            let want: f64 = values.iter().map(|x| ((3.0 - f64::from(*x)) * 0.7).exp()).sum();
            let sums = Isa::available().into_iter().map(|isa| {
                // SAFETY: the processor has the instruction set, and the kernel is safe code.
                unsafe { isa.run(SumOfExponentials { values, least: 3.0, scale }) }
            });
            for sum in sums {
                assert!((sum - want).abs() < 1e-6 * (want + 1.0), "{count}: {sum}, not {want}");
                assert_eq!(sum, sum_of_exponentials(values, 3.0, scale));
            }
        }
    }
}
