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
    /// 4 lanes, which every 64-bit x86 processor has; a product and a sum are rounded each.
    Sse2,
    /// What the compiler makes of plain numbers, four at a time, on any processor.
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

    /// The most that the environment variable `CGAN_ISA` (`avx512`, `avx2`, `sse2`, `portable`) allows, to compare.
    ///
    /// # Errors
    /// One line if it is set to something else.
    pub fn limit() -> Result<Self, String> {
        match std::env::var("CGAN_ISA").as_deref() {
            Err(_) | Ok("" | "avx512") => Ok(Isa::Avx512),
            Ok("avx2") => Ok(Isa::Avx2),
            Ok("sse2") => Ok(Isa::Sse2),
            Ok("portable") => Ok(Isa::Portable),
            Ok(other) => Err(format!("CGAN_ISA={other}: one of avx512, avx2, sse2, portable is needed")),
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
            found.push(Isa::Sse2);
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
                match $crate::lanes::Isa::best() {
                    // SAFETY: `best` has found it on this processor.
                    $crate::lanes::Isa::Avx512 => return unsafe { wide($($argument),*) },
                    // SAFETY: as above.
                    $crate::lanes::Isa::Avx2 => return unsafe { narrow($($argument),*) },
                    $crate::lanes::Isa::Sse2 | $crate::lanes::Isa::Portable => {}
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
        match Isa::best() {
            // SAFETY: `best` has found it on this processor.
            Isa::Avx512 => return unsafe { wide(body) },
            // SAFETY: as above.
            Isa::Avx2 => return unsafe { narrow(body) },
            Isa::Sse2 | Isa::Portable => {}
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

/// Hints that the `count` numbers from `from` on, which may be anywhere, will be wanted.
#[inline(always)]
pub(super) fn prefetch(from: *const f32, count: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..count).step_by(16) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint, which reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(line).cast()) }
    }
    let _ = (from, count);
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

mod plain;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(super) use plain::Plain;
#[cfg(target_arch = "x86_64")]
pub(super) use x86::{V4, V8, V16};

/// Defines `$name(isa, ..)`, which calls the inlined kernel `$kernel::<V, M, N>(..)` compiled for `isa`, with
/// a tile of M rows by N vectors that fits its registers. Its caller also promises that the processor has `isa`.
macro_rules! dispatch {
    ($(#[$doc:meta])* $name:ident => $kernel:ident($($argument:ident: $kind:ty),* $(,)?), $m16:literal x $n16:literal, $m8:literal x $n8:literal, $m4:literal x $n4:literal) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        #[allow(unsafe_op_in_unsafe_fn, reason = "the kernel's demands are the caller's promise")]
        pub(super) unsafe fn $name(isa: $crate::lanes::Isa, $($argument: $kind),*) {
            use $crate::lanes;
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f")]
            unsafe fn wide($($argument: $kind),*) {
                $kernel::<lanes::V16, $m16, $n16>($($argument),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            unsafe fn narrow($($argument: $kind),*) {
                $kernel::<lanes::V8, $m8, $n8>($($argument),*)
            }
            match isa {
                #[cfg(target_arch = "x86_64")]
                lanes::Isa::Avx512 => wide($($argument),*),
                #[cfg(target_arch = "x86_64")]
                lanes::Isa::Avx2 => narrow($($argument),*),
                #[cfg(target_arch = "x86_64")]
                lanes::Isa::Sse2 => $kernel::<lanes::V4, $m4, $n4>($($argument),*),
                _ => $kernel::<lanes::Plain, $m4, $n4>($($argument),*),
            }
        }
    };
}
pub(super) use dispatch;
