//! What the condition adds to the game.
//!
//! **Swapped labels.** Let y be 0 or 1 with probability ½ each, the data a(x) for y = 0 and b(x) for y = 1, and let G swap
//! the two: b for y = 0 and a for y = 1. Without y, D and G see only the marginals, which are both (a + b) / 2. The value
//! with the best D is then -log 4, its least, and G's gradient is zero: the game is over although every label is wrong.
//! With y the value is -log 4 + 2 JSD(a, b), and G's gradient is not zero.
//!
//! **In general.** JSD is convex in the pair (p, q), so by Jensen's inequality
//!
//!   Σ_y p(y) JSD(p(·|y), q(·|y)) ≥ JSD(Σ_y p(y) p(·|y), Σ_y p(y) q(·|y)):
//!
//! the game with y never has a lower value than the game without. (Convexity: Cover and Thomas 2006, theorem 2.7.2. The
//! conditional game: Mirza and Osindero 2014, equation 2.)
//!
//! G's gradient is that of its loss through the logits θ of q(·|y) = softmax(θ(y)), with D held at its best. The gradient
//! that is predicted is the derivative of -log 4 + 2 Σ_y p(y) JSD: ∂/∂q of it is p(y) log(q / (p + q)) and a constant.

use autograd::Stream;
use cgan::objectives::{Minimax, ObjectiveConfig};
use figures::{Chart, Panel, Series};
use ndarray::{Array2, Axis};

use crate::game::through_softmax;
use crate::tables::{conditionals, jsd};
use crate::{Discriminator, Error, Experiment, Game, Relation, Report, Table, Tables};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "condition",
    theorem: "If G swaps the labels, the game without y is over, and the game with y is not.",
    source: "Mirza and Osindero 2014, equation 2; convexity: Cover and Thomas 2006, theorem 2.7.2",
    chapter: 4,
    run,
};

const WIDTH: usize = 5;

/// Random tables for the inequality.
const TABLES: u64 = 40;

/// Steps from right labels to swapped ones, in the picture.
const STEPS: usize = 20;

const MINIMAX: ObjectiveConfig =
    ObjectiveConfig::Minimax(Minimax { label_smoothing: None, discriminator_scale: 1.0 });

fn run(seed: u64) -> Result<Report, Error> {
    let stream = Stream::new(seed, "lab/condition");
    let p = conditionals((2, WIDTH), &mut stream.at(0, 0));
    let mut report = Report::new();
    let mut table = Table::new("", &["swapped", "value_without_y", "value_with_y", "prediction_with_y"]);
    for step in 0..=STEPS {
        let share = step as f64 / STEPS as f64;
        let tables = swapped(&p, share);
        let (without, with) = (best(&tables, Discriminator::WithoutY)?, best(&tables, Discriminator::Table)?);
        let values = [&without, &with].map(|game| -game.discriminator_loss());
        table.row(&[], &[share, values[0], values[1], predicted(&tables)]);
        if step == STEPS {
            compare(&mut report, &tables, without, with);
        }
    }

    let mut least = f64::INFINITY;
    let mut pairs = Vec::new();
    for number in 1..=TABLES {
        let tables = Tables::random((2, WIDTH), &mut stream.at(number, 0));
        let without = -best(&tables, Discriminator::WithoutY)?.discriminator_loss();
        let with = -best(&tables, Discriminator::Table)?.discriminator_loss();
        let marginal = jsd(tables.marginal(&tables.p).row(0), tables.marginal(&tables.q).row(0));
        pairs.push((-4f64.ln() + 2.0 * marginal, without));
        least = least.min((with - without) / 2.0);
    }
    let what = format!("without y: V = -log 4 + 2 JSD of the marginals, {TABLES} tables, where it is worst");
    report.equal_all(what, pairs, 1e-10);
    let what = format!("Σ_y p(y) JSD_y less JSD of the marginals, {TABLES} tables, the least");
    report.line(Relation::AtLeast, what, 0.0, least, 1e-10);

    let number = |cell: &String| cell.parse().unwrap_or(f64::NAN);
    let column = |j: usize| table.rows.iter().map(move |row| (number(&row[0]), number(&row[j])));
    let panel = Panel {
        axes: ("share of the labels that G swaps".to_owned(), "V(D*, G)".to_owned()),
        series: vec![
            Series::line("with y: -log 4 + 2 Σ p(y) JSD", column(3)),
            Series::dots("with y, measured", column(2)),
            Series::dots("without y, measured", column(1)),
        ],
        ..Panel::default()
    };
    let title = "Swapped labels".to_owned();
    report.svg = Chart { title, panels: vec![panel], columns: 1, note: String::new() }.svg();
    report.tables.push(table);
    Ok(report)
}

/// Both conditions equally likely; G takes a share of the x of each from the other one.
fn swapped(p: &Array2<f64>, share: f64) -> Tables {
    let others = p.select(Axis(0), &[1, 0]);
    Tables { y: vec![0.5; 2], p: p.clone(), q: p * (1.0 - share) + others * share }
}

/// The game with D at its best.
fn best(tables: &Tables, discriminator: Discriminator) -> Result<Game, Error> {
    let mut game = Game::new(&MINIMAX, tables, discriminator, None)?;
    game.play_discriminator()?;
    Ok(game)
}

fn predicted(tables: &Tables) -> f64 {
    -4f64.ln() + 2.0 * tables.mean(jsd)
}

/// The lines on labels that are all swapped.
fn compare(report: &mut Report, tables: &Tables, mut without: Game, mut with: Game) {
    report.equal("swapped, without y: V = -log 4", -4f64.ln(), -without.discriminator_loss(), 1e-10);
    let largest = |gradient: &Array2<f64>| gradient.iter().fold(0.0f64, |most, g| most.max(g.abs()));
    let blind = largest(&without.generator_gradient());
    report.equal("swapped, without y: the largest entry of G's gradient", 0.0, blind, 1e-10);
    report.equal(
        "swapped, with y: V = -log 4 + 2 JSD(a, b)",
        predicted(tables),
        -with.discriminator_loss(),
        1e-10,
    );
    let of_q = Array2::from_shape_fn(tables.p.dim(), |cell| {
        tables.y[cell.0] * (tables.q[cell] / (tables.p[cell] + tables.q[cell])).ln()
    });
    let predicted = through_softmax(&tables.q, &of_q);
    let measured = with.generator_gradient();
    let largest = largest(&predicted);
    report.equal_all(
        "swapped, with y: G's gradient is that of 2 Σ p(y) JSD, where it is worst",
        predicted.into_iter().zip(measured.iter().copied()),
        1e-10,
    );
    let measured = measured.iter().fold(0.0f64, |most, g| most.max(g.abs()));
    report.equal("swapped, with y: the largest entry of G's gradient", largest, measured, 1e-10);
}
