//! Vectors of `f32`, one type for each instruction set; kernels are written once over [`Lanes`].
//!
//! A method compiles to its instruction only where the whole kernel is compiled for the instruction set:
//! [`dispatch!`] does that, after a check that the processor has it.

use std::sync::OnceLock;

/// The instruction sets that kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// 16 lanes.
    Avx512,
    /// 8 lanes, with fused multiply-add.
    Avx2,
    /// Whatever the compiler makes of plain loops.
    Portable,
}

impl Isa {
    /// The best that this processor has, found once; or less, if that was [asked for](Isa::limit).
    pub fn best() -> Self {
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(|| {
            let limit = Self::limit().unwrap_or(Isa::Avx512);
            Self::available().into_iter().find(|isa| *isa as usize >= limit as usize).unwrap_or(Isa::Portable)
        })
    }

    /// The most that the environment variable `CGAN_ISA` (`avx512`, `avx2`, `portable`) allows, to compare.
    ///
    /// # Errors
    /// One line if it is set to something else.
    pub fn limit() -> Result<Self, String> {
        match std::env::var("CGAN_ISA").as_deref() {
            Err(_) | Ok("" | "avx512") => Ok(Isa::Avx512),
            Ok("avx2") => Ok(Isa::Avx2),
            Ok("portable") => Ok(Isa::Portable),
            Ok(other) => Err(format!("CGAN_ISA={other}: one of avx512, avx2, portable is needed")),
        }
    }

    /// All that this processor has, the widest first.
    pub fn available() -> Vec<Self> {
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            // With the parts that every such processor but the very first had.
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq")
            {
                found.push(Isa::Avx512);
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                found.push(Isa::Avx2);
            }
        }
        found.push(Isa::Portable);
        found
    }
}

/// Defines `$name`, which calls the generic and always inlined function `$plain` compiled for the best instruction
/// set: like [`vectorised`], for what the compiler would find too long to take in.
macro_rules! for_each_isa {
    ($(#[$doc:meta])* pub fn $name:ident $(<$T:ident: Real>)? ($($argument:ident: $kind:ty),* $(,)?) $(-> $out:ty)? => $plain:ident) => {
        $(#[$doc])*
        pub fn $name $(<$T: $crate::Real>)? ($($argument: $kind),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
                unsafe fn wide $(<$T: $crate::Real>)? ($($argument: $kind),*) $(-> $out)? {
                    $plain($($argument),*)
                }
                #[target_feature(enable = "avx2")]
                unsafe fn narrow $(<$T: $crate::Real>)? ($($argument: $kind),*) $(-> $out)? {
                    $plain($($argument),*)
                }
                // SAFETY: `Isa` is only made after a check of the processor.
                match $crate::kernels::lanes::Isa::best() {
                    $crate::kernels::lanes::Isa::Avx512 => return unsafe { wide($($argument),*) },
                    $crate::kernels::lanes::Isa::Avx2 => return unsafe { narrow($($argument),*) },
                    $crate::kernels::lanes::Isa::Portable => {}
                }
            }
            $plain($($argument),*)
        }
    };
}
pub(super) use for_each_isa;

/// Calls `body` compiled for the best instruction set, if the compiler takes it in: for plain loops, whose bits do
/// not depend on it, since nothing is reordered or fused that the loop does not say.
#[inline(always)]
pub(super) fn vectorised<R>(body: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
        unsafe fn wide<R>(body: impl FnOnce() -> R) -> R {
            body()
        }
        #[target_feature(enable = "avx2")]
        unsafe fn narrow<R>(body: impl FnOnce() -> R) -> R {
            body()
        }
        // SAFETY: `Isa` is only made after a check of the processor.
        match Isa::best() {
            Isa::Avx512 => return unsafe { wide(body) },
            Isa::Avx2 => return unsafe { narrow(body) },
            Isa::Portable => {}
        }
    }
    body()
}

