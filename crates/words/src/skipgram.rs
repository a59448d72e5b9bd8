//! Skip-gram with negative sampling (Mikolov et al. 2013, "Distributed representations of words and
//! phrases").
//!
//! Every word w has two vectors: u_w as a neighbour, v_w as the word that is guessed. At a place with the
//! word w, for every word c around it and for k words n_j drawn from unigram^¾, stochastic gradient descent
//! lowers
//!
//!   -log σ(u_c · v_w) - Σ_j log σ(-u_c · v_{n_j})
//!
//! and the u are the word vectors. The words around a place share their k draws (Ji et al. 2016): each v is
//! then fetched once for all of them, which is most of the speed.
//!
//! Places are taken in rounds: the gradients of a round are computed against the vectors as the round found
//! them, by tasks of fixed size, and added up in the order of the places. So the bits do not depend on the
//! number of threads. A round is short enough that no word moves far in it.

use autograd::Stream;
use kernels::parallel;
use kernels::word_vectors::{LANES, skipgram_window};
use ndarray::Array2;
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::alias::Alias;
use crate::corpus::END;
use crate::{Corpus, Error, Vectors};

/// The settings; the defaults are word2vec's, but for the width, which is the paper's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Entries of a vector. The paper: 200.
    pub width: usize,
    /// Words to each side at most; at every place, 1 to so many are drawn.
    pub window: usize,
    /// Words drawn at each place.
    pub negatives: usize,
    /// Words with a larger share of the corpus than this are subsampled; 0 for none.
    pub subsample: f64,
    /// Passes over the corpus.
    pub epochs: u64,
    /// The rate at the start.
    pub rate: f64,
    /// The rate at the end, to which it falls linearly.
    pub last_rate: f64,
    /// Of all random numbers.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            width: 200,
            window: 5,
            negatives: 5,
            subsample: 1e-3,
            epochs: 5,
            rate: 0.025,
            last_rate: 1e-4,
            seed: 1,
        }
    }
}

impl Config {
    /// Checks every setting against its range.
    ///
    /// # Errors
    /// The first that is outside.
    pub fn check(&self) -> Result<(), Error> {
        let range = |key, value: usize, most: usize| match (1..=most).contains(&value) {
            true => Ok(()),
            false => Err(Error::Setting { key, why: format!("{value} is not in 1 to {most}") }),
        };
        range("width", self.width, 1 << 14)?;
        range("window", self.window, 1000)?;
        range("negatives", self.negatives, 1000)?;
        range("epochs", self.epochs.try_into().unwrap_or(usize::MAX), 1_000_000)?;
        for (key, value) in
            [("subsample", self.subsample), ("rate", self.rate), ("last-rate", self.last_rate)]
        {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::Setting { key, why: format!("{value} is not in 0 to 1") });
            }
        }
        Ok(())
    }
}

/// Version of the training: raised with every change after which the same text and settings give other
/// vectors.
pub const RECIPE: u32 = 2;

/// Places whose gradients are computed against the same vectors: with twice as many, a vocabulary of a few
/// words diverges.
const ROUND: usize = 64;
/// Places of a task.
const TASK: usize = 8;
/// Parts of the vectors: word w is in part w mod this number, and each part is updated by one task.
const BANKS: usize = 16;

/// The vectors of some words, a row each.
#[derive(Clone, Default)]
struct Bank {
    u: Vec<f32>,
    v: Vec<f32>,
}

/// The changes that a task adds to vectors.
struct Touch {
    row: u32,
    at: u32,
    guessed: bool,
}

/// One task's share of a round, and its working space.
struct Task {
    touches: [Vec<Touch>; BANKS],
    changes: Vec<f32>,
    used: usize,
    words: Vec<u32>,
    pulls: Vec<f32>,
    loss: f64,
    pairs: u64,
}

/// The tokens of a chunk that were kept, each with where its sentence begins and ends.
#[derive(Default)]
struct Chunk {
    words: Vec<u32>,
    sentences: Vec<(u32, u32)>,
}

/// How far training is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Words read so far, over all epochs.
    pub words: u64,
    /// Words to read in all.
    pub total: u64,
    /// The mean loss of a pair in the last chunk.
    pub loss: f64,
}

