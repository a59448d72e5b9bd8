//! The objectives of the two players, one per file: formula, derivation, both losses, equilibrium, cases for the
//! gradient checker.
//!
//! To add one, write its file and add its name to the list below.
//!
//! Where they come from: chapter 5 of the book, `docs/book/src/05-losses.md`, or `cgan book`.

mod hinge;
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

            /// [`Objective::D_IS_PROBABILITY`] of the objective.
            pub fn d_is_probability(&self) -> bool {
                match self { $(Self::$Name(_) => $Name::D_IS_PROBABILITY,)* }
            }

            /// [`Objective::READING`] of the objective.
            pub fn reading(&self) -> &'static str {
                match self { $(Self::$Name(_) => $Name::READING,)* }
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

#[cfg(test)]
mod tests {
    use autograd::Parameters;

    use super::*;

    /// A logit with this value of D.
    fn logit(objective: &ObjectiveConfig, value: f64) -> f64 {
        let logit = if objective.d_is_probability() { (value / (1.0 - value)).ln() } else { value };
        assert!((objective.value(logit) - value).abs() < 1e-12);
        logit
    }

    #[test]
    fn at_rest_the_losses_are_as_stated_and_no_constant_lowers_d_s() {
        for (name, objective) in
            cases().into_iter().flat_map(|(name, cases)| cases.into_iter().map(move |c| (name, c)))
        {
            let Rest { value, d_loss, g_loss } = objective.rest();
            // Real x and fakes alike; any logit will do where D is free to choose a constant.
            let at = value.map_or(0.3, |value| logit(&objective, value));
            let mut tape = Tape::<f64>::new();
            let s = tape.input("s", (4, 1));
            tape.value_mut(s).fill(at);
            let logits = Logits { real: s, fake: s, mismatched: None };
            let d = objective.discriminator_loss(&mut tape, &logits).unwrap();
            let g = objective.generator_loss(&mut tape, s, Some(s)).unwrap();
            let sweep = tape.sweep(d, &[s]).unwrap();
            let parameters = Parameters::new();
            tape.forward(&parameters, .., 0);
            tape.backward(&sweep, &parameters, &mut parameters.zeros_like());
            let got = |loss| tape.value(loss)[[0, 0]];
            assert!((got(d) - d_loss).abs() < 1e-12, "{name}: D's loss is {}, not {d_loss}", got(d));
            if let Some(g_loss) = g_loss {
                assert!((got(g) - g_loss).abs() < 1e-12, "{name}: G's loss is {}, not {g_loss}", got(g));
            }
            let slope = tape.gradient(s).sum();
            assert!(slope.abs() < 1e-12, "{name}: D's loss falls along a constant: {slope}");
        }
    }
}
