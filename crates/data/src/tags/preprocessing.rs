//! What a tagging run computes from its training data once: word vectors, which words are tags, and how
//! features are scaled. It is saved in the run directory as `tags.safetensors`, so that a run needs no other
//! file.

use std::collections::HashMap;
use std::path::Path;

use files::{Tensor, Tensors, tensors};
use ndarray::{Array1, Array2, ArrayView2};
use words::Vectors;
use words::whitening::{scaled, whitened};

use super::set::TagSet;
use crate::error::Error;
use crate::features::Made;
use crate::split::Split;

/// How words and features are prepared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Whitening of the word vectors over the tags: see [`words::whitening`].
    pub whiten: Option<f64>,
    /// Norm to which every word vector is scaled.
    pub vector_norm: Option<f64>,
    /// Whether each feature is scaled to mean 0 and variance 1 over the training pictures.
    pub standardize: bool,
    /// Training pictures that make a word a tag.
    pub min_count: usize,
}

/// The entry of the metadata that says how features were made.
const MADE: &str = "features";

/// Words, tags and scales.
pub struct Preprocessing {
    /// All words, with the vectors that G generates.
    pub vectors: Vectors,
    /// The numbers of the words that are tags, the most frequent first.
    pub tags: Vec<u32>,
    /// How many training pictures have each tag.
    pub counts: Vec<u32>,
    /// Mean of each feature, which is subtracted.
    pub mean: Array1<f32>,
    /// Factor of each feature after that.
    pub scale: Array1<f32>,
    /// How the features were made, if that is known.
    pub made: Option<Made>,
}

impl Preprocessing {
    /// Fits the preprocessing to the training pictures of a set.
    ///
    /// # Errors
    /// [`Error::File`] if fewer than ten tags have a vector and enough training pictures.
    pub fn fit(set: &TagSet, vectors: Vectors, options: &Options) -> Result<Self, Error> {
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
            counts.into_iter().filter(|(_, count)| *count as usize >= options.min_count).collect();
        tags.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        if tags.len() < 10 {
            return Err(Error::file(
                &set.name,
                format!(
                    "{} tags have a word vector and come with {} training pictures or more; 10 are needed",
                    tags.len(),
                    options.min_count
                ),
            ));
        }
        let (tags, counts): (Vec<u32>, Vec<u32>) = tags.into_iter().unzip();
        let vectors = match options.whiten {
            Some(share) => whitened(vectors, &tags, share).map_err(Error::Mismatch)?,
            None => vectors,
        };
        let vectors = match options.vector_norm {
            Some(norm) => scaled(vectors, norm as f32).map_err(Error::Mismatch)?,
            None => vectors,
        };
        let width = set.features.ncols();
        let (mut mean, mut scale) = (Array1::zeros(width), Array1::ones(width));
        if options.standardize {
            for (feature, column) in set.features.columns().into_iter().enumerate() {
                let values = train.iter().map(|number| f64::from(column[*number]));
                let middle = values.clone().sum::<f64>() / train.len() as f64;
                let variance = values.map(|value| (value - middle).powi(2)).sum::<f64>() / train.len() as f64;
                mean[feature] = middle as f32;
                // A feature that is constant in training has no scale; it is ignored, also where it differs
                // later.
                scale[feature] = if variance > 1e-12 { (1.0 / variance.sqrt()) as f32 } else { 0.0 };
            }
        }
        Ok(Self { vectors, tags, counts, mean, scale, made: set.made.clone() })
    }

    /// Checks that nets with conditions of `features` numbers and samples of `width` numbers are of these
    /// features and word vectors.
    ///
    /// # Errors
    /// [`Error::Mismatch`].
    pub fn check_nets(&self, features: usize, width: usize) -> Result<(), Error> {
        let (own, theirs) = ((self.mean.len(), self.vectors.width()), (features, width));
        if own == theirs {
            return Ok(());
        }
        Err(Error::Mismatch(format!(
            "weights of {theirs:?} features and numbers of a word, beside words of {own:?}"
        )))
    }

