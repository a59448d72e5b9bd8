//! The limit of the norm of the weights into one unit (Srivastava et al. 2014, section 5.1), restored after an update.

use autograd::{Group, Parameters, Real};
use ndarray::ArrayViewMut2;

/// Projects every weight matrix of a group: each row, the weights into one unit, to a norm of at most `limit`.
pub(crate) fn project<T: Real>(parameters: &mut Parameters<T>, group: &Group, limit: f64) {
    for id in group.ids() {
        if parameters.entry(id).dims.len() == 2 {
            project_rows(parameters.view_mut(id), limit);
        }
    }
}

fn project_rows<T: Real>(mut weight: ArrayViewMut2<T>, limit: f64) {
    for mut row in weight.rows_mut() {
        let norm = row.iter().map(|w| w.f64() * w.f64()).sum::<f64>().sqrt();
        if norm > limit {
            let scale = T::of(limit / norm);
            row.iter_mut().for_each(|w| *w *= scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn long_rows_are_shortened_and_short_ones_stay() {
        let mut w = array![[3.0f64, 4.0], [0.3, 0.4]];
        project_rows(w.view_mut(), 1.0);
        assert!(w.iter().zip([0.6, 0.8, 0.3, 0.4]).all(|(a, b)| (*a - b).abs() < 1e-15));
    }
}