/// A vector of `f32`.
///
/// # Safety
/// Every method may only be called where the processor has the instruction set, and pointers must be valid for
/// the lanes that the method names; alignment does not matter.
pub(super) unsafe trait Lanes: Copy {
    /// Lanes.
    const WIDTH: usize;
    /// All lanes `x`.
    unsafe fn splat(x: f32) -> Self;
    /// All lanes from `from`.
    unsafe fn load(from: *const f32) -> Self;
    /// The first `n` < WIDTH lanes from `from`, the rest 0.
    unsafe fn load_first(from: *const f32, n: usize) -> Self;
    /// All lanes to `to`.
    unsafe fn store(self, to: *mut f32);
    /// The first `n` < WIDTH lanes to `to`.
    unsafe fn store_first(self, to: *mut f32, n: usize);
    /// self + a b.
    unsafe fn add_product(self, a: Self, b: Self) -> Self;
    /// The sum of all lanes.
    unsafe fn sum(self) -> f32;
    /// Rows and columns of the tile that [`Lanes::transpose`] turns.
    const TILE: usize;
    /// Entry (i, j) of a tile, at `from[i stride + j]`, goes to `to[j width + i]`.
    unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, width: usize);
    /// A bit for each lane that is not zero, the first lane's the lowest.
    unsafe fn live(self) -> u32;
}

/// Several vectors side by side.
pub(super) trait Row {
    /// The first `columns` entries to `to` (or added to what stands there).
    ///
    /// # Safety
    /// As for [`Lanes`]; `to` is valid for `columns` entries.
    unsafe fn store_row(self, to: *mut f32, columns: usize, accumulate: bool);
}

impl<V: Lanes, const N: usize> Row for [V; N] {
    #[inline(always)]
    unsafe fn store_row(self, to: *mut f32, columns: usize, accumulate: bool) {
        // SAFETY: whole vectors are written where they fit, and the first lanes of the last.
        unsafe {
            let one = V::splat(1.0);
            for (j, sum) in self.into_iter().enumerate().take_while(|(j, _)| j * V::WIDTH < columns) {
                let (to, rest) = (to.add(j * V::WIDTH), columns - j * V::WIDTH);
                if rest >= V::WIDTH {
                    (if accumulate { V::load(to).add_product(sum, one) } else { sum }).store(to);
                } else {
                    let old = V::load_first(to, rest);
                    (if accumulate { old.add_product(sum, one) } else { sum }).store_first(to, rest);
                }
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{V8, V16};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::Lanes;

    #[derive(Clone, Copy)]
    pub(in super::super) struct V16(__m512);

    // SAFETY: each method is its instructions, whose demands are those of the trait; the masked forms touch
    // only the lanes of the mask.
    unsafe impl Lanes for V16 {
        const WIDTH: usize = 16;

        #[inline(always)]
        unsafe fn splat(x: f32) -> Self {
            unsafe { Self(_mm512_set1_ps(x)) }
        }

        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            unsafe { Self(_mm512_loadu_ps(from)) }
        }

        #[inline(always)]
        unsafe fn load_first(from: *const f32, n: usize) -> Self {
            unsafe { Self(_mm512_maskz_loadu_ps((1u16 << n) - 1, from)) }
        }

        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { _mm512_storeu_ps(to, self.0) }
        }

        #[inline(always)]
        unsafe fn store_first(self, to: *mut f32, n: usize) {
            unsafe { _mm512_mask_storeu_ps(to, (1u16 << n) - 1, self.0) }
        }

        #[inline(always)]
        unsafe fn add_product(self, a: Self, b: Self) -> Self {
            unsafe { Self(_mm512_fmadd_ps(a.0, b.0, self.0)) }
        }

        #[inline(always)]
        unsafe fn sum(self) -> f32 {
            unsafe { _mm512_reduce_add_ps(self.0) }
        }

        const TILE: usize = V8::TILE;

        #[inline(always)]
        unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, width: usize) {
            unsafe { V8::transpose(from, stride, to, width) }
        }

        #[inline(always)]
        unsafe fn live(self) -> u32 {
            unsafe { u32::from(_mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(self.0, _mm512_setzero_ps())) }
        }
    }

    /// SSE2, which every such processor has: a product and a sum, not fused.
    #[derive(Clone, Copy)]
    pub(in super::super) struct V4(__m128);

    // SAFETY: as above; single lanes are read and written one by one.
    unsafe impl Lanes for V4 {
        const WIDTH: usize = 4;
        const TILE: usize = 4;

