//! The two players on one tape.

use autograd::{Parameters, Real, Sweep, Tape, Var};
use layers::Input;

use crate::config::UpdateOrder;
use crate::objective::{Choice, R1, discriminator_loss, generator_loss};
use crate::{Choices, Discriminator, GanConfig, Generator};

/// G and D, recorded once on one tape, in the order in which a step needs them:
/// `..condition_end` is G's branch of the condition, `..generator_end` all of G, D on the fakes and G's loss;
/// `..discriminator_end` adds D on real examples, with their conditions and others', and D's loss; the rest is the
/// tangent of the penalty, evaluated when its direction is known.
pub(crate) struct Recording<T> {
    pub(crate) tape: Tape<T>,
    pub(crate) z: Var,
    pub(crate) y: Var,
    pub(crate) x: Var,
    /// Which of its choices each x is, where G's loss asks.
    pub(crate) chosen: Option<Var>,
    /// Conditions of others than the real x, where D learns from such pairs.
    pub(crate) wrong_y: Option<Var>,
    pub(crate) fake: Var,
    pub(crate) fake_logits: Var,
    pub(crate) real_logits: Var,
    pub(crate) generator_loss: Var,
    pub(crate) discriminator_loss: Var,
    pub(crate) condition_end: Var,
    pub(crate) generator_end: Var,
    pub(crate) discriminator_end: Var,
    /// From G's loss, through D, to G's parameters.
    pub(crate) generator_sweep: Sweep,
    /// From D's objective to its parameters; where there is [`Both`], to the fakes as well.
    pub(crate) discriminator_sweep: Sweep,
    pub(crate) both: Option<Both>,
    pub(crate) penalty: Option<Penalty>,
}

/// How one pass back through D serves both players, in simultaneous updates in which G's loss sees the fakes
/// through D alone.
///
/// D gives one number s_i for an example, and nothing couples the examples. So what a fake x_i receives from a loss
/// is ∂L/∂s_i · ∂s_i/∂x_i, and G's gradient at a fake is D's times the ratio of the two ∂L/∂s_i.
pub(crate) struct Both {
    /// From G's loss to the logits of the fakes, no further.
    pub(crate) to_logits: Sweep,
    /// From the fakes to G's parameters.
    pub(crate) from_fakes: Sweep,
}

/// The R1 penalty, and the sweep to x that gives its direction.
pub(crate) struct Penalty {
    /// Updates of D from one with the penalty to the next.
    pub(crate) every: u64,
    /// As [`Recording::discriminator_sweep`], for the updates between.
    pub(crate) without: Sweep,
    pub(crate) slope_sweep: Sweep,
    pub(crate) r1: R1,
}

impl<T: Real> Recording<T> {
    /// Records both nets for batches of the configured size; `choices` are all that x can be, where G's loss asks.
    pub(crate) fn new(
        config: &GanConfig,
        generator: &Generator,
        discriminator: &Discriminator,
        parameters: &Parameters<T>,
        condition: Input,
        width: usize,
        choices: Option<&Choices>,
    ) -> Result<Self, autograd::Error> {
        let batch = config.updates.batch;
        let mut tape = Tape::new();

        let z = tape.input("z", (batch, config.generator.noise_width));
        let y = tape.input("y", (batch, condition.columns()));
        let x = tape.input("x", (batch, width));
        let g_condition = generator.record_condition(&mut tape, parameters, y)?;
        let condition_end = tape.here();
        let fake = generator.record(&mut tape, parameters, z, g_condition)?;
        let d_condition = discriminator.record_condition(&mut tape, parameters, y)?;
        let d_x = discriminator.record_x(&mut tape, parameters, fake, "fake")?;
        let fake_logits = discriminator.record(&mut tape, parameters, d_x, d_condition, "fake")?;
        let choice = choices.map(|choices| Choice::new(&mut tape, &config.objective, choices, fake));
        let chosen = choice.as_ref().map(|choice| choice.chosen);
        let generator_loss = generator_loss(&mut tape, &config.objective, fake_logits, choice)?;
        let generator_end = tape.here();

        let d_x = discriminator.record_x(&mut tape, parameters, x, "real")?;
        let real_logits = discriminator.record(&mut tape, parameters, d_x, d_condition, "real")?;
        let (mut wrong_y, mut mismatched) = (None, None);
        if config.objective.mismatched > 0.0 {
            let y = tape.input("wrong y", (batch, condition.columns()));
            let condition = discriminator.record_condition(&mut tape, parameters, y)?;
            wrong_y = Some(y);
            mismatched = Some(discriminator.record(&mut tape, parameters, d_x, condition, "mismatched")?);
        }
        let discriminator_loss =
            discriminator_loss(&mut tape, &config.objective, real_logits, fake_logits, mismatched)?;
        let discriminator_end = tape.here();

        let mut objective = discriminator_loss;
        let mut slopes = None;
        let (gamma, every) = (config.objective.r1, config.objective.r1_every);
        if gamma > 0.0 {
            let slope_sweep = tape.sweep(real_logits, &[x])?;
            // Seldom, and as much stronger.
            let r1 = R1::record(&mut tape, gamma * every as f64, x, real_logits)?;
            objective = tape.add(discriminator_loss, r1.surrogate)?;
            slopes = Some((slope_sweep, r1));
        }

        let mut leaves = |prefix| -> Vec<Var> {
            parameters.group(prefix).ids().map(|id| tape.parameter(parameters, id)).collect()
        };
        let (of_generator, of_discriminator) = (leaves("generator."), leaves("discriminator."));
        let generator_sweep = tape.sweep(generator_loss, &of_generator)?;
        let mut wanted = of_discriminator;
        let mut both = None;
        if config.updates.order == UpdateOrder::Simultaneous && chosen.is_none() {
            wanted.push(fake);
            let to_logits = tape.sweep(generator_loss, &[fake_logits])?;
            both = Some(Both { to_logits, from_fakes: tape.sweep(fake, &of_generator)? });
        }
        let discriminator_sweep = tape.sweep(objective, &wanted)?;
        let penalty = match slopes {
            Some((slope_sweep, r1)) => {
                let without = tape.sweep(discriminator_loss, &wanted)?;
                Some(Penalty { every, without, slope_sweep, r1 })
            }
            None => None,
        };
        Ok(Self {
            tape,
            z,
            y,
            x,
            chosen,
            wrong_y,
            fake,
            fake_logits,
            real_logits,
            generator_loss,
            discriminator_loss,
            condition_end,
            generator_end,
            discriminator_end,
            generator_sweep,
            discriminator_sweep,
            both,
            penalty,
        })
    }
}