/// A model in training.
pub struct SkipGram {
    config: Config,
    corpus: Corpus,
    banks: Vec<Bank>,
    kept: Vec<f64>,
    negatives: Alias,
    /// Chunks done, over all epochs.
    chunks: u64,
    words: u64,
    stride: usize,
    tasks: Vec<Task>,
}

impl SkipGram {
    /// A model at its start: u uniform in ±1/(2 width), v zero.
    ///
    /// # Errors
    /// If a setting is outside its range.
    pub fn new(config: Config, corpus: Corpus) -> Result<Self, Error> {
        config.check()?;
        let (width, stride) = (config.width, config.width.next_multiple_of(LANES));
        let size = corpus.vocabulary.len();
        let mut banks = vec![Bank::default(); BANKS];
        let stream = Stream::new(config.seed, "word vectors");
        for word in 0..size {
            let bank = &mut banks[word % BANKS];
            let mut random = stream.at(0, word as u64);
            bank.u.extend((0..width).map(|_| (random.random::<f32>() - 0.5) / width as f32));
            bank.u.extend((width..stride).map(|_| 0.0));
            bank.v.extend((0..stride).map(|_| 0.0));
        }
        let weights: Vec<f64> = corpus.vocabulary.counts().iter().map(|n| (*n as f64).powf(0.75)).collect();
        let rows = 2 * config.window + 1 + config.negatives;
        let task = || Task {
            touches: std::array::from_fn(|_| Vec::new()),
            changes: vec![0.0; TASK * rows * stride],
            used: 0,
            words: Vec::new(),
            pulls: Vec::new(),
            loss: 0.0,
            pairs: 0,
        };
        Ok(Self {
            kept: corpus.vocabulary.kept(config.subsample),
            negatives: Alias::new(&weights),
            tasks: (0..ROUND / TASK).map(|_| task()).collect(),
            config,
            corpus,
            banks,
            chunks: 0,
            words: 0,
            stride,
        })
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The words that are learned.
    pub fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// How many chunks have been trained on, over all epochs: what a checkpoint needs beside
    /// [`SkipGram::state`].
    pub fn position(&self) -> (u64, u64) {
        (self.chunks, self.words)
    }

    /// Trains on the next chunk of about 65,000 words; `None` if all epochs are done.
    ///
    /// # Errors
    /// If the corpus cannot be read, or the loss is not finite.
    pub fn chunk(&mut self) -> Result<Option<Progress>, Error> {
        let (per_epoch, total) = (self.corpus.chunks(), self.corpus.vocabulary.total() * self.config.epochs);
        if self.chunks == per_epoch * self.config.epochs {
            return Ok(None);
        }
        let mut numbers = Vec::new();
        self.corpus.chunk(self.chunks % per_epoch, &mut numbers)?;
        let (stream, chunk) = (Stream::new(self.config.seed, "skip-gram"), self.chunks);
        let random = |part: u64| stream.at(chunk, part);
        let chunk = Chunk::thinned(&numbers, &self.kept, &mut random(0));
        let read = numbers.iter().filter(|number| **number != END).count() as u64;
        let (mut loss, mut pairs) = (0.0, 0);

        let Self { config, banks, tasks, negatives, stride, words, .. } = self;
        let stride = *stride;
        let rows = 2 * config.window + 1 + config.negatives;
        let cost = 3 * 2 * config.window * (1 + config.negatives) * stride;
        parallel::region(|| {
            for (round, start) in (0..chunk.words.len()).step_by(ROUND).enumerate() {
                let done = *words as f64 + read as f64 * start as f64 / chunk.words.len() as f64;
                let rate = config.rate - (config.rate - config.last_rate) * (done / total as f64).min(1.0);
                let places = start..(start + ROUND).min(chunk.words.len());
                parallel::each(tasks, TASK * cost, |index, task| {
                    let first = places.start + index * TASK;
                    let part = 1 + (round * (ROUND / TASK) + index) as u64;
                    task.begin();
                    let places = first.min(places.end)..(first + TASK).min(places.end);
                    let rate = rate as f32;
                    task.round(config, banks, negatives, &chunk, places, rate, stride, &mut random(part));
                });
                let tasks = &*tasks;
                let cost = ROUND * rows * stride / BANKS;
                parallel::each(banks, cost, |index, bank| bank.add(index, tasks, stride));
                for task in tasks {
                    loss += task.loss;
                    pairs += task.pairs;
                }
            }
        });
        self.chunks += 1;
        self.words += read;
        let loss = if pairs == 0 { 0.0 } else { loss / pairs as f64 };
        if !loss.is_finite() {
            return Err(Error::Diverged(format!("the loss is not finite after {} words", self.words)));
        }
        Ok(Some(Progress { words: self.words, total, loss }))
    }

    /// The word vectors, u.
    ///
    /// # Errors
    /// If a number of them is not finite.
    pub fn vectors(&self) -> Result<Vectors, Error> {
        let matrix = self.matrix(|bank| &bank.u);
        Vectors::new(self.corpus.vocabulary.words().to_vec(), matrix).map_err(Error::Diverged)
    }

    /// All that training has changed: u and v, a row for each word.
    pub fn state(&self) -> (Array2<f32>, Array2<f32>) {
        (self.matrix(|bank| &bank.u), self.matrix(|bank| &bank.v))
    }

    /// Restores a state and position that were saved with the same settings and corpus.
    ///
    /// # Errors
    /// If the sizes differ.
    pub fn restore(
        &mut self,
        (u, v): (&Array2<f32>, &Array2<f32>),
        (chunks, words): (u64, u64),
    ) -> Result<(), String> {
        let size = (self.corpus.vocabulary.len(), self.config.width);
        if u.dim() != size || v.dim() != size {
            return Err(format!("vectors of {:?} and {:?}, where {size:?} are trained", u.dim(), v.dim()));
        }
        if chunks > self.corpus.chunks() * self.config.epochs
            || words > self.corpus.vocabulary.total() * self.config.epochs
        {
            return Err(format!("{chunks} chunks and {words} words, more than there are"));
        }
        if u.iter().chain(v).any(|value| !value.is_finite()) {
            return Err("a number is not finite".to_owned());
        }
        let (width, stride) = (self.config.width, self.stride);
        for word in 0..size.0 {
            let (bank, at) = (&mut self.banks[word % BANKS], word / BANKS * stride);
            bank.u[at..at + width].iter_mut().zip(u.row(word)).for_each(|(to, from)| *to = *from);
            bank.v[at..at + width].iter_mut().zip(v.row(word)).for_each(|(to, from)| *to = *from);
        }
        (self.chunks, self.words) = (chunks, words);
        Ok(())
    }

    fn matrix(&self, side: impl Fn(&Bank) -> &Vec<f32>) -> Array2<f32> {
        let size = (self.corpus.vocabulary.len(), self.config.width);
        Array2::from_shape_fn(size, |(word, i)| {
            side(&self.banks[word % BANKS])[word / BANKS * self.stride + i]
        })
    }
}

impl Chunk {
    /// Subsamples frequent words.
    fn thinned(numbers: &[u32], kept: &[f64], random: &mut impl Rng) -> Self {
        let mut chunk = Self::default();
        for sentence in numbers.split(|number| *number == END) {
            let start = chunk.words.len();
            let keeps = |word: &&u32| {
                let kept = kept[**word as usize];
                kept >= 1.0 || random.random::<f64>() < kept
            };
            chunk.words.extend(sentence.iter().filter(keeps));
            let end = chunk.words.len();
            chunk.sentences.resize(end, (start as u32, end as u32));
        }
        chunk
    }
}

impl Task {
    fn begin(&mut self) {
        self.touches.iter_mut().for_each(Vec::clear);
        (self.used, self.loss, self.pairs) = (0, 0.0, 0);
    }

