//! y = log(1 + e^{±x}): every loss of a GAN is one of these, taken from the logits.
//!
//! With D = σ(s), -log D = softplus(-s) and -log(1 - D) = softplus(s). Written as
//!   softplus(x) = max(x, 0) + log1p(e^{-|x|})
//! no exponential overflows and no logarithm sees zero, whatever the logit. dy/dx = σ(x), and for softplus(-x)
//! it is -σ(-x).

use kernels::elementwise;

use crate::check::Case;
use crate::op::{Arguments, Evaluated, Op, Target, Var};
use crate::shape::{Shape, same};
use crate::tape::Tape;
use crate::{Error, Real};

struct Softplus {
    negated: bool,
}

impl<T: Real> Tape<T> {
    /// log(1 + eˣ): of logits s, the loss -log(1 - D) with D = σ(s).
    ///
    /// # Errors
    /// Never; the signature is that of every operation.
    pub fn softplus(&mut self, x: Var) -> Result<Var, Error> {
        self.record(Softplus { negated: false }, &[x])
    }

    /// log(1 + e⁻ˣ): of logits s, the loss -log D with D = σ(s).
    ///
    /// # Errors
    /// Never; the signature is that of every operation.
    pub fn softplus_of_negative(&mut self, x: Var) -> Result<Var, Error> {
        self.record(Softplus { negated: true }, &[x])
    }
}

impl<T: Real> Op<T> for Softplus {
    fn name(&self) -> &'static str {
        if self.negated { "softplus of negative" } else { "softplus" }
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        same(arguments)
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let sign = if self.negated { -T::one() } else { T::one() };
        elementwise::map(arguments.slice(0), value, false, move |x| elementwise::softplus(sign * x));
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        let sign = if self.negated { -T::one() } else { T::one() };
        elementwise::zip(dy, at.arguments.slice(0), dx.values, dx.accumulate, move |dy, x| {
            dy * sign * elementwise::sigmoid(sign * x)
        });
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("softplus", &[(4, 5)], |tape, v| tape.softplus(v[0])),
        Case::new("softplus of negative", &[(4, 5)], |tape, v| tape.softplus_of_negative(v[0])),
    ]
}

#[cfg(test)]
mod tests {
    use crate::{Parameters, Tape};

    #[test]
    fn logits_of_ten_thousand_give_finite_losses_and_gradients() {
        let mut tape = Tape::<f32>::new();
        let s = tape.input("s", (1, 4));
        let real = tape.softplus_of_negative(s).unwrap();
        let fake = tape.softplus(s).unwrap();
        let both = tape.add(real, fake).unwrap();
        let sweep = tape.sweep(both, &[s]).unwrap();
        tape.value_mut(s).assign(&ndarray::array![[-1e4, 1e4, -88.8, 88.8]]);
        let parameters = Parameters::new();
        tape.forward(&parameters, .., 0);
        tape.backward(&sweep, &parameters, &mut parameters.zeros_like());
        assert_eq!(tape.value(both), ndarray::array![[1e4, 1e4, 88.8, 88.8]]);
        assert_eq!(tape.gradient(s), ndarray::array![[-1.0, 1.0, -1.0, 1.0]]);
    }
}
