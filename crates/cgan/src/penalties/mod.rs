//! Penalties on D's gradient, one per file: formula, derivation, value and direction.
//!
//! To add one, write its file and add its name to the list below.
//!
//! How a penalty on a gradient is itself differentiated: chapter 7 of the book, `docs/book/src/07-gradient-penalty.md`, or `cgan book`.

mod r1;
mod r2;
mod wgan_gp;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::penalty::{Penalty, Strength};

/// Makes the settings of all penalties, and gathers those that are active.
macro_rules! penalties {
    ($($module:ident: $Name:ident,)*) => {
        $(pub use $module::$Name;)*

        /// Penalties on D's gradient with respect to x. Several may be active at once.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs, reason = "a penalty is described in its file")]
        pub struct PenaltyConfig {
            $(
                #[serde(default, skip_serializing_if = "Option::is_none")]
                #[schemars(extend("paper" = "none"))]
                pub $module: Option<$Name>,
            )*
        }

        impl PenaltyConfig {
            /// The penalties that are active, by name.
            pub fn active(&self) -> Vec<(&'static str, Box<dyn Penalty>)> {
                let mut active: Vec<(&'static str, Box<dyn Penalty>)> = Vec::new();
                $(
                    if let Some(penalty) = self.$module {
                        active.push((stringify!($module), Box::new(penalty)));
                    }
                )*
                active
            }

            /// All penalties at once, each with this strength.
            pub fn all(strength: Strength) -> Self {
                Self { $($module: Some($Name::with(strength)),)* }
            }
        }
    };
}

// penalties! { r1: R1, .. }, an entry for each file of this folder.
include!(concat!(env!("OUT_DIR"), "/penalties.rs"));
