//! A hidden layer: linear, then ReLU or maxout.

use autograd::{Error, Parameters, Real, Tape, Var};
use serde::{Deserialize, Serialize};

use crate::{Dropout, Init, Input, Linear};

/// The non-linearity of a hidden layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// max(0, x).
    Relu,
    /// The largest of several linear pieces (Goodfellow et al. 2013).
    Maxout,
}

/// Size and kind of a hidden layer, as a configuration gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HiddenConfig {
    /// ReLU or maxout.
    pub layer: Activation,
    /// Units.
    pub units: usize,
    /// Pieces of each maxout unit; 1 for ReLU.
    pub pieces: usize,
}

impl HiddenConfig {
    /// What is wrong with the setting, if anything.
    pub fn problem(&self) -> Option<String> {
        let most = if self.layer == Activation::Relu { 1 } else { 255 };
        (self.units == 0 || !(1..=most).contains(&self.pieces)).then(|| {
            format!(
                "{:?} of {} units and {} pieces: at least one unit, 1 to {most} pieces",
                self.layer, self.units, self.pieces
            )
        })
    }
}

/// A recorded form of [`HiddenConfig`].
#[derive(Clone, Debug)]
pub struct Hidden {
    linear: Linear,
    config: HiddenConfig,
}

impl Hidden {
    /// Adds `name.weight` (pieces · units, in) and `name.bias` to the table.
    pub fn new<T: Real>(
        parameters: &mut Parameters<T>,
        name: &str,
        input: Input,
        config: HiddenConfig,
        init: Init,
        seed: u64,
    ) -> Self {
        Self {
            linear: Linear::new(parameters, name, input, config.units * config.pieces, init, seed),
            config,
        }
    }

    /// Records the layer on `x`. Gives (batch, units).
    ///
    /// # Errors
    /// If `x` has not the layer's width.
    pub fn record<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        x: Var,
    ) -> Result<Var, Error> {
        self.record_masked(tape, parameters, x, None)
    }

    /// The same, followed by dropout: what it drops need not be computed. `name` is that of [`Dropout::record`].
    ///
    /// # Errors
    /// As there; also if dropout's rate is out of range.
    pub fn record_with_dropout<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        x: Var,
        dropout: &Dropout,
        name: &str,
    ) -> Result<Var, Error> {
        let mask = dropout.mask(tape, (tape.shape(x).0, self.config.units), name)?;
        self.record_masked(tape, parameters, x, mask)
    }

    fn record_masked<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        x: Var,
        mask: Option<Var>,
    ) -> Result<Var, Error> {
        match self.config.layer {
            Activation::Relu => {
                let h = self.linear.record(tape, parameters, x)?;
                let h = tape.relu(h)?;
                mask.map_or(Ok(h), |mask| tape.masked(h, mask))
            }
            Activation::Maxout => self.linear.record_maxout(tape, parameters, x, mask, self.config.pieces),
        }
    }
}
