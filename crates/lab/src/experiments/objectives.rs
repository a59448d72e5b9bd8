//! D's optimum under every objective of the list, with p = p(x|y) and q = q(x|y).
//!
//! | objective | D's best output s | D's least loss, Σ_y p(y) of |
//! |---|---|---|
//! | minimax, non-saturating | log(p / q) | log 4 - 2 JSD(p, q) |
//! | least squares (Mao et al. 2017) | p / (p + q) | ½ Σ_x p q / (p + q) |
//! | hinge (Lim and Ye 2017) | 1 where p > q, -1 where p < q | 2 (1 - TV(p, q)) |
//! | Wasserstein (Arjovsky et al. 2017), \|s(x + 1) - s(x)\| ≤ 1 | s(x + 1) - s(x) = sign(F_q(x) - F_p(x)) | -Σ_x \|F_p(x) - F_q(x)\| |
//! | relativistic (Jolicoeur-Martineau 2019) | log(p / q) and any constant | log 2 - JSD(p(a) q(b), q(a) p(b)) |
//!
//! Each objective's file derives its row. For Wasserstein: with the slopes t_x = s(x) - s(x - 1) and the distribution
//! functions F, D's loss Σ_x (q - p) s is Σ_x t_x (F_p(x - 1) - F_q(x - 1)), which is least where each slope is at the bound
//! of the opposite sign. For hinge, TV = ½ Σ |p - q|.
//!
//! What holds for any objective, those of a later date as well: where q = p, D's least loss is that which the objective
//! states by itself (`rest`).
//!
//! Smooth losses are minimised by Newton's method. That of hinge has corners, so each logit is found by halving an interval
//! by the sign of its derivative. For Wasserstein the slopes follow the gradient, clamped to [-1, 1].

use autograd::Stream;
use cgan::objectives::{self, ObjectiveConfig};
use figures::{Chart, Panel, Series};
use ndarray::{Array2, ArrayView1};

use crate::tables::{jsd, total_variation};
use crate::{Discriminator, Error, Experiment, Game, Report, Table, Tables};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "objectives",
    theorem: "Each objective has its own best D and its own divergence: least squares p / (p + q), hinge the sign of p - q, \
              relativistic log(p / q) up to a constant, Wasserstein a slope of 1.",
    source: "Goodfellow et al. 2014; Mao et al. 2017; Lim and Ye 2017; Arjovsky et al. 2017; Jolicoeur-Martineau 2019",
    chapter: 5,
    run,
};

const TOLERANCE: f64 = 1e-6;

const SHAPE: (usize, usize) = (2, 6);

fn run(seed: u64) -> Result<Report, Error> {
    let tables = Tables::random(SHAPE, &mut Stream::new(seed, "lab/objectives").at(0, 0));
    let rest = Tables { q: tables.p.clone(), ..tables.clone() };
    let mut report = Report::new();
    let mut table = Table::new("", &["objective", "y", "x", "p", "q", "prediction", "s"]);
    let mut panels = Vec::new();
    for (name, cases) in objectives::cases() {
        // The first case of each is the plain one, without smoothing and scale.
        let Some(objective) = cases.first() else { continue };
        let game = play(objective, &rest)?;
        let what = format!("{name}: D's least loss where q = p");
        report.equal(what, objective.rest().d_loss, game.discriminator_loss(), TOLERANCE);

        let Some(prediction) = predict(objective, &tables) else { continue };
        let game = play(objective, &tables)?;
        let mut s = game.logits();
        if prediction.up_to_a_constant {
            for y in 0..SHAPE.0 {
                let shift = prediction.s.row(y).mean().unwrap_or(0.0) - s.row(y).mean().unwrap_or(0.0);
                s.row_mut(y).mapv_inplace(|s| s + shift);
            }
        }
        let pairs = prediction.s.iter().copied().zip(s.iter().copied());
        report.equal_all(format!("{name}: s = {}, where it is worst", prediction.formula), pairs, TOLERANCE);
        let what = format!("{name}: D's least loss = {}", prediction.loss_formula);
        report.equal(what, prediction.loss, game.discriminator_loss(), TOLERANCE);
        for (cell, p, q) in tables.cells() {
            table.row(&[name], &[cell.0 as f64, cell.1 as f64, p, q, prediction.s[cell], s[cell]]);
        }
        let of = |s: &Array2<f64>| -> Vec<(f64, f64)> {
            s.row(0).iter().enumerate().map(|(x, s)| (x as f64, *s)).collect()
        };
        panels.push(Panel {
            heading: name.to_owned(),
            axes: ("x".to_owned(), "s".to_owned()),
            series: vec![Series::line("predicted", of(&prediction.s)), Series::dots("measured", of(&s))],
            ..Panel::default()
        });
    }
    let title = "D's best output, on the table of y = 0".to_owned();
    report.svg = Chart { title, panels, columns: 3, note: String::new() }.svg();
    report.tables.push(table);
    Ok(report)
}

/// D at the least of its loss.
fn play(objective: &ObjectiveConfig, tables: &Tables) -> Result<Game, Error> {
    match objective {
        ObjectiveConfig::Hinge(_) => halve(Game::new(objective, tables, Discriminator::Table, None)?),
        _ if objective.bounded() => {
            let mut game = Game::new(objective, tables, Discriminator::Table, None)?;
            game.play_discriminator()?;
            Ok(game)
        }
        _ => Ok(clamp(Game::new(objective, tables, Discriminator::Line, None)?)),
    }
}

