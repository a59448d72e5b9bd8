//! What mismatched pairs cost.
//!
//! Reed et al. 2016 also show D real x beside the condition of another example, as pairs to be rejected. Let λ be the
//! weight of their term and m(x|y) the distribution of x beside a wrong y. For each y, D's loss is the sum over x of
//! -p log D - (q + λ m) log(1 - D), and the derivative of each term vanishes at
//!
//!   D* = p / (p + q + λ m).
//!
//! **G's best.** Write r = (q + λ m) / (1 + λ), a distribution. The value with the best D is
//! Σ_x [ p log(p / (p + (1 + λ) r)) + (1 + λ) r log((1 + λ) r / (p + (1 + λ) r)) ]: a weighted Jensen-Shannon divergence of p
//! and r, and a constant. It is least at r = p, that is at
//!
//!   q* = (1 + λ) p - λ m,   where   D* = 1 / (2 + λ)   everywhere,
//!
//! provided that q* is nowhere negative. So G does not make the data: it makes less of each x with m > p. The distance is λ TV(p, m), which is what the term costs. Where q* would be negative, G's best is another
//! one, on the border, and nothing is predicted here.
//!
//! Wrong conditions are those of an independent example, as in the trainer, where they are those of the next row of a
//! batch: m(x|y) = Σ_y' p(y') p(x|y') for every y. This holds for many examples; in a batch no example is its own next.
//!
//! G moves by q ← q exp(-η ∂L/∂q), over its sum (exponentiated gradient), against D at its best each time, until the cost of
//! a fake is the same at every x. G's loss may be either of the two cross-entropies; both rest at the same q.

use autograd::Stream;
use cgan::objectives::{Minimax, NonSaturating, ObjectiveConfig};
use figures::{Chart, Panel, Series};
use ndarray::Array2;

use crate::tables::{conditionals, probabilities, total_variation};
use crate::{Discriminator, Error, Experiment, Game, Report, Table, Tables};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "mismatched-pairs",
    theorem: "With mismatched pairs of weight λ, D's best is p / (p + q + λm) and G's best is (1 + λ)p - λm, not p.",
    source: "the term: Reed et al. 2016, algorithm 1; its optimum: derived in the docstring, after Goodfellow et al. 2014",
    chapter: 4,
    run,
};

const SHAPE: (usize, usize) = (2, 4);

/// Weights λ.
const WEIGHTS: [f64; 4] = [0.03, 0.2, 0.5, 1.0];

/// Step η of G, over p(y).
const STEP: f64 = 3.0;

/// Steps of G at most.
const STEPS: usize = 3000;

const MINIMAX: ObjectiveConfig =
    ObjectiveConfig::Minimax(Minimax { label_smoothing: None, discriminator_scale: 1.0 });
const NON_SATURATING: ObjectiveConfig =
    ObjectiveConfig::NonSaturating(NonSaturating { label_smoothing: None, discriminator_scale: 1.0 });

