//! The gradient check of every layer.

use autograd::check::{Outcome, gradients};
use autograd::{Error, Parameters, Stream, Tape, Var};
use ndarray::Array2;
use ndarray_rand::RandomExt;
use ndarray_rand::rand_distr::StandardNormal;

use crate::{Dropout, Hidden, HiddenConfig, Init, Input, Linear};

/// Examples in a batch of the check.
const BATCH: usize = 5;

/// Checks each layer, with random weights and biases, in all its parameters.
///
/// # Errors
/// If a layer cannot be recorded.
pub fn all() -> Result<Vec<(String, Outcome)>, Error> {
    let init = Init::Normal(1.0);
    let mut outcomes = Vec::new();
    for input in [Input::Vector(6), Input::Sparse(6), Input::Labels(4)] {
        let mut parameters = Parameters::new();
        let layer = Linear::new(&mut parameters, "layer", input, 7, init, 1);
        let outcome = check(&mut parameters, input, |tape, parameters, x| layer.record(tape, parameters, x))?;
        outcomes.push((format!("linear layer of {input:?}"), outcome));
        for config in [HiddenConfig::Relu { units: 7 }, HiddenConfig::Maxout { units: 7, pieces: 3 }] {
            let mut parameters = Parameters::new();
            let hidden = Hidden::new(&mut parameters, "layer", input, config, init, 1);
            let dropout = Dropout::new(0.3, 1);
            let outcome = check(&mut parameters, input, |tape, parameters, x| {
                hidden.record_with_dropout(tape, parameters, x, Some(&dropout), "layer")
            })?;
            outcomes.push((format!("{config:?} layer of {input:?}, with dropout"), outcome));
        }
    }
    Ok(outcomes)
}

fn check(
    parameters: &mut Parameters<f64>,
    input: Input,
    record: impl Fn(&mut Tape<f64>, &Parameters<f64>, Var) -> Result<Var, Error>,
) -> Result<Outcome, Error> {
    let random = |rows, columns, purpose| {
        Array2::<f64>::random_using((rows, columns), StandardNormal, &mut Stream::new(1, purpose).at(0, 0))
    };
    // Biases start at zero, where maxout pieces may tie. So the check is made at other values.
    let moved = random(1, parameters.values().len(), "moved");
    parameters.values_mut().iter_mut().zip(&moved).for_each(|(value, moved)| *value += 0.5 * moved);
    gradients(parameters, |tape, parameters| {
        let x = tape.input("x", (BATCH, input.columns()));
        match input {
            Input::Vector(width) | Input::Sparse(width) => {
                tape.value_mut(x).assign(&random(BATCH, width, "x"))
            }
            Input::Labels(classes) => {
                tape.value_mut(x).assign(&Array2::from_shape_fn((BATCH, 1), |(i, _)| (i % classes) as f64));
            }
        }
        record(tape, parameters, x)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_layer_s_derivative_holds() {
        for (name, outcome) in super::all().unwrap() {
            assert!(outcome.error < 1e-6, "{name}: {outcome:?}");
        }
    }
}
