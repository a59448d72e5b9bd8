//! Element-wise maps and the short reductions beside them.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::isa::{Isa, Kernel, vectorised};
use crate::parallel;
use crate::scalar::Scalar;
use crate::simd::Lanes;

/// out = f(a), or out += f(a).
///
/// f is copied into each part, so that the compiler sees that `out` does not hold what it captured.
pub fn map<T: Scalar, A: Copy + Sync>(
    a: &[A],
    out: &mut [T],
    accumulate: bool,
    f: impl Fn(A) -> T + Sync + Copy,
) {
    zip(a, a, out, accumulate, move |a, _| f(a));
}

/// out = f(a, b), or out += f(a, b); f as for [`map`].
pub fn zip<T: Scalar, A: Copy + Sync, B: Copy + Sync>(
    a: &[A],
    b: &[B],
    out: &mut [T],
    accumulate: bool,
    f: impl Fn(A, B) -> T + Sync + Copy,
) {
    parallel::parts_of_kernel([out], |start, [out]| {
        let (a, b) = (&a[start..][..out.len()], &b[start..][..out.len()]);
        // SAFETY: the processor has its best instruction set, and the kernel is safe code.
        unsafe { Isa::best().run(Zip { a, b, out, accumulate, f }) }
    });
}

/// The loop of [`zip`]. A kernel, since the compiler does not inline long closures, such as those with an exponential, into
/// code for an instruction set.
struct Zip<'a, A, B, T, F> {
    a: &'a [A],
    b: &'a [B],
    out: &'a mut [T],
    accumulate: bool,
    f: F,
}

impl<A: Copy, B: Copy, T: Scalar, F: Fn(A, B) -> T> Kernel for Zip<'_, A, B, T, F> {
    type Output = ();
    const LANES: bool = false;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { a, b, out, accumulate, f } = self;
        let pairs = a.iter().zip(b);
        if accumulate {
            out.iter_mut().zip(pairs).for_each(|(out, (a, b))| *out += f(*a, *b));
        } else {
            out.iter_mut().zip(pairs).for_each(|(out, (a, b))| *out = f(*a, *b));
        }
    }
}

/// Calls `f([a_i, b_i, ..], g_i)` for every entry of slices of one length. Returns whether all entries of the slices are then
/// finite.
///
/// # Panics
/// If the slices differ in length, or `gradient` is shorter.
pub fn update<T: Scalar, const N: usize>(
    slices: [&mut [T]; N],
    gradient: &[T],
    f: impl Fn([&mut T; N], T) + Sync + Copy,
) -> bool {
    let finite = AtomicBool::new(true);
    parallel::parts_of_kernel(slices, |start, mut slices| {
        let gradient = &gradient[start..][..slices.first().map_or(0, |slice| slice.len())];
        let starts = slices.each_mut().map(|slice| slice.as_mut_ptr());
        // SAFETY: the processor has its best instruction set, and the slices are as long as the gradient.
        unsafe { Isa::best().run(Update { starts, gradient, f }) }
        finite.fetch_and(slices.iter().all(|slice| all_finite(slice)), Ordering::Relaxed);
    });
    finite.into_inner()
}

/// The loop of [`update`]; a kernel for the reason that [`Zip`] is one.
struct Update<'a, T, F, const N: usize> {
    starts: [*mut T; N],
    gradient: &'a [T],
    f: F,
}

impl<T: Scalar, F: Fn([&mut T; N], T), const N: usize> Kernel for Update<'_, T, F, N> {
    type Output = ();
    const LANES: bool = false;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { starts, gradient, f } = self;
        for (i, g) in gradient.iter().enumerate() {
            // SAFETY: the slices are as long as the gradient, and no two overlap.
            f(starts.map(|start| unsafe { &mut *start.add(i) }), *g);
        }
    }
}

/// Every row of `out` = `row`.
pub fn broadcast_row<T: Scalar>(row: &[T], out: &mut [T]) {
    parallel::rows(out, row.len(), |_, out| out.copy_from_slice(row));
}

/// out_j = Σ_i x_ij, or out_j += .., from the first row to the last.
pub fn column_sums<T: Scalar>(x: &[T], out: &mut [T], accumulate: bool) {
    const COLUMNS: usize = 128;
    let width = out.len().max(1);
    parallel::blocks(out, COLUMNS, COLUMNS * (x.len() / width), |block, out| {
        if !accumulate {
            out.fill(T::zero());
        }
        for row in x.chunks_exact(width) {
            out.iter_mut().zip(&row[block * COLUMNS..]).for_each(|(out, x)| *out += *x);
        }
    });
}

