//! The command line.

pub mod features;
pub mod split;
pub mod usage;
pub mod words;

use std::fmt::Write;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use settings::{lines, node_of};
use split::SplitArg;

use crate::config::{Experiment, Preset, RunConfig};
use crate::run::explorer;

/// What is read as a set of images: the line for every help.
pub(crate) const IMAGES: &str =
    "IDX files, a .npz, a CSV, or a folder of PNG or JPEG pictures for each class";

/// What is read as a set of either experiment.
fn sets() -> String {
    format!("{IMAGES}; or tagged pictures, by `cgan data prepare`")
}

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
    /// Train G and D; makes a run directory
    Train(TrainArgs),
    /// Continue a run from its last checkpoint, to the same bits as without the stop
    Resume(ResumeArgs),
    /// Draw images from a run's generator
    Sample(SampleArgs),
    /// Measure samples of a run beside yardsticks and Table 1 of the paper
    Evaluate(EvaluateArgs),
    /// Write the page of a run, or of several beside each other: curves, samples, measures, and the generator itself
    Report(ReportArgs),
    /// Train the classifier that judges samples and measure the yardsticks, once for a data set
    Judge(JudgeArgs),
    /// List what `evaluate` measures, and what each measure can and cannot tell
    Measures(MeasuresArgs),
    /// Learn word vectors, and query them
    #[command(subcommand)]
    Words(words::WordsCommand),
    /// Name ten words for each picture (needs the cargo feature `onnx`)
    Tag(features::TagArgs),
    /// Compute vectors of pictures with an ONNX net (needs the cargo feature `onnx`)
    Features(features::FeaturesArgs),
    /// Check every derivative against central differences
    Check(CheckArgs),
    /// Compare what theory predicts of the two players with what the engine measures
    Lab(LabArgs),
    /// Write the book, the mathematics with its code and its checks, as one page that needs no network
    Book(BookArgs),
    /// Draw the recorded graph of G and D as SVG or Graphviz DOT
    Graph(GraphArgs),
    /// List the embedded data sets, or describe a folder
    Data(DataArgs),
    /// List the presets, print one, or print what makes two differ
    Presets(PresetsArgs),
    /// Print the JSON Schema of a settings file, with which editors complete and check it
    Schema,
    /// Print a completion script for a shell
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// Arguments that select a configuration.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// A named configuration; `cgan presets` lists them [default: quick for mnist, tags-best for tags]
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// A TOML file: settings that differ from the preset (or from the preset that it extends), or the config.toml of a
    /// run
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One setting over both, such as schedule.learning_rate=0.05; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Seed of every random number; short for --set run.seed [default of every preset: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<u32>,
    /// Passes over the training data; short for --set run.epochs [quick: 9; the paper: until a Parzen
    /// estimate on validation data is best]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub epochs: Option<u64>,
    /// Data instead of the embedded ones.
    #[arg(long, value_name = "PATH", help = format!("Data instead of the embedded ones: {}", sets()))]
    pub data: Option<PathBuf>,
}

/// Arguments of `train`.
#[derive(Debug, Args)]
#[command(after_long_help = settings_help())]
pub struct TrainArgs {
    /// Which experiment
    pub experiment: Experiment,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// The run directory, which must not exist [default: runs/EXPERIMENT-PRESET-N]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Arguments of `resume`.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// The run directory
    pub run: PathBuf,
    /// Epochs in all, instead of the number that the run was started with
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub epochs: Option<u64>,
    /// Where the data are now, if they have moved
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// Arguments of `sample`.
#[derive(Debug, Args)]
pub struct SampleArgs {
    /// The run directory, or a file of weights
    pub run: PathBuf,
    /// The class, as the data set numbers it [default: every class, one a row]
    #[arg(long, value_name = "CLASS", allow_negative_numbers = true)]
    pub label: Option<usize>,
    /// Images of each class
    #[arg(long, value_name = "N", default_value_t = explorer::COLUMNS, value_parser = clap::value_parser!(u32).range(1..))]
    pub count: u32,
    /// Output file: .png for a picture, .npy for an array (n, height, width) of f32 in [0, 1]
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Seed of the noise
    #[arg(long, value_name = "N", default_value_t = explorer::SEED, allow_negative_numbers = true)]
    pub seed: u32,
}

/// Arguments of `evaluate`.
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// The run directory, or a file of weights
    pub run: PathBuf,
    /// Which real images to measure against; settings must be chosen without the test images
    #[arg(long, value_enum, default_value_t)]
    pub split: SplitArg,
    /// Other data than those of the run.
    #[arg(long, value_name = "PATH", help = format!("Other data: {} [default: the data of the run]", sets()))]
    pub data: Option<PathBuf>,
    /// Leave out yardsticks and baselines
    #[arg(long)]
    pub alone: bool,
    /// Digits: also the classification accuracy score, for which a classifier is trained on samples alone (minutes)
    #[arg(long)]
    pub classification: bool,
    /// Tagging: rank all words, as the paper does, instead of the tags alone
    #[arg(long)]
    pub all_words: bool,
    /// Print JSON, with the confusion matrix and the curve of the Parzen width
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The run directories; several are compared
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// The page [default: report.html in the run directory; for several runs, in the current folder]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Leave out the generator, with which the page draws samples: a fraction of the size
    #[arg(long)]
    pub without_explorer: bool,
    /// Add the game in two dimensions of `cgan lab mixture`, which shows what both players do
    #[arg(long)]
    pub with_game: bool,
    /// Add the discriminator, so that the page shows what D thinks of each sample
    #[arg(long, conflicts_with = "without_explorer")]
    pub with_discriminator: bool,
    /// Open it in the browser
    #[arg(long)]
    pub open: bool,
}

