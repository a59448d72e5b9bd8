//! The same seed gives the same bits, whatever the number of threads, whether a run is interrupted or not.

use cgan::{Examples, GanConfig, Trainer};
use layers::Input;
use ndarray::ArrayViewMut2;
use serde_json::json;

/// Some function of the index, as wide as a picture of 28 x 28.
struct Waves;

impl Examples<f32> for Waves {
    fn len(&self) -> usize {
        250
    }

    fn width(&self) -> usize {
        784
    }

    fn condition(&self) -> Input {
        Input::Labels(10)
    }

    fn mean(&self) -> Vec<f32> {
        vec![0.5; 784]
    }

    fn fill(&self, indices: &[u32], mut x: ArrayViewMut2<f32>, mut y: ArrayViewMut2<f32>) {
        for (row, &index) in indices.iter().enumerate() {
            let wave = |column| 0.5 + 0.5 * (0.37 * index as f32 + 0.11 * column as f32).sin();
            x.row_mut(row).iter_mut().enumerate().for_each(|(column, x)| *x = wave(column));
            y[[row, 0]] = (index % 10) as f32;
        }
    }
}

/// The paper's widths, so that the kernels do split their work, with all that a step may do.
fn config(kind: &str) -> GanConfig {
    serde_json::from_value(json!({
        "generator": {
            "noise": "uniform", "noise_width": 100, "z_units": 200, "y_units": 1000,
            "combined": "hidden_layer", "combined_units": 1200, "output": "sigmoid",
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
            "generator": "non_saturating", "real_target": 0.9, "discriminator_scale": 1.0, "r1": 1.0,
        },
        "updates": { "order": "alternating", "discriminator_steps": 1, "batch": 100, "average": 0.99 },
        "optimizer": {
            "kind": kind, "learning_rate": 0.001, "discriminator_ratio": 1.0,
            "decay": 1.00004, "floor": 1e-6,
            "momentum": 0.5, "momentum_end": 0.7, "momentum_epochs": 2.0,
            "beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8, "max_norm": 1.0,
        },
    }))
    .expect("a valid configuration")
}

fn start(kind: &str) -> Trainer<f32> {
    Trainer::new(&config(kind), &Waves, 7).expect("a valid configuration")
}

fn steps(trainer: &mut Trainer<f32>, count: usize) {
    for _ in 0..count {
        trainer.step(&Waves).expect("finite losses");
    }
}

/// Every buffer of the state, by name, in bits.
fn bits(trainer: &Trainer<f32>) -> Vec<(&'static str, Vec<u32>)> {
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect();
    trainer.state().into_iter().map(|(name, buffer)| (name, bits(buffer.values()))).collect()
}

/// Not `assert_eq!`, which would print millions of numbers.
fn assert_same(got: &[(&str, Vec<u32>)], want: &[(&str, Vec<u32>)], what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for ((name, got), (_, want)) in got.iter().zip(want) {
        let different = got.iter().zip(want).filter(|(got, want)| got != want).count();
        assert!(got.len() == want.len() && different == 0, "{what}: {different} entries of {name} differ");
    }
}

fn with_threads<R: Send>(threads: usize, run: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool").install(run)
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let run = || {
        let mut trainer = start("sgd");
        steps(&mut trainer, 3);
        bits(&trainer)
    };
    let alone = with_threads(1, run);
    for threads in [2, 3, 4, 8] {
        assert_same(&with_threads(threads, run), &alone, &format!("{threads} threads"));
    }
}

#[test]
fn a_run_restored_half_way_goes_on_to_the_same_bits() {
    for kind in ["sgd", "adam"] {
        let mut whole = start(kind);
        // Two batches fill an epoch: the second half starts within one and ends in the next.
        steps(&mut whole, 3);
        let saved: Vec<_> = whole.state().into_iter().map(|(name, buffer)| (name, buffer.clone())).collect();
        steps(&mut whole, 3);

        let restored = with_threads(3, || {
            let mut trainer = start(kind);
            trainer
                .restore(3, |name, buffer| {
                    let (_, values) = saved.iter().find(|(saved, _)| *saved == name).ok_or(name)?;
                    buffer.values_mut().copy_from_slice(values.values());
                    Ok::<_, &str>(())
                })
                .expect("every buffer was saved");
            steps(&mut trainer, 3);
            bits(&trainer)
        });
        assert_same(&restored, &bits(&whole), kind);
    }
}
