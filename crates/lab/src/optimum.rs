//! Where a gradient vanishes.

use nalgebra::{DMatrix, DVector};

use crate::Error;

/// The gradient is zero where no entry is larger.
const SMALL: f64 = 1e-14;

/// The gradient is small enough where rounding allows no less.
const ENOUGH: f64 = 1e-12;

/// Steps of the search at most.
const STEPS: usize = 200;

/// Step of the differences of gradients that make the matrix of second derivatives.
const H: f64 = 1e-6;

/// Moves `at` to where `gradient` vanishes, by Newton's method: the second derivatives are differences of gradients, and a
/// step is halved until the gradient becomes shorter. Along a direction in which nothing changes, such as a constant
/// added to all logits, `at` stays.
///
/// # Errors
/// [`Error::NoOptimum`] if the gradient does not fall below 1e-12.
pub(crate) fn solve<E: Into<Error>>(
    what: &'static str,
    at: &mut [f64],
    mut gradient: impl FnMut(&[f64]) -> Result<Vec<f64>, E>,
) -> Result<(), Error> {
    let mut gradient = |at: &[f64]| gradient(at).map(DVector::from_vec).map_err(Into::into);
    let mut g = gradient(at)?;
    for _ in 0..STEPS {
        if g.amax() <= SMALL {
            return Ok(());
        }
        let mut hessian = DMatrix::zeros(at.len(), at.len());
        for j in 0..at.len() {
            let centre = at[j];
            at[j] = centre + H;
            hessian.set_column(j, &((gradient(at)? - &g) / H));
            at[j] = centre;
        }
        // For directions in which the gradient does not change; far below the size of all others.
        let ridge = 1e-9 * hessian.amax().max(f64::MIN_POSITIVE);
        for j in 0..at.len() {
            hessian[(j, j)] += ridge;
        }
        let Some(step) = hessian.lu().solve(&g) else { break };
        let mut share = 1.0;
        let (next, new) = loop {
            let next: Vec<f64> = at.iter().zip(&step).map(|(at, step)| at - share * step).collect();
            let new = gradient(&next)?;
            if new.norm() < g.norm() || share < 1e-6 {
                break (next, new);
            }
            share /= 2.0;
        };
        if new.norm() >= g.norm() || !new.amax().is_finite() {
            break; // rounding allows no less
        }
        at.copy_from_slice(&next);
        g = new;
    }
    let gradient = g.amax();
    if gradient < ENOUGH { Ok(()) } else { Err(Error::NoOptimum { what, gradient, steps: STEPS }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_of_a_coupled_function_is_found() {
        // cosh(a - 1) + cosh(a + b): a = 1, b = -1. Nothing depends on c.
        let mut at = [4.0, 7.0, 5.0];
        let gradient = |at: &[f64]| {
            let sum = (at[0] + at[1]).sinh();
            Ok::<_, Error>(vec![(at[0] - 1.0).sinh() + sum, sum, 0.0])
        };
        solve("test", &mut at, gradient).unwrap();
        assert!((at[0] - 1.0).abs() < 1e-12 && (at[1] + 1.0).abs() < 1e-12 && at[2] == 5.0, "{at:?}");
    }

    #[test]
    fn a_gradient_that_never_vanishes_is_an_error() {
        let error = solve("test", &mut [0.0], |at| Ok::<_, Error>(vec![1.0 + at[0] * at[0]])).unwrap_err();
        assert!(error.to_string().contains("the gradient is still"), "{error}");
    }
}
