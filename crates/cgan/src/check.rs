//! The gradient check of the objectives and the penalties: the whole G and D in small, with every option that the nets
//! have.

use autograd::check::{Outcome, compare, gradients};
use autograd::{Error, Parameters, Stream, Tape, Var};
use layers::{HiddenConfig, Init, Input};
use ndarray::Array2;

use crate::augmentations::AugmentConfig;
use crate::aux_classifier::AuxClassifier;
use crate::config::{
    AuxClassifierConfig, Combined, DiscriminatorConfig, DiscriminatorInit, GeneratorConfig, GeneratorDropout,
    GeneratorInit, Output, OutputBias,
};
use crate::objective::{Logits, Mismatched};
use crate::penalties::PenaltyConfig;
use crate::penalty::{Penalty, RecordedPenalty, Strength};
use crate::{Discriminator, Generator, Noise, Vocabulary, objectives};

const BATCH: usize = 6;
const WIDTH: usize = 8;
const NOISE: usize = 4;
const WORDS: usize = 5;
const CONDITIONS: [Input; 3] = [Input::Labels(3), Input::Vector(5), Input::Sparse(5)];

/// Checks both losses of every objective and every penalty with respect to all parameters, for labels and for vectors
/// as conditions.
///
/// # Errors
/// If the nets cannot be recorded.
pub fn all() -> Result<Vec<(String, Outcome)>, Error> {
    let mut outcomes = Vec::new();
    for condition in CONDITIONS {
        for (name, cases) in objectives::cases() {
            for (number, objective) in cases.iter().enumerate() {
                // One case with dropout, augmentation and a further layer, one without.
                let (combined, dropout) = if number % 2 == 0 {
                    (Combined::Concatenation, None)
                } else {
                    (Combined::HiddenLayer { units: 7, init: Init::Normal(0.8) }, Some(0.4))
                };
                let nets = Nets::new(condition, combined, dropout);
                let outcome = nets.gradients(|tape, parameters| {
                    let recorded = nets.record(tape, parameters)?;
                    objective.generator_loss(tape, recorded.fake, Some(recorded.real))
                })?;
                outcomes.push((format!("{name}, G's loss, case {number}, {condition:?}"), outcome));
                let outcome = nets.gradients(|tape, parameters| {
                    let recorded = nets.record(tape, parameters)?;
                    let mismatched = Some(Mismatched { logits: recorded.mismatched, weight: 0.4 });
                    let logits = Logits { real: recorded.real, fake: recorded.fake, mismatched };
                    objective.discriminator_loss(tape, &logits)
                })?;
                outcomes.push((format!("{name}, D's loss, case {number}, {condition:?}"), outcome));
            }
        }
        let nets = Nets::new(condition, Combined::Concatenation, None);
        let outcome = nets.gradients(|tape, parameters| {
            let recorded = nets.record(tape, parameters)?;
            aux_classifier_loss(tape, &recorded)
        })?;
        outcomes.push((format!("auxiliary classifier, {condition:?}"), outcome));
        for dropout in [None, Some(0.4)] {
            let strength = Strength { weight: 3.0, interval: 1, decay: None };
            for (name, penalty) in PenaltyConfig::all(strength).active() {
                let outcome = Nets::new(condition, Combined::Concatenation, dropout).penalty(penalty)?;
                outcomes.push((format!("penalty {name}, dropout {dropout:?}, {condition:?}"), outcome));
            }
        }
    }
    Ok(outcomes)
}

/// The auxiliary classification loss beside a loss that is G's mean logit.
fn aux_classifier_loss(tape: &mut Tape<f64>, recorded: &Recorded) -> Result<Var, Error> {
    let points = Array2::from_shape_fn((WORDS, WIDTH), |(i, j)| ((i * 13 + j * 7) % 11) as f32 / 5.0 - 1.0);
    let vocabulary = Vocabulary { points, counts: (1..).take(WORDS).collect() };
    let config = AuxClassifierConfig { weight: 0.7, temperature: 0.4, logit_adjustment: Some(0.5) };
    let aux = AuxClassifier::new(tape, &config, &vocabulary, BATCH);
    let targets = Array2::from_shape_fn((BATCH, 1), |(i, _)| (i * 2 % WORDS) as f64);
    tape.value_mut(aux.targets).assign(&targets);
    let loss = tape.mean(recorded.fake)?;
    aux.add_to(tape, loss, recorded.made)
}

/// A small G and D at random weights and biases.
struct Nets {
    condition: Input,
    parameters: Parameters<f64>,
    generator: Generator,
    discriminator: Discriminator,
}

/// Both nets on a tape.
struct Recorded {
    /// G(z|y), (batch, width).
    made: Var,
    /// Real x, (batch, width).
    x: Var,
    /// Logits, (batch, 1) each.
    fake: Var,
    real: Var,
    mismatched: Var,
}

