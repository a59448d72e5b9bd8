//! The command line.

pub mod features;
pub mod split;
pub mod words;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use split::SplitArg;

/// Conditional generative adversarial nets (Mirza and Osindero 2014) on a CPU.
#[derive(Debug, Parser)]
#[command(name = "cgan", version, propagate_version = true, max_term_width = 110)]
pub struct Cli {
    /// Threads; results do not depend on their number [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a pair of nets and leave a run folder
    Train(TrainArgs),
    /// Go on with a run from its last checkpoint, to the same bits as if it had never stopped
    Resume(ResumeArgs),
    /// Draw images from a run's generator
    Sample(SampleArgs),
    /// Measure samples of a run beside yardsticks and Table 1 of the paper
    Evaluate(EvaluateArgs),
    /// Train the classifier that judges samples, and measure the yardsticks: done once for a data set
    Judge(JudgeArgs),
    /// Word vectors: learn them, and look at them
    #[command(subcommand)]
    Words(words::WordsCommand),
    /// Ten words for each picture (needs the cargo feature `onnx`)
    Tag(features::TagArgs),
    /// Vectors of pictures by an ONNX net (needs the cargo feature `onnx`)
    Features(features::FeaturesArgs),
    /// Check every derivative against central differences
    Check,
    /// Draw the recorded graph of G and D as SVG or Graphviz DOT
    Graph(GraphArgs),
    /// List the embedded data sets, or look at a folder
    Data(DataArgs),
    /// List the presets, or print one
    Presets(PresetsArgs),
    /// Print a completion script for a shell
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// The experiments that can be trained.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TrainExperiment {
    /// Images given their class (section 4.1 of the paper)
    Mnist,
    /// Words given a picture (section 4.2)
    Tags,
}

/// Settings that lead to a configuration.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// A named configuration; `cgan presets` lists them [default: quick for mnist, tags-best for tags]
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// A TOML file over the preset: some settings, or the config.toml of another run
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One setting over both, such as optimizer.learning_rate=0.05; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Seed of every random number; short for --set run.seed [default of every preset: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<u32>,
    /// Passes over the training data; short for --set run.epochs [quick: 9; the paper: until a Parzen
    /// estimate on validation data is best]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub epochs: Option<u64>,
    /// A folder instead of the embedded data: IDX files, gzipped or raw, of any size and number of classes; or tagged
    /// pictures, by `cgan data prepare`
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// Arguments of `train`.
#[derive(Debug, Args)]
#[command(after_long_help = format!("{SETTINGS}\n\n{TAG_SETTINGS}"))]
pub struct TrainArgs {
    /// Which experiment
    pub experiment: TrainExperiment,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// The run folder, which must not exist [default: runs/EXPERIMENT-PRESET-N]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Arguments of `resume`.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// The run folder
    pub run: PathBuf,
    /// Train to this many epochs in all, instead of what the run was started with
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub epochs: Option<u64>,
}

/// Arguments of `sample`.
#[derive(Debug, Args)]
pub struct SampleArgs {
    /// The run folder, or a file of weights
    pub run: PathBuf,
    /// The class, as the data set numbers it [default: every class, one a row]
    #[arg(long, value_name = "CLASS", allow_negative_numbers = true)]
    pub label: Option<usize>,
    /// Images of each class
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub count: u32,
    /// Where to: .png for a picture, .npy for an array (n, height, width) of f32 in [0, 1]
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Seed of the noise
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    pub seed: u32,
}

/// Arguments of `evaluate`.
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// The run folder, or a file of weights
    pub run: PathBuf,
    /// Which real images to measure against; what chooses settings must not see the test images
    #[arg(long, value_enum, default_value_t)]
    pub split: SplitArg,
    /// A folder of IDX files or tagged pictures [default: what the run was trained on]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Leave out the yardsticks, or baselines
    #[arg(long)]
    pub alone: bool,
    /// Tagging: rank all words, as the paper does, and not only those that are tags
    #[arg(long)]
    pub all_words: bool,
    /// Print JSON, with the confusion matrix and the curve of the Parzen width
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `judge`.
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// A folder of IDX files [default: the embedded data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// Arguments of `graph`.
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Where to: .svg or .dot
    #[arg(long, value_name = "FILE", default_value = "graph.svg")]
    pub out: PathBuf,
}

/// Arguments of `data`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DataArgs {
    /// A folder to read and check: IDX files, or tagged pictures
    pub folder: Option<PathBuf>,
    /// What else to do.
    #[command(subcommand)]
    pub command: Option<DataCommand>,
}

/// Further verbs of `data`.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Make a folder of tagged pictures from what a publisher has
    Prepare(PrepareArgs),
}

/// Publishers whose layout is known.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TagSource {
    /// Open Clip Art: a folder of SVGs
    Openclipart,
    /// MIR Flickr 25,000: the folder with meta/tags
    Mirflickr25k,
    /// A .csv or .jsonl of image and tags
    Generic,
}

