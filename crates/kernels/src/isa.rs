//! The instruction set, and the one way in which kernels are compiled for each of them.

use std::sync::OnceLock;

use crate::simd::{Lanes, Plain};
#[cfg(target_arch = "x86_64")]
use crate::simd::{V4, V8, V16};

/// The instruction sets that kernels are compiled for, from the widest to the narrowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// AVX-512: 16 lanes.
    Avx512,
    /// AVX2: 8 lanes, with fused multiply-add.
    Avx2,
    /// SSE2: 4 lanes, on every 64-bit x86 processor. A product and a sum are rounded separately.
    Sse2,
    /// What the compiler makes of arrays of four numbers, on any processor.
    Portable,
}

impl Isa {
    /// The widest instruction set of this processor, or a narrower one if [`Isa::limit`] says so. Found once.
    pub fn best() -> Self {
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(|| {
            let limit = Self::limit().unwrap_or(Isa::Avx512);
            Self::available().into_iter().find(|isa| *isa as usize >= limit as usize).unwrap_or(Isa::Portable)
        })
    }

    /// The widest instruction set that the environment variable `CGAN_ISA` (`avx512`, `avx2`, `sse2`, `portable`)
    /// allows, so that instruction sets can be compared on one machine.
    ///
    /// # Errors
    /// One line if the variable has another value.
    pub fn limit() -> Result<Self, String> {
        let all = [Isa::Avx512, Isa::Avx2, Isa::Sse2, Isa::Portable];
        let limit = std::env::var("CGAN_ISA").unwrap_or_default();
        if limit.is_empty() {
            return Ok(Isa::Avx512);
        }
        let named = all.into_iter().find(|isa| isa.name() == limit);
        named.ok_or_else(|| format!("CGAN_ISA={limit}: one of {} is needed", all.map(Isa::name).join(", ")))
    }

    /// The instruction sets of this processor, the widest first.
    pub fn available() -> Vec<Self> {
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            // All but the very first AVX-512 processors have these parts of it.
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

    /// As `CGAN_ISA` and the names of files have it.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Avx512 => "avx512",
            Isa::Avx2 => "avx2",
            Isa::Sse2 => "sse2",
            Isa::Portable => "portable",
        }
    }

    /// How many `f32` a vector holds.
    pub(crate) fn lanes(self) -> usize {
        match self {
            Isa::Avx512 => 16,
            Isa::Avx2 => 8,
            Isa::Sse2 | Isa::Portable => 4,
        }
    }

    /// Runs `kernel`, compiled for this instruction set.
    ///
    /// # Safety
    /// The processor has the instruction set, and the kernel's own requirements hold.
    #[inline(always)]
    pub(crate) unsafe fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
            unsafe fn avx512<K: Kernel>(kernel: K) -> K::Output {
                // SAFETY: the caller's promise.
                unsafe { kernel.run::<V16>() }
            }
            #[target_feature(enable = "avx2,fma")]
            unsafe fn avx2<K: Kernel>(kernel: K) -> K::Output {
                // SAFETY: the caller's promise.
                unsafe { kernel.run::<V8>() }
            }
            match self {
                // SAFETY: the caller's promise.
                Isa::Avx512 => return unsafe { avx512(kernel) },
                // SAFETY: the caller's promise.
                Isa::Avx2 => return unsafe { avx2(kernel) },
                // SAFETY: every 64-bit x86 processor has SSE2; the rest is the caller's promise.
                Isa::Sse2 if K::LANES => return unsafe { kernel.run::<V4>() },
                Isa::Sse2 | Isa::Portable => {}
            }
        }
        // SAFETY: the caller's promise.
        unsafe { kernel.run::<Plain>() }
    }
}

/// A kernel with its arguments. It is written once, over the vectors of any instruction set, and compiled for each by
/// [`Isa::run`].
pub(crate) trait Kernel: Sized {
    /// What it returns.
    type Output;
    /// Whether it computes with the vectors of [`Kernel::run`]. A plain loop leaves them to the compiler, whose code for
    /// SSE2, which every 64-bit x86 processor has, is also the portable code.
    const LANES: bool = true;

    /// Runs with vectors of type `V`. Implementations are `#[inline(always)]`, and so is what they call: code in a
    /// function of its own is not compiled for the instruction set.
    ///
    /// # Safety
    /// The processor has the instruction set of `V`; a kernel states what else it requires.
    unsafe fn run<V: Lanes>(self) -> Self::Output;
}

/// A plain loop.
struct Loop<F>(F);

impl<R, F: FnOnce() -> R> Kernel for Loop<F> {
    type Output = R;
    const LANES: bool = false;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) -> R {
        (self.0)()
    }
}

/// Calls `body` compiled for the best instruction set, if the compiler inlines it: for plain loops, whose bits do not
/// depend on the instruction set, since the compiler reorders and fuses nothing on its own.
#[inline(always)]
pub(crate) fn vectorised<R>(body: impl FnOnce() -> R) -> R {
    // SAFETY: the processor has its best instruction set, and safe code requires nothing else.
    unsafe { Isa::best().run(Loop(body)) }
}
