//! What a tagging run knows beside its nets: the words with their vectors, which of them are tags, and how features are
//! scaled. It is kept in the run's folder as `tags.safetensors`, so that a run is whole by itself.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use nalgebra::DMatrix;
use ndarray::{Array1, Array2, ArrayView2};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use words::corpus::Text;
use words::{Config, Phrases, Tokens, Vectors};

use super::set::{Split, TagSet};
use crate::data::EMBEDDED;
use crate::evaluate::cache;
use crate::failure::Failure;
use crate::language::{self, Checkpoint, Reading};
use crate::run::weights::Weights;
use crate::run::{Outcome, write_whole};
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

/// Words, tags and scales.
pub struct World {
    /// All words, with vectors as G is to make them.
    pub vectors: Vectors,
    /// The numbers of the words that are tags, the most frequent first.
    pub tags: Vec<u32>,
    /// How many training pictures have each of them.
    pub counts: Vec<u32>,
    /// What is taken from each feature.
    pub mean: Array1<f32>,
    /// What it is then multiplied by.
    pub scale: Array1<f32>,
}

impl World {
    /// Of a set; learns word vectors if the settings say so and the cache does not have them.
    ///
    /// # Errors
    /// One line: a file that cannot be read, vectors that know none of the tags.
    pub fn new(set: &TagSet, config: &TagsConfig) -> Result<Self, Failure> {
        let vectors = match &*config.words {
            EMBEDDED => own_vectors(set)?,
            path => Vectors::load(Path::new(path))?,
        };
        let train = set.split(Split::Train);
        let mut counts: HashMap<u32, u32> = HashMap::new();
        for number in &train {
            for word in set.words(*number) {
                if let Some(word) = vectors.number(&word) {
                    *counts.entry(word as u32).or_default() += 1;
                }
            }
        }
        let mut tags: Vec<(u32, u32)> =
            counts.into_iter().filter(|(_, count)| *count as usize >= config.least).collect();
        tags.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        if tags.len() < 10 {
            return Err(Failure::data(format!(
                "{}: {} tags have a word vector and come with {} training pictures or more; 10 are needed",
                set.name,
                tags.len(),
                config.least
            )));
        }
        let (tags, counts): (Vec<u32>, Vec<u32>) = tags.into_iter().unzip();
        let vectors = if config.whiten > 0.0 { whitened(vectors, &tags, config.whiten)? } else { vectors };
        let vectors = scaled(vectors, config.word_length as f32)?;
        let width = set.features.ncols();
        let (mut mean, mut scale) = (Array1::zeros(width), Array1::ones(width));
        if config.standardize {
            for (feature, column) in set.features.columns().into_iter().enumerate() {
                let values = train.iter().map(|number| f64::from(column[*number]));
                let middle = values.clone().sum::<f64>() / train.len() as f64;
                let variance = values.map(|value| (value - middle).powi(2)).sum::<f64>() / train.len() as f64;
                mean[feature] = middle as f32;
                // A feature that never changes says nothing, and must not blow up where it then does.
                scale[feature] = if variance > 1e-12 { (1.0 / variance.sqrt()) as f32 } else { 0.0 };
            }
        }
        Ok(Self { vectors, tags, counts, mean, scale })
    }

    /// Whether these weights make words of this world from its features.
    ///
    /// # Errors
    /// One line if they do not.
    pub fn ensure_of(&self, weights: &Weights) -> Result<(), Failure> {
        let (own, theirs) =
            ((self.mean.len(), self.vectors.width()), (weights.about.condition.width(), weights.about.width));
        if own == theirs {
            return Ok(());
        }
        Err(Failure::data(format!(
            "weights of {theirs:?} features and numbers of a word, beside words of {own:?}"
        )))
    }

    /// Whether a set's features are as many as this world's.
    ///
    /// # Errors
    /// One line if they are not.
    pub fn ensure_for(&self, set: &TagSet) -> Result<(), Failure> {
        let (here, there) = (set.features.ncols(), self.mean.len());
        if here == there {
            return Ok(());
        }
        Err(Failure::data(format!("{}: {here} features, and the run is of {there}", set.name)))
    }

    /// Features as the nets take them.
    pub fn scaled(&self, features: ArrayView2<f32>) -> Array2<f32> {
        (&features - &self.mean) * &self.scale
    }

