//! Settings of the tagging experiment, and its word vectors.

use std::path::Path;
use std::time::Duration;

use data::EMBEDDED;
use data::tags::{Options, TagSet};
use files::Sha256;
use serde::{Deserialize, Serialize};
use words::corpus::Text;
use words::{Config, Phrases, Tokens, Vectors};

use crate::cache;
use crate::failure::Failure;
use crate::language::{self, Checkpoint, Reading};
use crate::run::Outcome;
use crate::terminal::say;

/// Settings of the second experiment beside the nets'.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagsConfig {
    /// A file of word vectors; `embedded` for vectors learned from the text that comes with the set and what people wrote
    /// about its pictures.
    pub words: String,
    /// Whether and how far word vectors are whitened over the tags: their mean is taken out, and each principal direction
    /// is divided by √(its variance + this · the mean variance); 0 leaves them as they are. Few directions otherwise
    /// hold most of what differs, and the rest does not count in a cosine.
    pub whiten: f64,
    /// What every word vector is then scaled to; 0 leaves them as they are. Cosines do not change.
    pub word_length: f64,
    /// Deviation of Gaussian noise on each entry of a real word vector in training. Words are points, which D could
    /// tell from all else; so blurred, they are a density.
    pub word_noise: f64,
    /// Whether each feature is scaled to mean 0 and variance 1 over the training pictures.
    pub standardize: bool,
    /// A word is a tag if so many training pictures have it.
    pub least: usize,
    /// Whether pictures are also paired with their words that are not tags.
    pub rare_words: bool,
}

/// The settings of the vectors that are learned for a set: small corpora need more epochs than word2vec's five.
fn own_words() -> (Config, u64) {
    (Config { epochs: 15, ..Config::default() }, 3)
}

/// The word vectors of a run: a file, or vectors learned from the set's own text.
///
/// # Errors
/// One line: a file that cannot be read, a training that was stopped.
pub fn word_vectors(set: &TagSet, config: &TagsConfig) -> Result<Vectors, Failure> {
    match &*config.words {
        EMBEDDED => own_vectors(set),
        path => Ok(Vectors::load(Path::new(path))?),
    }
}

/// How words and features are prepared.
pub fn options(config: &TagsConfig) -> Options {
    let positive = |value: f64| (value > 0.0).then_some(value);
    Options {
        whiten: positive(config.whiten),
        vector_norm: positive(config.word_length),
        standardize: config.standardize,
        min_count: config.least,
    }
}

/// Vectors learned from a set's own lines, kept in the cache under what they depend on.
fn own_vectors(set: &TagSet) -> Result<Vectors, Failure> {
    let (config, least) = own_words();
    let lines = set.lines();
    let mut hash = Sha256::new();
    hash.update(serde_json::to_string(&(&config, least, words::skipgram::RECIPE)).expect("numbers"));
    lines.iter().for_each(|line| hash.update(format!("{line}\n")));
    let name = format!("words-{}-{}.safetensors", set.name, &hash.hex()[..8]);
    let path = cache::folder()?.join(name);
    if path.exists() {
        return Ok(Vectors::load(&path)?);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Failure::io(folder, &error))?;
    }
    say(format_args!("learning word vectors for {}, once: {}", set.name, path.display()));
    let checkpoint = Checkpoint { path: path.with_extension("checkpoint"), every: Duration::from_secs(60) };
    let text = Text::Lines(lines);
    let reading = Reading { tokens: Tokens::Words, least, passes: 0, phrases: Phrases::default() };
    let (vectors, outcome) = language::train(&text, reading, config, &checkpoint)?;
    if let Outcome::Interrupted(signal) = outcome {
        let mut failure =
            Failure::general("stopped while word vectors were learned; the same command goes on");
        failure.code = 128u8.saturating_add(signal as u8);
        return Err(failure);
    }
    language::save(&vectors, &path)?;
    checkpoint.remove()?;
    Ok(vectors)
}
