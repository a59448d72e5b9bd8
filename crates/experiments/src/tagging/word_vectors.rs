//! The word vectors of the tagging experiment.

use std::path::Path;
use std::time::Duration;

use data::EMBEDDED;
use data::tags::{Options, TagSet};
use files::Sha256;
use kernels::Isa;
use words::corpus::Text;
use words::training::{Checkpoint, Reading};
use words::{Config, Phrases, Tokens, Vectors};

use crate::cache;
use crate::config::TagsConfig;
use crate::failure::Failure;
use crate::signals::Outcome;
use crate::terminal::say;
use crate::word_training;

/// Settings for training on a set's own text, and the least count of a word. Small corpora need more epochs
/// than the five of word2vec.
fn own_words() -> (Config, u64) {
    (Config { epochs: 15, ..Config::default() }, 3)
}

/// The word vectors of a run: a file, or vectors trained on the set's own text.
///
/// # Errors
/// One line: a file that cannot be read, a training that was stopped.
pub(super) fn word_vectors(set: &TagSet, config: &TagsConfig) -> Result<Vectors, Failure> {
    match &*config.word_vectors {
        EMBEDDED => own_vectors(set),
        path => Ok(Vectors::load(Path::new(path), &mut |line| say(line))?),
    }
}

/// How words and features are prepared.
pub(super) fn options(config: &TagsConfig) -> Options {
    Options {
        whiten: config.whiten,
        vector_norm: config.vector_norm,
        standardize: config.standardize,
        min_count: config.min_count,
    }
}

/// Vectors trained on the set's own text, in the cache under a hash of the text and the settings, and the instruction set,
/// since these round differently.
fn own_vectors(set: &TagSet) -> Result<Vectors, Failure> {
    let (config, least) = own_words();
    let lines = set.lines();
    let mut hash = Sha256::new();
    hash.update(serde_json::to_string(&(&config, least, words::skipgram::RECIPE)).expect("numbers"));
    lines.iter().for_each(|line| hash.update(format!("{line}\n")));
    let name = format!("words-{}-{}-{}.safetensors", set.name, &hash.hex()[..8], Isa::best().name());
    let path = cache::folder()?.join(name);
    match Vectors::load(&path, &mut |line| say(line)) {
        Ok(vectors) => return Ok(vectors),
        Err(error) if path.exists() => say(format_args!("{error}: made anew")),
        Err(_) => {}
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Failure::io(folder, &error))?;
    }
    say(format_args!("training word vectors for {}, once: {}", set.name, path.display()));
    // What is in the cache is made anew rather than refused.
    let checkpoint = Checkpoint {
        path: path.with_extension("checkpoint"),
        every: Duration::from_secs(60),
        is_replaceable: true,
    };
    let text = Text::Lines(lines);
    let reading = Reading { tokens: Tokens::Words, least, passes: 0, phrases: Phrases::default() };
    let (vectors, outcome) = word_training::train(&text, reading, config, &checkpoint)?;
    if let Outcome::Interrupted(signal) = outcome {
        let mut failure =
            Failure::general("stopped while word vectors were trained; the same command continues");
        failure.code = 128u8.saturating_add(signal as u8);
        return Err(failure);
    }
    vectors.save(&path)?;
    checkpoint.remove()?;
    Ok(vectors)
}
