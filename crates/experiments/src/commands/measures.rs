//! `cgan measures`: what `cgan evaluate` measures.

use evaluation::About;

use crate::cli::MeasuresArgs;
use crate::failure::Failure;
use crate::registry;
use crate::terminal::print;

pub(super) fn measures(args: &MeasuresArgs) -> Result<(), Failure> {
    let about = (registry::of(args.experiment).measures)();
    if args.json {
        return print(&format!("{}\n", serde_json::to_string_pretty(&about).expect("strings and numbers")));
    }
    let text = about.iter().map(|About { column, name, meaning, .. }| match name == column {
        true => format!("{column}\n    {meaning}\n"),
        false => format!("{column} ({name})\n    {meaning}\n"),
    });
    print(&text.collect::<String>())
}
