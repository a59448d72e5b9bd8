//! The gradient check of the objectives: the whole G and D in small, with every choice that a configuration has.

use autograd::check::{Outcome, compare, gradients};
use autograd::{Error, Parameters, Stream, Tape, Var};
use layers::{Activation, HiddenConfig, Init, Input};
use ndarray::Array2;

use crate::config::{
    Combined, DiscriminatorConfig, DiscriminatorInit, GeneratorConfig, GeneratorInit, GeneratorLoss,
    ObjectiveConfig, Output, OutputBias,
};
use crate::objective::{Choice, R1, discriminator_loss, generator_loss};
use crate::{Choices, Discriminator, Generator, Noise};

const BATCH: usize = 6;
const WIDTH: usize = 8;
const NOISE: usize = 4;
const CHOICES: usize = 5;

/// Checks G's and D's objectives in all parameters, for labels and for vectors as conditions.
///
/// # Errors
/// If the nets cannot be recorded.
pub fn all() -> Result<Vec<(String, Outcome)>, Error> {
    let mut outcomes = Vec::new();
    for condition in [Input::Labels(3), Input::Vector(5), Input::Sparse(5)] {
        for combined in [Combined::Concatenation, Combined::HiddenLayer] {
            for generator in [GeneratorLoss::Minimax, GeneratorLoss::NonSaturating] {
                let mut nets = Nets::new(condition, combined, 0.0);
                let config = objective(generator, 1.0);
                let outcome = nets.gradients(|nets, tape, parameters| {
                    let (fake, logits) = nets.fake_logits(tape, parameters)?;
                    // One of the two with the term that is not the adversary's.
                    let choice = (generator == GeneratorLoss::NonSaturating)
                        .then(|| Choice::new(tape, &config, &choices(), fake));
                    if let Some(Choice { chosen, .. }) = choice {
                        let numbers = Array2::from_shape_fn((BATCH, 1), |(i, _)| (i * 2 % CHOICES) as f64);
                        tape.value_mut(chosen).assign(&numbers);
                    }
                    generator_loss(tape, &config, logits, choice)
                })?;
                outcomes.push((format!("G, {generator:?}, {combined:?}, {condition:?}"), outcome));
            }
        }
        for (dropout, target) in [(0.0, 1.0), (0.4, 0.9)] {
            let mut nets = Nets::new(condition, Combined::HiddenLayer, dropout);
            let config = objective(GeneratorLoss::Minimax, target);
            let outcome = nets.gradients(|nets, tape, parameters| {
                let (_, fake) = nets.fake_logits(tape, parameters)?;
                let (_, real) = nets.real_logits(tape, parameters)?;
                discriminator_loss(tape, &config, real, fake, Some(fake))
            })?;
            outcomes.push((format!("D, dropout {dropout}, real target {target}, {condition:?}"), outcome));
            let outcome = Nets::new(condition, Combined::HiddenLayer, dropout).penalty(3.0)?;
            outcomes.push((format!("R1 penalty, dropout {dropout}, {condition:?}"), outcome));
        }
    }
    Ok(outcomes)
}

fn objective(generator: GeneratorLoss, real_target: f64) -> ObjectiveConfig {
    ObjectiveConfig {
        generator,
        real_target,
        discriminator_scale: 0.5,
        r1: 0.0,
        r1_every: 1,
        r1_end: 0.0,
        r1_epochs: 0.0,
        mismatched: 0.4,
        choice: 0.7,
        choice_temperature: 0.4,
        choice_prior: 0.5,
    }
}

fn choices() -> Choices {
    let points = Array2::from_shape_fn((CHOICES, WIDTH), |(i, j)| ((i * 13 + j * 7) % 11) as f32 / 5.0 - 1.0);
    Choices { points, counts: (1..).take(CHOICES).collect() }
}

/// A small G and D at random weights and biases.
struct Nets {
    condition: Input,
    parameters: Parameters<f64>,
    generator: Generator,
    discriminator: Discriminator,
}

