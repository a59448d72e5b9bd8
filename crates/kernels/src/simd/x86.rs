//! Vectors of the x86 instruction sets. A method is one instruction or a few.
#![allow(unsafe_op_in_unsafe_fn, reason = "instructions have the same requirements as the trait")]

use std::arch::x86_64::*;

use super::lanes::{IntegerLanes, Lanes};

/// AVX-512: 16 lanes.
#[derive(Clone, Copy)]
pub(crate) struct V16(__m512);

impl V16 {
    /// The sum of the lower and the upper half.
    #[inline(always)]
    unsafe fn halves(self) -> V8 {
        V8(_mm256_add_ps(_mm512_castps512_ps256(self.0), _mm512_extractf32x8_ps(self.0, 1)))
    }
}

// SAFETY: each method is its instructions, whose requirements are those of the trait; the masked forms touch only the
// lanes of the mask.
unsafe impl Lanes for V16 {
    type Integers = I8;
    const WIDTH: usize = 16;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self(_mm512_set1_ps(x))
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(_mm512_loadu_ps(from))
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, n: usize) -> Self {
        Self(_mm512_maskz_loadu_ps((1u16 << n) - 1, from))
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        _mm512_storeu_ps(to, self.0)
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, n: usize) {
        _mm512_mask_storeu_ps(to, (1u16 << n) - 1, self.0)
    }

    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        Self(_mm512_fmadd_ps(a.0, b.0, self.0))
    }

    #[inline(always)]
    unsafe fn sums(four: [Self; 4]) -> [f32; 4] {
        let [a, b, c, d] = four;
        V8::sums([a.halves(), b.halves(), c.halves(), d.halves()])
    }

    const TILE: usize = V8::TILE;

    #[inline(always)]
    unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, width: usize) {
        V8::transpose(from, stride, to, width)
    }

    #[inline(always)]
    unsafe fn non_zero(self) -> u32 {
        u32::from(_mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(self.0, _mm512_setzero_ps()))
    }

    #[inline(always)]
    unsafe fn list_non_zero(self, first: u32, step: u32, places: *mut u32, values: *mut f32) -> usize {
        let bits = _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(self.0, _mm512_setzero_ps());
        let lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        let numbers = _mm512_add_epi32(lanes, _mm512_set1_epi32(first.cast_signed()));
        let numbers = _mm512_mullo_epi32(numbers, _mm512_set1_epi32(step.cast_signed()));
        // Into a register and then out as a whole: to memory at once it takes many times as long on some processors.
        _mm512_storeu_si512(places.cast(), _mm512_maskz_compress_epi32(bits, numbers));
        _mm512_storeu_ps(values, _mm512_maskz_compress_ps(bits, self.0));
        bits.count_ones() as usize
    }
}

/// SSE2, which every such processor has: a product and a sum, not fused.
#[derive(Clone, Copy)]
pub(crate) struct V4(__m128);

// SAFETY: as for V16; single lanes are read and written one by one.
unsafe impl Lanes for V4 {
    type Integers = I4;
    const WIDTH: usize = 4;
    const TILE: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self(_mm_set1_ps(x))
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(_mm_loadu_ps(from))
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, n: usize) -> Self {
        let mut lanes = [0.0; 4];
        lanes.iter_mut().take(n).enumerate().for_each(|(lane, x)| *x = *from.add(lane));
        Self(_mm_loadu_ps(lanes.as_ptr()))
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        _mm_storeu_ps(to, self.0)
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, n: usize) {
        let mut lanes = [0.0; 4];
        _mm_storeu_ps(lanes.as_mut_ptr(), self.0);
        lanes.iter().take(n).enumerate().for_each(|(lane, x)| *to.add(lane) = *x);
    }

    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        Self(_mm_add_ps(self.0, _mm_mul_ps(a.0, b.0)))
    }

    #[inline(always)]
    unsafe fn sums(four: [Self; 4]) -> [f32; 4] {
        let [a, b, c, d] = four;
        // Lanes 0 and 2, then 1 and 3, of two vectors in turn; then of four side by side.
        let ab = _mm_add_ps(_mm_unpacklo_ps(a.0, b.0), _mm_unpackhi_ps(a.0, b.0));
        let cd = _mm_add_ps(_mm_unpacklo_ps(c.0, d.0), _mm_unpackhi_ps(c.0, d.0));
        let mut sums = [0.0; 4];
        _mm_storeu_ps(sums.as_mut_ptr(), _mm_add_ps(_mm_movelh_ps(ab, cd), _mm_movehl_ps(cd, ab)));
        sums
    }

    #[inline(always)]
    unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, width: usize) {
        let [mut a, mut b, mut c, mut d] = [0, 1, 2, 3].map(|i| _mm_loadu_ps(from.add(i * stride)));
        _MM_TRANSPOSE4_PS(&mut a, &mut b, &mut c, &mut d);
        [a, b, c, d].into_iter().enumerate().for_each(|(j, row)| _mm_storeu_ps(to.add(j * width), row));
    }

    #[inline(always)]
    unsafe fn non_zero(self) -> u32 {
        _mm_movemask_ps(_mm_cmpneq_ps(self.0, _mm_setzero_ps())).cast_unsigned()
    }
}

