//! The machine of a run: equal bits are promised for the same build on the same processor features.

use std::path::Path;

use kernels::Isa;
use serde::{Deserialize, Serialize};

use super::directory::write_whole;
use crate::failure::Failure;

/// `env.toml` of a run directory.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Environment {
    version: String,
    os: String,
    architecture: String,
    cpu_features: Vec<String>,
    kernels: String,
    threads: usize,
}

impl Environment {
    /// Of this process.
    pub(super) fn here() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            os: std::env::consts::OS.to_owned(),
            architecture: std::env::consts::ARCH.to_owned(),
            cpu_features: cpu_features().into_iter().map(str::to_owned).collect(),
            kernels: format!("{:?}", Isa::best()),
            threads: rayon::current_num_threads(),
        }
    }

    /// Writes it.
    pub(super) fn save(&self, path: &Path) -> Result<(), Failure> {
        write_whole(path, toml::to_string(self).expect("strings and a number").as_bytes())
    }

    /// Reads it; `None` where it is missing or damaged.
    pub(super) fn load(path: &Path) -> Option<Self> {
        std::fs::read_to_string(path).ok().and_then(|text| toml::from_str(&text).ok())
    }

    /// Whether a run whose environment is saved at `path` continues with the same bits here; if not, a line
    /// that says why.
    pub(super) fn differs_from(&self, path: &Path) -> Option<String> {
        let before = Self::load(path)?;
        let what =
            |e: &Self| format!("version {} on {} with {} kernels", e.version, e.architecture, e.kernels);
        let same = what(&before) == what(self) && before.cpu_features == self.cpu_features;
        (!same).then(|| {
            let (then, now) = (what(&before), what(self));
            format!("the run began as {then}, and this is {now}: results may differ in rounding")
        })
    }
}

impl std::fmt::Display for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { version, os, architecture, kernels, threads, .. } = self;
        write!(f, "cgan {version} on {os}, {architecture}, {kernels} kernels, threads: {threads}")
    }
}

/// The features that choose between kernels.
fn cpu_features() -> Vec<&'static str> {
    #[cfg(target_arch = "x86_64")]
    return [
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
    ]
    .into_iter()
    .filter_map(|(name, present)| present.then_some(name))
    .collect();
    #[cfg(not(target_arch = "x86_64"))]
    Vec::new()
}
