//! The settings of a pair of nets and of their training, as a configuration file gives them.
//!
//! What the paper leaves open is a setting here, never a silent choice. Each preset says where its values
//! come from.

use layers::{HiddenConfig, Init};
use serde::{Deserialize, Serialize};

use crate::{Error, Noise};

/// All that the mathematics depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GanConfig {
    /// G.
    pub generator: GeneratorConfig,
    /// D.
    pub discriminator: DiscriminatorConfig,
    /// What each player seeks.
    pub objective: ObjectiveConfig,
    /// Who moves when, on how much.
    pub updates: UpdatesConfig,
    /// How they move.
    pub optimizer: OptimizerConfig,
}

/// G: z and y each through a hidden ReLU layer, combined, then the output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneratorConfig {
    /// Distribution of z. The paper: uniform "within the unit hypercube".
    pub noise: Noise,
    /// Dimensions of z. The paper: 100.
    pub noise_width: usize,
    /// ReLU units on z. The paper: 200.
    pub z_units: usize,
    /// ReLU units on y. The paper: 1000.
    pub y_units: usize,
    /// How the two are combined. Open in the paper.
    pub combined: Combined,
    /// ReLU units of the further layer, if there is one. The paper: 1200.
    pub combined_units: usize,
    /// The output's non-linearity.
    pub output: Output,
    /// Probability that a hidden unit is dropped in training. The paper: 0.5.
    pub dropout: f64,
    /// Whether units are dropped when sampling, too. Open in the paper.
    pub dropout_when_sampling: bool,
    /// How the weights start.
    pub init: GeneratorInit,
}

/// The readings of "both mapped to a second, combined hidden ReLU layer of dimensionality 1200".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combined {
    /// The two hidden layers side by side: 200 + 1000 = 1200 units, no further weights.
    Concatenation,
    /// A further linear layer and ReLU on the two side by side: only here can z and y interact.
    HiddenLayer,
}

/// G's last non-linearity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// For pixels in (0, 1).
    Sigmoid,
    /// For vectors of any sign.
    Linear,
}

/// How G's weights start; biases start at zero unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneratorInit {
    /// Weights on z.
    pub z: Init,
    /// Weights on y.
    pub y: Init,
    /// Weights of the further layer, if there is one.
    pub combined: Init,
    /// Weights of the output.
    pub output: Init,
    /// Bias of the output.
    pub output_bias: OutputBias,
}

/// Where the output's bias starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputBias {
    /// Zero.
    Zeros,
    /// Where zero weights would put out the mean of the training data.
    DataMean,
}

/// D: x and y each through a hidden layer, a joint hidden layer on both, then one logit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscriminatorConfig {
    /// On x. The paper: maxout, 240 units of 5 pieces.
    pub x: HiddenConfig,
    /// On y. The paper: maxout, 50 units of 5 pieces.
    pub y: HiddenConfig,
    /// On both. The paper: maxout, 240 units of 4 pieces.
    pub joint: HiddenConfig,
    /// Probability that a hidden unit is dropped. The paper: 0.5.
    pub dropout: f64,
    /// Probability that an entry of x is dropped. Open in the paper.
    pub input_dropout: f64,
    /// Most pixels by which pictures, real and made, are moved along either side before D sees them (Karras et al. 2020,
    /// "Training generative adversarial networks with limited data"); 0 for none.
    #[serde(default)]
    pub shift: usize,
    /// Probability that a picture is moved. Below 1, or D cannot tell where pictures lie.
    #[serde(default)]
    pub shifted: f64,
    /// How the weights start.
    pub init: DiscriminatorInit,
}

/// How D's weights start; biases start at zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscriminatorInit {
    /// Weights on x.
    pub x: Init,
    /// Weights on y.
    pub y: Init,
    /// Weights of the joint layer.
    pub joint: Init,
    /// Weights of the logit.
    pub output: Init,
}

/// What each player seeks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveConfig {
    /// G's loss. Open in the paper.
    pub generator: GeneratorLoss,
    /// The probability that D is taught to give to real examples: below 1, one-sided label smoothing
    /// (Salimans et al. 2016).
    pub real_target: f64,
    /// Factor of D's cross-entropies; the original code halves them.
    pub discriminator_scale: f64,
    /// γ of the penalty ½ γ E|∇x log-odds D(x|y)|² on real x (Mescheder et al. 2018, "R1"); 0 leaves it out.
    pub r1: f64,
    /// Updates of D from one with the penalty, then so many times as strong, to the next (Karras et al. 2020, "lazy
    /// regularization"); 1 for every update.
    #[serde(default = "one")]
    pub r1_every: u64,
    /// What γ falls to, evenly in its logarithm, over `r1_epochs`.
    #[serde(default)]
    pub r1_end: f64,
    /// Epochs over which γ falls; 0 if it stays `r1` (Huang et al. 2024, "The GAN is dead; long live the GAN!", let it
    /// fall).
    #[serde(default)]
    pub r1_epochs: f64,
    /// Weight of a third term of D's loss, real x with the condition of another example taken for fake (Reed et al.
    /// 2016); 0 leaves it out. With it, D and so G are told more of the condition, and G's optimum leans towards x
    /// that tell conditions apart.
    #[serde(default)]
    pub mismatched: f64,
    /// Weight of a further term of G's loss where x is one of a finite set, as words are: that a fake be nearer, by its
    /// cosine, to the x of its own pair than to any other (see [`generator_loss`](crate::objective::generator_loss));
    /// 0 leaves it out.
    #[serde(default)]
    pub choice: f64,
    /// τ by which cosines are divided there: the smaller, the more the nearest of the others count.
    #[serde(default = "tenth")]
    pub choice_temperature: f64,
    /// β: how much of the frequencies of the choices is added to their scores there, in training alone; 0 for none, 1 for
    /// all. The more, the more often rare ones are nearest.
    #[serde(default)]
    pub choice_prior: f64,
}

