//! `cgan presets`: the named configurations.

use crate::cli::PresetsArgs;
use crate::config::{PRESETS, Preset};
use crate::failure::Failure;
use crate::terminal::print;

pub(super) fn presets(args: &PresetsArgs) -> Result<(), Failure> {
    if let Some(name) = &args.name {
        return print(Preset::find(name)?.text);
    }
    for preset in PRESETS {
        let first = preset.text.lines().next().unwrap_or_default().trim_start_matches("# ");
        print(&format!("{:<18} {first}\n", preset.name))?;
    }
    Ok(())
}
