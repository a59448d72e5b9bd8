//! What goes wrong in a run, measured after every epoch (`diagnosis.csv`) and told once in words, with what to try.

use cgan::diagnosis::{Diagnoser, Variance};
use cgan::{DiscriminatorEvaluator, Trainer};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::directory::RunDirectory;
use super::experiment::{Experiment, Probe};
use super::table::Table;
use crate::config::RunConfig;
use crate::failure::Failure;

/// Pairs that D is evaluated on at a time.
const BATCH: usize = 500;

/// Epochs in a row that a fault must last before it is told: nets pass through many in their first epochs.
const LASTS: u64 = 5;

/// Below this part of the data's spread, each condition has nearly one sample.
const COLLAPSED: f64 = 0.1;

/// Below this share of the variance, an input counts as ignored.
const IGNORED: f64 = 0.02;

/// Above this share of dead units, a layer counts as dead. Label branches with 0.7 of theirs follow every label (`quick`);
/// those that failed had 0.9 and more (docs/TRIALS.md).
const DEAD: f64 = 0.75;

/// Above this, D counts as overfitted: how far it has moved held-out x towards the fakes (Karras et al. 2020, r_v).
const OVERFITTED: f64 = 0.5;

/// A row of `diagnosis.csv`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Row {
    epoch: u64,
    step: u64,
    /// Shares of the variance of G's samples, with dropout as in training; empty if all samples are the same.
    condition_share: Option<f64>,
    noise_share: Option<f64>,
    mask_share: Option<f64>,
    /// Standard deviation of an entry of x under one condition, as samples are drawn.
    spread: f64,
    /// Shares of dead units; empty where the layer does not exist or is not of ReLUs.
    dead_generator_z: Option<f64>,
    dead_generator_y: Option<f64>,
    dead_generator_combined: Option<f64>,
    dead_discriminator_x: Option<f64>,
    dead_discriminator_y: Option<f64>,
    dead_discriminator_joint: Option<f64>,
    /// Mean logits of D for training pairs, validation pairs and samples. The further the second is below the first, the
    /// more D overfits.
    d_train: f64,
    d_validation: f64,
    d_samples: f64,
}

impl Row {
    /// The share of z in what varies under one condition.
    fn noise_within(&self) -> Option<f64> {
        let (noise, masks) = self.noise_share.zip(self.mask_share)?;
        Variance { condition: 0.0, noise, masks }.noise_within()
    }

    fn dead(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let layers = [
            ("generator.z", self.dead_generator_z),
            ("generator.y", self.dead_generator_y),
            ("generator.combined", self.dead_generator_combined),
            ("discriminator.x", self.dead_discriminator_x),
            ("discriminator.y", self.dead_discriminator_y),
            ("discriminator.joint", self.dead_discriminator_joint),
        ];
        layers
            .into_iter()
            .filter_map(|(layer, share)| Some((layer, share?)))
            .filter(|(_, share)| *share > DEAD)
    }

    fn overfitting(&self) -> Option<f64> {
        let range = self.d_train - self.d_samples;
        (range > 0.0).then(|| (self.d_train - self.d_validation) / range)
    }
}

/// What is the same in all epochs of a run.
struct Facts {
    /// Spread of the data, where x is grouped by its condition.
    data_spread: Option<f64>,
    conditional: bool,
    /// Where G has dropout, whether samples are drawn with it.
    masks_when_sampling: Option<bool>,
}

impl Facts {
    fn of(config: &RunConfig, data_spread: Option<f64>) -> Self {
        Self {
            data_spread,
            conditional: config.gan.is_conditional(),
            masks_when_sampling: config.gan.generator.dropout.map(|dropout| dropout.when_sampling),
        }
    }
}

/// A fault, as a line that says what was seen and what to try; `None` where there is none.
type Fault = fn(&Row, &Facts) -> Option<String>;

