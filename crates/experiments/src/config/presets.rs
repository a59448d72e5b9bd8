//! The presets: TOML files one can read, embedded in the program.

use crate::failure::Failure;

/// A named configuration.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// What `--preset` takes.
    pub name: &'static str,
    /// The file, with a source for each value.
    pub text: &'static str,
}

/// All presets; the first is the default.
pub const PRESETS: &[Preset] = &[
    Preset { name: "quick", text: include_str!("../../presets/quick.toml") },
    Preset { name: "best", text: include_str!("../../presets/best.toml") },
    Preset { name: "best-sgd", text: include_str!("../../presets/best-sgd.toml") },
    Preset { name: "paper", text: include_str!("../../presets/paper.toml") },
    Preset { name: "paper-slow-decay", text: include_str!("../../presets/paper-slow-decay.toml") },
    Preset { name: "original", text: include_str!("../../presets/original.toml") },
    Preset { name: "tags-best", text: include_str!("../../presets/tags-best.toml") },
    Preset { name: "tags-paper", text: include_str!("../../presets/tags-paper.toml") },
];

impl Preset {
    /// The preset of this name.
    ///
    /// # Errors
    /// One line that names the nearest, and all.
    pub fn find(name: &str) -> Result<&'static Preset, Failure> {
        PRESETS.iter().find(|preset| preset.name == name).ok_or_else(|| {
            let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
            let nearest = super::merge::nearest(name, &names);
            let all = names.join(", ");
            Failure::usage(format!("there is no preset {name}; did you mean {nearest}? All: {all}"))
        })
    }

    pub(super) fn table(&self) -> toml::Table {
        self.text.parse().expect("a preset is tested to parse")
    }
}
