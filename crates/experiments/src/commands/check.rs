//! `cgan check`: every derivative against central differences, as a table.

use autograd::check::Outcome;

use crate::cli::CheckArgs;
use crate::failure::Failure;
use crate::terminal::print;

/// Largest allowed error of a derivative, relative to the largest derivative of its tensor.
const LIMIT: f64 = 1e-6;

pub(super) fn check(args: &CheckArgs) -> Result<(), Failure> {
    let wanted = args.name.as_deref().unwrap_or_default().to_lowercase();
    let (mut rows, mut failed) = (0, 0);
    print(&format!("{:<58} {:>8} {:>12}\n", "derivative", "entries", "error"))?;
    for (group, outcomes) in groups()? {
        let chosen: Vec<_> =
            outcomes.into_iter().filter(|(name, _)| name.to_lowercase().contains(&wanted)).collect();
        if !chosen.is_empty() {
            print(&format!("{group}\n"))?;
        }
        for (name, outcome) in chosen {
            let right = outcome.error < LIMIT;
            rows += 1;
            failed += usize::from(!right);
            let verdict = if right { "ok" } else { "WRONG" };
            print(&format!("  {name:<56} {:>8} {:>12.1e}  {verdict}\n", outcome.entries, outcome.error))?;
        }
    }
    if rows == 0 {
        return Err(Failure::usage(format!(
            "no derivative has {wanted} in its name; `cgan check` lists all"
        )));
    }
    print(&format!(
        "errors are relative to the largest derivative of each tensor; the limit is {LIMIT:.0e}\n"
    ))?;
    if failed > 0 { Err(Failure::general(format!("{failed} derivatives are wrong"))) } else { Ok(()) }
}

/// Derivatives by name, under the chapters of the book that derive them.
type Group = (&'static str, Vec<(String, Outcome)>);

fn groups() -> Result<[Group; 3], Failure> {
    let mut operations = Vec::new();
    for (_, cases) in autograd::ops::cases() {
        for case in cases {
            operations.push((case.name.to_owned(), case.gradient()?));
            if let Some(outcome) = case.tangent()? {
                operations.push((format!("{}, tangent", case.name), outcome));
            }
        }
    }
    Ok([
        ("operations: chapter 9 of the book", operations),
        ("layers: chapter 10", layers::check::all()?),
        ("nets with their objectives, chapter 5, and penalties, chapter 7", cgan::check::all()?),
    ])
}
