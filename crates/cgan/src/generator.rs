//! G(z|y): noise and condition to an example.

use autograd::{Error, Parameters, Real, Tape, Var};
use layers::{Dropout, Hidden, HiddenConfig, Input, Linear};

use crate::Noise;
use crate::config::{Combined, GeneratorConfig, Output, OutputBias};

/// The generator's layers; its parameters are named `generator.*`.
#[derive(Clone, Debug)]
pub struct Generator {
    noise: (Noise, usize),
    z: Hidden,
    y: Option<Hidden>,
    combined: Option<Hidden>,
    output: Linear,
    activation: Output,
    dropout: Option<Dropout>,
    dropout_when_sampling: bool,
}

/// The mean of a pixel that is always 0 or always 1 has an infinite logit. So means are kept at this distance from 0
/// and 1.
const MARGIN: f64 = 1e-3;

impl Generator {
    /// Adds G's parameters to the table: from `condition`, if the configuration has a branch for it, to a vector as long
    /// as `mean`, the mean of the training data.
    pub fn new<T: Real>(
        parameters: &mut Parameters<T>,
        config: &GeneratorConfig,
        condition: Input,
        mean: &[f32],
        seed: u64,
    ) -> Self {
        let relu = |units| HiddenConfig::Relu { units };
        let init = &config.init;
        let noise = Input::Vector(config.noise_width);
        let z = Hidden::new(parameters, "generator.z", noise, relu(config.z_units), init.z, seed);
        let y = config
            .y_units
            .zip(init.y)
            .map(|(units, init)| Hidden::new(parameters, "generator.y", condition, relu(units), init, seed));
        let side_by_side = config.z_units + config.y_units.unwrap_or(0);
        let (combined, width) = match config.combined {
            Combined::Concatenation => (None, side_by_side),
            Combined::HiddenLayer { units, init } => {
                let input = Input::Sparse(side_by_side);
                let layer = Hidden::new(parameters, "generator.combined", input, relu(units), init, seed);
                (Some(layer), units)
            }
        };
        let output =
            Linear::new(parameters, "generator.output", Input::Sparse(width), mean.len(), init.output, seed);
        if init.output_bias == OutputBias::DataMean {
            let start = |mean: f32| match config.output {
                Output::Linear => f64::from(mean),
                Output::Relu => f64::from(mean.max(0.0)),
                Output::Sigmoid => {
                    let p = f64::from(mean).clamp(MARGIN, 1.0 - MARGIN);
                    (p / (1.0 - p)).ln()
                }
            };
            parameters.slice_mut(output.bias()).iter_mut().zip(mean).for_each(|(b, m)| *b = T::of(start(*m)));
        }
        Self {
            noise: (config.noise, config.noise_width),
            z,
            y,
            combined,
            output,
            activation: config.output,
            dropout: config.dropout.map(|dropout| Dropout::new(dropout.rate, seed)),
            dropout_when_sampling: config.dropout.is_some_and(|dropout| dropout.when_sampling),
        }
    }

    /// Numbers in the parameters that [`Generator::new`] would add, with which a file can be compared before memory is
    /// taken; `None` beyond what can be counted.
    pub fn numbers(config: &GeneratorConfig, condition: Input, width: usize) -> Option<usize> {
        let z = Input::Vector(config.noise_width).numbers(config.z_units)?;
        let y = config.y_units.map_or(Some(0), |units| condition.numbers(units))?;
        let side_by_side = config.z_units.checked_add(config.y_units.unwrap_or(0))?;
        let (combined, last) = match config.combined {
            Combined::Concatenation => (0, side_by_side),
            Combined::HiddenLayer { units, .. } => (Input::Sparse(side_by_side).numbers(units)?, units),
        };
        let output = Input::Sparse(last).numbers(width)?;
        z.checked_add(y)?.checked_add(combined)?.checked_add(output)
    }

    /// The distribution of z, and its dimensions.
    pub fn noise(&self) -> (Noise, usize) {
        self.noise
    }

    /// Records the branch of the condition, if there is one: (batch, ..) to (batch, y units), which does not depend on
    /// the noise.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn record_condition<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        y: Var,
    ) -> Result<Option<Var>, Error> {
        self.y.as_ref().map(|branch| branch.record(tape, parameters, y)).transpose()
    }

    /// Records G as it is trained: z (batch, noise width), and [`Generator::record_condition`] of its conditions, to
    /// (batch, width).
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn record<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        z: Var,
        condition: Option<Var>,
    ) -> Result<Var, Error> {
        self.forward(tape, parameters, z, condition, self.dropout)
    }

    /// Records G as it is sampled from: without dropout, unless the configuration keeps it.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn record_for_sampling<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        z: Var,
        condition: Option<Var>,
    ) -> Result<Var, Error> {
        self.forward(tape, parameters, z, condition, self.dropout.filter(|_| self.dropout_when_sampling))
    }

    fn forward<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        z: Var,
        condition: Option<Var>,
        dropout: Option<Dropout>,
    ) -> Result<Var, Error> {
        let drop = |tape: &mut Tape<T>, x, name| match dropout {
            Some(dropout) => dropout.record(tape, x, name),
            None => Ok(x),
        };
        let z = self.z.record(tape, parameters, z)?; // (batch, z_units)
        let mut h = drop(tape, z, "generator.z")?;
        if let Some(condition) = condition {
            let y = drop(tape, condition, "generator.y")?; // (batch, y_units)
            h = tape.concat(h, y)?; // (batch, z_units + y_units)
        }
        if let Some(combined) = &self.combined {
            h = combined.record(tape, parameters, h)?; // (batch, combined_units)
            h = drop(tape, h, "generator.combined")?;
        }
        let x = self.output.record(tape, parameters, h)?; // (batch, width)
        match self.activation {
            Output::Sigmoid => tape.sigmoid(x),
            Output::Linear => Ok(x),
            Output::Relu => tape.relu(x),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bias_paints_the_mean_of_the_data() {
        let config = serde_json::json!({
            "noise": "uniform", "noise_width": 3, "z_units": 2, "y_units": 2, "combined": "concatenation",
            "output": "sigmoid",
            "init": { "z": "he_uniform", "y": "he_uniform", "output": "zeros", "output_bias": "data_mean" },
        });
        let config: GeneratorConfig = serde_json::from_value(config).unwrap();
        let (means, painted) = ([0.0, 0.25, 0.9, 1.0], [0.001, 0.25, 0.9, 0.999]);
        let mut parameters = Parameters::<f64>::new();
        let generator = Generator::new(&mut parameters, &config, Input::Labels(10), &means, 1);
        let bias = parameters.slice(generator.output.bias());
        for (a, mean) in bias.iter().zip(painted) {
            let pixel = 1.0 / (1.0 + (-a).exp());
            assert!((pixel - mean).abs() < 1e-7, "{pixel} instead of {mean}");
        }
    }
}
