//! One player: its parameters, and what moves them.

use autograd::{Group, Parameters, Real};

use crate::max_norm;
use crate::optimizer::{Optimizer, Time};
use crate::optimizers::OptimizerConfig;
use crate::schedule::ScheduleConfig;

/// A group of parameters with an optimiser and a schedule of its own.
pub(crate) struct Player<T> {
    /// `generator` or `discriminator`.
    pub(crate) name: &'static str,
    pub(crate) group: Group,
    pub(crate) optimizer: Box<dyn Optimizer<T>>,
    schedule: ScheduleConfig,
    max_norm: Option<f64>,
}

impl<T: Real> Player<T> {
    /// The player whose parameters' names start with `name`.
    pub(crate) fn new(
        name: &'static str,
        parameters: &Parameters<T>,
        optimizer: &OptimizerConfig,
        schedule: ScheduleConfig,
        max_norm: Option<f64>,
    ) -> Self {
        let group = parameters.group(&format!("{name}."));
        let optimizer = optimizer.instance(group.range.len());
        Self { name, group, optimizer, schedule, max_norm }
    }

    /// Its learning rate at step `step` of the training, after `epochs` epochs.
    pub(crate) fn learning_rate(&self, step: u64, epochs: f64) -> f64 {
        self.schedule.rate(step, epochs)
    }

    /// Moves the player's parameters against their gradient.
    ///
    /// # Errors
    /// If a new value is not finite: the name of the first gradient or parameter that is not.
    pub(crate) fn update(
        &mut self,
        parameters: &mut Parameters<T>,
        gradients: &Parameters<T>,
        step: u64,
        time: Time,
    ) -> Result<(), String> {
        let range = self.group.range.clone();
        let (weights, gradient) =
            (&mut parameters.values_mut()[range.clone()], &gradients.values()[range.clone()]);
        let rate = self.learning_rate(step, time.epochs);
        let finite = self.optimizer.update(weights, gradient, rate, time);
        if let Some(limit) = self.max_norm {
            max_norm::project(parameters, &self.group, limit);
        }
        if finite {
            return Ok(());
        }
        match (gradients.first_not_finite(range.clone()), parameters.first_not_finite(range)) {
            (Some(name), _) => Err(format!("the gradient of {name}")),
            (None, name) => Err(name.unwrap_or("the state of the optimiser").to_owned()),
        }
    }
}
