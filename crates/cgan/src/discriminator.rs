//! D(x|y): an example and its condition to the log-odds that it is real.

use autograd::{Error, Parameters, Real, Shape, Tape, Var};
use layers::{Dropout, Hidden, Init, Input, Linear, Shift};

use crate::config::DiscriminatorConfig;

/// The discriminator's layers; its parameters are named `discriminator.*`.
#[derive(Clone, Debug)]
pub struct Discriminator {
    x: Hidden,
    y: Hidden,
    joint: Hidden,
    output: Linear,
    dropout: Dropout,
    input_dropout: Dropout,
    shift: Shift,
}

impl Discriminator {
    /// Adds D's parameters to the table, for x of `size` (height, width), if it is a picture, or (1, width).
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
        let y = hidden("y", condition, config.y, config.init.y);
        let both = Input::Vector(config.x.units + config.y.units);
        let joint = hidden("joint", both, config.joint, config.init.joint);
        let last = Input::Vector(config.joint.units);
        let output = Linear::new(parameters, "discriminator.output", last, 1, config.init.output, seed);
        Self {
            x,
            y,
            joint,
            output,
            dropout: Dropout::new(config.dropout, seed),
            input_dropout: Dropout::new(config.input_dropout, seed),
            shift: Shift::new(config.shift, config.shifted, size, seed),
        }
    }

    /// D without dropout, and with pictures where they are.
    pub fn as_it_judges(&self) -> Self {
        let none = Dropout::new(0.0, 0);
        Self { dropout: none, input_dropout: none, shift: Shift::new(0, 0.0, (0, 0), 0), ..self.clone() }
    }

    /// Records the branch of the condition: (batch, ..) to (batch, y units), which real and fake examples of
    /// the same conditions share.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn record_condition<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        y: Var,
    ) -> Result<Var, Error> {
        self.y.record(tape, parameters, y)
    }

    /// Records the branch of x: (batch, width) to (batch, x units), which pairs of the same x with several conditions
    /// share. `pass` tells the dropout masks of one recording from those of another.
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
        let x = self.shift.record(tape, x, &format!("discriminator.x/{pass}"))?;
        let x = self.input_dropout.record(tape, x, &format!("discriminator.input/{pass}"))?;
        self.x.record_with_dropout(tape, parameters, x, &self.dropout, &format!("discriminator.x/{pass}"))
    }

    /// Records the rest of D on both branches: (batch, 1) logits.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn record<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        x: Var,
        condition: Var,
        pass: &str,
    ) -> Result<Var, Error> {
        let name = |layer: &str| format!("discriminator.{layer}/{pass}");
        let y = self.dropout.record(tape, condition, &name("y"))?; // (batch, y units)
        let both = tape.concat(x, y)?;
        let (dropout, name) = (&self.dropout, name("joint"));
        let joint = self.joint.record_with_dropout(tape, parameters, both, dropout, &name)?; // (batch, joint units)
        self.output.record(tape, parameters, joint) // (batch, 1)
    }
}
