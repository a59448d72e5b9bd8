//! y = onehot(c) Wᵀ + b for class numbers c, by reading columns of W instead of a product. c (batch, 1), W (out, classes).
//!
//! A one-hot row picks one column of W: y_ij = W_{j, c_i} + b_j. So
//!   dW_{jk} = Σ_{i: c_i = k} dy_ij      db = Σ_i dy_i
//! and labels receive no gradient.

use kernels::{elementwise, parallel};
use ndarray::Axis;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Record, Target, Var};
use crate::shape::Shape;
use crate::tape::Tape;
use crate::{Error, Real};

struct Embedding;

impl<T: Real> Tape<T> {
    /// The linear layer of one-hot labels: `labels` (batch, 1) holds class numbers 0, 1, .. below the number
    /// of columns of W (out, classes); b is (1, out). A label that is not below it makes [`Tape::forward`]
    /// panic: check labels where they are read.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn embedding(&mut self, labels: Var, weight: Var, bias: Var) -> Result<Var, Error> {
        self.record(Embedding, &[labels, weight, bias])
    }
}

impl<T: Real> Op<T> for Embedding {
    fn name(&self) -> &'static str {
        "embedding"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        match *arguments {
            [(batch, 1), (out, classes), (1, bias)] if bias == out && classes > 0 => Ok((batch, out)),
            _ => Err("takes labels (batch, 1), W (out, classes) and b (1, out)".to_owned()),
        }
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let (weight, bias) = (arguments.view(1), arguments.slice(2));
        let labels = arguments.slice(0);
        parallel::rows(value, bias.len(), |row, y| {
            for ((y, w), b) in y.iter_mut().zip(weight.column(class(labels[row]))).zip(bias) {
                *y = *w + *b;
            }
        });
    }

    fn differentiable(&self, argument: usize) -> bool {
        argument != 0
    }

    fn vjp(&self, argument: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        if argument == 2 {
            return elementwise::column_sums(dy, dx.values, dx.accumulate);
        }
        let out = at.arguments.shape(1).0;
        if !dx.accumulate {
            dx.values.fill(T::zero());
        }
        // W lies as it may, and dW as W does.
        let weight = at.arguments.view(1);
        let (down, across) = (weight.stride_of(Axis(0)) as usize, weight.stride_of(Axis(1)) as usize);
        for (label, dy) in at.arguments.slice(0).iter().zip(dy.chunks_exact(out)) {
            let column = dx.values[class(*label) * across..].iter_mut().step_by(down.max(1));
            for (dw, dy) in column.zip(dy) {
                *dw += *dy;
            }
        }
    }

    fn tangent(
        &self,
        _: &mut dyn Record<T>,
        _: Var,
        _: &[Var],
        _: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        Err(Error::NoTangent { operation: "embedding in its weights" })
    }
}

/// Labels travel as numbers of the tape's own kind, exact up to 2²⁴ classes.
fn class<T: Real>(label: T) -> usize {
    label.f64() as usize
}

pub(super) fn cases() -> Vec<Case> {
    let case = |name| {
        Case::new(name, &[(5, 3), (1, 5)], |tape, v| {
            let labels = tape.input("labels", (4, 1));
            tape.value_mut(labels).assign(&ndarray::array![[2.0], [0.0], [2.0], [1.0]]);
            tape.embedding(labels, v[0], v[1])
        })
    };
    vec![case("embedding"), case("embedding by columns").by_columns(0)]
}

#[cfg(test)]
mod tests {
    use crate::{Parameters, Tape};
    use ndarray::array;

    #[test]
    fn equals_the_product_with_one_hot_rows() {
        let mut parameters = Parameters::<f64>::new();
        let w = parameters.push("w", &[2, 3], |w| w.copy_from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
        let b = parameters.push("b", &[2], |b| b.copy_from_slice(&[0.5, -0.5]));
        let mut tape = Tape::new();
        let (labels, one_hot) = (tape.input("labels", (2, 1)), tape.input("one-hot", (2, 3)));
        let (w, b) = (tape.parameter(&parameters, w), tape.parameter(&parameters, b));
        let embedded = tape.embedding(labels, w, b).unwrap();
        let product = tape.linear(one_hot, w, Some(b)).unwrap();
        tape.value_mut(labels).assign(&array![[2.0], [0.0]]);
        tape.value_mut(one_hot).assign(&array![[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
        let mut gradients = [parameters.zeros_like(), parameters.zeros_like()];
        for (y, gradient) in [embedded, product].into_iter().zip(&mut gradients) {
            let sweep = tape.sweep(y, &[w, b]).unwrap();
            tape.forward(&parameters, .., 0);
            tape.backward_from(&[1.0, -2.0, 3.0, 5.0], &sweep, &parameters, gradient);
        }
        assert_eq!(tape.value(embedded), tape.value(product));
        assert_eq!(gradients[0].values(), gradients[1].values());
    }
}
