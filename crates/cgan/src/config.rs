//! The settings of two nets and of their training, as a configuration file gives them.
//!
//! What the paper leaves open is a setting here, never a silent choice. Each preset gives the source of its
//! values.

use std::str::FromStr;

use layers::{HiddenConfig, Init};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use settings::Problem;

use crate::Noise;
use crate::augmentations::AugmentConfig;
use crate::objectives::ObjectiveConfig;
use crate::optimizers::OptimizerConfig;
use crate::penalties::PenaltyConfig;
use crate::schedule::ScheduleConfig;

/// Everything that the mathematics depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GanConfig {
    /// The generator G.
    pub generator: GeneratorConfig,
    /// The discriminator D.
    pub discriminator: DiscriminatorConfig,
    /// What each player minimises.
    #[schemars(extend("paper" = "open"))]
    pub objective: ObjectiveConfig,
    /// Penalties on D's gradient.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(extend("paper" = "none"))]
    pub penalty: PenaltyConfig,
    /// Real x with the condition of another example, which D is trained to reject (Reed et al. 2016).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("paper" = "none"))]
    pub mismatched_pairs: Option<MismatchedPairs>,
    /// Auxiliary classification loss of G, where x is one of a finite set, such as words (Odena et al. 2017).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("paper" = "none"))]
    pub aux_classifier: Option<AuxClassifierConfig>,
    /// Order, number and size of the updates.
    pub updates: UpdatesConfig,
    /// Optimiser of both players.
    #[schemars(extend("paper" = "sgd"))]
    pub optimizer: OptimizerConfig,
    /// Learning rate of both players.
    pub schedule: ScheduleConfig,
    /// Optimiser of D alone, in place of the shared one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("paper" = "none"))]
    pub discriminator_optimizer: Option<OptimizerConfig>,
    /// Learning rate of D alone, in place of the shared one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("paper" = "none"))]
    pub discriminator_schedule: Option<ScheduleConfig>,
}

/// From TOML; [`Trainer::new`](crate::Trainer::new) checks that the settings fit each other.
impl FromStr for GanConfig {
    type Err = Problem;

    /// # Errors
    /// One line: what is no TOML, or which setting is missing, unknown or of another type.
    fn from_str(text: &str) -> Result<Self, Problem> {
        settings::read(settings::parse(text)?)
    }
}

/// The generator G: hidden ReLU layers on z and on y, combined, then the output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeneratorConfig {
    /// Distribution of z.
    #[schemars(extend("paper" = "uniform (digits), gaussian (tags)"))]
    pub noise: Noise,
    /// Dimensions of z.
    #[schemars(range(min = 1, max = 32768), extend("paper" = "100"))]
    pub noise_width: usize,
    /// ReLU units on z.
    #[schemars(range(min = 1, max = 32768), extend("paper" = "200 (digits), 500 (tags)"))]
    pub z_units: usize,
    /// ReLU units on y. Without it, and without the other settings of y, the nets have no condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 32768), extend("paper" = "1000 (digits), 2000 (tags)"))]
    pub y_units: Option<usize>,
    /// How the hidden layers on z and on y are combined.
    #[schemars(extend("paper" = "open"))]
    pub combined: Combined,
    /// Non-linearity of the output.
    #[schemars(extend("paper" = "sigmoid (digits), linear (tags)"))]
    pub output: Output,
    /// Dropout of hidden units (Srivastava et al. 2014).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("paper" = "0.5"))]
    pub dropout: Option<GeneratorDropout>,
    /// Distribution of the initial weights.
    pub init: GeneratorInit,
}

/// How the hidden layers on z and on y are combined: "both mapped to a second, combined hidden ReLu layer of
/// dimensionality 1200".
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Combined {
    /// The two side by side, without further weights: 200 + 1000 = 1200 units.
    Concatenation,
    /// A further linear layer and ReLU on the two side by side. Only here can z and y interact.
    HiddenLayer {
        /// ReLU units of the further layer.
        #[serde(default = "combined_units")]
        #[schemars(range(min = 1, max = 32768), extend("paper" = "1200"))]
        units: usize,
        /// Distribution of its initial weights. By default that of the original adversarial-nets code.
        #[serde(default = "combined_init")]
        #[schemars(extend("paper" = "open"))]
        init: Init,
    },
}

/// The size of the combined layer in the paper.
fn combined_units() -> usize {
    1200
}

/// The initial weights of every layer of G in the original adversarial-nets code.
fn combined_init() -> Init {
    Init::Uniform(0.05)
}

/// Non-linearity of G's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// For pixels in (0, 1).
    Sigmoid,
    /// For vectors with entries of both signs.
    Linear,
    /// For vectors without negative entries, as some summaries of the paper have it for words. Where the data have negative
    /// entries, G cannot make them.
    Relu,
}

/// Dropout of G's hidden units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeneratorDropout {
    /// Probability that a hidden unit is dropped in training.
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0, "paper" = "0.5"))]
    pub rate: f64,
    /// Whether units are dropped when sampling, too.
    #[serde(default)]
    #[schemars(extend("paper" = "open"))]
    pub when_sampling: bool,
}