    /// Checks that a set has as many features as the training data.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn check_set(&self, set: &TagSet) -> Result<(), Error> {
        let (here, there) = (set.features.ncols(), self.mean.len());
        if here == there {
            return Ok(());
        }
        Err(Error::file(&set.name, format!("{here} features, and the run is of {there}")))
    }

    /// Features as input of the nets.
    pub fn scaled(&self, features: ArrayView2<f32>) -> Array2<f32> {
        (&features - &self.mean) * &self.scale
    }

    /// Makes every word a tag, in the order of the vocabulary, as the paper ranks all words.
    pub fn rank_all_words(&mut self) {
        let mut counts = vec![0; self.vectors.len()];
        self.tags.iter().zip(&self.counts).for_each(|(tag, count)| counts[*tag as usize] = *count);
        self.tags = (0..self.vectors.len() as u32).collect();
        self.counts = counts;
    }

    /// The tags of pictures as places in [`Preprocessing::tags`]: each picture's number with its own.
    pub fn own_tags(&self, set: &TagSet, pictures: &[usize]) -> Vec<(usize, Vec<u32>)> {
        let places: HashMap<u32, u32> = self.tags.iter().copied().zip(0..).collect();
        let place = |word: String| places.get(&(self.vectors.number(&word)? as u32)).copied();
        let own = |number: &usize| (*number, set.words(*number).into_iter().filter_map(place).collect());
        pictures.iter().map(own).collect()
    }

    /// The words at these places of [`Preprocessing::tags`].
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
    /// [`Error::Io`].
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let words = self.vectors.words().join("\n");
        let matrix = self.vectors.matrix().as_standard_layout();
        let matrix = matrix.as_slice().expect("standard layout");
        let vector = |values: &Array1<f32>| Tensor::f32(&[values.len()], values.to_vec());
        let tensors = [
            ("vectors", Tensor::f32(self.vectors.matrix().shape(), matrix)),
            ("words", Tensor::text(&words)),
            ("tags", Tensor::u32(&[self.tags.len()], &self.tags[..])),
            ("counts", Tensor::u32(&[self.counts.len()], &self.counts[..])),
            ("mean", vector(&self.mean)),
            ("scale", vector(&self.scale)),
        ];
        let tensors = tensors.map(|(name, tensor)| (name.to_owned(), tensor)).into();
        let made = self.made.as_ref().map(|made| serde_json::to_string(made).expect("strings and numbers"));
        tensors::write(path, tensors, made.map(|made| (MADE, made))).map_err(Error::io(path))
    }

    /// Reads `tags.safetensors`.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::File`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(Error::unreadable(path))?;
        Self::read(&bytes).map_err(|why| Error::file(path, why))
    }

    fn read(bytes: &[u8]) -> Result<Self, String> {
        let vectors = Vectors::from_safetensors(bytes)?;
        let parts = || {
            let file = Tensors::parse(bytes)?;
            let vector = |name| Ok(Array1::from(file.f32_vector(name)?));
            let (tags, counts) = (file.u32_vector("tags")?, file.u32_vector("counts")?);
            let made = file.entry(MADE).ok();
            Ok(Self { vectors, tags, counts, mean: vector("mean")?, scale: vector("scale")?, made })
        };
        let fitted = parts().map_err(|error: files::TensorError| error.to_string())?;
        let once: std::collections::HashSet<&u32> = fitted.tags.iter().collect();
        let fits = fitted.tags.len() == fitted.counts.len()
            && !fitted.tags.is_empty()
            && once.len() == fitted.tags.len()
            && fitted.mean.iter().chain(&fitted.scale).all(|value| value.is_finite())
            && fitted.mean.len() == fitted.scale.len()
            && fitted.tags.iter().all(|tag| (*tag as usize) < fitted.vectors.len());
        if fits { Ok(fitted) } else { Err("its parts do not fit together".to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn vectors() -> Vectors {
        let matrix = Array2::from_shape_fn((60, 3), |(i, j)| (3 * i + j) as f32 - 90.0);
        Vectors::new((0..60).map(|i| format!("w{i}")).collect(), matrix).unwrap()
    }

    #[test]
    fn preprocessing_comes_back_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags.safetensors");
        let fitted = Preprocessing {
            vectors: scaled(vectors(), 2.0).unwrap(),
            tags: vec![3, 59],
            counts: vec![7, 5],
            mean: array![1.0, 2.0],
            scale: array![0.5, 0.0],
            made: Some(Made {
                model: "net.onnx".to_owned(),
                model_sha256: "ab".to_owned(),
                output: None,
                size: 8,
                fit: "pad".to_owned(),
                normalize: "unit".to_owned(),
                nhwc: false,
            }),
        };
        fitted.save(&path).unwrap();
        let back = Preprocessing::load(&path).unwrap();
        assert_eq!(
            (&back.vectors, &back.tags, &back.counts),
            (&fitted.vectors, &fitted.tags, &fitted.counts)
        );
        assert_eq!(back.scaled(array![[3.0, 9.0]].view()), array![[1.0, 0.0]]);
        assert_eq!(back.names(&[1]), ["w59"]);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..100]).unwrap();
        assert!(Preprocessing::load(&path).is_err());
    }
}
