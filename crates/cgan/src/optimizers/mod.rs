//! Optimisers, one per file: rule, settings, state.
//!
//! To add one, write its file and add its name to the list below.
//!
//! Each rule derived: chapter 11 of the book, `docs/book/src/11-optimisers.md`, or `cgan book`.

mod adam;
mod rmsprop;
mod sgd;

use kernels::Real;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::optimizer::{Optimizer, OptimizerSettings};

/// Makes the settings of all optimisers, and the rule that is chosen.
macro_rules! optimizers {
    ($($module:ident: $Name:ident,)*) => {
        $(pub use $module::$Name;)*

        /// What moves the weights, with the settings of that optimiser.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "an optimiser is described in its file")]
        pub enum OptimizerConfig {
            $($Name($Name),)*
        }

        impl OptimizerConfig {
            /// The names of all optimisers.
            pub const NAMES: &[&'static str] = &[$(stringify!($module),)*];

            /// As in a configuration file.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$Name(_) => stringify!($module),)* }
            }

            /// [`OptimizerSettings::instance`] of the optimiser.
            pub fn instance<T: Real>(&self, weights: usize) -> Box<dyn Optimizer<T>> {
                match self { $(Self::$Name(settings) => settings.instance(weights),)* }
            }

            /// [`OptimizerSettings::without_effect`] of the optimiser.
            pub fn without_effect(&self) -> Option<(&'static str, &'static str)> {
                match self { $(Self::$Name(settings) => settings.without_effect(),)* }
            }
        }
    };
}

// optimizers! { adam: Adam, .. }, an entry for each file of this folder.
include!(concat!(env!("OUT_DIR"), "/optimizers.rs"));