/// Distributions of G's initial weights; biases start at zero, except that of the output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeneratorInit {
    /// Weights on z.
    #[schemars(extend("paper" = "open"))]
    pub z: Init,
    /// Weights on y, where there is a condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("paper" = "open"))]
    pub y: Option<Init>,
    /// Weights of the output.
    #[schemars(extend("paper" = "open"))]
    pub output: Init,
    /// Bias of the output.
    #[schemars(extend("paper" = "open"))]
    pub output_bias: OutputBias,
}

/// Initial bias of G's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutputBias {
    /// Zero.
    Zeros,
    /// The bias at which zero weights give the mean of the training data.
    DataMean,
}

/// The discriminator D: hidden layers on x and on y, a joint hidden layer on both, then one logit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscriminatorConfig {
    /// Hidden layer on x.
    #[schemars(extend("paper" = "maxout of 240 units and 5 pieces (digits), relu of 500 units (tags)"))]
    pub x: HiddenConfig,
    /// Hidden layer on y. Without it, and without the other settings of y, the nets have no condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("paper" = "maxout of 50 units and 5 pieces (digits), relu of 1200 units (tags)"))]
    pub y: Option<HiddenConfig>,
    /// Joint hidden layer.
    #[schemars(extend("paper" = "maxout of 240 units and 4 pieces (digits), 1000 units and 3 pieces (tags)"))]
    pub joint: HiddenConfig,
    /// Probability that a hidden unit is dropped in training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0, "paper" = "0.5"))]
    pub dropout: Option<f64>,
    /// Probability that an entry of x is dropped in training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0, "paper" = "open"))]
    pub input_dropout: Option<f64>,
    /// Data augmentation of real and of generated images before D (Karras et al. 2020).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("paper" = "none"))]
    pub augment: Option<AugmentConfig>,
    /// Distribution of the initial weights.
    pub init: DiscriminatorInit,
}

/// Distributions of D's initial weights; biases start at zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscriminatorInit {
    /// Weights on x.
    #[schemars(extend("paper" = "open"))]
    pub x: Init,
    /// Weights on y, where there is a condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("paper" = "open"))]
    pub y: Option<Init>,
    /// Weights of the joint layer.
    #[schemars(extend("paper" = "open"))]
    pub joint: Init,
    /// Weights of the logit.
    #[schemars(extend("paper" = "open"))]
    pub output: Init,
}

/// Mismatched pairs: a real x with the condition of another example counts as a fake.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MismatchedPairs {
    /// Weight of their term in D's loss.
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub weight: f64,
}

/// Auxiliary classification loss: G(z|y) should be nearer, by its cosine, to the x of its own pair than to any other
/// x of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuxClassifierConfig {
    /// Weight of the term in G's loss.
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub weight: f64,
    /// Divisor τ of the cosines. The smaller it is, the more the nearest of the other x count.
    #[schemars(range(min = 1e-3, max = 1e3), extend("paper" = "none"))]
    pub temperature: f64,
    /// Share β of the log-frequencies that is added to the scores in training (Menon et al. 2021). The more, the
    /// more often rare x are nearest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub logit_adjustment: Option<f64>,
}

/// Order, number and size of the updates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatesConfig {
    /// Simultaneous or alternating updates of D and G.
    #[schemars(extend("paper" = "open"))]
    pub order: UpdateOrder,
    /// Updates of D for each update of G; 1 if simultaneous.
    #[schemars(range(min = 1, max = 1_000_000), extend("paper" = "open"))]
    pub discriminator_steps: usize,
    /// Examples in a batch.
    #[schemars(range(min = 1, max = 32768), extend("paper" = "100"))]
    pub batch: usize,
    /// Decay of an exponential moving average of G's weights, with which samples are drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0, "paper" = "none"))]
    pub ema_decay: Option<f64>,
    /// Largest norm of the weights into one unit, restored after every update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "none"))]
    pub max_norm: Option<f64>,
}

/// Order of the updates of D and G.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UpdateOrder {
    /// Both gradients come from one forward pass on the same samples; the original adversarial-nets code.
    Simultaneous,
    /// D is updated first, then G against the new D with fresh noise (Goodfellow et al. 2014, algorithm 1).
    Alternating,
}

impl GanConfig {
    /// Whether the nets have a condition y.
    pub fn is_conditional(&self) -> bool {
        self.generator.y_units.is_some()
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_no_configuration_is_refused_in_one_line() {
        for (text, key, says) in [
            ("objective", "line 1", "no TOML"),
            ("[generator]\nnoise = 3", "generator.noise", "expected"),
            ("", "", "missing field `generator`"),
            ("colour = 1", "", "unknown field `colour`"),
        ] {
            let problem = text.parse::<GanConfig>().unwrap_err();
            let line = problem.to_string();
            assert_eq!(problem.key, key, "{text:?}: {line}");
            assert!(line.contains(says) && !line.contains('\n'), "{text:?}: {line}");
        }
    }
}
