//! D(x|y): from an example and its condition to a logit s, with which the objective tells real x from fakes.

use autograd::{Error, Parameters, Real, Shape, Tape, Var};
use layers::{Dropout, Hidden, Init, Input, Linear};

use crate::augmentations::AugmentConfig;
use crate::config::DiscriminatorConfig;

/// The discriminator's layers; its parameters are named `discriminator.*`.
#[derive(Clone, Debug)]
pub struct Discriminator {
    x: Hidden,
    y: Option<Hidden>,
    joint: Hidden,
    output: Linear,
    dropout: Option<Dropout>,
    input_dropout: Option<Dropout>,
    augment: Option<AugmentConfig>,
    /// Of the images, for their augmentation.
    size: Shape,
    seed: u64,
}

impl Discriminator {
    /// Adds D's parameters to the table, for x of `size`: (height, width) of an image, or (1, width); with a branch for
    /// `condition`, if the configuration has one.
    pub fn new<T: Real>(
        parameters: &mut Parameters<T>,
        config: &DiscriminatorConfig,
        condition: Input,
        size: Shape,
        seed: u64,
    ) -> Self {
        let mut hidden = |name: &str, input, layer, init: Init| {
            Hidden::new(parameters, &format!("discriminator.{name}"), input, layer, init, seed)
        };
        let x = hidden("x", Input::Vector(size.0 * size.1), config.x, config.init.x);
        let y = config.y.zip(config.init.y).map(|(layer, init)| hidden("y", condition, layer, init));
        let both = Input::Vector(config.x.units() + config.y.map_or(0, |layer| layer.units()));
        let joint = hidden("joint", both, config.joint, config.init.joint);
        let last = Input::Vector(config.joint.units());
        let output = Linear::new(parameters, "discriminator.output", last, 1, config.init.output, seed);
        Self {
            x,
            y,
            joint,
            output,
            dropout: config.dropout.map(|rate| Dropout::new(rate, seed)),
            input_dropout: config.input_dropout.map(|rate| Dropout::new(rate, seed)),
            augment: config.augment,
            size,
            seed,
        }
    }

    /// Numbers in the parameters that [`Discriminator::new`] would add, with which a file can be compared before memory
    /// is taken; `None` beyond what can be counted.
    pub fn numbers(config: &DiscriminatorConfig, condition: Input, size: Shape) -> Option<usize> {
        let x = config.x.numbers(Input::Vector(size.0.checked_mul(size.1)?))?;
        let y = config.y.map_or(Some(0), |layer| layer.numbers(condition))?;
        let both = config.x.units().checked_add(config.y.map_or(0, |layer| layer.units()))?;
        let joint = config.joint.numbers(Input::Vector(both))?;
        let output = Input::Vector(config.joint.units()).numbers(1)?;
        x.checked_add(y)?.checked_add(joint)?.checked_add(output)
    }

    /// D for evaluation: without dropout and data augmentation.
    pub fn for_evaluation(&self) -> Self {
        Self { dropout: None, input_dropout: None, augment: None, ..self.clone() }
    }

    /// Records the branch of the condition, if there is one: (batch, ..) to (batch, y units). Real x and fakes with the
    /// same conditions share it.
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

    /// Records the branch of x: (batch, width) to (batch, x units). Pairs of the same x with several conditions share
    /// it. Each `pass` has dropout masks and augmentations of its own.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn record_x<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        x: Var,
        pass: &str,
    ) -> Result<Var, Error> {
        let mut x = x;
        if let Some(augment) = self.augment {
            x = augment.record(tape, x, self.size, self.seed, &format!("discriminator.x/{pass}"))?;
        }
        if let Some(dropout) = self.input_dropout {
            x = dropout.record(tape, x, &format!("discriminator.input/{pass}"))?;
        }
        let name = format!("discriminator.x/{pass}");
        self.x.record_with_dropout(tape, parameters, x, self.dropout.as_ref(), &name)
    }

    /// Records the rest of D on its branches: (batch, 1) logits.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn record<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        x: Var,
        condition: Option<Var>,
        pass: &str,
    ) -> Result<Var, Error> {
        let name = |layer: &str| format!("discriminator.{layer}/{pass}");
        let mut both = x;
        if let Some(condition) = condition {
            let y = match self.dropout {
                Some(dropout) => dropout.record(tape, condition, &name("y"))?, // (batch, y units)
                None => condition,
            };
            both = tape.concat(x, y)?;
        }
        let (dropout, name) = (self.dropout.as_ref(), name("joint"));
        let joint = self.joint.record_with_dropout(tape, parameters, both, dropout, &name)?; // (batch, joint units)
        self.output.record(tape, parameters, joint) // (batch, 1)
    }
}
