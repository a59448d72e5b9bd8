//! Vectors made of arrays, for processors whose instructions are not listed here.
#![allow(unsafe_op_in_unsafe_fn, reason = "reads and writes have the same requirements as the trait")]

use super::lanes::{IntegerLanes, Lanes};

/// Four lanes of plain numbers.
#[derive(Clone, Copy)]
pub(crate) struct Plain([f32; 4]);

// SAFETY: plain reads and writes of the lanes named.
unsafe impl Lanes for Plain {
    type Integers = PlainIntegers;
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
    unsafe fn sums(four: [Self; 4]) -> [f32; 4] {
        four.map(|Self([a, b, c, d])| (a + c) + (b + d))
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
    unsafe fn non_zero(self) -> u32 {
        self.0.iter().enumerate().fold(0, |bits, (lane, x)| bits | u32::from(*x != 0.0) << lane)
    }
}

/// Four lanes of `i32`; as pairs, each holds two `i16`.
#[derive(Clone, Copy)]
pub(crate) struct PlainIntegers([i32; 4]);

// SAFETY: plain reads and writes of four lanes.
unsafe impl IntegerLanes for PlainIntegers {
    const WIDTH: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: i32) -> Self {
        Self([x; 4])
    }

    #[inline(always)]
    unsafe fn load_pairs(from: *const [i16; 2]) -> Self {
        Self(from.cast::<[i32; 4]>().read_unaligned())
    }

    #[inline(always)]
    unsafe fn add_pairs(self, a: Self, b: Self) -> Self {
        let halves = |x: i32| [i32::from(x as i16), x >> 16];
        Self(std::array::from_fn(|lane| {
            let ([a, b], [c, d]) = (halves(a.0[lane]), halves(b.0[lane]));
            self.0[lane] + a * c + b * d
        }))
    }

    #[inline(always)]
    unsafe fn any_above(self, bar: Self) -> bool {
        self.0.iter().zip(bar.0).any(|(sum, bar)| *sum > bar)
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut i32) {
        to.cast::<[i32; 4]>().write_unaligned(self.0)
    }
}