/// AVX2 with fused multiply-add: 8 lanes.
#[derive(Clone, Copy)]
pub(crate) struct V8(__m256);

/// Eight lanes of ones from 8 - n on are a mask of the first n.
static MASK: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

/// For each number of eight bits, which of them are set, from the lowest on; the rest is 0.
static SET_BITS: [[u8; 8]; 256] = {
    let mut all = [[0; 8]; 256];
    let mut number = 0;
    while number < 256 {
        let (mut bit, mut count) = (0, 0);
        while bit < 8 {
            if number >> bit & 1 == 1 {
                all[number][count] = bit as u8;
                count += 1;
            }
            bit += 1;
        }
        number += 1;
    }
    all
};

/// # Safety
/// n ≤ 8, so that eight lanes from 8 - n lie within the sixteen.
#[inline(always)]
unsafe fn first(n: usize) -> __m256i {
    _mm256_loadu_si256(MASK.as_ptr().add(8 - n).cast())
}

impl V8 {
    /// The sum of the lower and the upper half.
    #[inline(always)]
    unsafe fn halves(self) -> V4 {
        V4(_mm_add_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps(self.0, 1)))
    }
}

// SAFETY: as for V16.
unsafe impl Lanes for V8 {
    type Integers = I8;
    const WIDTH: usize = 8;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self(_mm256_set1_ps(x))
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(_mm256_loadu_ps(from))
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, n: usize) -> Self {
        Self(_mm256_maskload_ps(from, first(n)))
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        _mm256_storeu_ps(to, self.0)
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, n: usize) {
        _mm256_maskstore_ps(to, first(n), self.0)
    }

    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        Self(_mm256_fmadd_ps(a.0, b.0, self.0))
    }

    #[inline(always)]
    unsafe fn sums(four: [Self; 4]) -> [f32; 4] {
        let [a, b, c, d] = four;
        V4::sums([a.halves(), b.halves(), c.halves(), d.halves()])
    }

    const TILE: usize = 8;

    #[inline(always)]
    unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, width: usize) {
        // Swaps pairs, then groups of four, then halves.
        let r: [__m256; 8] = std::array::from_fn(|i| _mm256_loadu_ps(from.add(i * stride)));
        let pair = |i: usize| (_mm256_unpacklo_ps(r[i], r[i + 1]), _mm256_unpackhi_ps(r[i], r[i + 1]));
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

    #[inline(always)]
    unsafe fn non_zero(self) -> u32 {
        _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_NEQ_UQ>(self.0, _mm256_setzero_ps())).cast_unsigned()
    }

    #[inline(always)]
    unsafe fn list_non_zero(self, first: u32, step: u32, places: *mut u32, values: *mut f32) -> usize {
        let bits = self.non_zero();
        let lanes = _mm256_cvtepu8_epi32(_mm_loadl_epi64(SET_BITS[bits as usize].as_ptr().cast()));
        let numbers = _mm256_add_epi32(lanes, _mm256_set1_epi32(first.cast_signed()));
        let numbers = _mm256_mullo_epi32(numbers, _mm256_set1_epi32(step.cast_signed()));
        _mm256_storeu_si256(places.cast(), numbers);
        _mm256_storeu_ps(values, _mm256_permutevar8x32_ps(self.0, lanes));
        bits.count_ones() as usize
    }
}

/// Eight lanes of `i32` (AVX2).
#[derive(Clone, Copy)]
pub(crate) struct I8(__m256i);

// SAFETY: as for V16.
unsafe impl IntegerLanes for I8 {
    const WIDTH: usize = 8;

    #[inline(always)]
    unsafe fn splat(x: i32) -> Self {
        Self(_mm256_set1_epi32(x))
    }

    #[inline(always)]
    unsafe fn load_pairs(from: *const [i16; 2]) -> Self {
        Self(_mm256_loadu_si256(from.cast()))
    }

    #[inline(always)]
    unsafe fn add_pairs(self, a: Self, b: Self) -> Self {
        Self(_mm256_add_epi32(self.0, _mm256_madd_epi16(a.0, b.0)))
    }

    #[inline(always)]
    unsafe fn any_above(self, bar: Self) -> bool {
        _mm256_movemask_epi8(_mm256_cmpgt_epi32(self.0, bar.0)) != 0
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut i32) {
        _mm256_storeu_si256(to.cast(), self.0)
    }
}

/// Four lanes of `i32` (SSE2).
#[derive(Clone, Copy)]
pub(crate) struct I4(__m128i);

// SAFETY: as for V16.
unsafe impl IntegerLanes for I4 {
    const WIDTH: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: i32) -> Self {
        Self(_mm_set1_epi32(x))
    }

    #[inline(always)]
    unsafe fn load_pairs(from: *const [i16; 2]) -> Self {
        Self(_mm_loadu_si128(from.cast()))
    }

    #[inline(always)]
    unsafe fn add_pairs(self, a: Self, b: Self) -> Self {
        Self(_mm_add_epi32(self.0, _mm_madd_epi16(a.0, b.0)))
    }

    #[inline(always)]
    unsafe fn any_above(self, bar: Self) -> bool {
        _mm_movemask_epi8(_mm_cmpgt_epi32(self.0, bar.0)) != 0
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut i32) {
        _mm_storeu_si128(to.cast(), self.0)
    }
}
