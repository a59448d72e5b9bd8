//! The nets as the page has them.
//!
//! What a condition y contributes to the layer after h_y = relu(W_y y + b_y) is linear in h_y. So without dropout the
//! page has, for each condition, c_y = W[:, h_y] h_y + b, and of the layer's weights only those on h_z:
//!
//!   W [h_z, h_y] + b = W[:, h_z] h_z + c_y.
//!
//! The layer is the combined one or, under the concatenation, the output. Two conditions are blended by their h_y, which
//! is to blend their c_y. With dropout when sampling, masks lie between h_y and the layer: the page then has each h_y,
//! and all of the layer's weights. D is evaluated without dropout.

use cgan::Noise;
use cgan::config::Output;
use layers::HiddenConfig;
use serde_json::{Value, json};

use super::pack;

/// A linear layer: W x + b.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Columns of W.
    pub inputs: usize,
    /// W (outputs, inputs), row by row.
    pub weight: Vec<f32>,
    /// b, a number for each output.
    pub bias: Vec<f32>,
}

/// A hidden layer.
#[derive(Clone, Debug)]
pub struct Hidden {
    /// Its linear part.
    pub layer: Layer,
    /// What follows. The pieces of a maxout unit lie piece by piece in the layer's outputs.
    pub kind: HiddenConfig,
}

/// The generator. Its hidden layers are ReLU layers.
#[derive(Clone, Debug)]
pub struct Generator {
    /// The distribution of z.
    pub noise: Noise,
    /// The layer on z.
    pub z: Layer,
    /// The layer on y, if there is a condition.
    pub y: Option<Layer>,
    /// The layer on both, unless the output stands on the two side by side.
    pub combined: Option<Layer>,
    /// The output.
    pub output: Layer,
    /// What follows it.
    pub activation: Output,
    /// The probability that a hidden unit is dropped when sampling; `None` without dropout when sampling.
    pub dropout: Option<f64>,
}

/// The discriminator.
#[derive(Clone, Debug)]
pub struct Discriminator {
    /// The layer on x.
    pub x: Hidden,
    /// The layer on y, if there is a condition.
    pub y: Option<Hidden>,
    /// The layer on both.
    pub joint: Hidden,
    /// The logit.
    pub output: Layer,
    /// Whether the sigmoid of the logit is the probability that x is real. Otherwise the logit is a score.
    pub is_probability: bool,
}

impl Layer {
    /// Rows of W.
    pub fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// W x + b.
    fn apply(&self, x: &[f32]) -> Vec<f32> {
        assert_eq!(x.len(), self.inputs, "an entry for each column");
        let rows = self.weight.chunks_exact(self.inputs);
        rows.zip(&self.bias).map(|(row, b)| row.iter().zip(x).map(|(w, x)| w * x).sum::<f32>() + b).collect()
    }

    /// W without its first columns, and b: the part of the layer that is linear in its last inputs.
    fn after(&self, inputs: usize) -> Self {
        Self {
            inputs: self.inputs - inputs,
            weight: self.columns(inputs, self.inputs),
            bias: self.bias.clone(),
        }
    }

    fn columns(&self, from: usize, to: usize) -> Vec<f32> {
        self.weight.chunks_exact(self.inputs).flat_map(|row| &row[from..to]).copied().collect()
    }

    fn json(&self) -> Value {
        json!({
            "inputs": self.inputs,
            "outputs": self.outputs(),
            "weight": pack::rows(&self.weight, self.inputs),
            "bias": pack::single(self.bias.iter().copied()),
        })
    }

    /// Its first columns alone. The page adds what stands in for the others, with the bias.
    fn first_json(&self, inputs: usize) -> Value {
        json!({
            "inputs": inputs,
            "outputs": self.outputs(),
            "weight": pack::rows(&self.columns(0, inputs), inputs),
            "bias": null,
        })
    }
}

impl Hidden {
    /// Its value on x.
    fn apply(&self, x: &[f32]) -> Vec<f32> {
        let all = self.layer.apply(x);
        match self.kind {
            HiddenConfig::Relu { .. } => relu(all),
            HiddenConfig::Maxout { units, .. } => {
                let largest =
                    |unit| all.iter().skip(unit).step_by(units).copied().fold(f32::NEG_INFINITY, f32::max);
                (0..units).map(largest).collect()
            }
        }
    }

    /// Adds what follows the linear part to its JSON. The script takes a layer without pieces for a ReLU layer.
    fn with_kind(&self, mut layer: Value) -> Value {
        layer["pieces"] = match self.kind {
            HiddenConfig::Relu { .. } => Value::Null,
            HiddenConfig::Maxout { pieces, .. } => json!(pieces),
        };
        layer
    }
}

impl Generator {
    /// The hidden units that dropout's masks cover.
    pub(super) fn masked_units(&self) -> usize {
        let units = |layer: &Option<Layer>| layer.as_ref().map_or(0, Layer::outputs);
        self.z.outputs() + units(&self.y) + units(&self.combined)
    }

    pub(super) fn json(&self, conditions: &[Vec<f32>]) -> Value {
        assert_eq!(self.y.is_some(), !conditions.is_empty(), "conditions for the branch of y");
        let next = self.combined.as_ref().unwrap_or(&self.output);
        let of_z = self.z.outputs();
        assert_eq!(next.inputs, of_z + self.y.as_ref().map_or(0, Layer::outputs), "the two side by side");
        let folded = self.y.is_some() && self.dropout.is_none();
        let table = self.y.as_ref().map(|y| {
            let h = conditions.iter().map(|condition| relu(y.apply(condition)));
            let rest = next.after(of_z);
            if folded { table(h.map(|h| rest.apply(&h))) } else { table(h) }
        });
        let packed = |layer: &Layer, is_next: bool| {
            if folded && is_next { layer.first_json(of_z) } else { layer.json() }
        };
        json!({
            "noise": self.noise,
            "keep": self.dropout.map(|rate| 1.0 - rate),
            "folded": folded,
            "conditions": table,
            "z": self.z.json(),
            "combined": self.combined.as_ref().map(|layer| packed(layer, true)),
            "output": packed(&self.output, self.combined.is_none()),
            "activation": self.activation,
        })
    }
}

impl Discriminator {
    pub(super) fn json(&self, conditions: &[Vec<f32>]) -> Value {
        let joint = &self.joint.layer;
        let of_x = self.x.kind.units();
        let (table, packed) = match &self.y {
            None => (None, joint.json()),
            Some(y) => {
                let rest = joint.after(of_x);
                (Some(table(conditions.iter().map(|c| rest.apply(&y.apply(c))))), joint.first_json(of_x))
            }
        };
        json!({
            "conditions": table,
            "x": self.x.with_kind(self.x.layer.json()),
            "joint": self.joint.with_kind(packed),
            "output": self.output.json(),
            "probability": self.is_probability,
        })
    }
}

fn relu(x: Vec<f32>) -> Vec<f32> {
    x.into_iter().map(|x| x.max(0.0)).collect()
}

/// A row for each condition.
fn table(rows: impl IntoIterator<Item = Vec<f32>>) -> Value {
    let rows: Vec<Vec<f32>> = rows.into_iter().collect();
    json!({ "units": rows.first().map_or(0, Vec::len), "values": pack::single(rows.into_iter().flatten()) })
}