fn run(seed: u64) -> Result<Report, Error> {
    let stream = Stream::new(seed, "lab/mismatched-pairs");
    let (tables, m) = games(&stream);
    let mut report = Report::new();
    for weight in WEIGHTS {
        let mut game = Game::new(&MINIMAX, &tables, Discriminator::Table, Some((&m, weight)))?;
        game.play_discriminator()?;
        let d = game.logits().mapv(|logit| MINIMAX.value(logit));
        let pairs = tables.cells().map(|(cell, p, q)| (p / (p + q + weight * m[cell]), d[cell]));
        let what = format!("λ = {weight}: D = p / (p + q + λm), where it is worst");
        report.equal_all(what, pairs, 1e-8);
    }

    let mut table = Table::new("", &["objective", "lambda", "y", "x", "p", "m", "prediction", "q", "d"]);
    let mut distances = (Vec::new(), Vec::new());
    for weight in WEIGHTS {
        for objective in [MINIMAX, NON_SATURATING] {
            let (q, d) = play(&objective, &tables, &m, weight)?;
            let best = best(&tables, &m, weight);
            let what = |what: &str| format!("λ = {weight}, {}: {what}", objective.name());
            let pairs = best.iter().copied().zip(q.iter().copied());
            report.equal_all(what("G's best q = (1 + λ)p - λm, where it is worst"), pairs, 1e-8);
            let pairs = d.iter().map(|d| (1.0 / (2.0 + weight), *d));
            report.equal_all(what("D rests at 1 / (2 + λ), where it is worst"), pairs, 1e-8);
            let (of_q, of_m) = (with_q(&tables, &q), with_q(&tables, &m));
            let pair = (weight * of_m.mean(total_variation), of_q.mean(total_variation));
            report.equal(what("the total variation of q from the data = λ TV(p, m)"), pair.0, pair.1, 1e-8);
            for (cell, p, _) in tables.cells() {
                let numbers =
                    [weight, cell.0 as f64, cell.1 as f64, p, m[cell], best[cell], q[cell], d[cell]];
                table.row(&[objective.name()], &numbers);
            }
            distances.0.push((weight, pair.0));
            distances.1.push((weight, pair.1));
        }
    }
    let panel = Panel {
        axes: ("λ, the weight of mismatched pairs".to_owned(), "TV".to_owned()),
        series: vec![
            Series::line("λ TV(p, m)", distances.0),
            Series::dots("distance of G's best from the data, measured", distances.1),
        ],
        ..Panel::default()
    };
    let title = "What mismatched pairs cost".to_owned();
    report.svg = Chart { title, panels: vec![panel], columns: 1, note: String::new() }.svg();
    report.tables.push(table);
    Ok(report)
}

/// Random tables whose conditions share much, so that G's best is positive for every λ here; and m.
fn games(stream: &Stream) -> (Tables, Array2<f64>) {
    let mut draw = 0;
    loop {
        let mut random = stream.at(draw, 0);
        let y = probabilities(SHAPE.0, &mut random);
        let [p, q] = [(); 2].map(|()| conditionals(SHAPE, &mut random));
        let tables = Tables { y, p, q };
        let m = tables.marginal(&tables.p).broadcast(SHAPE).expect("a row for each y").to_owned();
        if WEIGHTS.iter().all(|weight| best(&tables, &m, *weight).iter().all(|q| *q > 0.02)) {
            return (tables, m);
        }
        draw += 1;
    }
}

/// (1 + λ) p - λ m.
fn best(tables: &Tables, m: &Array2<f64>, weight: f64) -> Array2<f64> {
    &tables.p * (1.0 + weight) - m * weight
}

fn with_q(tables: &Tables, q: &Array2<f64>) -> Tables {
    Tables { q: q.clone(), ..tables.clone() }
}

/// Both players to rest: q(x|y), and D(x|y).
fn play(
    objective: &ObjectiveConfig,
    tables: &Tables,
    m: &Array2<f64>,
    weight: f64,
) -> Result<(Array2<f64>, Array2<f64>), Error> {
    let mut game = Game::new(objective, tables, Discriminator::Table, Some((m, weight)))?;
    let mut q = tables.q.clone();
    let mut largest = f64::INFINITY;
    for _ in 0..STEPS {
        game.set_q(&q);
        game.play_discriminator()?;
        largest = game.generator_gradient().iter().fold(0.0, |most, g| g.abs().max(most));
        if largest < 1e-11 {
            let d = game.logits().mapv(|logit| objective.value(logit));
            return Ok((q, d));
        }
        let costs = game.costs();
        for (y, mut row) in q.rows_mut().into_iter().enumerate() {
            row.iter_mut().zip(costs.row(y)).for_each(|(q, cost)| *q *= (-STEP * cost / tables.y[y]).exp());
            let sum = row.sum();
            row /= sum;
        }
    }
    Err(Error::NoOptimum { what: "the best generator", gradient: largest, steps: STEPS })
}
