//! A run's settings: a preset, a file over it, and single settings over both.

mod experiment;
mod length;
mod presets;
mod resolve;
mod run_config;
mod tags;

pub use experiment::{Experiment, StopOn};
pub use presets::{PRESETS, Preset, Source};
pub use run_config::{EarlyStopping, Log, Run, RunConfig};
pub use tags::TagsConfig;
