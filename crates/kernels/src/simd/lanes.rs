//! What a SIMD vector can do.
//!
//! A method compiles to its instruction only where the whole kernel is compiled for the instruction set:
//! [`Isa::run`](crate::isa::Isa::run) does that.

/// A vector of `f32`.
///
/// # Safety
/// Every method may only be called where the processor has the instruction set, and pointers must be valid for
/// the lanes that the method names. Pointers need no alignment.
pub(crate) unsafe trait Lanes: Copy {
    /// The integer vectors of the same instruction set.
    type Integers: IntegerLanes;
    /// How many lanes there are.
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
    /// The sum of all lanes of each.
    unsafe fn sums(four: [Self; 4]) -> [f32; 4];
    /// Rows and columns of the tile that [`Lanes::transpose`] transposes.
    const TILE: usize;
    /// Entry (i, j) of a tile, at `from[i stride + j]`, goes to `to[j width + i]`.
    unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, width: usize);
    /// A bit for each lane that is not zero; the lowest bit is the first lane's.
    unsafe fn non_zero(self) -> u32;

    /// Writes the lanes that are not zero, one after the other, to `values`, and (first + lane) · step of each to
    /// `places`. Returns how many there are. As many numbers as there are lanes may be written to both.
    #[inline(always)]
    unsafe fn list_non_zero(self, first: u32, step: u32, places: *mut u32, values: *mut f32) -> usize {
        let (mut lanes, mut count) = ([0.0; 16], 0);
        // SAFETY: no vector has more lanes; the rest is the caller's promise.
        unsafe {
            let mut bits = self.non_zero();
            self.store(lanes.as_mut_ptr());
            while bits != 0 {
                let lane = bits.trailing_zeros();
                *places.add(count) = (first + lane) * step;
                *values.add(count) = lanes[lane as usize];
                count += 1;
                bits &= bits - 1;
            }
        }
        count
    }
}

/// A vector of `i32`, to which products of pairs of `i16` are added.
///
/// # Safety
/// As for [`Lanes`].
pub(crate) unsafe trait IntegerLanes: Copy {
    /// How many lanes there are.
    const WIDTH: usize;
    /// All lanes `x`.
    unsafe fn splat(x: i32) -> Self;
    /// One pair for each lane, from `from`.
    unsafe fn load_pairs(from: *const [i16; 2]) -> Self;
    /// self + a₀ b₀ + a₁ b₁ in each lane, for pairs a and b.
    unsafe fn add_pairs(self, a: Self, b: Self) -> Self;
    /// Whether any lane is greater than that of `bar`.
    unsafe fn any_above(self, bar: Self) -> bool;
    /// All lanes to `to`.
    unsafe fn store(self, to: *mut i32);
}

/// Asks the processor to load the `count` numbers from `from` on into its cache. `from` may be any address.
#[inline(always)]
pub(crate) fn prefetch(from: *const f32, count: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..count).step_by(16) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint, which reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(line).cast()) }
    }
    let _ = (from, count);
}

/// The sum of all lanes of each vector. Four at a time: their lanes are added side by side, which takes a third of the
/// instructions that four sums of their own would.
///
/// # Safety
/// As for [`Lanes`].
#[inline(always)]
pub(crate) unsafe fn sums<V: Lanes>(vectors: &[V], sums: &mut [f32]) {
    let (whole, rest) = vectors.as_chunks::<4>();
    let (to, last) = sums.split_at_mut(4 * whole.len());
    // SAFETY: the caller's promise.
    unsafe {
        for (four, to) in whole.iter().zip(to.as_chunks_mut::<4>().0) {
            *to = V::sums(*four);
        }
        if !rest.is_empty() {
            let mut four = [V::splat(0.0); 4];
            four[..rest.len()].copy_from_slice(rest);
            last.copy_from_slice(&V::sums(four)[..rest.len()]);
        }
    }
}

/// Several vectors side by side.
pub(crate) trait Row {
    /// Becomes the first `columns` entries from `from`, and zeros.
    ///
    /// # Safety
    /// As for [`Lanes`]; `from` is valid for `columns` entries.
    unsafe fn load_row(&mut self, from: *const f32, columns: usize);

    /// The first `columns` entries to `to` (or added to what stands there).
    ///
    /// # Safety
    /// As for [`Lanes`]; `to` is valid for `columns` entries.
    unsafe fn store_row(self, to: *mut f32, columns: usize, accumulate: bool);
}

impl<V: Lanes, const N: usize> Row for [V; N] {
    #[inline(always)]
    unsafe fn load_row(&mut self, from: *const f32, columns: usize) {
        // SAFETY: whole vectors are read where they fit, and the first lanes of the last.
        unsafe {
            for (j, vector) in self.iter_mut().enumerate() {
                *vector = match columns.saturating_sub(j * V::WIDTH) {
                    0 => V::splat(0.0),
                    rest if rest < V::WIDTH => V::load_first(from.add(j * V::WIDTH), rest),
                    _ => V::load(from.add(j * V::WIDTH)),
                };
            }
        }
    }

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
