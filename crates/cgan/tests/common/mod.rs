//! What the tests of the trainer at full width share.

use autograd::Real;
use cgan::config::{AuxClassifierConfig, MismatchedPairs, Output};
use cgan::penalties::PenaltyConfig;
use cgan::penalty::{Decay, Strength};
use cgan::{Examples, GanConfig, Vocabulary};
use layers::{HiddenConfig, Input};
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

    fn vocabulary(&self) -> Option<Vocabulary> {
        let point = |(i, j)| (0.7 * i as f32 + 0.13 * (j * (i + 1)) as f32).sin();
        Some(Vocabulary { points: Array2::from_shape_fn((40, self.width), point), counts: vec![1; 40] })
    }

    fn fill_vocabulary_indices(&self, indices: &[u32], mut rows: ArrayViewMut2<T>) {
        rows.iter_mut().zip(indices).for_each(|(row, index)| *row = T::of(f64::from(index % 40)));
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
pub(crate) fn words_config(order: &str, optimizer: &str) -> GanConfig {
    let mut config = config(order, optimizer, "concatenation");
    let relu = |units| HiddenConfig::Relu { units };
    (config.generator.z_units, config.generator.y_units, config.generator.output) =
        (300, Some(700), Output::Linear);
    (config.discriminator.x, config.discriminator.y) = (relu(300), Some(relu(500)));
    config.discriminator.joint = HiddenConfig::Maxout { units: 300, pieces: 3 };
    config.mismatched_pairs = Some(MismatchedPairs { weight: 0.5 });
    config.aux_classifier =
        Some(AuxClassifierConfig { weight: 0.7, temperature: 0.1, logit_adjustment: None });
    config
}

/// With data augmentation, and with all penalties, whose weights fall. Kernels are compared without: translations only
/// copy. (What is compared there holds for its seed. Where two pieces of a maxout unit almost tie, rounding decides, and
/// D's gradient jumps.)
#[allow(dead_code, reason = "not every test has them")]
pub(crate) fn augmented(mut config: GanConfig) -> GanConfig {
    let augment = json!({ "probability": 0.5, "translate": 2 });
    config.discriminator.augment = Some(serde_json::from_value(augment).expect("a table of augmentations"));
    let decay = Some(Decay { factor: 0.1, epochs: 5.0 });
    config.penalty = PenaltyConfig::all(Strength { weight: 1.0, interval: 1, decay });
    config
}

/// The paper's widths, so that the kernels do split their work, with everything that a step may do.
pub(crate) fn config(order: &str, optimizer: &str, combined: &str) -> GanConfig {
    let steps = if order == "alternating" { 2 } else { 1 };
    let combined = match combined {
        "hidden_layer" => json!({ "hidden_layer": { "units": 1200, "init": "he_uniform" } }),
        other => json!(other),
    };
    let optimizer = match optimizer {
        "sgd" => json!({ "sgd": { "momentum": 0.5, "ramp": { "to": 0.7, "epochs": 2.0 } } }),
        "adam" => json!({ "adam": { "beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8 } }),
        "rmsprop" => json!({ "rmsprop": { "rho": 0.9, "epsilon": 1e-6 } }),
        other => panic!("no settings for the optimiser {other}: add them here"),
    };
    serde_json::from_value(json!({
        "generator": {
            "noise": "gaussian", "noise_width": 100, "z_units": 200, "y_units": 1000,
            "combined": combined, "output": "sigmoid",
            "dropout": { "rate": 0.5 },
            "init": { "z": "he_uniform", "y": "he_uniform", "output": "he_uniform", "output_bias": "zeros" },
        },
        "discriminator": {
            "x": { "maxout": { "units": 240, "pieces": 5 } },
            "y": { "maxout": { "units": 50, "pieces": 5 } },
            "joint": { "maxout": { "units": 240, "pieces": 4 } },
            "dropout": 0.5, "input_dropout": 0.2,
            "init": { "x": "he_uniform", "y": "he_uniform", "joint": "he_uniform", "output": "he_uniform" },
        },
        "objective": { "non_saturating": { "label_smoothing": 0.1, "discriminator_scale": 0.5 } },
        "penalty": { "r1": { "weight": 1.0 } },
        "updates": {
            "order": order, "discriminator_steps": steps, "batch": 100, "ema_decay": 0.99, "max_norm": 1.0,
        },
        "optimizer": optimizer,
        "schedule": { "learning_rate": 0.001, "decay": 1.00004, "min_learning_rate": 1e-6 },
    }))
    .expect("a valid configuration")
}
