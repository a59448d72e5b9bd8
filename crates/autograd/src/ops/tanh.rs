//! y = tanh x.
//!
//! dy/dx = 1 - tanh² x = 1 - y², read off the value: dx = dy (1 - y²). Along a direction t in x the tangent is
//!   u = t (1 - y²)
//! which depends on x through y as well: ∂u/∂t = 1 - y² and ∂u/∂y = -2 t y.

use kernels::elementwise;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Record, Target, Var};
use crate::shape::{Shape, same};
use crate::tape::Tape;
use crate::{Error, Real};

struct Tanh;

/// u = t (1 - y²) of y and t: the derivative along a direction.
struct Along;

impl<T: Real> Tape<T> {
    /// The hyperbolic tangent.
    ///
    /// # Errors
    /// Never; the signature is that of every operation.
    pub fn tanh(&mut self, x: Var) -> Result<Var, Error> {
        self.record(Tanh, &[x])
    }
}

/// a (1 - y²).
fn sloped<T: Real>(a: T, y: T) -> T {
    a * (T::one() - y * y)
}

impl<T: Real> Op<T> for Tanh {
    fn name(&self) -> &'static str {
        "tanh"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        elementwise::map(arguments.slice(0), value, false, |x| x.tanh());
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        elementwise::zip(dy, at.value, dx.values, dx.accumulate, sloped);
    }

    fn tangent(
        &self,
        tape: &mut dyn Record<T>,
        node: Var,
        _: &[Var],
        tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        tangents[0].map(|dx| tape.record(Along, &[node, dx])).transpose()
    }
}

impl<T: Real> Op<T> for Along {
    fn name(&self) -> &'static str {
        "tanh (tangent)"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        elementwise::zip(arguments.slice(1), arguments.slice(0), value, false, sloped);
    }

    fn vjp(&self, argument: usize, at: &Evaluated<T>, du: &[T], into: Target<T>) {
        let (y, t) = (at.arguments.slice(0), at.arguments.slice(1));
        if argument == 1 {
            elementwise::zip(du, y, into.values, into.accumulate, sloped);
        } else {
            let two = T::of(2.0);
            for ((to, du), (y, t)) in into.values.iter_mut().zip(du).zip(y.iter().zip(t)) {
                let dy = -two * *t * *y * *du;
                *to = if into.accumulate { *to + dy } else { dy };
            }
        }
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("tanh", &[(4, 5)], |tape, v| tape.tanh(v[0])),
        // The tangent as a function of the point and of the direction.
        Case::new("tanh, its tangent", &[(4, 5), (4, 5)], |tape, v| {
            let y = tape.tanh(v[0])?;
            tape.tangent(y, v[0], v[1])
        }),
    ]
}

#[cfg(test)]
mod tests {
    use crate::Parameters;
    use crate::tape::Tape;

    #[test]
    fn large_values_are_finite_and_pass_no_gradient() {
        let mut tape = Tape::<f32>::new();
        let x = tape.input("x", (1, 3));
        let y = tape.tanh(x).unwrap();
        let sweep = tape.sweep(y, &[x]).unwrap();
        tape.value_mut(x).assign(&ndarray::array![[-1e4, 0.0, 1e4]]);
        let parameters = Parameters::new();
        tape.forward(&parameters, .., 0);
        tape.backward(&sweep, &parameters, &mut parameters.zeros_like());
        assert_eq!(tape.value(y), ndarray::array![[-1.0, 0.0, 1.0]]);
        assert_eq!(tape.gradient(x), ndarray::array![[0.0, 1.0, 0.0]]);
    }
}