/// The faults, and whether each spoils the samples.
const FAULTS: [(Fault, bool); 6] = [
    (collapsed, true),
    (condition_ignored, true),
    (noise_ignored, false),
    (noise_not_drawn, true),
    (dead_units, false),
    (discriminator_overfits, false),
];

fn collapsed(row: &Row, facts: &Facts) -> Option<String> {
    let real = facts.data_spread?;
    (row.spread < COLLAPSED * real).then(|| {
        format!(
            "collapse: samples of one condition hardly differ (spread {:.3}, real {real:.3}); try a penalty on D's \
             gradient (penalty.r1.weight=1), or larger initial weights on z",
            row.spread
        )
    })
}

fn condition_ignored(row: &Row, facts: &Facts) -> Option<String> {
    let share = row.condition_share.filter(|share| facts.conditional && *share < IGNORED)?;
    Some(format!(
        "the condition is ignored: {:.1} % of the variance of samples comes from it; try larger generator.init.y and \
         discriminator.init.y, or mismatched_pairs",
        100.0 * share
    ))
}

fn noise_ignored(row: &Row, facts: &Facts) -> Option<String> {
    let share =
        row.noise_within().filter(|share| *share < IGNORED && facts.masks_when_sampling == Some(true))?;
    Some(format!(
        "z is ignored: {:.1} % of the variance under one condition comes from it, the rest from the masks of dropout, which \
         are G's noise; keep generator.dropout.when_sampling, or try larger generator.init.z",
        100.0 * share
    ))
}

fn noise_not_drawn(row: &Row, facts: &Facts) -> Option<String> {
    let share =
        row.noise_within().filter(|share| *share < IGNORED && facts.masks_when_sampling == Some(false))?;
    Some(format!(
        "samples have no variety: the masks of dropout are G's noise ({:.1} % of the variance under one condition comes from \
         z), but samples are drawn without them; set generator.dropout.when_sampling=true",
        100.0 * share
    ))
}

fn dead_units(row: &Row, _: &Facts) -> Option<String> {
    let dead: Vec<String> =
        row.dead().map(|(layer, share)| format!("{:.1} % of {layer}", 100.0 * share)).collect();
    (!dead.is_empty()).then(|| {
        format!(
            "dead units: {} give 0 for every sample; try larger initial weights there, a smaller learning rate, or a \
             stronger penalty on D's gradient",
            dead.join(", ")
        )
    })
}

fn discriminator_overfits(row: &Row, _: &Facts) -> Option<String> {
    row.overfitting().filter(|share| *share > OVERFITTED)?;
    Some(format!(
        "D overfits: its mean logit is {:.1} for training data, {:.1} for validation data, {:.1} for samples; try \
         discriminator.augment (images), discriminator.dropout, or a stronger penalty",
        row.d_train, row.d_validation, row.d_samples
    ))
}

/// For how long each fault has lasted, and which were told.
#[derive(Default)]
struct Told {
    lasted: [u64; FAULTS.len()],
}

impl Told {
    /// Counts a row; returns the faults that are to be told now.
    fn count(&mut self, row: &Row, facts: &Facts) -> Vec<String> {
        let mut lines = Vec::new();
        for ((fault, _), lasted) in FAULTS.iter().zip(&mut self.lasted) {
            match fault(row, facts) {
                // What was told once stays told.
                None if *lasted < LASTS => *lasted = 0,
                None => {}
                Some(line) => {
                    *lasted += 1;
                    lines.extend((*lasted == LASTS).then_some(line));
                }
            }
        }
        lines
    }
}

/// What was told of a run. A table that cannot be read tells nothing.
pub(super) fn faults(
    directory: &RunDirectory,
    config: &RunConfig,
    data_spread: Option<f64>,
) -> Vec<report::Fault> {
    let path = directory.diagnosis();
    let bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
    let rows = Table::rows::<Row>(&path, bytes).unwrap_or_default();
    let facts = Facts::of(config, data_spread);
    FAULTS.iter().filter_map(|(fault, serious)| lasting(*fault, &rows, &facts, *serious)).collect()
}

