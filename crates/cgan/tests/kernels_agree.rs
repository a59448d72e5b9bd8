//! Twenty steps with the kernels of `f32` and with those of `f64`, which share no line, see the same losses.

mod common;

use autograd::Real;
use cgan::{Metrics, Trainer};
use common::{Waves, config};

fn train<T: Real>(order: &str, kind: &str, combined: &str) -> Vec<Metrics> {
    let config = config(order, kind, combined);
    let mut trainer = Trainer::<T>::new(&config, &Waves, 7).expect("a valid configuration");
    (0..20).map(|_| trainer.step(&Waves).expect("finite losses")).collect()
}

#[test]
fn fast_and_plain_kernels_agree() {
    for (order, kind, combined) in
        [("alternating", "sgd", "concatenation"), ("simultaneous", "sgd", "hidden_layer")]
    {
        let (fast, plain) = (train::<f32>(order, kind, combined), train::<f64>(order, kind, combined));
        for (step, (fast, plain)) in fast.iter().zip(&plain).enumerate() {
            for (what, fast, plain) in [
                ("D's loss", fast.d_loss, plain.d_loss),
                ("G's loss", fast.g_loss, plain.g_loss),
                ("the penalty", fast.penalty, plain.penalty),
            ] {
                let off = (fast - plain).abs() / plain.abs();
                assert!(
                    off <= 1e-5,
                    "{order}, {combined}, step {step}: {what} is {fast}, not {plain} ({off:.1e})"
                );
            }
        }
    }
}
