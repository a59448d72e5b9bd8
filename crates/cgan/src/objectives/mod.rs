//! The objectives of the two players, one per file: formula, derivation, both losses, equilibrium, cases for the
//! gradient checker.
//!
//! To add one, write its file and add its name to the list below.

mod least_squares;
mod minimax;
mod non_saturating;
mod relativistic;
mod wasserstein;

use autograd::{Error, Real, Tape, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::objective::{Logits, Objective, Rest};

/// Makes the settings of all objectives, and hands each call to the one that is chosen.
macro_rules! objectives {
    ($($module:ident: $Name:ident,)*) => {
        $(pub use $module::$Name;)*

        /// What each player minimises, with the settings of that objective.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "an objective is described in its file")]
        pub enum ObjectiveConfig {
            $($Name($Name),)*
        }

        impl ObjectiveConfig {
            /// As in a configuration file.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$Name(_) => stringify!($module),)* }
            }

            /// [`Objective::GENERATOR_LOSS_USES_REAL`] of the objective.
            pub fn generator_loss_uses_real(&self) -> bool {
                match self { $(Self::$Name(_) => $Name::GENERATOR_LOSS_USES_REAL,)* }
            }

            /// [`Objective::BOUNDED`] of the objective.
            pub fn bounded(&self) -> bool {
                match self { $(Self::$Name(_) => $Name::BOUNDED,)* }
            }

            /// [`Objective::discriminator_loss`] of the objective.
            ///
            /// # Errors
            /// As there.
            pub fn discriminator_loss<T: Real>(&self, tape: &mut Tape<T>, logits: &Logits) -> Result<Var, Error> {
                match self { $(Self::$Name(objective) => objective.discriminator_loss(tape, logits),)* }
            }

            /// [`Objective::generator_loss`] of the objective.
            ///
            /// # Errors
            /// As there.
            pub fn generator_loss<T: Real>(&self, tape: &mut Tape<T>, fake: Var, real: Option<Var>) -> Result<Var, Error> {
                match self { $(Self::$Name(objective) => objective.generator_loss(tape, fake, real),)* }
            }

            /// [`Objective::value`] of the objective.
            pub fn value(&self, logit: f64) -> f64 {
                match self { $(Self::$Name(objective) => objective.value(logit),)* }
            }

            /// [`Objective::rest`] of the objective.
            pub fn rest(&self) -> Rest {
                match self { $(Self::$Name(objective) => objective.rest(),)* }
            }
        }

        /// The settings with which each objective is checked, by the objective's name.
        pub fn cases() -> Vec<(&'static str, Vec<ObjectiveConfig>)> {
            vec![$((stringify!($module), $Name::cases().into_iter().map(ObjectiveConfig::$Name).collect()),)*]
        }
    };
}

// objectives! { minimax: Minimax, .. }, an entry for each file of this folder.
include!(concat!(env!("OUT_DIR"), "/objectives.rs"));
