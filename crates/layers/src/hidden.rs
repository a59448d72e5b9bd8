//! A hidden layer: linear, then ReLU or maxout.

use autograd::{Error, Parameters, Real, Tape, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Dropout, Init, Input, Linear};

/// Kind and size of a hidden layer. Written `{ relu = { units = 500 } }` or
/// `{ maxout = { units = 240, pieces = 5 } }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum HiddenConfig {
    /// max(0, x Wᵀ + b).
    Relu {
        /// Units.
        #[schemars(range(min = 1, max = 32768))]
        units: usize,
    },
    /// The largest of several linear pieces (Goodfellow et al. 2013).
    Maxout {
        /// Units.
        #[schemars(range(min = 1, max = 32768))]
        units: usize,
        /// Linear pieces of each unit.
        #[schemars(range(min = 1, max = 255))]
        pieces: usize,
    },
}

impl HiddenConfig {
    /// Units, the columns of the layer's value.
    pub fn units(&self) -> usize {
        match *self {
            HiddenConfig::Relu { units } | HiddenConfig::Maxout { units, .. } => units,
        }
    }

    /// Linear pieces of each unit: one for ReLU.
    pub fn pieces(&self) -> usize {
        match *self {
            HiddenConfig::Relu { .. } => 1,
            HiddenConfig::Maxout { pieces, .. } => pieces,
        }
    }

    /// Numbers in the parameters of a [`Hidden`] of this `input`; `None` beyond what can be counted.
    pub fn numbers(&self, input: Input) -> Option<usize> {
        input.numbers(self.units().checked_mul(self.pieces())?)
    }
}

/// A hidden layer, by its parameters.
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
            linear: Linear::new(parameters, name, input, config.units() * config.pieces(), init, seed),
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

    /// Records the layer followed by dropout, if there is any: units that are dropped are not computed. `name` is that
    /// of [`Dropout::record`].
    ///
    /// # Errors
    /// If `x` has not the layer's width, or dropout's rate is out of range.
    pub fn record_with_dropout<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        x: Var,
        dropout: Option<&Dropout>,
        name: &str,
    ) -> Result<Var, Error> {
        let shape = (tape.shape(x).0, self.config.units());
        let mask = dropout.map(|dropout| dropout.mask(tape, shape, name)).transpose()?;
        self.record_masked(tape, parameters, x, mask)
    }

    fn record_masked<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        x: Var,
        mask: Option<Var>,
    ) -> Result<Var, Error> {
        match self.config {
            HiddenConfig::Relu { .. } => {
                let h = self.linear.record(tape, parameters, x)?;
                let h = tape.relu(h)?;
                mask.map_or(Ok(h), |mask| tape.masked(h, mask))
            }
            HiddenConfig::Maxout { pieces, .. } => {
                self.linear.record_maxout(tape, parameters, x, mask, pieces)
            }
        }
    }
}
