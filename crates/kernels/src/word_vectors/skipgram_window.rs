//! One step of skip-gram at one place of a text: dot products of all pairs of a few rows with a few others, and the
//! gradients of their logistic losses.
//!
//! `inputs` are the word vectors of the words around the place; `outputs` belong to the word at the place, which is
//! first, and to words drawn at random. A step is so small that a general matrix product would spend most of its time on
//! overhead.

use crate::exp::exp_of_negative;
use crate::isa::{Isa, Kernel};
use crate::simd::Lanes;

/// Entries that are summed side by side. The length of a row is a multiple of it.
pub const LANES: usize = 8;

/// Rows of `outputs` that are multiplied at once.
const FEW: usize = 6;

/// The losses of inputs u, n rows, and outputs v, m rows: -log σ(u·v₀) and -log σ(-u·v_j), j > 0. Overwrites `changes`,
/// (n + m, width), with `rate` times their negative gradients in u and v, and returns the sum of the losses; it is 0
/// without inputs or outputs. `pulls` is working memory.
///
/// The bits of a result do not depend on the instruction set.
///
/// # Panics
/// If rows differ in length, or it is no multiple of [`LANES`], or `changes` has other than a row for each.
pub fn skipgram_window(
    rate: f32,
    inputs: &[&[f32]],
    outputs: &[&[f32]],
    changes: &mut [f32],
    pulls: &mut Vec<f32>,
) -> f64 {
    // SAFETY: the processor has its best instruction set, and the kernel is safe code.
    unsafe { Isa::best().run(Window { rate, inputs, outputs, changes, pulls }) }
}

struct Window<'a> {
    rate: f32,
    inputs: &'a [&'a [f32]],
    outputs: &'a [&'a [f32]],
    changes: &'a mut [f32],
    pulls: &'a mut Vec<f32>,
}

impl Kernel for Window<'_> {
    type Output = f64;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) -> f64 {
        plain(self.rate, self.inputs, self.outputs, self.changes, self.pulls)
    }
}

#[inline(always)]
fn plain(rate: f32, inputs: &[&[f32]], outputs: &[&[f32]], changes: &mut [f32], pulls: &mut Vec<f32>) -> f64 {
    let (n, m) = (inputs.len(), outputs.len());
    let Some(width) = inputs.first().map(|row| row.len()).filter(|width| *width > 0 && m > 0) else {
        return 0.0;
    };
    assert!(width.is_multiple_of(LANES), "whole lanes");
    assert!(inputs.iter().chain(outputs).all(|row| row.len() == width), "rows of one length");
    assert_eq!(changes.len(), (n + m) * width, "a change for each row");
    pulls.clear();
    pulls.resize(n * m, 0.0);
    for (input, pulls) in inputs.iter().zip(pulls.chunks_exact_mut(m)) {
        for (outputs, pulls) in outputs.chunks(FEW).zip(pulls.chunks_mut(FEW)) {
            dots(input, outputs, pulls);
        }
    }
    let loss = losses(rate, m, pulls);
    let (to_inputs, to_outputs) = changes.split_at_mut(n * width);
    for (pulls, to_input) in pulls.chunks_exact(m).zip(to_inputs.chunks_exact_mut(width)) {
        combine(pulls, 1, outputs, to_input);
    }
    for (j, to_output) in to_outputs.chunks_exact_mut(width).enumerate() {
        combine(&pulls[j..], m, inputs, to_output);
    }
    loss
}

/// The dot products of `a` with up to [`FEW`] rows.
#[inline(always)]
fn dots(a: &[f32], rows: &[&[f32]], dots: &mut [f32]) {
    let a = a.as_chunks::<LANES>().0;
    if let Ok(rows) = <[&[f32]; FEW]>::try_from(rows) {
        let [r0, r1, r2, r3, r4, r5] = rows.map(|row| row.as_chunks::<LANES>().0);
        let mut sums = [[0.0; LANES]; FEW];
        for (((((a, r0), r1), r2), (r3, r4)), r5) in
            a.iter().zip(r0).zip(r1).zip(r2).zip(r3.iter().zip(r4)).zip(r5)
        {
            for (sums, row) in sums.iter_mut().zip([r0, r1, r2, r3, r4, r5]) {
                (0..LANES).for_each(|lane| sums[lane] += a[lane] * row[lane]);
            }
        }
        dots.iter_mut().zip(sums).for_each(|(dot, sums)| *dot = total(sums));
    } else {
        for (row, dot) in rows.iter().zip(dots) {
            let mut sums = [0.0; LANES];
            for (a, row) in a.iter().zip(row.as_chunks::<LANES>().0) {
                (0..LANES).for_each(|lane| sums[lane] += a[lane] * row[lane]);
            }
            *dot = total(sums);
        }
    }
}

