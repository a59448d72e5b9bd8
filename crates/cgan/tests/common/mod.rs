//! What the tests of the trainer at full width share.

use autograd::Real;
use cgan::config::Output;
use cgan::{Choices, Examples, GanConfig};
use layers::{Activation, HiddenConfig, Input};
use ndarray::{Array2, ArrayViewMut2};
use serde_json::json;

/// As wide as the paper's examples, of any number.
pub(crate) struct Waves {
    width: usize,
    condition: Input,
}

/// Images of ten classes.
pub(crate) const DIGITS: Waves = Waves { width: 784, condition: Input::Labels(10) };

/// Words, given vectors that are mostly zeros.
#[allow(dead_code, reason = "not every test has them")]
pub(crate) const WORDS: Waves = Waves { width: 200, condition: Input::Sparse(512) };

impl<T: Real> Examples<T> for Waves {
    fn len(&self) -> usize {
        300
    }

    fn size(&self) -> (usize, usize) {
        if self.width == 784 { (28, 28) } else { (1, self.width) }
    }

    fn condition(&self) -> Input {
        self.condition
    }

    fn mean(&self) -> Vec<f32> {
        vec![0.5; self.width]
    }

    fn choices(&self) -> Option<Choices> {
        let point = |(i, j)| (0.7 * i as f32 + 0.13 * (j * (i + 1)) as f32).sin();
        Some(Choices { points: Array2::from_shape_fn((40, self.width), point), counts: vec![1; 40] })
    }

    fn fill_chosen(&self, indices: &[u32], mut chosen: ArrayViewMut2<T>) {
        chosen.iter_mut().zip(indices).for_each(|(chosen, index)| *chosen = T::of(f64::from(index % 40)));
    }

    fn fill(&self, _: u64, indices: &[u32], mut x: ArrayViewMut2<T>, mut y: ArrayViewMut2<T>) {
        for (row, &index) in indices.iter().enumerate() {
            let wave = |column| 0.5 + 0.5 * (0.37 * index as f32 + 0.11 * column as f32).sin();
            x.row_mut(row).iter_mut().enumerate().for_each(|(column, x)| *x = T::of(f64::from(wave(column))));
            match self.condition {
                Input::Labels(classes) => y[[row, 0]] = T::of(f64::from(index) % classes as f64),
                Input::Vector(_) | Input::Sparse(_) => {
                    let live = |column: usize| {
                        if (index as usize + column).is_multiple_of(4) { wave(column) } else { 0.0 }
                    };
                    y.row_mut(row).iter_mut().enumerate().for_each(|(i, y)| *y = T::of(f64::from(live(i))));
                }
            }
        }
    }
}

/// The same for nets of the kinds of the paper's second pair, half as wide.
#[allow(dead_code, reason = "not every test has them")]
pub(crate) fn words_config(order: &str, kind: &str) -> GanConfig {
    let mut config = config(order, kind, "concatenation");
    let relu = |units| HiddenConfig { layer: Activation::Relu, units, pieces: 1 };
    (config.generator.z_units, config.generator.y_units, config.generator.output) =
        (300, 700, Output::Linear);
    (config.discriminator.x, config.discriminator.y) = (relu(300), relu(500));
    config.discriminator.joint = HiddenConfig { layer: Activation::Maxout, units: 300, pieces: 3 };
    (config.objective.mismatched, config.objective.choice) = (0.5, 0.7);
    config
}

/// With pictures that move and a penalty that weakens. Kernels are compared without: moves only copy. (What is compared there
/// holds for its seed; where two pieces of a maxout unit all but tie, rounding decides, and slopes jump.)
#[allow(dead_code, reason = "not every test has them")]
pub(crate) fn moving(mut config: GanConfig) -> GanConfig {
    (config.discriminator.shift, config.discriminator.shifted) = (2, 0.5);
    (config.objective.r1_end, config.objective.r1_epochs) = (0.1, 5.0);
    config
}

/// The paper's widths, so that the kernels do split their work, with all that a step may do.
pub(crate) fn config(order: &str, kind: &str, combined: &str) -> GanConfig {
    let steps = if order == "alternating" { 2 } else { 1 };
    serde_json::from_value(json!({
        "generator": {
            "noise": "gaussian", "noise_width": 100, "z_units": 200, "y_units": 1000,
            "combined": combined, "combined_units": 1200, "output": "sigmoid",
            "dropout": 0.5, "dropout_when_sampling": false,
            "init": {
                "z": "he_uniform", "y": "he_uniform", "combined": "he_uniform", "output": "he_uniform",
                "output_bias": "zeros",
            },
        },
        "discriminator": {
            "x": { "layer": "maxout", "units": 240, "pieces": 5 },
            "y": { "layer": "maxout", "units": 50, "pieces": 5 },
            "joint": { "layer": "maxout", "units": 240, "pieces": 4 },
            "dropout": 0.5, "input_dropout": 0.2,
            "init": { "x": "he_uniform", "y": "he_uniform", "joint": "he_uniform", "output": "he_uniform" },
        },
        "objective": {
            "generator": "non_saturating", "real_target": 0.9, "discriminator_scale": 0.5, "r1": 1.0,
        },
        "updates": { "order": order, "discriminator_steps": steps, "batch": 100, "average": 0.99 },
        "optimizer": {
            "kind": kind, "learning_rate": 0.001, "discriminator_ratio": 1.0,
            "decay": 1.00004, "floor": 1e-6,
            "momentum": 0.5, "momentum_end": 0.7, "momentum_epochs": 2.0,
            "beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8, "max_norm": 1.0,
        },
    }))
    .expect("a valid configuration")
}