    /// Makes every word a tag, in the order of the vocabulary: the paper ranks all it has.
    pub fn rank_all_words(&mut self) {
        let mut counts = vec![0; self.vectors.len()];
        self.tags.iter().zip(&self.counts).for_each(|(tag, count)| counts[*tag as usize] = *count);
        self.tags = (0..self.vectors.len() as u32).collect();
        self.counts = counts;
    }

    /// The tags of pictures as places in [`World::tags`]: each picture's number with its own.
    pub fn own_tags(&self, set: &TagSet, pictures: &[usize]) -> Vec<(usize, Vec<u32>)> {
        let places: HashMap<u32, u32> = self.tags.iter().copied().zip(0..).collect();
        let place = |word: String| places.get(&(self.vectors.number(&word)? as u32)).copied();
        let own = |number: &usize| (*number, set.words(*number).into_iter().filter_map(place).collect());
        pictures.iter().map(own).collect()
    }

    /// The words at these places of [`World::tags`].
    pub fn names(&self, places: &[u32]) -> Vec<String> {
        let name = |place: &u32| self.vectors.words()[self.tags[*place as usize] as usize].clone();
        places.iter().map(name).collect()
    }

    /// The vectors of the tags alone.
    pub fn tag_vectors(&self) -> Vectors {
        let numbers: Vec<usize> = self.tags.iter().map(|number| *number as usize).collect();
        let words = numbers.iter().map(|number| self.vectors.words()[*number].clone()).collect();
        let matrix = self.vectors.matrix().select(ndarray::Axis(0), &numbers);
        Vectors::new(words, matrix).expect("words of a vocabulary")
    }

    /// Writes `tags.safetensors`.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn save(&self, path: &Path) -> Result<(), Failure> {
        let words = self.vectors.words().join("\n");
        let vectors: Vec<f32> = self.vectors.matrix().iter().copied().collect();
        let (mean, scale) = (self.mean.to_vec(), self.scale.to_vec());
        let view = |dtype, shape: &[usize], bytes| {
            TensorView::new(dtype, shape.to_vec(), bytes).expect("bytes that fit the shape")
        };
        let cast = bytemuck::cast_slice::<f32, u8>;
        let tensors = [
            ("vectors", view(Dtype::F32, self.vectors.matrix().shape(), cast(&vectors))),
            ("words", view(Dtype::U8, &[words.len()], words.as_bytes())),
            ("tags", view(Dtype::U32, &[self.tags.len()], bytemuck::cast_slice(&self.tags))),
            ("counts", view(Dtype::U32, &[self.counts.len()], bytemuck::cast_slice(&self.counts))),
            ("mean", view(Dtype::F32, &[mean.len()], cast(&mean))),
            ("scale", view(Dtype::F32, &[scale.len()], cast(&scale))),
        ];
        let bytes = safetensors::serialize(tensors, None::<HashMap<String, String>>);
        write_whole(path, &bytes.map_err(|error| Failure::general(format!("{}: {error}", path.display())))?)
    }

    /// Reads `tags.safetensors`.
    ///
    /// # Errors
    /// One line if it is not there or not whole.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let bytes = std::fs::read(path).map_err(|error| Failure::io(path, &error))?;
        Self::read(&bytes).map_err(|why| Failure::data(format!("{}: {why}", path.display())))
    }

    fn read(bytes: &[u8]) -> Result<Self, String> {
        let vectors = Vectors::from_safetensors(bytes)?;
        let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let tensor = |name: &str, dtype| {
            let tensor = file.tensor(name).map_err(|_| format!("no tensor `{name}`"))?;
            let ok = tensor.dtype() == dtype && tensor.shape().len() == 1;
            if ok {
                Ok(tensor.data().as_chunks::<4>().0.to_vec())
            } else {
                Err(format!("`{name}` is no {dtype:?} vector"))
            }
        };
        let whole = |name| {
            Ok::<Vec<u32>, String>(tensor(name, Dtype::U32)?.into_iter().map(u32::from_le_bytes).collect())
        };
        let single = |name| {
            Ok::<Array1<f32>, String>(tensor(name, Dtype::F32)?.into_iter().map(f32::from_le_bytes).collect())
        };
        let world = Self {
            vectors,
            tags: whole("tags")?,
            counts: whole("counts")?,
            mean: single("mean")?,
            scale: single("scale")?,
        };
        let once: std::collections::HashSet<&u32> = world.tags.iter().collect();
        let fits = world.tags.len() == world.counts.len()
            && !world.tags.is_empty()
            && once.len() == world.tags.len()
            && world.mean.iter().chain(&world.scale).all(|value| value.is_finite())
            && world.mean.len() == world.scale.len()
            && world.tags.iter().all(|tag| (*tag as usize) < world.vectors.len());
        if fits { Ok(world) } else { Err("its parts do not fit together".to_owned()) }
    }
}