/// Halves an interval for each logit at once: nothing couples them, and each derivative rises with its logit.
fn halve(mut game: Game) -> Result<Game, Error> {
    let n = game.parameters().len();
    let (mut low, mut high) = (vec![-3.0; n], vec![3.0; n]);
    for _ in 0..60 {
        let middle: Vec<f64> = low.iter().zip(&high).map(|(low, high)| (low + high) / 2.0).collect();
        game.set_parameters(&middle);
        for (j, derivative) in game.discriminator_gradient().iter().enumerate() {
            if *derivative < 0.0 { low[j] = middle[j] } else { high[j] = middle[j] }
        }
    }
    Ok(game)
}

/// Follows the gradient of the slopes, each within [-1, 1], to the corner where none can move. The loss is linear, so the
/// step may be of any length; a gradient of the size of rounding errors counts as none. The rounds are limited for the sake of
/// objectives that are added: if the loss of one is not linear, the check of D's least loss fails, where this would never end.
fn clamp(mut game: Game) -> Game {
    let mut slopes = game.parameters().to_vec();
    for _ in 0..1000 {
        let gradient = game.discriminator_gradient();
        let step = |(slope, g): (&f64, &f64)| {
            if g.abs() < 1e-14 { *slope } else { (slope - 1e6 * g).clamp(-1.0, 1.0) }
        };
        let next: Vec<f64> = slopes.iter().zip(gradient).map(step).collect();
        if next == slopes {
            return game;
        }
        game.set_parameters(&next);
        slopes = next;
    }
    game
}

struct Prediction {
    formula: &'static str,
    /// s(x|y).
    s: Array2<f64>,
    up_to_a_constant: bool,
    loss_formula: &'static str,
    loss: f64,
}

/// `None` for an objective of which nothing is predicted here.
fn predict(objective: &ObjectiveConfig, tables: &Tables) -> Option<Prediction> {
    let s = |of: fn(f64, f64) -> f64| {
        Array2::from_shape_fn(tables.p.dim(), |cell| of(tables.p[cell], tables.q[cell]))
    };
    let log_ratio = s(|p, q| (p / q).ln());
    Some(match objective {
        ObjectiveConfig::Minimax(_) | ObjectiveConfig::NonSaturating(_) => Prediction {
            formula: "log(p / q)",
            s: log_ratio,
            up_to_a_constant: false,
            loss_formula: "log 4 - 2 JSD",
            loss: tables.mean(|p, q| 4f64.ln() - 2.0 * jsd(p, q)),
        },
        ObjectiveConfig::LeastSquares(_) => Prediction {
            formula: "p / (p + q)",
            s: s(|p, q| p / (p + q)),
            up_to_a_constant: false,
            loss_formula: "½ Σ pq / (p + q)",
            loss: tables.mean(|p, q| 0.5 * p.iter().zip(q).map(|(p, q)| p * q / (p + q)).sum::<f64>()),
        },
        ObjectiveConfig::Hinge(_) => Prediction {
            formula: "sign(p - q)",
            s: s(|p, q| (p - q).signum()),
            up_to_a_constant: false,
            loss_formula: "2 (1 - TV)",
            loss: tables.mean(|p, q| 2.0 * (1.0 - total_variation(p, q))),
        },
        ObjectiveConfig::Wasserstein(_) => Prediction {
            formula: "Σ sign(F_q - F_p)",
            s: slopes(tables),
            up_to_a_constant: true,
            loss_formula: "-Σ |F_p - F_q|",
            loss: -tables.mean(|p, q| differences(p, q).map(f64::abs).sum()),
        },
        ObjectiveConfig::Relativistic(_) => Prediction {
            formula: "log(p / q) + c",
            s: log_ratio,
            up_to_a_constant: true,
            loss_formula: "log 2 - JSD(p(a)q(b), q(a)p(b))",
            loss: tables.mean(|p, q| 2f64.ln() - jsd(pairs(p, q).view(), pairs(q, p).view())),
        },
        #[allow(unreachable_patterns, reason = "an objective may be added")]
        _ => return None,
    })
}

/// F_p(x) - F_q(x) for all x but the last, where both are 1.
fn differences(p: ArrayView1<f64>, q: ArrayView1<f64>) -> impl Iterator<Item = f64> {
    let pairs: Vec<f64> = p.iter().zip(q).map(|(p, q)| p - q).collect();
    let last = pairs.len() - 1;
    pairs.into_iter().take(last).scan(0.0, |sum, d| {
        *sum += d;
        Some(*sum)
    })
}

/// The best potential of the Wasserstein distance, from 0 at the first x.
fn slopes(tables: &Tables) -> Array2<f64> {
    let mut s = Array2::zeros(tables.p.dim());
    for y in 0..s.nrows() {
        for (x, difference) in differences(tables.p.row(y), tables.q.row(y)).enumerate() {
            s[[y, x + 1]] = s[[y, x]] - difference.signum();
        }
    }
    s
}

/// The distribution of independent pairs.
fn pairs(of: ArrayView1<f64>, with: ArrayView1<f64>) -> ndarray::Array1<f64> {
    of.iter().flat_map(|a| with.iter().map(move |b| a * b)).collect()
}
