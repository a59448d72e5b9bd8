//! What the compiler makes of plain numbers, for processors without vectors of their own here.
#![allow(
    unsafe_op_in_unsafe_fn,
    reason = "what reads and writes ask for is what the trait asks of its callers"
)]

use super::Lanes;

/// Four lanes of plain numbers.
#[derive(Clone, Copy)]
pub(crate) struct Plain([f32; 4]);

// SAFETY: plain reads and writes of the lanes named.
unsafe impl Lanes for Plain {
    const WIDTH: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self([x; 4])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(from.cast::<[f32; 4]>().read_unaligned())
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, n: usize) -> Self {
        Self(std::array::from_fn(|lane| if lane < n { from.add(lane).read() } else { 0.0 }))
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        to.cast::<[f32; 4]>().write_unaligned(self.0)
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, n: usize) {
        for (lane, x) in self.0.into_iter().enumerate().take(n) {
            to.add(lane).write(x)
        }
    }

    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        Self(std::array::from_fn(|lane| self.0[lane] + a.0[lane] * b.0[lane]))
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        let [a, b, c, d] = self.0;
        (a + c) + (b + d)
    }

    const TILE: usize = 4;

    #[inline(always)]
    unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, width: usize) {
        for i in 0..Self::TILE {
            for j in 0..Self::TILE {
                *to.add(j * width + i) = *from.add(i * stride + j)
            }
        }
    }

    #[inline(always)]
    unsafe fn live(self) -> u32 {
        self.0.iter().enumerate().fold(0, |bits, (lane, x)| bits | u32::from(*x != 0.0) << lane)
    }
}