impl Nets {
    fn new(condition: Input, combined: Combined, dropout: f64) -> Self {
        let init = Init::Normal(0.8);
        let maxout = |units, pieces| HiddenConfig { layer: Activation::Maxout, units, pieces };
        let generator = GeneratorConfig {
            noise: Noise::Gaussian,
            noise_width: NOISE,
            z_units: 5,
            y_units: 6,
            combined,
            combined_units: 7,
            output: Output::Sigmoid,
            dropout,
            dropout_when_sampling: false,
            init: GeneratorInit {
                z: init,
                y: init,
                combined: init,
                output: init,
                output_bias: OutputBias::DataMean,
            },
        };
        let discriminator = DiscriminatorConfig {
            x: maxout(6, 5),
            y: maxout(3, 5),
            joint: maxout(5, 4),
            dropout,
            input_dropout: dropout / 2.0,
            shift: 1,
            shifted: dropout,
            init: DiscriminatorInit { x: init, y: init, joint: init, output: init },
        };
        let mut parameters = Parameters::new();
        let generator = Generator::new(&mut parameters, &generator, condition, &[0.3; WIDTH], 1);
        let discriminator = Discriminator::new(&mut parameters, &discriminator, condition, (2, WIDTH / 2), 1);
        // Biases start at zero, where maxout pieces may tie: the check is made elsewhere.
        let mut moved = Array2::<f64>::zeros((1, parameters.values().len()));
        Noise::Gaussian.fill(&Stream::new(1, "moved"), 0, moved.view_mut());
        parameters.values_mut().iter_mut().zip(&moved).for_each(|(value, moved)| *value += 0.3 * moved);
        Self { condition, parameters, generator, discriminator }
    }

    fn gradients(
        &mut self,
        record: impl Fn(&Nets, &mut Tape<f64>, &Parameters<f64>) -> Result<Var, Error>,
    ) -> Result<Outcome, Error> {
        let mut parameters = self.parameters.clone();
        gradients(&mut parameters, |tape, parameters| record(self, tape, parameters))
    }

    fn random(tape: &mut Tape<f64>, name: &'static str, columns: usize) -> Var {
        let input = tape.input(name, (BATCH, columns));
        Noise::Gaussian.fill(&Stream::new(1, name), 0, tape.value_mut(input));
        input
    }

    fn conditions(&self, tape: &mut Tape<f64>) -> Var {
        match self.condition {
            Input::Vector(width) | Input::Sparse(width) => Self::random(tape, "y", width),
            Input::Labels(classes) => {
                let y = tape.input("y", (BATCH, 1));
                tape.value_mut(y).assign(&Array2::from_shape_fn((BATCH, 1), |(i, _)| (i % classes) as f64));
                y
            }
        }
    }

    fn fake_logits(&self, tape: &mut Tape<f64>, parameters: &Parameters<f64>) -> Result<(Var, Var), Error> {
        let z = Self::random(tape, "z", NOISE);
        let y = self.conditions(tape);
        let condition = self.generator.record_condition(tape, parameters, y)?;
        let fake = self.generator.record(tape, parameters, z, condition)?;
        let condition = self.discriminator.record_condition(tape, parameters, y)?;
        let x = self.discriminator.record_x(tape, parameters, fake, "fake")?;
        Ok((fake, self.discriminator.record(tape, parameters, x, condition, "fake")?))
    }

    fn real_logits(&self, tape: &mut Tape<f64>, parameters: &Parameters<f64>) -> Result<(Var, Var), Error> {
        let x = Self::random(tape, "x", WIDTH);
        let y = self.conditions(tape);
        let condition = self.discriminator.record_condition(tape, parameters, y)?;
        let branch = self.discriminator.record_x(tape, parameters, x, "real")?;
        Ok((x, self.discriminator.record(tape, parameters, branch, condition, "real")?))
    }

    /// The surrogate's gradient against central differences of the penalty itself, ½ γ E|∇x s|².
    fn penalty(mut self, gamma: f64) -> Result<Outcome, Error> {
        let mut tape = Tape::new();
        let (x, logits) = self.real_logits(&mut tape, &self.parameters)?;
        let tangent_begins = tape.here();
        let slope = tape.sweep(logits, &[x])?;
        let r1 = R1::record(&mut tape, gamma, x, logits)?;
        let leaves: Vec<Var> =
            self.parameters.group("").ids().map(|id| tape.parameter(&self.parameters, id)).collect();
        let sweep = tape.sweep(r1.surrogate, &leaves)?;
        let mut gradient = self.parameters.zeros_like();
        let mut scratch = self.parameters.zeros_like();

        tape.forward(&self.parameters, ..tangent_begins, 0);
        tape.backward(&slope, &self.parameters, &mut scratch);
        tape.set_to_gradient(r1.direction, x);
        tape.forward(&self.parameters, tangent_begins.., 0);
        tape.backward(&sweep, &self.parameters, &mut gradient);

        Ok(compare(&mut self.parameters, &gradient, |parameters| {
            tape.forward(parameters, ..tangent_begins, 0);
            tape.backward(&slope, parameters, &mut scratch);
            0.5 * gamma * tape.gradient(x).iter().map(|v| v * v).sum::<f64>() / BATCH as f64
        }))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_objective_s_derivative_holds() {
        for (name, outcome) in super::all().unwrap() {
            assert!(outcome.error < 1e-6, "{name}: {outcome:?}");
        }
    }
}
