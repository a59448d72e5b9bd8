//! Label smoothing, on the side of real x alone.
//!
//! D is trained to give t = 1 - s to real x instead of 1 (Salimans et al. 2016, section 3.4). With the cross-entropy, D's
//! loss is the sum over x of -t p log D - ((1 - t) p + q) log(1 - D). The derivative of each term vanishes at
//!
//!   D* = t p / (p + q):
//!
//! the best D without smoothing, times t. For least squares the loss ½ p (s - t)² + ½ q s² is least at the same number, the
//! output itself. If fakes were smoothed as well, to f, D* would be (t p + f q) / (p + q): where there are no data, D would
//! give f instead of 0, and reward G for x that are unlike any data. So the smoothing is one-sided.

use autograd::Stream;
use cgan::objectives::{LeastSquares, Minimax, NonSaturating, ObjectiveConfig};
use figures::{Chart, Panel, Series};

use crate::{Discriminator, Error, Experiment, Game, Report, Table, Tables};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "label-smoothing",
    theorem: "With the target t for real x, the best D is t p / (p + q).",
    source: "Salimans et al. 2016, section 3.4",
    chapter: 2,
    run,
};

/// 1 - t.
const SMOOTHINGS: [f64; 3] = [0.1, 0.3, 0.5];

fn run(seed: u64) -> Result<Report, Error> {
    let tables = Tables::random((3, 6), &mut Stream::new(seed, "lab/label-smoothing").at(0, 0));
    let mut report = Report::new();
    let mut table = Table::new("", &["objective", "t", "y", "x", "p", "q", "prediction", "d"]);
    let mut panels = Vec::new();
    let smoothed: [fn(f64) -> ObjectiveConfig; 3] = [
        |s| ObjectiveConfig::Minimax(Minimax { label_smoothing: Some(s), discriminator_scale: 1.0 }),
        |s| {
            ObjectiveConfig::NonSaturating(NonSaturating {
                label_smoothing: Some(s),
                discriminator_scale: 1.0,
            })
        },
        |s| {
            ObjectiveConfig::LeastSquares(LeastSquares { label_smoothing: Some(s), discriminator_scale: 1.0 })
        },
    ];
    for of in smoothed {
        let mut series = Vec::new();
        for smoothing in SMOOTHINGS {
            let (objective, t) = (of(smoothing), 1.0 - smoothing);
            let mut game = Game::new(&objective, &tables, Discriminator::Table, None)?;
            game.play_discriminator()?;
            let d = game.logits().mapv(|logit| objective.value(logit));
            let what = format!("{}, t = {t}: D = t p / (p + q), where it is worst", objective.name());
            report.equal_all(what, tables.cells().map(|(cell, p, q)| (t * p / (p + q), d[cell])), 1e-8);
            let mut dots = Vec::new();
            for (cell, p, q) in tables.cells() {
                let numbers = [t, cell.0 as f64, cell.1 as f64, p, q, t * p / (p + q), d[cell]];
                table.row(&[objective.name()], &numbers);
                dots.push((p / (p + q), d[cell]));
            }
            series.push(Series::line(format!("t p / (p + q), t = {t}"), [(0.0, 0.0), (1.0, t)]));
            series.push(Series::dots("measured", dots));
        }
        let axes = ("p / (p + q)".to_owned(), "D".to_owned());
        panels.push(Panel { heading: of(0.1).name().to_owned(), axes, series, ..Panel::default() });
    }
    let title = "One-sided label smoothing".to_owned();
    report.svg = Chart { title, panels, columns: 3, note: String::new() }.svg();
    report.tables.push(table);
    Ok(report)
}
