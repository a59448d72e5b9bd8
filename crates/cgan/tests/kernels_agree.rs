//! Twenty steps with the kernels of `f32` and with those of `f64`, which share no line, see the same losses and end in
//! the same weights.

mod common;

use autograd::Real;
use cgan::{GanConfig, Trainer};
use common::{DIGITS, WORDS, Waves, config, words_config};

/// What the steps saw, and each parameter before and after them.
type Seen = (Vec<[f64; 3]>, Vec<(String, Vec<f64>, Vec<f64>)>);

fn train<T: Real>(config: &GanConfig, examples: &Waves) -> Seen {
    let mut trainer = Trainer::<T>::new(config, examples, 7).expect("a valid configuration");
    let before = trainer.parameters().clone();
    let mut step = |_| {
        let seen = trainer.step(examples).expect("finite losses");
        [seen.d_loss, seen.g_loss, seen.gradient_penalty]
    };
    let losses = (0..20).map(&mut step).collect();
    let after = trainer.parameters();
    let double = |values: &[T]| values.iter().map(|w| w.f64()).collect();
    let weights = after
        .ids()
        .map(|id| (after.entry(id).name.to_string(), double(before.slice(id)), double(after.slice(id))));
    (losses, weights.collect())
}

fn norm(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn fast_and_plain_kernels_agree() {
    for (name, config, examples) in [
        ("alternating", config("alternating", "sgd", "concatenation"), DIGITS),
        ("simultaneous, further layer", config("simultaneous", "sgd", "hidden_layer"), DIGITS),
        ("words", words_config("simultaneous", "sgd"), WORDS),
    ] {
        let (fast, plain) = (train::<f32>(&config, &examples), train::<f64>(&config, &examples));
        for (step, (fast, plain)) in fast.0.iter().zip(&plain.0).enumerate() {
            for (what, (fast, plain)) in
                ["D's loss", "G's loss", "the penalty"].iter().zip(fast.iter().zip(plain))
            {
                let off = (fast - plain).abs() / plain.abs();
                assert!(off <= 1e-5, "{name}, step {step}: {what} is {fast}, not {plain} ({off:.1e})");
            }
        }
        for ((what, _, fast), (_, start, plain)) in fast.1.iter().zip(&plain.1) {
            let (off, size, moved) =
                (norm(fast, plain), norm(plain, &vec![0.0; plain.len()]), norm(plain, start));
            assert!(moved > 0.0, "{name}: {what} has not moved");
            assert!(off <= 1e-5 * size.max(moved), "{name}: {what} is off by {:.1e}", off / size.max(moved));
        }
    }
}