#[inline(always)]
fn total(sums: [f32; LANES]) -> f32 {
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// Replaces dot products (n, m) by `rate` times the negative derivatives of their losses, and returns the sum of the
/// losses.
#[inline(always)]
fn losses(rate: f32, m: usize, pulls: &mut [f32]) -> f64 {
    // Σ log(1 + e^-|s|) is the logarithm of a product: one logarithm instead of many.
    let (mut loss, mut product) = (0.0, 1.0f64);
    for row in pulls.chunks_exact_mut(m) {
        for (j, s) in row.iter_mut().enumerate() {
            // -log σ(s) = softplus(-s) for the word at the place; its derivative is σ(s) - 1.
            let margin = if j == 0 { *s } else { -*s };
            let small = exp_of_negative(-margin.abs());
            let miss = if margin > 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) };
            loss -= f64::from(margin.min(0.0));
            product *= 1.0 + f64::from(small);
            if product > 1e200 {
                loss += product.ln();
                product = 1.0;
            }
            *s = if j == 0 { rate * miss } else { -rate * miss };
        }
    }
    loss + product.ln()
}

/// Lanes that are summed at once.
const BLOCK: usize = 5 * LANES;

/// to = Σ factor · row, with every `step`-th factor.
#[inline(always)]
fn combine(factors: &[f32], step: usize, rows: &[&[f32]], to: &mut [f32]) {
    let blocks = to.len() / BLOCK * BLOCK;
    let (head, tail) = to.split_at_mut(blocks);
    for (at, to) in (0..).step_by(BLOCK).zip(head.as_chunks_mut::<BLOCK>().0) {
        combine_block(factors, step, rows, at, to);
    }
    for (at, to) in (blocks..).step_by(LANES).zip(tail.as_chunks_mut::<LANES>().0) {
        combine_block(factors, step, rows, at, to);
    }
}

#[inline(always)]
fn combine_block<const N: usize>(
    factors: &[f32],
    step: usize,
    rows: &[&[f32]],
    at: usize,
    to: &mut [f32; N],
) {
    let mut sums = [0.0; N];
    for (factor, row) in factors.iter().step_by(step).zip(rows) {
        let row: &[f32; N] = row[at..at + N].try_into().expect("as long");
        (0..N).for_each(|lane| sums[lane] += factor * row[lane]);
    }
    *to = sums;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_central_differences_of_the_plain_loss() {
        for (n, m, width) in [(1, 1, 8), (3, 6, 16), (5, 7, 8), (2, 13, 48), (3, 600, 8)] {
            let number = |i: usize| ((i * 37 + 11) % 29) as f32 / 29.0 - 0.4;
            let u: Vec<f32> = (0..n * width).map(number).collect();
            let v: Vec<f32> = (0..m * width).map(|i| number(i * 3 + 5)).collect();
            let loss = |u: &[f64], v: &[f64]| -> f64 {
                let mut loss = 0.0;
                for u in u.chunks(width) {
                    for (j, v) in v.chunks(width).enumerate() {
                        let s: f64 = u.iter().zip(v).map(|(u, v)| u * v).sum();
                        loss += (if j == 0 { -s } else { s }).exp().ln_1p();
                    }
                }
                loss
            };
            let (mut changes, mut pulls) = (vec![9.0; u.len() + v.len()], vec![]);
            let (inputs, outputs): (Vec<&[f32]>, Vec<&[f32]>) =
                (u.chunks(width).collect(), v.chunks(width).collect());
            let got = skipgram_window(0.5, &inputs, &outputs, &mut changes, &mut pulls);
            let double = |x: &[f32]| -> Vec<f64> { x.iter().map(|x| f64::from(*x)).collect() };
            let (mut u, mut v) = (double(&u), double(&v));
            let want = loss(&u, &v);
            assert!((got - want).abs() < 1e-5 * want, "{got} {want}");
            for i in 0..u.len() + v.len() {
                let mut moved = |by: f64| {
                    if i < u.len() {
                        u[i] += by
                    } else {
                        v[i - u.len()] += by
                    };
                    loss(&u, &v)
                };
                let slope = (moved(1e-5) - moved(-2e-5)) / 2e-5;
                moved(1e-5);
                assert!(
                    (f64::from(changes[i]) + 0.5 * slope).abs() < 1e-5 * (1.0 + slope.abs()),
                    "{i}: {} {slope}",
                    changes[i]
                );
            }
        }
    }

    type Kernel = fn(f32, &[&[f32]], &[&[f32]], &mut [f32], &mut Vec<f32>) -> f64;

    #[test]
    fn bits_do_not_depend_on_the_instruction_set() {
        use rand::Rng;
        let mut random = crate::test_support::random(1);
        for _ in 0..100 {
            let (n, m) = (random.random_range(0..14), random.random_range(0..14));
            let width = LANES * random.random_range(1..30);
            let rows: Vec<Vec<f32>> =
                (0..n + m).map(|_| (0..width).map(|_| random.random_range(-0.5..0.5)).collect()).collect();
            let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
            let (u, v) = rows.split_at(n);
            let run = |kernel: Kernel| {
                let mut changes = vec![0.0; (n + m) * width];
                let loss = kernel(0.1, u, v, &mut changes, &mut vec![]);
                (loss.to_bits(), changes.into_iter().map(f32::to_bits).collect::<Vec<_>>())
            };
            assert!(run(skipgram_window) == run(plain), "{n} x {m} rows of {width}");
        }
    }
}
