//! The two losses of G.
//!
//! **Through a logit.** G's loss at a fake of logit s is log(1 - σ(s)) = -softplus(s) (minimax) or -log σ(s) =
//! softplus(-s) (non-saturating). Their derivatives are -σ(s) and -(1 - σ(s)). Where D rejects a fake with certainty,
//! s → -∞, the first vanishes and the second tends to -1: that is the whole reason for the second (Goodfellow et al. 2014,
//! section 3).
//!
//! **Through D at its best.** Hold D at p / (p + q) while G moves. The gradient of the minimax loss is then that of
//! 2 Σ_y p(y) JSD (by the envelope theorem), and that of the non-saturating loss is the gradient of
//!
//!   Σ_y p(y) [ KL(q ‖ p) - 2 JSD(p, q) ]
//!
//! (Arjovsky and Bottou 2017, theorem 2.5, for each y). For q(·|y) on a table: the derivative of -log(p / (p + q)) q at
//! fixed D is log((p + q) / p); that of KL is log(q / p) + 1; that of -2 JSD is -log(2 q / (p + q)); and
//! log(q / p) - log(2 q / (p + q)) = log((p + q) / p) - log 2. The constants add nothing, since Σ q does not change. JSD
//! has the wrong sign: it pushes q away from p, and KL(q ‖ p) punishes x that are unlike data more than x that are missing.
//!
//! The gradient is with respect to θ, for q(·|y) = softmax(θ(y)). The predicted ones are differences of fourth order of the
//! divergences themselves; the measured ones come from the tape of the game.

use autograd::{Parameters, Stream, Tape};
use cgan::objectives::{Minimax, NonSaturating, ObjectiveConfig};
use figures::{Chart, Panel, Series};
use ndarray::Array2;

use crate::tables::{jsd, kl};
use crate::{Discriminator, Error, Experiment, Game, Report, Table, Tables};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "generator-losses",
    theorem: "The minimax loss gives G the gradient -σ(s) at a logit s, the non-saturating loss -(1 - σ(s)), which at the \
              best D descends KL(q ‖ p) - 2 JSD(p, q).",
    source: "Goodfellow et al. 2014, section 3; Arjovsky and Bottou 2017, theorem 2.5",
    chapter: 5,
    run,
};

const MINIMAX: ObjectiveConfig =
    ObjectiveConfig::Minimax(Minimax { label_smoothing: None, discriminator_scale: 1.0 });
const NON_SATURATING: ObjectiveConfig =
    ObjectiveConfig::NonSaturating(NonSaturating { label_smoothing: None, discriminator_scale: 1.0 });

/// Step of the differences.
const H: f64 = 1e-3;

/// An objective, the formula of its gradient through a logit, and the formula's values.
type Prediction<'a> = (ObjectiveConfig, &'static str, &'a dyn Fn(f64) -> f64);

/// An objective, the divergence that G descends at the best D, and the divergence's values.
type Divergence<'a> = (ObjectiveConfig, &'static str, &'a dyn Fn(&Tables) -> f64);

