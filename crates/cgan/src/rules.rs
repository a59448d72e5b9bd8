//! What a configuration must satisfy beyond the range of each setting: no setting may silently do nothing.

use autograd::Real;

use crate::augmentations::AugmentConfig;
use crate::config::{GanConfig, UpdateOrder};
use crate::optimizers::OptimizerConfig;
use crate::schedule::ScheduleConfig;
use crate::{Error, Examples};

/// No maxout layer has more linear pieces in all: beyond that, a mistake is likelier than an intention.
const MAX_PIECES: usize = 1 << 15;

impl GanConfig {
    /// Checks every setting against its range, and the settings against each other.
    ///
    /// # Errors
    /// [`Error::Config`] for the first that is wrong, with its key and the reason.
    pub fn check(&self) -> Result<(), Error> {
        settings::check(self).map_err(|settings::Problem { key, reason }| Error::Config { key, reason })?;
        let updates = &self.updates;
        refuse(
            updates.order == UpdateOrder::Simultaneous && updates.discriminator_steps > 1,
            "updates.discriminator_steps",
            || "simultaneous updates are one step of each player".to_owned(),
        )?;
        refuse(self.mismatched_pairs.is_some() && updates.batch == 1, "mismatched_pairs", || {
            "a batch of one example has no condition of another example".to_owned()
        })?;
        self.check_condition()?;
        let d = &self.discriminator;
        for (key, layer) in [("x", Some(d.x)), ("y", d.y), ("joint", Some(d.joint))] {
            let Some(layer) = layer else { continue };
            let pieces = layer.units().saturating_mul(layer.pieces());
            refuse(pieces > MAX_PIECES, &format!("discriminator.{key}"), || {
                format!("{} units times {} pieces is more than {MAX_PIECES}", layer.units(), layer.pieces())
            })?;
        }
        refuse(
            d.augment.is_some_and(|augment| augment.active().is_empty()),
            "discriminator.augment",
            || format!("it names no change of images: give one of {}", AugmentConfig::NAMES.join(", ")),
        )?;
        let bounded =
            self.objective.bounded() || !self.penalty.active().is_empty() || updates.max_norm.is_some();
        refuse(!bounded, &format!("objective.{}", self.objective.name()), || {
            "nothing bounds D's output: set a penalty (penalty.wgan_gp) or updates.max_norm".to_owned()
        })?;
        check_optimizer("optimizer", &self.optimizer)?;
        check_schedule("schedule", &self.schedule)?;
        if let Some(optimizer) = &self.discriminator_optimizer {
            check_optimizer("discriminator_optimizer", optimizer)?;
        }
        if let Some(schedule) = &self.discriminator_schedule {
            check_schedule("discriminator_schedule", schedule)?;
        }
        Ok(())
    }

    /// Both nets have the condition, or neither has it.
    fn check_condition(&self) -> Result<(), Error> {
        let (g, d) = (&self.generator, &self.discriminator);
        let given = [
            ("generator.y_units", g.y_units.is_some()),
            ("generator.init.y", g.init.y.is_some()),
            ("discriminator.y", d.y.is_some()),
            ("discriminator.init.y", d.init.y.is_some()),
        ];
        if let (Some((missing, _)), Some((present, _))) =
            (given.iter().find(|(_, given)| !given), given.iter().find(|(_, given)| *given))
        {
            let all = given.map(|(key, _)| key).join(", ");
            let reason =
                format!("{present} is given without it; nets without a condition have none of {all}");
            return Err(Error::Config { key: (*missing).to_owned(), reason });
        }
        refuse(self.mismatched_pairs.is_some() && !self.is_conditional(), "mismatched_pairs", || {
            "without a condition no pair is mismatched".to_owned()
        })
    }

    /// Checks the settings against the training data.
    ///
    /// # Errors
    /// [`Error::Config`] for the first that does not fit, with its key and the reason.
    pub fn check_examples<T: Real>(&self, examples: &(impl Examples<T> + ?Sized)) -> Result<(), Error> {
        let needed = self.updates.batch * self.updates.discriminator_steps;
        refuse(examples.len() < needed, "updates.batch", || {
            format!("a step takes {needed} examples, but there are only {}", examples.len())
        })?;
        let (height, width) = examples.size();
        refuse(self.discriminator.augment.is_some() && height == 1, "discriminator.augment", || {
            format!("x is not an image, but a vector of {width}; set discriminator.augment=none")
        })?;
        if let Some((name, reason)) = self.discriminator.augment.and_then(|own| own.misfit((height, width))) {
            return Err(Error::Config { key: format!("discriminator.augment.{name}"), reason });
        }
        refuse(self.aux_classifier.is_some() && examples.vocabulary().is_none(), "aux_classifier", || {
            "x has no vocabulary in this experiment".to_owned()
        })
    }
}

fn check_optimizer(table: &str, optimizer: &OptimizerConfig) -> Result<(), Error> {
    match optimizer.without_effect() {
        Some((key, reason)) => {
            let key = format!("{table}.{}.{key}", optimizer.name());
            Err(Error::Config { key, reason: reason.to_owned() })
        }
        None => Ok(()),
    }
}

fn check_schedule(table: &str, schedule: &ScheduleConfig) -> Result<(), Error> {
    match schedule.without_effect() {
        Some((key, reason)) => {
            Err(Error::Config { key: format!("{table}.{key}"), reason: reason.to_owned() })
        }
        None => Ok(()),
    }
}

fn refuse(wrong: bool, key: &str, reason: impl FnOnce() -> String) -> Result<(), Error> {
    if wrong { Err(Error::Config { key: key.to_owned(), reason: reason() }) } else { Ok(()) }
}
