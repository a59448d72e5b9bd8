//! Simultaneous updates: one pass back through D serves both players, unless D is so sure of a fake that the ratio of
//! their gradients would be lost.

mod common;

use std::convert::Infallible;

use cgan::Trainer;
use common::{DIGITS, augmented, config};

/// G's weights after a step, with this bias of D's logit; and those it started from.
fn generator_after(bias: f64) -> (Vec<f64>, Vec<f64>) {
    let config = augmented(config("simultaneous", "sgd", "concatenation"));
    let mut trainer = Trainer::<f64>::new(&config, &DIGITS, 7).expect("a valid configuration");
    let at = trainer.parameters().group("discriminator.output.bias").range;
    let Ok(()) = trainer.restore(0, |buffer, values| {
        if buffer == "parameters" {
            values[at.clone()].fill(bias);
        }
        Ok::<_, Infallible>(())
    });
    let weights = |trainer: &Trainer<f64>| {
        let parameters = trainer.parameters();
        parameters.values()[parameters.group("generator.").range].to_vec()
    };
    let before = weights(&trainer);
    trainer.step(&DIGITS).expect("finite losses");
    (weights(&trainer), before)
}

/// How sure D is hardly matters to G where D is all but sure: at -30 there is a ratio, at -60 there is none.
#[test]
fn with_and_without_a_ratio_the_generator_moves_alike() {
    let ((by_ratio, before), (of_its_own, _)) = (generator_after(-30.0), generator_after(-60.0));
    let largest = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let (moved, off) = (largest(&by_ratio, &before), largest(&by_ratio, &of_its_own));
    assert!(moved > 1e-8 && off < 1e-9 * moved, "moved by {moved:e}, off by {off:e}");
}
