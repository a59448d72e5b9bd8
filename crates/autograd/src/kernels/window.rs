//! All pairs of a few rows with a few others: their dot products, and what logistic losses of them send back.
//!
//! The step of a skip-gram: `inputs` are the words around a place, `outputs` the word that stands there, first, and
//! words drawn at random. So little work at a time that a product of matrices would spend itself on overheads.

use super::exp::exp_of_negative;
use super::lanes::vectorised;

/// Entries that are summed side by side; rows are as long as a multiple of it.
pub const LANES: usize = 8;

/// Rows of `outputs` that are taken at once.
const FEW: usize = 6;

/// For inputs u (n, width) and outputs v (m, width), the losses -log σ(u·v₀) and -log σ(-u·v_j), j > 0: overwrites
/// `to_inputs` and `to_outputs` with `rate` times their negative gradients, and returns the sum of the losses.
///
/// The bits of a result do not depend on the instruction set.
///
/// # Panics
/// If `width` is no multiple of [`LANES`], or a slice is not as long as its rows.
pub fn window(
    width: usize,
    rate: f32,
    (inputs, to_inputs): (&[f32], &mut [f32]),
    (outputs, to_outputs): (&[f32], &mut [f32]),
    pulls: &mut Vec<f32>,
) -> f32 {
    assert!(width > 0 && width.is_multiple_of(LANES), "whole lanes");
    assert!(inputs.len() == to_inputs.len() && outputs.len() == to_outputs.len(), "a gradient for each row");
    assert!(inputs.len().is_multiple_of(width) && outputs.len().is_multiple_of(width), "whole rows");
    let (n, m) = (inputs.len() / width, outputs.len() / width);
    pulls.clear();
    pulls.resize(n * m, 0.0);
    vectorised(|| {
        for (block, outputs) in outputs.chunks(FEW * width).enumerate() {
            for (input, pulls) in inputs.chunks_exact(width).zip(pulls.chunks_exact_mut(m)) {
                dots(input, outputs, &mut pulls[block * FEW..]);
            }
        }
        let mut loss = 0.0;
        for row in pulls.chunks_exact_mut(m) {
            for (j, s) in row.iter_mut().enumerate() {
                // -log σ(s) = softplus(-s) for the word that was there; its slope is σ(s) - 1.
                let margin = if j == 0 { *s } else { -*s };
                let small = exp_of_negative(-margin.abs());
                let miss = if margin > 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) };
                loss += small.ln_1p() - margin.min(0.0);
                *s = if j == 0 { rate * miss } else { -rate * miss };
            }
        }
        for (pulls, to_input) in pulls.chunks_exact(m).zip(to_inputs.chunks_exact_mut(width)) {
            combine(pulls.iter().copied(), outputs, to_input);
        }
        for (j, to_output) in to_outputs.chunks_exact_mut(width).enumerate() {
            combine(pulls.iter().skip(j).step_by(m).copied(), inputs, to_output);
        }
        loss
    })
}

/// The dot products of `a` with up to [`FEW`] rows.
#[inline(always)]
fn dots(a: &[f32], rows: &[f32], dots: &mut [f32]) {
    let width = a.len();
    if rows.len() == FEW * width {
        let rows: [&[f32]; FEW] = std::array::from_fn(|j| &rows[j * width..][..width]);
        let mut sums = [[0.0; LANES]; FEW];
        for at in (0..width).step_by(LANES) {
            let a: &[f32; LANES] = a[at..at + LANES].try_into().expect("lanes");
            for (row, sums) in rows.iter().zip(&mut sums) {
                let row: &[f32; LANES] = row[at..at + LANES].try_into().expect("lanes");
                (0..LANES).for_each(|lane| sums[lane] += a[lane] * row[lane]);
            }
        }
        dots.iter_mut().zip(sums).for_each(|(dot, sums)| *dot = total(sums));
    } else {
        for (row, dot) in rows.chunks_exact(width).zip(dots) {
            let mut sums = [0.0; LANES];
            for (a, row) in a.as_chunks::<LANES>().0.iter().zip(row.as_chunks::<LANES>().0) {
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

/// to = Σ factor · row.
#[inline(always)]
fn combine(factors: impl Iterator<Item = f32>, rows: &[f32], to: &mut [f32]) {
    to.fill(0.0);
    let width = to.len();
    for (factor, row) in factors.zip(rows.chunks_exact(width)) {
        to.iter_mut().zip(row).for_each(|(to, row)| *to += factor * row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_central_differences_of_the_plain_loss() {
        for (n, m, width) in [(1, 1, 8), (3, 6, 16), (5, 7, 8), (2, 13, 24)] {
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
            let (mut du, mut dv, mut pulls) = (vec![9.0; u.len()], vec![9.0; v.len()], vec![]);
            let got = window(width, 0.5, (&u, &mut du), (&v, &mut dv), &mut pulls);
            let double = |x: &[f32]| -> Vec<f64> { x.iter().map(|x| f64::from(*x)).collect() };
            let (mut u, mut v) = (double(&u), double(&v));
            let want = loss(&u, &v);
            assert!((f64::from(got) - want).abs() < 1e-5 * want, "{got} {want}");
            for i in 0..u.len() + v.len() {
                let mut moved = |by: f64| {
                    if i < u.len() { u[i] += by } else { v[i - u.len()] += by };
                    loss(&u, &v)
                };
                let slope = (moved(1e-5) - moved(-2e-5)) / 2e-5;
                moved(1e-5);
                let got = if i < u.len() { du[i] } else { dv[i - u.len()] };
                assert!((f64::from(got) + 0.5 * slope).abs() < 1e-5, "{i}: {got} {slope}");
            }
        }
    }
}
