//! The loss of a classifier: y_i = log Σ_j e^(s_ij) - s_{i, c_i} for logits s (batch, classes) and labels c (batch, 1).
//!
//! With the largest logit taken out of the sum nothing overflows. ∂y_i/∂s_ij = softmax(s_i)_j - [j = c_i].

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Target, Var};
use crate::shape::Shape;
use crate::tape::Tape;
use crate::{Error, Real};

struct CrossEntropy;

impl<T: Real> Tape<T> {
    /// -log softmax(s_i) at the label of row i, (batch, 1): s (batch, classes), `labels` (batch, 1), each below the
    /// number of classes.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn cross_entropy(&mut self, logits: Var, labels: Var) -> Result<Var, Error> {
        self.record(CrossEntropy, &[logits, labels])
    }
}

/// The logits of each row with its label and the logarithm of the sum of their exponentials.
fn rows<'a, T: Real>(arguments: &Arguments<'a, T>) -> impl Iterator<Item = (&'a [T], usize, T)> {
    let classes = arguments.shape(0).1;
    arguments.slice(0).chunks_exact(classes).zip(arguments.slice(1)).map(|(s, label)| {
        let most = s.iter().fold(T::neg_infinity(), |most, s| most.max(*s));
        let sum: T = s.iter().map(|s| (*s - most).exp()).sum();
        (s, label.f64() as usize, most + sum.ln())
    })
}

impl<T: Real> Op<T> for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross-entropy"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        match *arguments {
            [(batch, classes), (labels, 1)] if labels == batch && classes > 0 => Ok((batch, 1)),
            _ => Err("takes logits (batch, classes) and labels (batch, 1)".to_owned()),
        }
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        value.iter_mut().zip(rows(arguments)).for_each(|(y, (s, label, log_sum))| *y = log_sum - s[label]);
    }

    fn differentiable(&self, argument: usize) -> bool {
        argument == 0
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        let classes = at.arguments.shape(0).1;
        let targets = dx.values.chunks_exact_mut(classes).zip(dy);
        for ((ds, dy), (s, label, log_sum)) in targets.zip(rows(&at.arguments)) {
            for (j, (ds, s)) in ds.iter_mut().zip(s).enumerate() {
                let hit = if j == label { T::one() } else { T::zero() };
                let own = *dy * ((*s - log_sum).exp() - hit);
                *ds = if dx.accumulate { *ds + own } else { own };
            }
        }
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new("cross-entropy", &[(4, 3)], |tape, v| {
        let labels = tape.input("labels", (4, 1));
        tape.value_mut(labels).assign(&ndarray::array![[2.0], [0.0], [2.0], [1.0]]);
        tape.cross_entropy(v[0], labels)
    })]
}

#[cfg(test)]
mod tests {
    use crate::{Parameters, Tape};
    use ndarray::array;

    #[test]
    fn large_logits_do_not_overflow() {
        let mut tape = Tape::<f32>::new();
        let (s, labels) = (tape.input("s", (2, 2)), tape.input("labels", (2, 1)));
        let y = tape.cross_entropy(s, labels).unwrap();
        tape.value_mut(s).assign(&array![[1e4, -1e4], [3.0, 3.0]]);
        tape.value_mut(labels).assign(&array![[1.0], [0.0]]);
        tape.forward(&Parameters::new(), .., 0);
        assert_eq!(tape.value(y), array![[2e4], [2f32.ln()]]);
    }
}