/// Whitens all words by the covariance of these, as directions: symmetric, so that a word stays as near to where it was
/// as can be (Kessy et al. 2018, "ZCA").
fn whitened(vectors: Vectors, tags: &[u32], more: f64) -> Result<Vectors, Failure> {
    let unit = words::neighbours::unit(vectors.matrix().clone());
    let width = unit.ncols();
    let rows = DMatrix::from_fn(tags.len(), width, |i, j| f64::from(unit[[tags[i] as usize, j]]));
    let mean = rows.row_mean();
    let mut around = rows;
    around.row_iter_mut().for_each(|mut row| row -= &mean);
    let covariance = around.tr_mul(&around) / tags.len() as f64;
    let floor = more * covariance.trace() / width as f64;
    let eigen = covariance.symmetric_eigen();
    let shrink = eigen.eigenvalues.map(|variance| 1.0 / (variance.max(0.0) + floor).sqrt());
    let turn = &eigen.eigenvectors * DMatrix::from_diagonal(&shrink) * eigen.eigenvectors.transpose();
    let turn = Array2::from_shape_fn((width, width), |(i, j)| turn[(i, j)] as f32);
    let mean: Array1<f32> = mean.iter().map(|value| *value as f32).collect();
    Vectors::new(vectors.words().to_vec(), (unit - mean).dot(&turn)).map_err(Failure::data)
}

fn scaled(vectors: Vectors, length: f32) -> Result<Vectors, Failure> {
    if length == 0.0 {
        return Ok(vectors);
    }
    let matrix = words::neighbours::unit(vectors.matrix().clone()) * length;
    Vectors::new(vectors.words().to_vec(), matrix).map_err(Failure::data)
}

/// Vectors learned from a set's own lines, kept in the cache under what they depend on.
fn own_vectors(set: &TagSet) -> Result<Vectors, Failure> {
    use sha2::{Digest, Sha256};
    let (config, least) = own_words();
    let lines = set.lines();
    let mut hash = Sha256::new();
    hash.update(serde_json::to_string(&(&config, least, words::skipgram::RECIPE)).expect("numbers"));
    lines.iter().for_each(|line| hash.update(format!("{line}\n")));
    let name = format!("words-{}-{:.8x}.safetensors", set.name, hash.finalize());
    let path = cache()?.join(name);
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

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn vectors() -> Vectors {
        let matrix = Array2::from_shape_fn((60, 3), |(i, j)| {
            let number = ((i * 37 + j * 101) % 53) as f32 / 26.0 - 1.0;
            // The first direction has most of the variance, and none is centred.
            number * [4.0, 1.0, 0.5][j] + 0.7
        });
        Vectors::new((0..60).map(|i| format!("w{i}")).collect(), matrix).unwrap()
    }

    #[test]
    fn whitened_tags_vary_as_much_in_every_direction() {
        let tags: Vec<u32> = (0..50).collect();
        let white = whitened(vectors(), &tags, 1e-9).unwrap();
        let rows = white.matrix().slice(ndarray::s![..50, ..]);
        let covariance = rows.t().dot(&rows) / 50.0;
        for ((i, j), value) in covariance.indexed_iter() {
            assert!((value - f32::from(i == j)).abs() < 1e-3, "{covariance}");
        }
        assert_eq!(white.len(), 60);
    }

    #[test]
    fn a_world_comes_back_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags.safetensors");
        let world = World {
            vectors: scaled(vectors(), 2.0).unwrap(),
            tags: vec![3, 59],
            counts: vec![7, 5],
            mean: array![1.0, 2.0],
            scale: array![0.5, 0.0],
        };
        world.save(&path).unwrap();
        let back = World::load(&path).unwrap();
        assert_eq!((&back.vectors, &back.tags, &back.counts), (&world.vectors, &world.tags, &world.counts));
        assert_eq!(back.scaled(array![[3.0, 9.0]].view()), array![[1.0, 0.0]]);
        assert_eq!(back.names(&[1]), ["w59"]);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..100]).unwrap();
        assert!(World::load(&path).is_err());
    }
}