/// The first time that a fault has lasted, until its last epoch in all; `None` if it never has.
fn lasting(fault: Fault, rows: &[Row], facts: &Facts, serious: bool) -> Option<report::Fault> {
    let found: Vec<Option<String>> = rows.iter().map(|row| fault(row, facts)).collect();
    let lasts = LASTS as usize;
    let first = (0..found.len())
        .find(|at| found[*at..].len() >= lasts && found[*at..at + lasts].iter().all(Option::is_some))?;
    let last = found.iter().rposition(Option::is_some)?;
    let text = found[last].clone()?;
    let over = last + 1 < found.len();
    Some(report::Fault { text, epochs: (rows[first].epoch, rows[last].epoch), over, serious })
}

/// Measures a run after every epoch.
pub(super) struct Diagnosis {
    probe: Probe,
    generator: Diagnoser<f32>,
    discriminator: DiscriminatorEvaluator<f32>,
    facts: Facts,
    told: Told,
    table: Table,
}

impl Diagnosis {
    /// Of a run, with its table cut to the first `bytes`.
    pub(super) fn new(
        config: &RunConfig,
        experiment: &dyn Experiment,
        trainer: &Trainer<f32>,
        directory: &RunDirectory,
        bytes: u64,
    ) -> Result<Self, Failure> {
        let probe = experiment.probe();
        let facts = Facts::of(config, probe.spread);
        let mut told = Told::default();
        for row in Table::rows::<Row>(&directory.diagnosis(), bytes)? {
            told.count(&row, &facts);
        }
        Ok(Self {
            probe,
            generator: trainer.diagnoser()?,
            discriminator: trainer.discriminator_evaluator(BATCH)?,
            facts,
            told,
            table: Table::resume(directory.diagnosis(), bytes)?,
        })
    }

    /// Appends a row. Returns what is to be told, each fault once in a run.
    pub(super) fn after_epoch(&mut self, epoch: u64, trainer: &Trainer<f32>) -> Result<Vec<String>, Failure> {
        let conditions = &self.probe.conditions;
        let found = self.generator.diagnose(&trainer.ema_parameters(), conditions.view());
        let mut mean_logit = |x: &Array2<f32>, y: &Array2<f32>| {
            let logits = self.discriminator.logits(trainer.parameters(), x.view(), y.view());
            logits.iter().map(|s| f64::from(*s)).sum::<f64>() / logits.len().max(1) as f64
        };
        let each = Diagnoser::<f32>::EACH;
        let asked = Array2::from_shape_fn((found.samples.nrows(), conditions.ncols()), |(i, j)| {
            conditions[[i / each, j]]
        });
        let d_samples = mean_logit(&found.samples, &asked);
        let d_validation = mean_logit(&self.probe.validation.0, &self.probe.validation.1);
        let d_train = mean_logit(&self.probe.training.0, &self.probe.training.1);
        // Of the training pairs, which D has seen last.
        let of_discriminator = self.discriminator.dead_units();
        let dead = |layer: &str| {
            found
                .dead
                .iter()
                .chain(&of_discriminator)
                .find(|(name, _)| name == layer)
                .map(|(_, share)| *share)
        };
        let shares = found.variance.shares();
        let masks = if self.facts.masks_when_sampling == Some(true) { found.variance.masks } else { 0.0 };
        let row = Row {
            epoch,
            step: trainer.steps(),
            condition_share: shares.map(|shares| shares[0]),
            noise_share: shares.map(|shares| shares[1]),
            mask_share: shares.map(|shares| shares[2]),
            spread: (found.variance.noise + masks).sqrt(),
            dead_generator_z: dead("generator.z"),
            dead_generator_y: dead("generator.y"),
            dead_generator_combined: dead("generator.combined"),
            dead_discriminator_x: dead("discriminator.x"),
            dead_discriminator_y: dead("discriminator.y"),
            dead_discriminator_joint: dead("discriminator.joint"),
            d_train,
            d_validation,
            d_samples,
        };
        self.table.push(&row)?;
        Ok(self.told.count(&row, &self.facts))
    }