impl Nets {
    fn new(condition: Input, combined: Combined, dropout: Option<f64>) -> Self {
        let init = Init::Normal(0.8);
        let maxout = |units, pieces| HiddenConfig::Maxout { units, pieces };
        let generator = GeneratorConfig {
            noise: Noise::Gaussian,
            noise_width: NOISE,
            z_units: 5,
            y_units: Some(6),
            combined,
            output: match condition {
                Input::Labels(_) => Output::Sigmoid,
                Input::Vector(_) => Output::Linear,
                Input::Sparse(_) => Output::Relu,
            },
            dropout: dropout.map(|rate| GeneratorDropout { rate, when_sampling: false }),
            init: GeneratorInit { z: init, y: Some(init), output: init, output_bias: OutputBias::DataMean },
        };
        let discriminator = DiscriminatorConfig {
            x: maxout(6, 5),
            y: Some(maxout(3, 5)),
            joint: maxout(5, 4),
            dropout,
            input_dropout: dropout.map(|rate| rate / 2.0),
            augment: dropout.map(AugmentConfig::all),
            // Logits of a size at which no loss is flat.
            init: DiscriminatorInit { x: init, y: Some(init), joint: init, output: Init::Normal(0.2) },
        };
        let mut parameters = Parameters::new();
        let generator = Generator::new(&mut parameters, &generator, condition, &[0.3; WIDTH], 1);
        let discriminator = Discriminator::new(&mut parameters, &discriminator, condition, (2, WIDTH / 2), 1);
        // Biases start at zero, where maxout pieces may tie. So the check is made at other values.
        let mut moved = Array2::<f64>::zeros((1, parameters.values().len()));
        Noise::Gaussian.fill(&Stream::new(1, "moved"), 0, moved.view_mut());
        parameters.values_mut().iter_mut().zip(&moved).for_each(|(value, moved)| *value += 0.3 * moved);
        Self { condition, parameters, generator, discriminator }
    }

    fn gradients(
        &self,
        record: impl Fn(&mut Tape<f64>, &Parameters<f64>) -> Result<Var, Error>,
    ) -> Result<Outcome, Error> {
        gradients(&mut self.parameters.clone(), record)
    }

    fn random(tape: &mut Tape<f64>, name: &'static str, columns: usize) -> Var {
        let input = tape.input(name, (BATCH, columns));
        Noise::Gaussian.fill(&Stream::new(1, name), 0, tape.value_mut(input));
        input
    }

    fn conditions(&self, tape: &mut Tape<f64>, name: &'static str, first: usize) -> Var {
        match self.condition {
            Input::Vector(width) | Input::Sparse(width) => Self::random(tape, name, width),
            Input::Labels(classes) => {
                let y = tape.input(name, (BATCH, 1));
                let label = |(i, _)| ((i + first) % classes) as f64;
                tape.value_mut(y).assign(&Array2::from_shape_fn((BATCH, 1), label));
                y
            }
        }
    }

    fn record(&self, tape: &mut Tape<f64>, parameters: &Parameters<f64>) -> Result<Recorded, Error> {
        let (g, d) = (&self.generator, &self.discriminator);
        let z = Self::random(tape, "z", NOISE);
        let y = self.conditions(tape, "y", 0);
        let mismatched_y = self.conditions(tape, "mismatched y", 1);
        let g_condition = g.record_condition(tape, parameters, y)?;
        let made = g.record(tape, parameters, z, g_condition)?;
        let d_condition = d.record_condition(tape, parameters, y)?;
        let d_made = d.record_x(tape, parameters, made, "fake")?;
        let fake = d.record(tape, parameters, d_made, d_condition, "fake")?;
        let x = Self::random(tape, "x", WIDTH);
        let d_x = d.record_x(tape, parameters, x, "real")?;
        let real = d.record(tape, parameters, d_x, d_condition, "real")?;
        let mismatched_condition = d.record_condition(tape, parameters, mismatched_y)?;
        let mismatched = d.record(tape, parameters, d_x, mismatched_condition, "mismatched")?;
        Ok(Recorded { made, x, fake, real, mismatched })
    }

    /// The gradient of the recorded tangent against central differences of the penalty itself. Where a penalty takes D's
    /// gradient makes no difference to that, so all of them take it at x.
    fn penalty(mut self, penalty: Box<dyn Penalty>) -> Result<Outcome, Error> {
        let mut tape = Tape::new();
        let Recorded { x, real, .. } = self.record(&mut tape, &self.parameters)?;
        let end = tape.here();
        let leaves: Vec<Var> =
            self.parameters.group("").ids().map(|id| tape.parameter(&self.parameters, id)).collect();
        let recorded = RecordedPenalty::record(&mut tape, penalty, x, real, &leaves)?;
        let mut gradient = self.parameters.zeros_like();
        tape.forward(&self.parameters, ..end, 0);
        recorded.gradient(&mut tape, &self.parameters, &mut gradient, (0, 0.0), false);

        let mut scratch = self.parameters.zeros_like();
        Ok(compare(&mut self.parameters, &gradient, |parameters| {
            tape.forward(parameters, ..end, 0);
            recorded.gradient(&mut tape, parameters, &mut scratch, (0, 0.0), false)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_objective_has_cases_and_every_derivative_holds() {
        for (name, cases) in objectives::cases() {
            assert!(!cases.is_empty(), "{name} has no gradient-check case");
        }
        for (name, outcome) in all().unwrap() {
            assert!(outcome.error < 1e-6, "{name}: {outcome:?}");
        }
    }
}
