//! The best discriminator against a fixed generator.
//!
//! With p = p(x|y) the density of the data, q = q(x|y) that of the fakes and D = σ(s), the value function is
//!
//!   V(D, G) = Σ_y p(y) Σ_x [ p log D(x|y) + q log(1 - D(x|y)) ].
//!
//! Each D(x|y) occurs in one bracket alone, and the derivative p / D - q / (1 - D) of the bracket vanishes at
//!
//!   D*(x|y) = p / (p + q),
//!
//! which is its greatest value, since the bracket is concave in D (Goodfellow et al. 2014, proposition 1; for each y,
//! Mirza and Osindero 2014, equation 2). So the condition makes one game of many: one for each y.
//!
//! Here D's loss of the two objectives that make D a classifier falls until its gradient is below 1e-12, from logits at 0.

use autograd::Stream;
use cgan::objectives::{Minimax, NonSaturating, ObjectiveConfig};
use figures::{Chart, Panel, Series};

use crate::{Discriminator, Error, Experiment, Game, Report, Table, Tables};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "optimal-discriminator",
    theorem: "Against a fixed G, the best D gives p(x|y) / (p(x|y) + q(x|y)), for each y by itself.",
    source: "Goodfellow et al. 2014, proposition 1; Mirza and Osindero 2014, equation 2",
    chapter: 2,
    run,
};

const CONDITIONS: usize = 3;
const WIDTH: usize = 6;

fn run(seed: u64) -> Result<Report, Error> {
    let mut random = Stream::new(seed, "lab/optimal-discriminator").at(0, 0);
    let tables = Tables::random((CONDITIONS, WIDTH), &mut random);
    let mut report = Report::new();
    let mut table = Table::new("", &["objective", "y", "x", "p", "q", "prediction", "d"]);
    let mut panels: Vec<Panel> = (0..CONDITIONS)
        .map(|y| Panel {
            heading: format!("y = {y}"),
            axes: ("x".to_owned(), String::new()),
            series: vec![
                Series::line("p(x|y)", (0..WIDTH).map(|x| (x as f64, tables.p[[y, x]]))),
                Series::line("q(x|y)", (0..WIDTH).map(|x| (x as f64, tables.q[[y, x]]))),
                Series::line("p / (p + q)", (0..WIDTH).map(|x| (x as f64, best(&tables, (y, x))))),
            ],
            ..Panel::default()
        })
        .collect();
    for objective in [
        ObjectiveConfig::Minimax(Minimax { label_smoothing: None, discriminator_scale: 1.0 }),
        ObjectiveConfig::NonSaturating(NonSaturating { label_smoothing: None, discriminator_scale: 1.0 }),
    ] {
        let mut game = Game::new(&objective, &tables, Discriminator::Table, None)?;
        game.play_discriminator()?;
        let d = game.logits().mapv(|logit| objective.value(logit));
        let what = format!("{}: D(x|y) = p / (p + q), where it is worst", objective.name());
        report.equal_all(what, d.indexed_iter().map(|(cell, d)| (best(&tables, cell), *d)), 1e-8);
        for (cell, p, q) in tables.cells() {
            let numbers = [cell.0 as f64, cell.1 as f64, p, q, best(&tables, cell), d[cell]];
            table.row(&[objective.name()], &numbers);
        }
        for (y, panel) in panels.iter_mut().enumerate() {
            let points = d.row(y).iter().enumerate().map(|(x, d)| (x as f64, *d)).collect::<Vec<_>>();
            panel.series.push(Series::dots("D, measured", points));
        }
    }
    let title = "The best discriminator, for each condition by itself".to_owned();
    report.svg = Chart { title, panels, columns: CONDITIONS, note: String::new() }.svg();
    report.tables.push(table);
    Ok(report)
}

/// p / (p + q).
fn best(tables: &Tables, cell: (usize, usize)) -> f64 {
    tables.p[cell] / (tables.p[cell] + tables.q[cell])
}
