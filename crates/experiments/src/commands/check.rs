//! `cgan check`: every derivative against central differences, as a table.

use autograd::check::Outcome;

use crate::failure::Failure;
use crate::terminal::print;

/// Largest allowed error of a derivative, relative to the largest derivative of its tensor.
const LIMIT: f64 = 1e-6;

pub(super) fn check() -> Result<(), Failure> {
    let mut failed = 0;
    let mut row = |what: &str, outcome: Outcome| {
        let verdict = if outcome.error < LIMIT { "ok" } else { "WRONG" };
        failed += usize::from(outcome.error >= LIMIT);
        print(&format!("{what:<58} {:>8} {:>12.1e}  {verdict}\n", outcome.entries, outcome.error))
    };
    print(&format!("{:<58} {:>8} {:>12}\n", "derivative", "entries", "error"))?;
    for (_, cases) in autograd::ops::cases() {
        for case in cases {
            row(case.name, case.gradient()?)?;
            if let Some(outcome) = case.tangent()? {
                row(&format!("{}, tangent", case.name), outcome)?;
            }
        }
    }
    for (name, outcome) in layers::check::all()?.into_iter().chain(cgan::check::all()?) {
        row(&name, outcome)?;
    }
    print(&format!(
        "errors are relative to the largest derivative of each tensor; the limit is {LIMIT:.0e}\n"
    ))?;
    if failed > 0 { Err(Failure::general(format!("{failed} derivatives are wrong"))) } else { Ok(()) }
}
