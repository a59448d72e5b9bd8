//! `cgan lab`: theory beside measurement, as a table.

use lab::{EXPERIMENTS, Experiment, Line, Relation};

use crate::cli::LabArgs;
use crate::failure::Failure;
use crate::terminal::print;

pub(super) fn lab(args: &LabArgs) -> Result<(), Failure> {
    let chosen = chosen(&args.names)?;
    if args.list {
        return chosen
            .iter()
            .try_for_each(|one| print(&format!("{:<24} {} ({})\n", one.name, one.theorem, one.source)));
    }
    let (mut lines, mut wrong) = (0, Vec::new());
    for experiment in chosen {
        print(&format!("{}: {}\n", experiment.name, experiment.theorem))?;
        print(&format!("  ({}; chapter {} of the book)\n", experiment.source, experiment.chapter))?;
        print(&format!("  {:<76} {:>16} {:>14} {:>9}\n", "", "predicted", "measured", "tolerance"))?;
        let mut report = (experiment.run)(u64::from(args.seed))?;
        if let Some(share) = args.wrong {
            report.lines.iter_mut().for_each(|line| *line = line.with_wrong_prediction(share));
        }
        for line in &report.lines {
            print(&row(line))?;
        }
        lines += report.lines.len();
        let failed = report.lines.iter().filter(|line| !line.passes()).count();
        if failed > 0 {
            wrong.push(format!("{} ({failed})", experiment.name));
        }
        if let Some(folder) = &args.out {
            for path in report.write(folder, experiment.name)? {
                print(&format!("  {}\n", path.display()))?;
            }
        }
    }
    if wrong.is_empty() {
        return print(&format!("{lines} measurements are as predicted\n"));
    }
    Err(Failure::general(format!("measurements that differ from their prediction: {}", wrong.join(", "))))
}

/// The experiments of these names, or all.
fn chosen(names: &[String]) -> Result<Vec<&'static Experiment>, Failure> {
    if names.is_empty() {
        return Ok(EXPERIMENTS.iter().collect());
    }
    let find = |name: &String| {
        lab::find(name).ok_or_else(|| {
            let known: Vec<&str> = EXPERIMENTS.iter().map(|experiment| experiment.name).collect();
            Failure::usage(format!("there is no experiment {name}; there are {}", known.join(", ")))
        })
    };
    names.iter().map(find).collect()
}

fn row(line: &Line) -> String {
    let sign = match line.relation {
        Relation::Equal => '=',
        Relation::AtLeast => '≥',
        Relation::AtMost => '≤',
    };
    let verdict = if line.passes() { "ok" } else { "WRONG" };
    let (prediction, measured) = (number(line.prediction), number(line.measured));
    format!("  {:<76} {sign}{prediction:>15} {measured:>14} {:>9.0e}  {verdict}\n", line.what, line.tolerance)
}

/// Ten decimals, or seven digits where these would not show the number.
fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-4..1e3).contains(&size) { format!("{value:.9}") } else { format!("{value:.6e}") }
}
