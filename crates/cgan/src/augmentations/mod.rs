//! Data augmentations of D's images, one per file: its setting, what it draws, and the change.
//!
//! To add one, write its file and its `mod` line.

mod rotate;
mod scale;
mod translate;

use autograd::{Error, Real, Shape, Tape, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::augmentation::{Augmentation, Chance};

/// Makes the settings of all augmentations, and what goes through those that are there.
macro_rules! augmentations {
    ($($module:ident: $Name:ident,)*) => {
        $(pub use $module::$Name;)*

        /// Data augmentation of real and of generated images before D: each change that is named is made with the same
        /// probability, on its own.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs, reason = "an augmentation is described in its file")]
        pub struct AugmentConfig {
            /// Probability of each change of an image. Below 1, so that D can tell where images are.
            #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0, "paper" = "none"))]
            pub probability: f64,
            $(
                #[serde(default, skip_serializing_if = "Option::is_none")]
                #[schemars(extend("paper" = "none"))]
                pub $module: Option<$Name>,
            )*
        }

        impl AugmentConfig {
            /// The names of all augmentations.
            pub const NAMES: &[&'static str] = &[$(stringify!($module),)*];

            /// All augmentations at once, as their derivatives are checked.
            pub(crate) fn all(probability: f64) -> Self {
                Self { probability, $($module: Some($Name::CHECKED),)* }
            }

            /// The augmentations that are there.
            pub fn active(&self) -> Vec<&'static str> {
                let given = [$((stringify!($module), self.$module.is_some()),)*];
                given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
            }

            /// The first that cannot change images of `size` (height, width), and why.
            pub(crate) fn misfit(&self, size: Shape) -> Option<(&'static str, String)> {
                $(
                    if let Some(reason) = self.$module.and_then(|own| own.misfit(size)) {
                        return Some((stringify!($module), reason));
                    }
                )*
                None
            }

            /// Records all changes of images x (batch, height · width) of `size`, one after the other. Each `name` has
            /// changes of its own.
            ///
            /// # Errors
            /// If x has another width.
            pub fn record<T: Real>(
                &self,
                tape: &mut Tape<T>,
                mut x: Var,
                size: Shape,
                seed: u64,
                name: &str,
            ) -> Result<Var, Error> {
                let chance = Chance { probability: self.probability, seed, name };
                $(
                    if let Some(own) = self.$module {
                        x = own.record(tape, x, size, chance)?;
                    }
                )*
                Ok(x)
            }
        }
    };
}

// augmentations! { translate: Translate, .. }, an entry for each file of this folder.
include!(concat!(env!("OUT_DIR"), "/augmentations.rs"));
