//! Training from a text to word vectors, with a checkpoint from which a stopped training continues.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use files::{Sha256, Tensor, TensorError, Tensors, tensors};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::corpus::{Corpus, Text};
use crate::error::Error;
use crate::phrases::Phrases;
use crate::skipgram::{Config, Progress, RECIPE, SkipGram};
use crate::tokens::Tokens;
use crate::vectors::Vectors;

/// Where a stopped training continues, and how often it saves.
pub struct Checkpoint {
    /// The file.
    pub path: PathBuf,
    /// Time between two saves.
    pub every: Duration,
    /// A file that cannot be used is replaced, with a note, and not refused.
    pub is_replaceable: bool,
}

impl Checkpoint {
    /// Removes the file, if there is one: the training is complete.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn remove(&self) -> Result<(), Error> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(&self.path)(error)),
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
    /// Passes that join words into phrases; n passes make phrases of up to 2ⁿ words.
    pub passes: u32,
    /// What makes a phrase.
    pub phrases: Phrases,
}

/// What happens in a training.
pub enum Event<'a> {
    /// A line about the text.
    Note(&'a str),
    /// This share of the text is read.
    Reading(f64),
    /// A pass that joins words into phrases begins, counted from 1.
    Joining(u32),
    /// The training continues from the checkpoint, after this many words.
    Resumed {
        /// The checkpoint.
        path: &'a Path,
        /// Words that are done.
        words: u64,
    },
    /// The training begins or continues.
    Training {
        /// Words of the vocabulary.
        vocabulary: usize,
        /// Words of the text that are in it.
        text: u64,
        /// Words that are done already.
        done: u64,
    },
    /// Some words were trained on.
    Progress(&'a Progress),
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

/// Trains word vectors on a text. Continues from the checkpoint if there is one; the file stays until it is
/// [removed](Checkpoint::remove), when the caller has saved the vectors.
///
/// `observe` is called with each [`Event`]; if it returns true for [`Event::Progress`], the training saves a
/// checkpoint and stops. Returns the vectors, and whether all epochs are done.
///
/// # Errors
/// A file that cannot be read or written, a setting outside its range, a checkpoint of another training,
/// divergence.
pub fn train(
    text: &Text,
    reading: Reading,
    config: Config,
    checkpoint: &Checkpoint,
    observe: &mut dyn FnMut(Event) -> bool,
) -> Result<(Vectors, bool), Error> {
    let Reading { tokens, least, passes, phrases } = reading;
    files::remove_parts(&checkpoint.path).map_err(Error::io(&checkpoint.path))?;
    let mut corpus = Corpus::read(text, tokens, least, |share| {
        observe(Event::Reading(share));
    })?;
    for line in &corpus.notes {
        observe(Event::Note(line));
    }
    for pass in 1..=passes {
        observe(Event::Joining(pass));
        corpus = corpus.with_phrases(phrases, least)?;
    }
    let (vocabulary, total) = (corpus.vocabulary.len(), corpus.vocabulary.total());
    let mut hash = Sha256::new();
    hash.update(format!("{tokens:?}"));
    for (word, count) in corpus.vocabulary.words().iter().zip(corpus.vocabulary.counts()) {
        hash.update(format!("{word} {count}\n"));
    }
    let sha256 = hash.hex();
    let mut model = SkipGram::new(config, corpus)?;
    let state = |model: &SkipGram| {
        let (chunks, read) = model.position();
        let config = model.config().clone();
        TrainingState { config, recipe: RECIPE, vocabulary: sha256.clone(), chunks, read }
    };
    let path = &checkpoint.path;
    if path.exists() {
        match restore(path, &mut model, &state) {
            Ok(()) => drop(observe(Event::Resumed { path, words: model.position().1 })),
            Err(error @ Error::File { .. }) if checkpoint.is_replaceable => {
                observe(Event::Note(&format!("{error}: training starts again")));
            }
            Err(error) => return Err(error),
        }
    }
    let save = |model: &SkipGram| {
        let (u, v) = model.state();
        let tensor =
            |matrix: Array2<f32>| Tensor::f32(matrix.shape(), matrix.iter().copied().collect::<Vec<f32>>());
        let state = serde_json::to_string(&state(model)).expect("numbers");
        let named = vec![("u".to_owned(), tensor(u)), ("v".to_owned(), tensor(v))];
        tensors::write(path, named, Some(("words", state))).map_err(Error::io(path))
    };

    observe(Event::Training { vocabulary, text: total, done: model.position().1 });
    let mut saved = Instant::now();
    while let Some(progress) = model.chunk()? {
        let stop = observe(Event::Progress(&progress));
        if stop && progress.words < progress.total {
            save(&model)?;
            return Ok((model.vectors()?, false));
        }
        if saved.elapsed() >= checkpoint.every {
            save(&model)?;
            saved = Instant::now();
        }
    }
    Ok((model.vectors()?, true))
}

fn restore(
    path: &Path,
    model: &mut SkipGram,
    state: &impl Fn(&SkipGram) -> TrainingState,
) -> Result<(), Error> {
    let damaged = |why: &str| Error::file(path, why);
    let bytes = fs::read(path).map_err(Error::io(path))?;
    let broken = |error: TensorError| damaged(&error.to_string());
    let file = Tensors::parse(&bytes).map_err(broken)?;
    let saved: TrainingState =
        file.entry("words").map_err(|_| damaged("is not a checkpoint of word vectors"))?;
    let own = state(model);
    let same = (&saved.config, saved.recipe, &saved.vocabulary) == (&own.config, own.recipe, &own.vocabulary);
    if !same {
        return Err(damaged("is of other settings or another text; remove it to start again"));
    }
    let (rows, width) = (model.corpus().vocabulary.len(), own.config.width);
    let matrix = |name: &str| -> Result<Array2<f32>, Error> {
        let values = file.f32(name, &[rows, width]).map_err(broken)?.collect();
        Array2::from_shape_vec((rows, width), values).map_err(|error| damaged(&format!("{name}: {error}")))
    };
    let (u, v) = (matrix("u")?, matrix("v")?);
    file.verify().map_err(broken)?;
    model.restore((&u, &v), (saved.chunks, saved.read)).map_err(|why| damaged(&why))
}