impl ObjectiveConfig {
    /// γ after `epochs` epochs.
    pub fn gamma(&self, epochs: f64) -> f64 {
        if self.r1_epochs == 0.0 || self.r1 == 0.0 {
            return self.r1;
        }
        self.r1 * (self.r1_end / self.r1).powf((epochs / self.r1_epochs).min(1.0))
    }
}

fn one() -> u64 {
    1
}

fn tenth() -> f64 {
    0.1
}

/// What G minimises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GeneratorLoss {
    /// E log(1 - D(G(z|y)|y)): the value function as it stands.
    Minimax,
    /// E -log D(G(z|y)|y): the same fixed point, a gradient that does not vanish while D wins.
    NonSaturating,
}

/// Who moves when, on how much.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdatesConfig {
    /// Simultaneous or alternating. Open in the paper.
    pub order: UpdateOrder,
    /// Updates of D for each of G; 1 if simultaneous.
    pub discriminator_steps: usize,
    /// Examples in a batch. The paper: 100.
    pub batch: usize,
    /// Decay of an exponential average of G's weights, with which samples are then drawn; 0 leaves it out.
    pub average: f64,
}

/// Who moves when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateOrder {
    /// Both gradients from one forward pass on the same samples, applied at once: the original code.
    Simultaneous,
    /// D moves, then G against the new D with fresh noise: the algorithm of Goodfellow et al. 2014.
    Alternating,
}

/// How the players move.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimizerConfig {
    /// Which rule.
    pub kind: OptimizerKind,
    /// G's rate at the start. The paper: 0.1.
    pub learning_rate: f64,
    /// D's rate as a multiple of G's.
    pub discriminator_ratio: f64,
    /// The rate is divided by this at every update. The paper: 1.00004; its code's ancestor: 1.000004.
    pub decay: f64,
    /// D's own divisor; 0 for the same as G's.
    #[serde(default)]
    pub discriminator_decay: f64,
    /// The rate decays to this and no further. The paper: 1e-6.
    pub floor: f64,
    /// Epochs over which both rates rise linearly from zero (Goyal et al. 2017); 0 leaves it out.
    #[serde(default)]
    pub warmup_epochs: f64,
    /// SGD: momentum at the start. The paper: 0.5.
    pub momentum: f64,
    /// SGD: momentum at the end of its ramp. The paper: 0.7.
    pub momentum_end: f64,
    /// SGD: epochs over which momentum rises linearly. Open in the paper; its code's ancestor: 250.
    pub momentum_epochs: f64,
    /// Adam: decay of the first moment.
    pub beta1: f64,
    /// Adam: decay of the second moment.
    pub beta2: f64,
    /// Adam: added to the root of the second moment.
    pub epsilon: f64,
    /// Largest norm of the weights into one unit, restored after every update; 0 leaves it out.
    pub max_norm: f64,
}

impl OptimizerConfig {
    /// Adam as Kingma and Ba have it, for a net that has no adversary.
    pub fn adam(learning_rate: f64, decay: f64) -> Self {
        Self {
            kind: OptimizerKind::Adam,
            learning_rate,
            discriminator_ratio: 1.0,
            decay,
            discriminator_decay: 0.0,
            floor: 0.0,
            warmup_epochs: 0.0,
            momentum: 0.0,
            momentum_end: 0.0,
            momentum_epochs: 0.0,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            max_norm: 0.0,
        }
    }
}

/// Which rule moves the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptimizerKind {
    /// v ← μ v - η g, w ← w + v.
    Sgd,
    /// Kingma and Ba 2015.
    Adam,
}

/// No layer is wider, and no batch larger: beyond it a slip is likelier than a wish.
const MOST: usize = 1 << 15;

