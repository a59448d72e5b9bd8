//! Words with their vectors, and their file formats.
//!
//! A file is known by its content where that shows its kind, else by its ending:
//!
//! | ending | what |
//! |---|---|
//! | `.txt`, `.vec` | word2vec's text: a line "words width", then a line for each word; GloVe's is the same without the first line |
//! | `.bin` | word2vec's binary: the same first line, then word, space, single-precision numbers |
//! | `.safetensors` | a tensor `vectors` (words, width), and the words as lines in the tensor of bytes `words` |
//! | `.npy` | the matrix, with the words as lines in a file of the same name and the ending `.words` |
//!
//! All may be gzip, with `.gz` behind the ending or without. Published files have a few odd words; they
//! cost no more than themselves: see [`Vectors::load`].

mod fields;
mod kind;
mod npy;
mod reading;
mod safetensors;
#[cfg(test)]
mod tests;
mod word2vec_binary;
mod word2vec_text;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Cursor, Read, Write};
use std::path::Path;

use files::content;
use ndarray::{Array2, ArrayView1};

use self::kind::FIRST;
pub use self::kind::Kind;
pub use self::npy::words_beside;
use crate::Error;

/// The most that is read of a `.safetensors`, in bytes.
const MOST_OF_TENSORS: u64 = 64 << 30;

/// Words, each with a vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Vectors {
    words: Vec<String>,
    matrix: Array2<f32>,
    numbers: HashMap<String, u32>,
}

impl Vectors {
    /// Words with the rows of a matrix.
    ///
    /// # Errors
    /// If the numbers of words and rows differ, a word comes twice or is empty, or a number is not finite.
    pub fn new(words: Vec<String>, matrix: Array2<f32>) -> Result<Self, String> {
        if words.len() != matrix.nrows() {
            return Err(format!("{} words for {} vectors", words.len(), matrix.nrows()));
        }
        if matrix.is_empty() {
            return Err("no vectors".to_owned());
        }
        let mut numbers = HashMap::with_capacity(words.len());
        for (word, number) in words.iter().zip(0..) {
            if word.is_empty() || word.contains(char::is_whitespace) {
                return Err(format!("word {}: {word:?} is empty or has white space in it", number + 1));
            }
            if numbers.insert(word.clone(), number).is_some() {
                return Err(format!("the word {word} comes twice"));
            }
        }
        for (word, row) in words.iter().zip(matrix.rows()) {
            if row.iter().any(|value| !value.is_finite()) {
                return Err(format!("the vector of {word} has a number that is not finite"));
            }
        }
        Ok(Self { words, matrix, numbers })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Always false: there is at least one.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Entries of a vector.
    pub fn width(&self) -> usize {
        self.matrix.ncols()
    }

    /// All words.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// All vectors, (words, width).
    pub fn matrix(&self) -> &Array2<f32> {
        &self.matrix
    }

    /// The number of a word.
    pub fn number(&self, word: &str) -> Option<usize> {
        self.numbers.get(word).map(|number| *number as usize)
    }

    /// The vector of a word.
    pub fn of(&self, word: &str) -> Option<ArrayView1<'_, f32>> {
        self.number(word).map(|number| self.matrix.row(number))
    }

    /// Writes the words and vectors as a file of this kind; of [`Kind::Npy`] the matrix alone.
    ///
    /// # Errors
    /// What the system said.
    pub fn write(&self, kind: Kind, mut to: impl Write) -> std::io::Result<()> {
        let (words, matrix) = (&self.words, &self.matrix);
        match kind {
            Kind::Text => word2vec_text::write(words, matrix, &mut to)?,
            Kind::Binary => word2vec_binary::write(words, matrix, &mut to)?,
            Kind::Safetensors => safetensors::write(words, matrix, &mut to)?,
            Kind::Npy => files::npy::write(&mut to, matrix)?,
        }
        to.flush()
    }

    /// Writes a file, whole or not at all, of the kind that the path's ending asks for.
    ///
    /// # Errors
    /// If the ending is of no kind, or the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let kind = Kind::of(path)?;
        if kind == Kind::Npy {
            npy::write_words(&self.words, path)?;
        }
        let write = |file: &Path| self.write(kind, BufWriter::with_capacity(1 << 20, File::create(file)?));
        files::write_whole(path, write).map_err(Error::io(path))
    }

    /// Reads a file of any of the four kinds.
    ///
    /// In `.txt`, `.vec` and `.bin`, words that are empty, have white space in them or are not UTF-8 are passed over, and so
    /// are a word that came before, and a few lines without the right numbers. `say` receives a line about them.
    ///
    /// # Errors
    /// What is wrong with the file, and where.
    pub fn load(path: &Path, say: &mut dyn FnMut(&str)) -> Result<Self, Error> {
        let mut file = content::open(path).map_err(Error::io(path))?;
        let mut first = Vec::new();
        (&mut file).take(FIRST).read_to_end(&mut first).map_err(Error::io(path))?;
        let kind = Kind::of_content(&first, path)?;
        // Read once, as a pipe can be.
        let file = Cursor::new(first).chain(file);
        let (words, matrix) = match kind {
            Kind::Text => word2vec_text::read(file, path, say)?,
            Kind::Binary => word2vec_binary::read(file, path, say)?,
            Kind::Safetensors => {
                let mut bytes = Vec::new();
                file.take(MOST_OF_TENSORS).read_to_end(&mut bytes).map_err(Error::io(path))?;
                safetensors::parse(&bytes).map_err(|why| Error::file(path, why))?
            }
            Kind::Npy => npy::read(file, path)?,
        };
        Self::new(words, matrix).map_err(|why| Error::file(path, why))
    }

    /// Reads vectors from the bytes of a `.safetensors` file.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, String> {
        let (words, matrix) = safetensors::parse(bytes)?;
        Self::new(words, matrix)
    }
}