        #[inline(always)]
        unsafe fn splat(x: f32) -> Self {
            unsafe { Self(_mm_set1_ps(x)) }
        }

        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            unsafe { Self(_mm_loadu_ps(from)) }
        }

        #[inline(always)]
        unsafe fn load_first(from: *const f32, n: usize) -> Self {
            unsafe {
                let mut lanes = [0.0; 4];
                lanes.iter_mut().take(n).enumerate().for_each(|(lane, x)| *x = *from.add(lane));
                Self(_mm_loadu_ps(lanes.as_ptr()))
            }
        }

        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { _mm_storeu_ps(to, self.0) }
        }

        #[inline(always)]
        unsafe fn store_first(self, to: *mut f32, n: usize) {
            unsafe {
                let mut lanes = [0.0; 4];
                _mm_storeu_ps(lanes.as_mut_ptr(), self.0);
                lanes.iter().take(n).enumerate().for_each(|(lane, x)| *to.add(lane) = *x);
            }
        }

        #[inline(always)]
        unsafe fn add_product(self, a: Self, b: Self) -> Self {
            unsafe { Self(_mm_add_ps(self.0, _mm_mul_ps(a.0, b.0))) }
        }

        #[inline(always)]
        unsafe fn sum(self) -> f32 {
            unsafe {
                let two = _mm_add_ps(self.0, _mm_movehl_ps(self.0, self.0));
                _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)))
            }
        }

        #[inline(always)]
        unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, width: usize) {
            unsafe {
                let [mut a, mut b, mut c, mut d] = [0, 1, 2, 3].map(|i| _mm_loadu_ps(from.add(i * stride)));
                _MM_TRANSPOSE4_PS(&mut a, &mut b, &mut c, &mut d);
                [a, b, c, d]
                    .into_iter()
                    .enumerate()
                    .for_each(|(j, row)| _mm_storeu_ps(to.add(j * width), row));
            }
        }

        #[inline(always)]
        unsafe fn live(self) -> u32 {
            unsafe { _mm_movemask_ps(_mm_cmpneq_ps(self.0, _mm_setzero_ps())).cast_unsigned() }
        }
    }

    #[derive(Clone, Copy)]
    pub(in super::super) struct V8(__m256);

    /// Eight lanes of ones from 8 - n on are a mask of the first n.
    static MASK: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

    #[inline(always)]
    unsafe fn first(n: usize) -> __m256i {
        // SAFETY: n <= 8, so eight lanes from 8 - n lie within the sixteen.
        unsafe { _mm256_loadu_si256(MASK.as_ptr().add(8 - n).cast()) }
    }

    // SAFETY: as above.
    unsafe impl Lanes for V8 {
        const WIDTH: usize = 8;

        #[inline(always)]
        unsafe fn splat(x: f32) -> Self {
            unsafe { Self(_mm256_set1_ps(x)) }
        }

        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            unsafe { Self(_mm256_loadu_ps(from)) }
        }

        #[inline(always)]
        unsafe fn load_first(from: *const f32, n: usize) -> Self {
            unsafe { Self(_mm256_maskload_ps(from, first(n))) }
        }

        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { _mm256_storeu_ps(to, self.0) }
        }

        #[inline(always)]
        unsafe fn store_first(self, to: *mut f32, n: usize) {
            unsafe { _mm256_maskstore_ps(to, first(n), self.0) }
        }

        #[inline(always)]
        unsafe fn add_product(self, a: Self, b: Self) -> Self {
            unsafe { Self(_mm256_fmadd_ps(a.0, b.0, self.0)) }
        }

        #[inline(always)]
        unsafe fn sum(self) -> f32 {
            unsafe {
                let four = _mm_add_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps(self.0, 1));
                let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
                _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)))
            }
        }

        const TILE: usize = 8;

        #[inline(always)]
        unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, width: usize) {
            // Pairs, then fours, then halves change places.
            unsafe {
                let r: [__m256; 8] = std::array::from_fn(|i| _mm256_loadu_ps(from.add(i * stride)));
                let pair =
                    |i: usize| (_mm256_unpacklo_ps(r[i], r[i + 1]), _mm256_unpackhi_ps(r[i], r[i + 1]));
                let four = |i: usize| {
                    let ((a, b), (c, d)) = (pair(i), pair(i + 2));
                    [
                        _mm256_shuffle_ps::<0x44>(a, c),
                        _mm256_shuffle_ps::<0xee>(a, c),
                        _mm256_shuffle_ps::<0x44>(b, d),
                        _mm256_shuffle_ps::<0xee>(b, d),
                    ]
                };
                let (top, bottom) = (four(0), four(4));
                for (j, (top, bottom)) in top.into_iter().zip(bottom).enumerate() {
                    _mm256_storeu_ps(to.add(j * width), _mm256_permute2f128_ps::<0x20>(top, bottom));
                    _mm256_storeu_ps(to.add((j + 4) * width), _mm256_permute2f128_ps::<0x31>(top, bottom));
                }
            }
        }

        #[inline(always)]
        unsafe fn live(self) -> u32 {
            unsafe {
                _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_NEQ_UQ>(self.0, _mm256_setzero_ps())).cast_unsigned()
            }
        }
    }
}

