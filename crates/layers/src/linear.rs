//! A linear layer, of vectors or of one-hot labels.

use autograd::{Error, ParameterId, Parameters, Real, Tape, Var};
use serde::{Deserialize, Serialize};

use crate::Init;

/// Kind and size of a layer's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// (batch, 1) class numbers below this many classes, which stand for one-hot rows.
    Labels(usize),
    /// (batch, width) of this width.
    Vector(usize),
    /// Like `Vector`, but with many exact zeros, as a ReLU and dropout give them. The results are those of `Vector`; the
    /// weight is stored column by column, which is faster for such inputs.
    Sparse(usize),
}

impl Input {
    /// The layer's fan-in: classes, or width.
    pub fn width(self) -> usize {
        match self {
            Input::Labels(n) | Input::Vector(n) | Input::Sparse(n) => n,
        }
    }

    /// Numbers in the parameters of a [`Linear`] of this input with `out` outputs; `None` beyond what can be counted.
    pub fn numbers(self, out: usize) -> Option<usize> {
        self.width().checked_add(1)?.checked_mul(out)
    }

    /// Columns of the input matrix: 1 for labels.
    pub fn columns(self) -> usize {
        match self {
            Input::Labels(_) => 1,
            Input::Vector(width) | Input::Sparse(width) => width,
        }
    }
}

/// y = x Wᵀ + b, with W (out, in) and b (out).
#[derive(Clone, Debug)]
pub struct Linear {
    input: Input,
    weight: ParameterId,
    bias: ParameterId,
}

impl Linear {
    /// Adds `name.weight` and `name.bias` (zeros) to the table.
    pub fn new<T: Real>(
        parameters: &mut Parameters<T>,
        name: &str,
        input: Input,
        out: usize,
        init: Init,
        seed: u64,
    ) -> Self {
        let shape = (out, input.width());
        let (weight, dims) = (format!("{name}.weight"), [shape.0, shape.1]);
        let fill = |w: &mut [T]| init.fill(seed, &weight, shape, w);
        Self {
            input,
            weight: match input {
                Input::Vector(_) => parameters.push(&weight, &dims, fill),
                Input::Labels(_) | Input::Sparse(_) => parameters.push_by_columns(&weight, &dims, fill),
            },
            bias: parameters.push(format!("{name}.bias"), &[out], |_| ()),
        }
    }

    /// The bias, to give it initial values other than zero.
    pub fn bias(&self) -> ParameterId {
        self.bias
    }

    /// Records the layer on `x` with the largest of `pieces` linear pieces for each unit, times a mask if there is one.
    /// Gives (batch, out / pieces).
    ///
    /// # Errors
    /// If `x` has not the layer's width, or `out` is not a multiple of `pieces`.
    pub fn record_maxout<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        x: Var,
        mask: Option<Var>,
        pieces: usize,
    ) -> Result<Var, Error> {
        if let Input::Vector(_) = self.input {
            let [weight, bias] = [self.weight, self.bias].map(|id| tape.parameter(parameters, id));
            return tape.linear_maxout(x, weight, bias, mask, pieces);
        }
        let all = self.record(tape, parameters, x)?;
        let best = tape.maxout(all, pieces)?;
        mask.map_or(Ok(best), |mask| tape.masked(best, mask))
    }

    /// Records the layer on `x`: (batch, in), or (batch, 1) of labels. Gives (batch, out).
    ///
    /// # Errors
    /// If `x` has not the layer's width.
    pub fn record<T: Real>(
        &self,
        tape: &mut Tape<T>,
        parameters: &Parameters<T>,
        x: Var,
    ) -> Result<Var, Error> {
        let [weight, bias] = [self.weight, self.bias].map(|id| tape.parameter(parameters, id));
        match self.input {
            Input::Labels(_) => tape.embedding(x, weight, bias),
            Input::Vector(_) | Input::Sparse(_) => tape.linear(x, weight, Some(bias)),
        }
    }
}