impl GanConfig {
    /// Checks every setting against its range.
    ///
    /// # Errors
    /// The first that is outside, by its key.
    pub fn check(&self) -> Result<(), Error> {
        let (g, d, o, u, opt) =
            (&self.generator, &self.discriminator, &self.objective, &self.updates, &self.optimizer);
        let at_least_one = [
            ("generator.noise_width", g.noise_width),
            ("generator.z_units", g.z_units),
            ("generator.y_units", g.y_units),
            ("generator.combined_units", g.combined_units),
            ("updates.batch", u.batch),
        ];
        for (key, value) in at_least_one {
            ensure((1..=MOST).contains(&value), key, || format!("{value} is not in 1 to {MOST}"))?;
        }
        let shares = [
            ("generator.dropout", g.dropout),
            ("discriminator.dropout", d.dropout),
            ("discriminator.input_dropout", d.input_dropout),
            ("discriminator.shifted", d.shifted),
            ("updates.average", u.average),
            ("optimizer.momentum", opt.momentum),
            ("optimizer.momentum_end", opt.momentum_end),
            ("optimizer.beta1", opt.beta1),
            ("optimizer.beta2", opt.beta2),
        ];
        for (key, value) in shares {
            ensure((0.0..1.0).contains(&value), key, || format!("{value} is not in [0, 1)"))?;
        }
        let not_negative = [
            ("objective.r1", o.r1),
            ("objective.r1_end", o.r1_end),
            ("objective.r1_epochs", o.r1_epochs),
            ("objective.mismatched", o.mismatched),
            ("objective.choice", o.choice),
            ("objective.choice_prior", o.choice_prior),
            ("objective.discriminator_scale", o.discriminator_scale),
            ("optimizer.learning_rate", opt.learning_rate),
            ("optimizer.discriminator_ratio", opt.discriminator_ratio),
            ("optimizer.floor", opt.floor),
            ("optimizer.warmup_epochs", opt.warmup_epochs),
            ("optimizer.momentum_epochs", opt.momentum_epochs),
            ("optimizer.epsilon", opt.epsilon),
            ("optimizer.max_norm", opt.max_norm),
        ];
        for (key, value) in not_negative {
            ensure(value >= 0.0 && value.is_finite(), key, || {
                format!("{value} is not a number of at least 0")
            })?;
        }
        ensure(opt.decay >= 1.0 && opt.decay.is_finite(), "optimizer.decay", || {
            format!("{} is not at least 1: the rate is divided by it", opt.decay)
        })?;
        let own = opt.discriminator_decay;
        ensure(own == 0.0 || (own >= 1.0 && own.is_finite()), "optimizer.discriminator_decay", || {
            format!("{own} is neither at least 1 nor 0 for the same as optimizer.decay")
        })?;
        ensure(o.real_target > 0.0 && o.real_target <= 1.0, "objective.real_target", || {
            format!("{} is not in (0, 1]", o.real_target)
        })?;
        ensure(d.shift <= MOST, "discriminator.shift", || format!("{} is not in 0 to {MOST}", d.shift))?;
        ensure((1..=1_000_000).contains(&u.discriminator_steps), "updates.discriminator_steps", || {
            format!("{} is not in 1 to 1000000", u.discriminator_steps)
        })?;
        ensure((1..=1_000_000).contains(&o.r1_every), "objective.r1_every", || {
            format!("{} is not in 1 to 1000000", o.r1_every)
        })?;
        ensure(
            o.choice_temperature >= 1e-3 && o.choice_temperature <= 1e3,
            "objective.choice_temperature",
            || format!("{} is not in 0.001 to 1000", o.choice_temperature),
        )?;
        ensure(o.r1_epochs == 0.0 || o.r1_end > 0.0, "objective.r1_end", || {
            "0, where a logarithm falls evenly (objective.r1_epochs)".to_owned()
        })?;
        ensure(o.mismatched == 0.0 || u.batch > 1, "objective.mismatched", || {
            "a batch of one example has no condition of another".to_owned()
        })?;
        ensure(
            u.order == UpdateOrder::Alternating || u.discriminator_steps == 1,
            "updates.discriminator_steps",
            || "simultaneous updates take one step of each player".to_owned(),
        )?;
        for (key, layer) in [("x", &d.x), ("y", &d.y), ("joint", &d.joint)] {
            let units = layer.units.saturating_mul(layer.pieces);
            ensure(units <= MOST, &format!("discriminator.{key}"), || {
                format!("more than {MOST} units times pieces")
            })?;
            let problem = layer.problem();
            ensure(problem.is_none(), &format!("discriminator.{key}"), || problem.unwrap_or_default())?;
        }
        let (gi, di) = (&g.init, &d.init);
        let inits = [
            ("generator.init.z", gi.z),
            ("generator.init.y", gi.y),
            ("generator.init.combined", gi.combined),
            ("generator.init.output", gi.output),
            ("discriminator.init.x", di.x),
            ("discriminator.init.y", di.y),
            ("discriminator.init.joint", di.joint),
            ("discriminator.init.output", di.output),
        ];
        for (key, init) in inits {
            let problem = init.problem();
            ensure(problem.is_none(), key, || problem.unwrap_or_default())?;
        }
        Ok(())
    }
}

fn ensure(holds: bool, key: &str, reason: impl FnOnce() -> String) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::Config { key: key.to_owned(), reason: reason() }) }
}