/// Four lanes that every processor has.
#[cfg(target_arch = "x86_64")]
pub(super) use x86::V4 as Plain;

/// Four lanes of plain numbers, for processors without vectors of their own here.
#[cfg(not(target_arch = "x86_64"))]
#[derive(Clone, Copy)]
pub(super) struct Plain([f32; 4]);

// SAFETY: plain reads and writes of the lanes named.
#[cfg(not(target_arch = "x86_64"))]
unsafe impl Lanes for Plain {
    const WIDTH: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self([x; 4])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        unsafe { Self(from.cast::<[f32; 4]>().read_unaligned()) }
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, n: usize) -> Self {
        unsafe { Self(std::array::from_fn(|lane| if lane < n { from.add(lane).read() } else { 0.0 })) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { to.cast::<[f32; 4]>().write_unaligned(self.0) }
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, n: usize) {
        for (lane, x) in self.0.into_iter().enumerate().take(n) {
            unsafe { to.add(lane).write(x) }
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
                unsafe { *to.add(j * width + i) = *from.add(i * stride + j) }
            }
        }
    }

    #[inline(always)]
    unsafe fn live(self) -> u32 {
        self.0.iter().enumerate().fold(0, |bits, (lane, x)| bits | u32::from(*x != 0.0) << lane)
    }
}

/// Defines `$name(isa, ..)`, which calls the inlined kernel `$kernel::<V, M, N>(..)` compiled for `isa`, with
/// a tile of M rows by N vectors that fits its registers.
macro_rules! dispatch {
    ($(#[$doc:meta])* $name:ident => $kernel:ident($($argument:ident: $kind:ty),* $(,)?), $m16:literal x $n16:literal, $m8:literal x $n8:literal, $m4:literal x $n4:literal) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        pub(super) unsafe fn $name(isa: $crate::kernels::lanes::Isa, $($argument: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f")]
                #[allow(clippy::too_many_arguments)]
                unsafe fn wide($($argument: $kind),*) {
                    unsafe { $kernel::<$crate::kernels::lanes::V16, $m16, $n16>($($argument),*) }
                }
                #[target_feature(enable = "avx2,fma")]
                #[allow(clippy::too_many_arguments)]
                unsafe fn narrow($($argument: $kind),*) {
                    unsafe { $kernel::<$crate::kernels::lanes::V8, $m8, $n8>($($argument),*) }
                }
                // SAFETY: `Isa` is only made after a check of the processor; the rest is the caller's promise.
                match isa {
                    $crate::kernels::lanes::Isa::Avx512 => return unsafe { wide($($argument),*) },
                    $crate::kernels::lanes::Isa::Avx2 => return unsafe { narrow($($argument),*) },
                    $crate::kernels::lanes::Isa::Portable => {}
                }
            }
            let _ = isa;
            // SAFETY: plain code; the rest is the caller's promise.
            unsafe { $kernel::<$crate::kernels::lanes::Plain, $m4, $n4>($($argument),*) }
        }
    };
}
pub(super) use dispatch;
