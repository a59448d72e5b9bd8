//! No change alters the bits of a run unnoticed: after 30 steps of small nets with the settings of the presets `quick` and
//! `best`, the weights have these hashes. A change of the kernels that alters them is told in CHANGELOG.md, and the figures
//! in docs/ are made anew.
//!
//! The hashes hold for the kernels of AVX2. A process chooses its kernels once, so the steps run in a child.

use std::env;
use std::process::Command;

use autograd::{Parameters, Real};
use cgan::{Examples, GanConfig, Trainer};
use layers::Input;
use ndarray::ArrayViewMut2;
use serde_json::json;

/// SHA-256 of all weights as trained, and with the exponential moving average of G.
const QUICK: [&str; 2] = [
    "64421e6bf7aec43ac25ba3d4d922687a19e3a295573bd4142e20eaa0dde6f5a8",
    "ece9d7b666d531dd5c3d3e4b13941213980423bf25762d216c4d6c052a8022ae",
];
const BEST: [&str; 2] = [
    "762c4cb72ee64e62e395fac9590ae846d4d3719b4494fcc9c2ec3f49048202dc",
    "7d85a1be1ca70c1dbeaa1347ff305bdae2f5c6c74f1c80cd6e2cf047e5bda4e5",
];

/// Images of 14 by 14 pixels in ten classes, made of whole numbers so that no library's sine decides their bits.
struct Tiles;

impl<T: Real> Examples<T> for Tiles {
    fn len(&self) -> usize {
        300
    }

    fn size(&self) -> (usize, usize) {
        (14, 14)
    }

    fn condition(&self) -> Input {
        Input::Labels(10)
    }

    fn mean(&self) -> Vec<f32> {
        (0..196).map(|column| (column % 7) as f32 / 8.0).collect()
    }

    fn fill(&self, _: u64, indices: &[u32], mut x: ArrayViewMut2<T>, mut y: ArrayViewMut2<T>) {
        for (row, &index) in indices.iter().enumerate() {
            for (column, x) in x.row_mut(row).iter_mut().enumerate() {
                let value = (index as usize * 37 + column * (11 + index as usize % 10)) % 101;
                *x = T::of(value as f64 / 100.0);
            }
            y[[row, 0]] = T::of(f64::from(index % 10));
        }
    }
}

/// The settings of `quick` or of `best`, on smaller nets.
fn config(best: bool) -> GanConfig {
    let maxout = |units, pieces| json!({ "maxout": { "units": units, "pieces": pieces } });
    let mut config = json!({
        "generator": {
            "noise": "gaussian", "noise_width": 30, "z_units": 40, "y_units": 70,
            "combined": { "hidden_layer": { "units": 90, "init": "he_uniform" } }, "output": "sigmoid",
            "init": {
                "z": if best { json!({ "uniform": 0.4 }) } else { json!("he_uniform") },
                "y": { "uniform": if best { 1.0 } else { 0.5 } },
                "output": "lecun_uniform", "output_bias": "data_mean",
            },
        },
        "discriminator": {
            "x": maxout(48, 5), "y": maxout(10, 5), "joint": maxout(48, 4),
            "init": {
                "x": { "uniform": 0.1 }, "y": { "uniform": 0.6 },
                "joint": "lecun_uniform", "output": "lecun_uniform",
            },
        },
        "objective": { "non_saturating": {} },
        "penalty": { "r1": { "weight": if best { 0.1 } else { 1.0 }, "interval": 4 } },
        "mismatched_pairs": { "weight": 0.03 },
        "updates": {
            "order": "simultaneous", "discriminator_steps": 1, "batch": 50,
            "ema_decay": if best { 0.9995 } else { 0.999 },
        },
        "optimizer": { "adam": { "beta1": 0.5, "beta2": 0.99, "epsilon": 1e-8 } },
        "schedule": {
            "learning_rate": if best { 1.5e-3 } else { 2.5e-3 }, "decay": if best { 1.0000767 } else { 1.0004 },
        },
        "discriminator_schedule": { "learning_rate": if best { 9e-4 } else { 1.5e-3 }, "decay": 1.0 },
    });
    if best {
        config["discriminator"]["augment"] = json!({ "translate": 2, "probability": 0.3 });
    } else {
        for schedule in ["schedule", "discriminator_schedule"] {
            config[schedule]["warmup_epochs"] = json!(1.0);
        }
    }
    serde_json::from_value(config).expect("a valid configuration")
}

/// Of every weight's bits, parameter by parameter and row by row.
fn sha256(parameters: &Parameters<f32>) -> String {
    let mut hash = files::Sha256::new();
    for id in parameters.ids() {
        for weight in parameters.rows(id).iter() {
            hash.update(weight.to_bits().to_le_bytes());
        }
    }
    hash.hex()
}

fn hashes(best: bool) -> [String; 2] {
    let mut trainer = Trainer::<f32>::new(&config(best), &Tiles, 7).expect("a valid configuration");
    for _ in 0..30 {
        trainer.step(&Tiles).expect("finite losses");
    }
    [sha256(trainer.parameters()), sha256(&trainer.ema_parameters())]
}

#[test]
fn quick_and_best_keep_their_bits() {
    if !kernels::Isa::available().contains(&kernels::Isa::Avx2) {
        println!("not checked: this processor has no AVX2");
        return;
    }
    if env::var("CGAN_ISA").is_ok_and(|isa| isa == "avx2") {
        assert_eq!(hashes(false), QUICK, "quick");
        assert_eq!(hashes(true), BEST, "best");
        return;
    }
    let this = env::current_exe().expect("the test's own path");
    let child = Command::new(this)
        .args(["--exact", "quick_and_best_keep_their_bits", "--nocapture"])
        .env("CGAN_ISA", "avx2")
        .output()
        .expect("a second process of this test");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let (out, errors) = (text(&child.stdout), text(&child.stderr));
    assert!(child.status.success() && out.contains("1 passed"), "{out}{errors}");
}
