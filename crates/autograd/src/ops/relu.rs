//! y = max(x, 0).
//!
//! dx = dy [x > 0]: at the kink x = 0 the subgradient 0, as in PyTorch. Along a direction t: t [x > 0].
//! Both are read off the value, since y > 0 exactly where x > 0.

use kernels::elementwise;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Record, Target, Var};
use crate::shape::{Shape, same};
use crate::tape::Tape;
use crate::{Error, Real};

struct Relu;

/// The entries of another value where a ReLU is active: its derivative along a direction.
struct Active;

impl<T: Real> Tape<T> {
    /// The positive part.
    ///
    /// # Errors
    /// Never; the signature is that of every operation.
    pub fn relu(&mut self, x: Var) -> Result<Var, Error> {
        self.record(Relu, &[x])
    }
}

/// x where y > 0, else 0. As a product, so that there is no branch, which no processor could foresee.
fn gate<T: Real>(x: T, y: T) -> T {
    x * if y > T::zero() { T::one() } else { T::zero() }
}

impl<T: Real> Op<T> for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        // A NaN must stay one: `max` would hide it.
        elementwise::map(arguments.slice(0), value, false, |x| if x < T::zero() { T::zero() } else { x });
    }

    fn gated(&self, _: &[bool]) -> bool {
        true
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        elementwise::zip(dy, at.value, dx.values, dx.accumulate, gate);
    }

    fn tangent(
        &self,
        tape: &mut dyn Record<T>,
        node: Var,
        _: &[Var],
        tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        tangents[0].map(|dx| tape.record(Active, &[node, dx])).transpose()
    }
}

impl<T: Real> Op<T> for Active {
    fn name(&self) -> &'static str {
        "relu (tangent)"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        elementwise::zip(arguments.slice(1), arguments.slice(0), value, false, gate);
    }

    fn differentiable(&self, argument: usize) -> bool {
        argument == 1
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        elementwise::zip(dy, at.arguments.slice(0), dx.values, dx.accumulate, gate);
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new("relu", &[(4, 6)], |tape, v| tape.relu(v[0]))]
}

#[cfg(test)]
mod tests {
    use crate::{Parameters, Tape};
    use ndarray::array;

    #[test]
    fn no_gradient_passes_at_the_kink() {
        let mut tape = Tape::<f64>::new();
        let x = tape.input("x", (1, 4));
        let y = tape.relu(x).unwrap();
        let sweep = tape.sweep(y, &[x]).unwrap();
        tape.value_mut(x).assign(&array![[-1.0, 0.0, -0.0, 2.0]]);
        let parameters = Parameters::new();
        tape.forward(&parameters, .., 0);
        tape.backward(&sweep, &parameters, &mut parameters.zeros_like());
        assert_eq!(tape.value(y), array![[0.0, 0.0, 0.0, 2.0]]);
        assert_eq!(tape.gradient(x), array![[0.0, 0.0, 0.0, 1.0]]);
    }
}