/// Arguments of `data prepare`.
#[derive(Debug, Args)]
pub struct PrepareArgs {
    /// Which layout
    pub source: TagSource,
    /// The folder, or the list
    pub from: PathBuf,
    /// Vectors of the pictures, by `cgan features`
    #[arg(long, value_name = "FILE.npy")]
    pub features: PathBuf,
    /// The folder to make
    #[arg(short, long, value_name = "DIR")]
    pub out: PathBuf,
    /// Small pictures to copy, by `cgan features --thumbnails`
    #[arg(long, value_name = "DIR")]
    pub thumbnails: Option<PathBuf>,
    /// Text for the language model to read beside what people wrote about the pictures
    #[arg(long, value_name = "FILE.txt")]
    pub text: Option<PathBuf>,
    /// mirflickr25k: the folder of annotations, which are further tags
    #[arg(long, value_name = "DIR")]
    pub annotations: Option<PathBuf>,
    /// mirflickr25k: pairs of picture and tag that train
    #[arg(long, value_name = "N", default_value_t = data::prepare::PAIRS)]
    pub pairs: usize,
}

/// Arguments of `presets`.
#[derive(Debug, Args)]
pub struct PresetsArgs {
    /// The preset to print, as TOML with a source for each value
    pub name: Option<String>,
}

/// The paper's value beside each default; a test holds the defaults to the preset.
pub const SETTINGS: &str = "\
Settings for --set: default (preset quick), the paper's value. A wrong value is answered with the possible ones.
  run.epochs                     9                until the best Parzen estimate on validation data
  run.seed                       1                none
  run.data                       embedded         none
  generator.noise                gaussian         uniform (\"within the unit hypercube\")
  generator.noise_width          100              100
  generator.z_units              200              200
  generator.y_units              1000             1000
  generator.combined             hidden_layer     open: concatenation or hidden_layer
  generator.combined_units       1200             1200
  generator.output               sigmoid          sigmoid
  generator.dropout              0.0              0.5
  generator.dropout_when_sampling false           open
  generator.init.*               see preset       open
  discriminator.x                maxout 240 x 5   maxout 240 x 5 (.layer .units .pieces)
  discriminator.y                maxout 50 x 5    maxout 50 x 5
  discriminator.joint            maxout 240 x 4   maxout 240 x 4
  discriminator.dropout          0.0              0.5
  discriminator.input_dropout    0.0              open
  discriminator.shift, .shifted  0, 0.0           none (pixels by which D sees pictures moved, how often)
  discriminator.init.*           see preset       open
  objective.generator            non_saturating   open: minimax or non_saturating
  objective.real_target          1.0              1
  objective.discriminator_scale  1.0              1
  objective.r1                   1.0              none
  objective.r1_every             4                none
  objective.r1_end, .r1_epochs   0.0, 0.0         none (what it falls to, by when; 0: it does not)
  objective.mismatched           0.03             none
  objective.choice, .choice_temperature, .choice_prior  0.0, 0.1, 0.0  none (for words alone)
  updates.order                  simultaneous     open: simultaneous or alternating
  updates.discriminator_steps    1                open
  updates.batch                  100              100
  updates.average                0.999            none
  optimizer.kind                 adam             sgd
  optimizer.learning_rate        0.0025           0.1
  optimizer.discriminator_ratio  0.6              1
  optimizer.decay                1.0004           1.00004
  optimizer.discriminator_decay  1.0              none (0: as decay)
  optimizer.floor                0.0              0.000001
  optimizer.warmup_epochs        1.0              none
  optimizer.momentum             0.0              0.5
  optimizer.momentum_end         0.0              0.7
  optimizer.momentum_epochs      0.0              open
  optimizer.beta1, .beta2, .epsilon  0.5, 0.99, 0.00000001  none (Adam)
  optimizer.max_norm             0.0              none
  log.metrics_every              10 steps         log.samples_every    1 epoch
  log.sample_columns             10               log.checkpoint_every 500 steps
  log.evaluate_every             0 epochs         (0: never; on validation data, into evaluations.csv)
  stop.on                        epochs           validation_parzen
  stop.patience                  0                open";

/// The settings of the second experiment alone, as [`SETTINGS`].
pub const TAG_SETTINGS: &str = "\
Of train tags: default (preset tags-best), the paper's value. See cgan presets tags-best for the rest.
  tags.words                     embedded         skip-gram on YFCC100M; or a file of word vectors
  tags.whiten                    0.1              none
  tags.word_length               14.142           none
  tags.word_noise                0.5              none
  tags.standardize               true             open
  tags.least                     5                none (it ranks all its words)
  tags.rare_words                false            true
  objective.mismatched           0.5              none
  objective.choice               30.0             none
  objective.choice_temperature   0.07             none
  objective.choice_prior         0.2              none
  optimizer.max_norm             0.35             none";
