//! `cgan words`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Verbs of the language model.
#[derive(Debug, Subcommand)]
pub enum WordsCommand {
    /// Learn word vectors from text by skip-gram with negative sampling
    Train(Box<WordsTrainArgs>),
    /// The words nearest to a word, or to a sum of words, by cosine
    Near(NearArgs),
    /// Answer "A is to B as C is to ?", or count right answers to a file of such questions
    Analogy(AnalogyArgs),
    /// Rank correlation with people's scores of pairs of words (WordSim-353, SimLex-999)
    Evaluate(WordsEvaluateArgs),
}

/// Settings from a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WordsPreset {
    /// word2vec's defaults, with 200 entries
    Word2vec,
    /// The paper's: also words seen fewer than 200 times are dropped
    Paper,
}

/// How lines are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TokensArg {
    /// Runs of letters and digits of any script, lowercased; ' and - within words
    Words,
    /// Whatever white space separates, as it stands
    Whitespace,
}

/// Arguments of `words train`.
#[derive(Debug, Args)]
pub struct WordsTrainArgs {
    /// Text files, UTF-8; a line is a sentence
    #[arg(required = true)]
    pub corpus: Vec<PathBuf>,
    /// Where to: .txt or .vec (word2vec text), .bin (word2vec binary), .safetensors, .npy
    #[arg(short, long, value_name = "FILE", default_value = "words.safetensors")]
    pub out: PathBuf,
    /// What the other settings are laid over
    #[arg(long, value_enum, default_value = "word2vec")]
    pub preset: WordsPreset,
    /// Occurrences below which a word is dropped [default: 5; paper: 200]
    #[arg(long, value_name = "N")]
    pub min_count: Option<u64>,
    /// Entries of a vector
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub width: usize,
    /// Words to each side at most
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub window: usize,
    /// Words drawn at each place
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub negatives: usize,
    /// Share of the corpus from which on a word is thinned out; 0 for none
    #[arg(long, value_name = "SHARE", default_value_t = 1e-3)]
    pub subsample: f64,
    /// Passes over the corpus
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub epochs: u64,
    /// Learning rate at the start
    #[arg(long, value_name = "RATE", default_value_t = 0.025)]
    pub rate: f64,
    /// Learning rate at the end
    #[arg(long, value_name = "RATE", default_value_t = 1e-4)]
    pub last_rate: f64,
    /// Seed of every random number
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u32,
    /// How lines are cut into words
    #[arg(long, value_enum, default_value = "words")]
    pub tokens: TokensArg,
    /// Passes that join words which come together, as new_york; with each, phrases grow longer
    #[arg(long, value_name = "PASSES", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=10))]
    pub phrases: u32,
    /// How much more often than by chance, as word2phrase scores it
    #[arg(long, value_name = "SCORE", default_value_t = 100.0)]
    pub phrase_threshold: f64,
    /// How often a phrase must come
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub phrase_count: u64,
    /// Seconds between two checkpoints, FILE.checkpoint: the same command goes on from it
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub checkpoint_every: u64,
}

/// Arguments of `words near`.
#[derive(Debug, Args)]
pub struct NearArgs {
    /// Words, which are added up
    #[arg(required = true)]
    pub words: Vec<String>,
    /// A word to subtract: king woman --minus man; may be repeated
    #[arg(long, value_name = "WORD")]
    pub minus: Vec<String>,
    /// The vectors
    #[arg(long, value_name = "FILE", default_value = "words.safetensors")]
    pub vectors: PathBuf,
    /// How many
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    pub count: usize,
}

/// Arguments of `words analogy`.
#[derive(Debug, Args)]
pub struct AnalogyArgs {
    /// A B C
    #[arg(num_args = 3, required_unless_present = "file")]
    pub words: Vec<String>,
    /// A file of lines A B C D with sections ": name"
    #[arg(long, value_name = "FILE", conflicts_with = "words")]
    pub file: Option<PathBuf>,
    /// The vectors
    #[arg(long, value_name = "FILE", default_value = "words.safetensors")]
    pub vectors: PathBuf,
}

/// Arguments of `words evaluate`.
#[derive(Debug, Args)]
pub struct WordsEvaluateArgs {
    /// Files of lines: two words and a score
    #[arg(required = true)]
    pub pairs: Vec<PathBuf>,
    /// The column of the score, from 0 [default: the first after the words that has numbers]
    #[arg(long, value_name = "N")]
    pub column: Option<usize>,
    /// The vectors
    #[arg(long, value_name = "FILE", default_value = "words.safetensors")]
    pub vectors: PathBuf,
}