/// Arguments of `judge`.
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// Another set than the embedded one.
    #[arg(long, value_name = "PATH", help = format!("Another set: {IMAGES} [default: the embedded data]"))]
    pub data: Option<PathBuf>,
}

/// Arguments of `lab`.
#[derive(Debug, Args)]
pub struct LabArgs {
    /// Which experiments; `cgan lab --list` lists them [default: all]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Print each experiment's theorem and source, and run none
    #[arg(long, conflicts_with_all = ["out", "wrong"])]
    pub list: bool,
    /// A folder for the numbers behind each experiment as CSV, and a picture of them as SVG; of `mixture` also a page that
    /// shows the trainings frame by frame
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Seed of the random tables, nets and samples. Where a tolerance is three standard errors, about one line in a
    /// hundred differs by chance
    #[arg(long, value_name = "N", default_value_t = lab::SEED, allow_negative_numbers = true)]
    pub seed: u32,
    /// Make each prediction wrong by this share of its size, to see that the checks then fail
    #[arg(long, value_name = "SHARE")]
    pub wrong: Option<f64>,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Only what has this in its name, such as `maxout` or `penalty` [default: all]
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// Arguments of `book`.
#[derive(Debug, Args)]
pub struct BookArgs {
    /// The page
    #[arg(long, value_name = "FILE", default_value = "book.html")]
    pub out: PathBuf,
    /// Open it in the browser
    #[arg(long)]
    pub open: bool,
}

/// Arguments of `graph`.
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Output file: .svg or .dot
    #[arg(long, value_name = "FILE", default_value = "graph.svg")]
    pub out: PathBuf,
}

/// Arguments of `data`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DataArgs {
    /// What to read and check.
    #[arg(help = format!("What to read and check: {}", sets()))]
    pub folder: Option<PathBuf>,
    /// What to do instead.
    #[command(subcommand)]
    pub command: Option<DataCommand>,
}

/// Further verbs of `data`.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Make a folder of tagged pictures from a published data set
    Prepare(PrepareArgs),
}

/// Layouts that are known.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TagSource {
    /// Open Clip Art: a folder of SVGs
    Openclipart,
    /// MIR Flickr 25,000: the folder with meta/tags
    Mirflickr25k,
    /// A .csv, .tsv, .json or .jsonl of image and tags
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

/// Arguments of `measures`.
#[derive(Debug, Args)]
pub struct MeasuresArgs {
    /// Of which experiment
    pub experiment: Experiment,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `presets`.
#[derive(Debug, Args)]
pub struct PresetsArgs {
    /// The preset to print: all its values, each with its source
    pub name: Option<String>,
    /// Print the settings in which two presets differ
    #[arg(long, value_names = ["A", "B"], num_args = 2, conflicts_with = "name")]
    pub diff: Option<Vec<String>>,
}

/// Every setting with its default, its range and the paper's value, from the fields that define them.
fn settings_help() -> String {
    let defaults = |preset: &str| {
        let preset = Preset::find(preset).expect("a default preset exists");
        RunConfig::of_preset(preset).expect("a preset is tested to be whole").flat()
    };
    let (mnist, tags) = (defaults("quick"), defaults("tags-best"));
    let mut text = String::from(
        "Settings for --set KEY=VALUE. In brackets: the value of quick, the default for mnist (for tags: of tags-best) \
         | the paper's.\nThe word none takes an optional setting away.\n",
    );
    for line in lines(&node_of::<RunConfig>()) {
        let of = if line.key.starts_with("tags.") { &tags } else { &mnist };
        let value = of.get(&line.key).map_or("none", String::as_str);
        let paper = line.paper.as_deref().unwrap_or("-");
        let _ = writeln!(text, "  {}: {}; {} [{value} | {paper}]", line.key, line.help, line.values);
    }
    text
}