fn run(seed: u64) -> Result<Report, Error> {
    let mut report = Report::new();
    let mut table = Table::new("", &["objective", "s", "prediction", "gradient"]);
    let logits: Vec<f64> = (-40..=40).map(|i| f64::from(i) / 4.0).chain([-40.0, 40.0]).collect();
    let sigmoid = |s: f64| 1.0 / (1.0 + (-s).exp());
    let mut series = Vec::new();
    let predictions: [Prediction; 2] = [
        (MINIMAX, "-σ(s)", &|s| -sigmoid(s)),
        // 1 - σ(s) loses digits where σ(s) is near 1.
        (NON_SATURATING, "-(1 - σ(s))", &|s| -sigmoid(-s)),
    ];
    for (objective, formula, prediction) in predictions {
        let gradient = through_a_logit(&objective, &logits)?;
        let pairs: Vec<(f64, f64)> = logits.iter().map(|s| prediction(*s)).zip(gradient).collect();
        let name = objective.name();
        report.equal_all(format!("{name}: {formula}, of 83 logits the worst"), pairs.iter().copied(), 1e-8);
        let certain = pairs[pairs.len() - 2];
        let (limit, what) = if objective == MINIMAX { (0.0, "vanishes") } else { (-1.0, "is -1") };
        report.equal(format!("{name}: where D rejects a fake (s = -40) it {what}"), limit, certain.1, 1e-8);
        for (s, (prediction, gradient)) in logits.iter().zip(&pairs) {
            table.row(&[name], &[*s, *prediction, *gradient]);
        }
        let drawn = |of: fn(&(f64, f64)) -> f64| -> Vec<(f64, f64)> {
            logits.iter().copied().zip(pairs.iter().map(of)).take(81).collect()
        };
        series.push(Series::line(format!("{name}: {formula}"), drawn(|pair| pair.0)));
        series.push(Series::dots("measured", drawn(|pair| pair.1).into_iter().step_by(4)));
    }

    let tables = Tables::random((3, 5), &mut Stream::new(seed, "lab/generator-losses").at(0, 0));
    let divergences: [Divergence; 2] = [
        (MINIMAX, "2 JSD(p, q)", &|tables| 2.0 * tables.mean(jsd)),
        (NON_SATURATING, "KL(q ‖ p) - 2 JSD(p, q)", &|tables| {
            tables.mean(|p, q| kl(q, p) - 2.0 * jsd(p, q))
        }),
    ];
    let mut at_best = Table::new("best-discriminator", &["objective", "y", "x", "prediction", "gradient"]);
    for (objective, formula, divergence) in divergences {
        let mut game = Game::new(&objective, &tables, Discriminator::Table, None)?;
        game.play_discriminator()?;
        let (measured, predicted) = (game.generator_gradient(), derivative(&tables, divergence));
        let what = format!("{}, best D: the gradient of {formula}, where it is worst", objective.name());
        report.equal_all(what, predicted.iter().copied().zip(measured.iter().copied()), 1e-8);
        for (cell, predicted) in predicted.indexed_iter() {
            let numbers = [cell.0 as f64, cell.1 as f64, *predicted, measured[cell]];
            at_best.row(&[objective.name()], &numbers);
        }
    }
    let axes = ("s, the logit of a fake".to_owned(), "∂L/∂s".to_owned());
    let panels = vec![Panel { axes, series, ..Panel::default() }];
    let title = "G's gradient through D's logit".to_owned();
    report.svg = Chart { title, panels, columns: 1, note: String::new() }.svg();
    report.tables.extend([table, at_best]);
    Ok(report)
}

/// The derivative of G's loss with respect to each logit of a batch, times the size of the batch.
fn through_a_logit(objective: &ObjectiveConfig, logits: &[f64]) -> Result<Vec<f64>, Error> {
    let mut tape = Tape::<f64>::new();
    let s = tape.input("s", (logits.len(), 1));
    let loss = objective.generator_loss(&mut tape, s, None)?;
    let sweep = tape.sweep(loss, &[s])?;
    tape.value_mut(s).iter_mut().zip(logits).for_each(|(s, logit)| *s = *logit);
    let parameters = Parameters::new();
    tape.forward(&parameters, .., 0);
    tape.backward(&sweep, &parameters, &mut parameters.zeros_like());
    Ok(tape.gradient(s).iter().map(|ds| ds * logits.len() as f64).collect())
}

/// The derivative of a divergence with respect to θ, for q(·|y) = softmax(θ(y)), by differences of fourth order.
fn derivative(tables: &Tables, divergence: &dyn Fn(&Tables) -> f64) -> Array2<f64> {
    Array2::from_shape_fn(tables.q.dim(), |(y, x)| {
        let at = |step: f64| {
            let mut moved = tables.clone();
            moved.q[[y, x]] *= step.exp();
            let sum = moved.q.row(y).sum();
            moved.q.row_mut(y).mapv_inplace(|q| q / sum);
            divergence(&moved)
        };
        (8.0 * (at(H) - at(-H)) - (at(2.0 * H) - at(-2.0 * H))) / (12.0 * H)
    })
}