    /// Spread of the data, where x is grouped by its condition.
    pub(super) fn data_spread(&self) -> Option<f64> {
        self.facts.data_spread
    }

    /// Waits until the rows are on the disk; returns the length of the file.
    pub(super) fn sync(&mut self) -> Result<u64, Failure> {
        self.table.sync()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts = Facts { data_spread: Some(0.2), conditional: true, masks_when_sampling: Some(true) };

    /// Nothing wrong.
    fn healthy() -> Row {
        Row {
            condition_share: Some(0.5),
            noise_share: Some(0.3),
            mask_share: Some(0.2),
            spread: 0.19,
            dead_generator_y: Some(0.1),
            d_train: 1.0,
            d_validation: 0.9,
            d_samples: -1.0,
            ..Row::default()
        }
    }

    fn faults(change: impl FnOnce(&mut Row), facts: &Facts) -> Vec<String> {
        let mut row = healthy();
        change(&mut row);
        FAULTS.iter().filter_map(|(fault, _)| fault(&row, facts)).collect()
    }

    #[test]
    fn each_fault_is_named_with_what_to_try() {
        assert_eq!(faults(|_| (), &FACTS), Vec::<String>::new());
        let without = Facts { masks_when_sampling: Some(false), ..FACTS };
        let ignores_z = |row: &mut Row| (row.noise_share, row.mask_share) = (Some(0.001), Some(0.4));
        for (lines, start, advice) in [
            (faults(|row| row.spread = 0.01, &FACTS), "collapse", "penalty.r1.weight"),
            (faults(|row| row.condition_share = Some(0.0), &FACTS), "the condition is", "generator.init.y"),
            (faults(ignores_z, &FACTS), "z is ignored: 0.2 %", "generator.init.z"),
            (faults(ignores_z, &without), "samples have no variety", "when_sampling=true"),
            (
                faults(|row| row.dead_generator_y = Some(0.8), &FACTS),
                "dead units: 80.0 % of generator.y",
                "rate",
            ),
            (faults(|row| row.d_validation = -0.5, &FACTS), "D overfits", "discriminator.augment"),
        ] {
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(lines[0].starts_with(start) && lines[0].contains(advice), "{lines:?}");
        }
    }

    #[test]
    fn a_lasting_fault_has_its_epochs_and_may_be_over() {
        let row = |epoch: u64, spread: f64| Row { epoch, spread, ..healthy() };
        let rows = |spreads: &[f64]| -> Vec<Row> {
            (1..).zip(spreads).map(|(epoch, spread)| row(epoch, *spread)).collect()
        };
        let of = |spreads: &[f64]| lasting(collapsed, &rows(spreads), &FACTS, true);
        assert_eq!(of(&[0.0; 4]), None);
        assert_eq!(of(&[0.0, 0.0, 0.2, 0.0, 0.0, 0.0]), None);
        let on = of(&[0.2, 0.0, 0.0, 0.0, 0.0, 0.0]).unwrap();
        assert_eq!((on.epochs, on.over, on.serious), ((2, 6), false, true));
        let over = of(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.2]).unwrap();
        assert_eq!((over.epochs, over.over), ((1, 5), true));
    }

    #[test]
    fn a_fault_is_told_once_when_it_has_lasted() {
        let (mut told, collapsed) = (Told::default(), Row { spread: 0.0, ..healthy() });
        let mut lines = |row: &Row, times: u64| (0..times).flat_map(|_| told.count(row, &FACTS)).count();
        assert_eq!(lines(&collapsed, LASTS - 1), 0);
        assert_eq!(lines(&healthy(), 1), 0);
        assert_eq!(lines(&collapsed, LASTS - 1), 0);
        assert_eq!(lines(&collapsed, 1), 1);
        assert_eq!(lines(&healthy(), 1) + lines(&collapsed, 3 * LASTS), 0);
    }
}
