//! How the judge is trained: Adam on the cross-entropy. Each image is translated by at most one pixel, so
//! that the features do not depend on the exact position.

use autograd::{Parameters, Stream, Tape};
use cgan::optimizer::{OptimizerSettings, Time};
use cgan::optimizers::Adam;
use cgan::schedule::ScheduleConfig;
use cgan::translate_image;
use cgan::{Examples, Order};
use data::images::Images;
use kernels::parallel;
use ndarray::Array2;
use rand::Rng;

use super::net::{Net, SEED};
use crate::error::Error;

const BATCH: usize = 100;

/// The learning rate decays to a hundredth over the training.
const RATE: f64 = 1e-3;
const FALL: f64 = 100.0;

/// Epochs of the judge's own training.
pub(super) const EPOCHS: u64 = 20;

/// The updates of an epoch.
pub(super) fn updates_per_epoch(images: &Images) -> u64 {
    Order::new(SEED, images.len(), BATCH.min(images.len())).batches()
}

/// Trains for `updates`, unless `stop` names a signal before; `what` is named in the lines of progress that `say` receives.
pub(super) fn train(
    net: &Net,
    parameters: &mut Parameters<f32>,
    images: &Images,
    updates: u64,
    what: &str,
    say: &mut dyn FnMut(&str),
    stop: &dyn Fn() -> Option<i32>,
) -> Result<(), Error> {
    let batch = BATCH.min(images.len());
    let mut tape = Tape::new();
    let x = tape.input("x", (batch, images.pixels_per_image()));
    let y = tape.input("y", (batch, 1));
    let logits = net.record_for_training(&mut tape, parameters, x)?;
    let losses = tape.cross_entropy(logits, y)?;
    let loss = tape.mean(losses)?;
    let weights: Vec<_> = parameters.ids().map(|id| tape.parameter(parameters, id)).collect();
    let sweep = tape.sweep(loss, &weights)?;

    let mut order = Order::new(SEED, images.len(), batch);
    let schedule =
        ScheduleConfig { decay: FALL.powf(1.0 / updates as f64), ..ScheduleConfig::constant(RATE) };
    let mut optimizer = Adam::default().instance(parameters.values().len());
    let mut gradients = parameters.zeros_like();
    let size = (images.pixels_per_image() / images.width, images.width);
    let shifts = Stream::new(SEED, "judge/shifts");
    let mut originals = Array2::zeros((batch, images.pixels_per_image()));
    for step in 0..updates {
        if let Some(signal) = stop() {
            return Err(Error::Stopped { signal, what: what.to_owned() });
        }
        parallel::region(|| {
            let [mut moved, labels] = tape.values_mut([x, y]);
            images.fill(step, order.batch(step), originals.view_mut(), labels);
            let mut random = shifts.at(step, 0);
            for (from, mut to) in originals.rows().into_iter().zip(moved.rows_mut()) {
                let mut by = || random.random_range(-1..=1i32) as isize;
                let by = (by(), by());
                let (from, to) = (from.to_slice().expect("a row"), to.as_slice_mut().expect("a row"));
                translate_image(from, to, size, by);
            }
            tape.forward(parameters, .., step);
            tape.backward(&sweep, parameters, &mut gradients);
            let time = Time { updates: step, epochs: step as f64 / order.batches() as f64 };
            let rate = schedule.rate(step, time.epochs);
            if optimizer.update(parameters.values_mut(), gradients.values(), rate, time) {
                Ok(())
            } else {
                Err(cgan::Error::Diverged { step, what: what.to_owned() })
            }
        })?;
        if (step + 1).is_multiple_of(updates.div_ceil(4)) {
            say(&format!("{what}: {} % trained", 100 * (step + 1) / updates));
        }
    }
    Ok(())
}
