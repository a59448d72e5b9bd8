//! What G minimises when D is always the best against it.
//!
//! Put D* = p / (p + q) into the value function. With m = (p + q) / 2,
//!
//!   V(D*, G) = Σ_y p(y) Σ_x [ p log(p / 2m) + q log(q / 2m) ] = -log 4 + 2 Σ_y p(y) JSD(p(·|y), q(·|y)),
//!
//! where JSD(p, q) = ½ KL(p ‖ m) + ½ KL(q ‖ m) in nats (Goodfellow et al. 2014, theorem 1; for each y as in Mirza and
//! Osindero 2014, equation 2). It is never below -log 4, and -log 4 only where q(·|y) = p(·|y) for every y that occurs.
//!
//! V is minus D's loss of the objective `minimax`. The loss is at its least, so an error of D's logits counts squared.

use autograd::Stream;
use cgan::objectives::{Minimax, ObjectiveConfig};
use figures::{Chart, Panel, Series};

use crate::tables::jsd;
use crate::{Discriminator, Error, Experiment, Game, Relation, Report, Table, Tables};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "value-at-optimum",
    theorem: "With the best D, the value is -log 4 plus twice the mean over y of the Jensen-Shannon divergence.",
    source: "Goodfellow et al. 2014, theorem 1; Mirza and Osindero 2014, equation 2",
    chapter: 3,
    run,
};

/// Random pairs of tables.
const TABLES: u64 = 20;

/// Steps on the way of q to p, in the picture.
const STEPS: usize = 20;

fn run(seed: u64) -> Result<Report, Error> {
    let stream = Stream::new(seed, "lab/value-at-optimum");
    let mut pairs = Vec::new();
    for number in 0..TABLES {
        let tables = Tables::random((3, 5), &mut stream.at(number, 0));
        pairs.push((predicted(&tables), measured(&tables)?));
    }
    let mut report = Report::new();
    let least = pairs.iter().map(|pair| pair.1).fold(f64::INFINITY, f64::min);
    report.equal_all(format!("V(D*, G), the worst of {TABLES} random tables"), pairs, 1e-10);
    report.line(Relation::AtLeast, "V(D*, G), the least of them", -4f64.ln(), least, 1e-10);
    let mut tables = Tables::random((3, 5), &mut stream.at(TABLES, 0));
    let start = tables.q.clone();
    let mut table = Table::new("", &["share", "prediction", "measured"]);
    for step in 0..=STEPS {
        let share = step as f64 / STEPS as f64;
        tables.q = &start * (1.0 - share) + &tables.p * share;
        table.row(&[], &[share, predicted(&tables), measured(&tables)?]);
        if step == STEPS {
            report.equal("V(D*, G) where q = p: -log 4", -4f64.ln(), measured(&tables)?, 1e-10);
        }
    }
    let column = |j: usize| -> Vec<(f64, f64)> {
        let number = |cell: &String| cell.parse().unwrap_or(f64::NAN);
        table.rows.iter().map(|row| (number(&row[0]), number(&row[j]))).collect()
    };
    let panel = Panel {
        heading: String::new(),
        axes: ("share of the way from q to p".to_owned(), "V(D*, G)".to_owned()),
        series: vec![Series::line("-log 4 + 2 Σ p(y) JSD", column(1)), Series::dots("measured", column(2))],
        ..Panel::default()
    };
    let title = "The value with the best D".to_owned();
    report.svg = Chart { title, panels: vec![panel], columns: 1, note: String::new() }.svg();
    report.tables.push(table);
    Ok(report)
}

fn predicted(tables: &Tables) -> f64 {
    -4f64.ln() + 2.0 * tables.mean(jsd)
}

fn measured(tables: &Tables) -> Result<f64, Error> {
    let minimax = ObjectiveConfig::Minimax(Minimax { label_smoothing: None, discriminator_scale: 1.0 });
    let mut game = Game::new(&minimax, tables, Discriminator::Table, None)?;
    game.play_discriminator()?;
    Ok(-game.discriminator_loss())
}