/// Whether no value is a NaN or an infinity: 0 x is 0 for a finite x and NaN otherwise, so a sum of these is 0 exactly if
/// all are finite. There are several sums, so that one addition need not wait for another.
#[inline(never)]
fn all_finite<T: Scalar>(values: &[T]) -> bool {
    const SUMS: usize = 32;
    let (whole, rest) = values.as_chunks::<SUMS>();
    let mut sums = [T::zero(); SUMS];
    vectorised(|| {
        for values in whole {
            sums.iter_mut().zip(values).for_each(|(sum, x)| *sum += *x * T::zero());
        }
    });
    sums.into_iter().sum::<T>() == T::zero() && rest.iter().all(|x| x.is_finite())
}

/// 1 / (1 + e^-x), without overflow: the exponential is taken of -|x|.
#[inline(always)]
pub fn sigmoid<T: Scalar>(x: T) -> T {
    let e = (-x.abs()).exp_of_negative();
    (if x < T::zero() { e } else { T::one() }) / (T::one() + e)
}

/// log(1 + e^x), without overflow. A NaN stays one.
pub fn softplus<T: Scalar>(x: T) -> T {
    (if x < T::zero() { T::zero() } else { x }) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fenced::{Edge, Fenced};

    fn numbers(n: usize) -> Vec<f64> {
        (0..n).map(|i| ((i * 37 % 101) as f64 - 50.0) / 7.0).collect()
    }

    #[test]
    fn updates_equal_plain_loops_and_notice_what_is_not_finite() {
        for n in [0, 1, 8191, 8193, 30_000] {
            let (g, mut a, mut b) = (numbers(n), numbers(n), vec![2.0; n]);
            let step = |[a, b]: [&mut f64; 2], g: f64| {
                *b = 0.5 * *b + g;
                *a -= *b;
            };
            assert!(update([&mut a, &mut b], &g, step));
            let want = |g: &f64| (g - (1.0 + g), 1.0 + g);
            assert!(g.iter().map(want).eq(a.iter().copied().zip(b.iter().copied())));
            if n > 0 {
                b[n - 1] = f64::MAX;
                assert!(!update([&mut a, &mut b], &g, |[_, b], _| *b *= 2.0));
            }
        }
    }

    #[test]
    fn shared_maps_equal_plain_loops() {
        for n in [0, 1, 7, 8191, 8192, 8193, 30_000] {
            let (a, b) = (numbers(n), numbers(n));
            let mut out = vec![1.0; n];
            zip(&a, &b, &mut out, true, |a, b| a * b + 2.0);
            assert!(out.iter().zip(&a).all(|(out, a)| *out == 1.0 + (a * a + 2.0)));
            map(&a, &mut out, false, |a| a - 1.0);
            assert!(out.iter().zip(&a).all(|(out, a)| *out == a - 1.0));
        }
    }

    #[test]
    fn what_is_not_finite_is_found_wherever_it_is() {
        for n in [0, 1, 31, 32, 33, 100] {
            let mut values = vec![1e30f32; n];
            assert!(all_finite(&values));
            for i in 0..n {
                for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                    values[i] = bad;
                    assert!(!all_finite(&values), "{bad} at {i} of {n}");
                }
                values[i] = -1e30;
            }
        }
    }

    #[test]
    fn rows_are_copied_and_columns_summed() {
        for (rows, columns) in
            [(0, 3), (1, 1), (2, 0), (3, 127), (7, 128), (100, 129), (31, 300), (5, 20_000)]
        {
            let x = numbers(rows * columns);
            for edge in Edge::BOTH {
                for accumulate in [false, true] {
                    let fenced = Fenced::new(&x, edge);
                    let mut out = Fenced::new(&vec![1.0; columns], edge);
                    column_sums(&fenced, &mut out, accumulate);
                    for (j, out) in out.iter().enumerate() {
                        let start = if accumulate { 1.0 } else { 0.0 };
                        let want = (0..rows).fold(start, |sum, i| sum + x[i * columns + j]);
                        assert_eq!(*out, want, "column {j} of {columns}, {rows} rows");
                    }
                }
                let (row, mut out) =
                    (Fenced::new(&numbers(columns), edge), Fenced::new(&vec![0.0; rows * columns], edge));
                broadcast_row(&row, &mut out);
                assert!(out.iter().enumerate().all(|(i, out)| *out == row[i % columns]));
            }
        }
    }

    #[test]
    fn sigmoid_and_softplus_keep_to_their_definitions_and_their_limits() {
        for x in numbers(200) {
            assert!((sigmoid(x) - 1.0 / (1.0 + (-x).exp())).abs() < 1e-15);
            assert!((softplus(x) - (1.0 + x.exp()).ln()).abs() < 1e-14);
            assert!((f64::from(sigmoid(x as f32)) - sigmoid(f64::from(x as f32))).abs() < 2e-7);
        }
        assert_eq!((sigmoid(-1e4f32), sigmoid(1e4f32), sigmoid(0f32)), (0.0, 1.0, 0.5));
        assert_eq!((softplus(-1e4f32), softplus(1e4f32)), (0.0, 1e4));
        assert!(sigmoid(f32::NAN).is_nan() && softplus(f32::NAN).is_nan());
    }
}
