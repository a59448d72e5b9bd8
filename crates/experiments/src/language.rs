//! Training word vectors with a progress line and a checkpoint, and keeping them.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use files::{Sha256, Tensor, TensorError, Tensors, tensors};
use indicatif::HumanDuration;
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use words::corpus::Text;
use words::skipgram::RECIPE;
use words::vectors::{Kind, words_beside};
use words::{Config, Corpus, Phrases, SkipGram, Tokens, Vectors};

use crate::failure::Failure;
use crate::signals::{Outcome, Signals};
use crate::terminal::{bar, say};

/// Where a training that was stopped goes on, and how often it makes sure of that.
pub struct Checkpoint {
    /// The file.
    pub path: PathBuf,
    /// Between two of them.
    pub every: Duration,
}

impl Checkpoint {
    /// Removes the file, if there is one: the training is over.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn remove(&self) -> Result<(), Failure> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::io(&self.path, &error))
            }
            _ => Ok(()),
        }
    }
}

/// How a text is cut into words.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The rule.
    pub tokens: Tokens,
    /// Occurrences below which a word is dropped.
    pub least: u64,
    /// Passes that join words which come together; phrases of up to two to the power of so many.
    pub passes: u32,
    /// What makes a phrase.
    pub phrases: Phrases,
}

/// What a checkpoint holds beside the vectors.
#[derive(Serialize, Deserialize, PartialEq)]
struct TrainingState {
    config: Config,
    recipe: u32,
    /// SHA-256 of the words and how often each comes, and of how text is cut.
    vocabulary: String,
    chunks: u64,
    read: u64,
}

/// Trains word vectors on a text; goes on from the checkpoint if there is one, which stays until it is
/// [removed](Checkpoint::remove), when the vectors have been kept.
///
/// # Errors
/// One line: a file that cannot be read, a setting outside its range, a checkpoint of another training, divergence.
pub fn train(
    text: &Text,
    reading: Reading,
    config: Config,
    checkpoint: &Checkpoint,
) -> Result<(Vectors, Outcome), Failure> {
    let signals = Signals::watch()?;
    let bar = bar(None);
    let Reading { tokens, least, passes, phrases } = reading;
    let mut corpus = Corpus::read(text, tokens, least, |share| {
        bar.set_message(format!("reading: {:.0} %", 100.0 * share))
    })?;
    for pass in 1..=passes {
        bar.set_message(format!("joining phrases: pass {pass} of {passes}"));
        corpus = corpus.with_phrases(phrases, least)?;
    }
    let (words, total) = (corpus.vocabulary.len(), corpus.vocabulary.total());
    let epochs = config.epochs;
    let mut hash = Sha256::new();
    hash.update(format!("{tokens:?}"));
    for (word, count) in corpus.vocabulary.words().iter().zip(corpus.vocabulary.counts()) {
        hash.update(format!("{word} {count}\n"));
    }
    let vocabulary = hash.hex();
    let mut model = SkipGram::new(config, corpus)?;
    let about = |model: &SkipGram| {
        let (chunks, read) = model.position();
        let (config, vocabulary) = (model.config().clone(), vocabulary.clone());
        TrainingState { config, recipe: RECIPE, vocabulary, chunks, read }
    };
    let path = &checkpoint.path;
    if path.exists() {
        restore(path, &mut model, &about)?;
        bar.suspend(|| say(format_args!("{}: going on after {} words", path.display(), model.position().1)));
    }
    let save = |model: &SkipGram| {
        let (u, v) = model.state();
        let tensor =
            |matrix: Array2<f32>| Tensor::f32(matrix.shape(), matrix.iter().copied().collect::<Vec<f32>>());
        let about = serde_json::to_string(&about(model)).expect("numbers");
        let named = vec![("u".to_owned(), tensor(u)), ("v".to_owned(), tensor(v))];
        tensors::write(path, named, Some(("words", about))).map_err(|error| Failure::io(path, &error))
    };

    bar.suspend(|| say(format_args!("{words} words, which come {total} times; {epochs} epochs")));
    bar.set_length(total * epochs);
    let (begun, first) = (Instant::now(), model.position().1);
    let (mut saved, mut epoch) = (begun, first / total.max(1));
    while let Some(progress) = model.chunk()? {
        let pace = (progress.words - first) as f64 / begun.elapsed().as_secs_f64().max(1e-9);
        let left =
            Duration::from_secs_f64(((progress.total - progress.words) as f64 / pace.max(1e-9)).min(1e9));
        let line = format!(
            "epoch {:.2}/{epochs} loss {:.4} {pace:.0} words/s ETA {}",
            progress.words as f64 / total as f64,
            progress.loss,
            HumanDuration(left)
        );
        bar.set_position(progress.words);
        if bar.is_hidden() && progress.words / total > epoch {
            epoch = progress.words / total;
            say(&line);
        }
        bar.set_message(line);
        if let Some(signal) = signals.caught().filter(|_| progress.words < progress.total) {
            save(&model)?;
            bar.abandon();
            return Ok((model.vectors()?, Outcome::Interrupted(signal)));
        }
        if saved.elapsed() >= checkpoint.every {
            save(&model)?;
            saved = Instant::now();
        }
    }
    bar.finish_and_clear();
    Ok((model.vectors()?, Outcome::Finished))
}

fn restore(
    path: &Path,
    model: &mut SkipGram,
    about: &impl Fn(&SkipGram) -> TrainingState,
) -> Result<(), Failure> {
    let damaged = |why: &str| Failure::data(format!("{}: {why}", path.display()));
    let bytes = fs::read(path).map_err(|error| Failure::io(path, &error))?;
    let broken = |error: TensorError| damaged(&error.to_string());
    let file = Tensors::parse(&bytes).map_err(broken)?;
    let saved: TrainingState =
        file.entry("words").map_err(|_| damaged("is no checkpoint of word vectors"))?;
    let own = about(model);
    let same = (&saved.config, saved.recipe, &saved.vocabulary) == (&own.config, own.recipe, &own.vocabulary);
    if !same {
        return Err(damaged("is of other settings or another text; remove it to begin anew"));
    }
    let (rows, width) = (model.corpus().vocabulary.len(), own.config.width);
    let matrix = |name: &str| -> Result<Array2<f32>, Failure> {
        let values = file.f32(name, &[rows, width]).map_err(broken)?.collect();
        Array2::from_shape_vec((rows, width), values).map_err(|error| damaged(&format!("{name}: {error}")))
    };
    let (u, v) = (matrix("u")?, matrix("v")?);
    model.restore((&u, &v), (saved.chunks, saved.read)).map_err(|why| damaged(&why))
}

/// Writes vectors whole or not at all, in the kind that the path's ending asks for.
///
/// # Errors
/// If the ending is none of a kind, or the file cannot be written.
pub fn save(vectors: &Vectors, path: &Path) -> Result<(), Failure> {
    let kind = Kind::of(path)?;
    if kind == Kind::Npy {
        let beside = words_beside(path);
        files::write_bytes(&beside, (vectors.words().join("\n") + "\n").as_bytes())
            .map_err(|error| Failure::io(&beside, &error))?;
    }
    files::write_whole(path, |file| {
        vectors.write(kind, BufWriter::with_capacity(1 << 20, File::create(file)?))
    })
    .map_err(|error| Failure::io(path, &error))
}