    /// Computes the changes for all places.
    #[allow(clippy::too_many_arguments)]
    fn round(
        &mut self,
        config: &Config,
        banks: &[Bank],
        negatives: &Alias,
        chunk: &Chunk,
        places: std::ops::Range<usize>,
        rate: f32,
        stride: usize,
        random: &mut impl Rng,
    ) {
        let mut rows: Vec<&[f32]> = Vec::with_capacity(2 * config.window + 1 + config.negatives);
        for place in places {
            let (begin, end) = chunk.sentences[place];
            let reach = random.random_range(1..=config.window);
            let around =
                place.saturating_sub(reach).max(begin as usize)..(place + reach + 1).min(end as usize);
            if around.len() < 2 {
                continue;
            }
            let word = chunk.words[place];
            self.words.clear();
            self.words.extend(around.clone().filter(|at| *at != place).map(|at| chunk.words[at]));
            let n = self.words.len();
            self.words.push(word);
            for _ in 0..config.negatives {
                let other = negatives.draw(random);
                if other != word {
                    self.words.push(other);
                }
            }
            rows.clear();
            for (i, word) in self.words.iter().enumerate() {
                let (bank, at) = (&banks[*word as usize % BANKS], *word as usize / BANKS * stride);
                rows.push(&(if i < n { &bank.u } else { &bank.v })[at..at + stride]);
            }
            let (inputs, outputs) = rows.split_at(n);
            let changes = &mut self.changes[self.used..][..rows.len() * stride];
            self.loss += skipgram_window(rate, inputs, outputs, changes, &mut self.pulls);
            self.pairs += n as u64;
            for (i, word) in self.words.iter().enumerate() {
                let at = (self.used + i * stride) as u32;
                let touch = Touch { row: word / BANKS as u32, at, guessed: i >= n };
                self.touches[*word as usize % BANKS].push(touch);
            }
            self.used += self.words.len() * stride;
        }
    }
}

impl Bank {
    /// Adds what the tasks have for part `index`, in their order.
    fn add(&mut self, index: usize, tasks: &[Task], stride: usize) {
        for task in tasks {
            for touch in &task.touches[index] {
                let change = &task.changes[touch.at as usize..][..stride];
                let side = if touch.guessed { &mut self.v } else { &mut self.u };
                let row = &mut side[touch.row as usize * stride..][..stride];
                row.iter_mut().zip(change).for_each(|(value, change)| *value += change);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Text;
    use crate::{Neighbours, Tokens};

    /// Two topics that never share a sentence.
    fn topics() -> Text {
        let words = [["cat", "dog", "cow", "pig"], ["red", "blue", "green", "pink"]];
        let mut random = Stream::new(5, "test").at(0, 0);
        let mut sentence = |i: usize| {
            let words: Vec<&str> = (0..6).map(|_| words[i % 2][random.random_range(0..4)]).collect();
            words.join(" ")
        };
        Text::Lines((0..6000).map(&mut sentence).collect())
    }

    fn config() -> Config {
        Config { width: 20, subsample: 0.0, epochs: 3, ..Config::default() }
    }

    fn model() -> SkipGram {
        SkipGram::new(config(), Corpus::read(&topics(), Tokens::Words, 1, |_| {}).unwrap()).unwrap()
    }

    fn trained(threads: usize) -> SkipGram {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut model = model();
            while model.chunk().unwrap().is_some() {}
            model
        })
    }

    #[test]
    fn words_of_a_topic_end_near_each_other_whatever_the_threads() {
        let model = trained(1);
        let vectors = model.vectors().unwrap();
        let near = Neighbours::new(&vectors).nearest(vectors.matrix().view(), 4);
        let animal = |number: usize| ["cat", "dog", "cow", "pig"].contains(&&*vectors.words()[number]);
        for (word, near) in near.iter().enumerate() {
            for (other, _) in near {
                assert_eq!(animal(word), animal(*other as usize), "{near:?}");
            }
        }
        for threads in [2, 3] {
            assert_eq!(trained(threads).state(), model.state(), "{threads} threads");
        }
    }

    #[test]
    fn a_model_goes_on_from_a_state_to_the_same_bits() {
        let mut whole = model();
        let mut halfway = None;
        while whole.chunk().unwrap().is_some() {
            halfway.get_or_insert_with(|| (whole.state(), whole.position()));
        }
        let (state, position) = halfway.unwrap();
        let mut resumed = model();
        resumed.restore((&state.0, &state.1), position).unwrap();
        while resumed.chunk().unwrap().is_some() {}
        assert_eq!(resumed.state(), whole.state());
        assert_eq!(resumed.position(), whole.position());
        assert!(model().restore((&state.0, &Array2::zeros((1, 1))), position).is_err());
    }

    #[test]
    fn settings_outside_their_range_are_refused() {
        for (config, key) in [
            (Config { width: 0, ..config() }, "width"),
            (Config { rate: f64::NAN, ..config() }, "rate"),
            (Config { epochs: 0, ..config() }, "epochs"),
        ] {
            assert!(config.check().unwrap_err().to_string().starts_with(key));
        }
    }
}
