//! Words with their vectors, and their file formats.
//!
//! | ending | what |
//! |---|---|
//! | `.txt`, `.vec` | word2vec's text: a line "words width", then a line for each word; GloVe's is the same without the first line |
//! | `.bin` | word2vec's binary: the same first line, then word, space, single-precision numbers |
//! | `.safetensors` | a tensor `vectors` (words, width), and the words as lines in the tensor of bytes `words` |
//! | `.npy` | the matrix, with the words as lines in a file of the same name and the ending `.words` |

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use files::{Tensor, TensorError, Tensors, npy, tensors};
use ndarray::{Array2, ArrayView1};

use crate::Error;

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
        match kind {
            Kind::Text => {
                writeln!(to, "{} {}", self.len(), self.width())?;
                for (word, row) in self.words.iter().zip(self.matrix.rows()) {
                    write!(to, "{word}")?;
                    row.iter().try_for_each(|value| write!(to, " {value}"))?;
                    writeln!(to)?;
                }
            }
            Kind::Binary => {
                writeln!(to, "{} {}", self.len(), self.width())?;
                for (word, row) in self.words.iter().zip(self.matrix.rows()) {
                    write!(to, "{word} ")?;
                    row.iter().try_for_each(|value| to.write_all(&value.to_le_bytes()))?;
                    writeln!(to)?;
                }
            }
            Kind::Safetensors => {
                let (matrix, words) = (self.matrix.as_standard_layout(), self.words.join("\n"));
                let matrix = matrix.as_slice().expect("standard layout");
                let tensors = vec![
                    ("vectors", Tensor::f32(self.matrix.shape(), matrix)),
                    ("words", Tensor::text(&words)),
                ];
                to.write_all(&tensors::to_bytes(tensors)?)?;
            }
            Kind::Npy => npy::write(&mut to, &self.matrix)?,
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
            let beside = words_beside(path);
            let words = self.words.join("\n") + "\n";
            files::write_bytes(&beside, words.as_bytes()).map_err(Error::io(&beside))?;
        }
        let write = |file: &Path| self.write(kind, BufWriter::with_capacity(1 << 20, File::create(file)?));
        files::write_whole(path, write).map_err(Error::io(path))
    }

    /// Reads a file of any of the four kinds.
    ///
    /// # Errors
    /// What is wrong with the file, and where.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let (words, matrix) = match Kind::of(path)? {
            Kind::Text => text(path)?,
            Kind::Binary => binary(path)?,
            Kind::Safetensors => {
                let bytes = std::fs::read(path).map_err(Error::io(path))?;
                stored(&bytes).map_err(|why| Error::file(path, why))?
            }
            Kind::Npy => {
                let beside = words_beside(path);
                let words = std::fs::read_to_string(&beside).map_err(Error::io(&beside))?;
                let file = BufReader::new(File::open(path).map_err(Error::io(path))?);
                let matrix = npy::read_matrix(file).map_err(|error| Error::file(path, error.to_string()))?;
                (words.lines().map(str::to_owned).collect(), matrix)
            }
        };
        Self::new(words, matrix).map_err(|why| Error::file(path, why))
    }

    /// Reads vectors from the bytes of a `.safetensors` file.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, String> {
        let (words, matrix) = stored(bytes)?;
        Self::new(words, matrix)
    }
}

type Parts = (Vec<String>, Array2<f32>);

fn stored(bytes: &[u8]) -> Result<Parts, String> {
    let text = |error: TensorError| error.to_string();
    let file = Tensors::parse(bytes).map_err(text)?;
    let shape = file.dims("vectors").map_err(text)?;
    let &[rows, width] = &shape[..] else { return Err("`vectors` is not a matrix".to_owned()) };
    let values = file.f32("vectors", &shape).map_err(text)?.collect();
    let matrix = Array2::from_shape_vec((rows, width), values).map_err(|error| error.to_string())?;
    let words = file.text("words").map_err(text)?;
    Ok((words.lines().map(str::to_owned).collect(), matrix))
}

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `.txt`, `.vec`.
    Text,
    /// `.bin`.
    Binary,
    /// `.safetensors`.
    Safetensors,
    /// `.npy`, with its words [beside](words_beside).
    Npy,
}

impl Kind {
    /// The kind that a path's ending asks for.
    ///
    /// # Errors
    /// If it is none of them.
    pub fn of(path: &Path) -> Result<Self, Error> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("txt" | "vec") => Ok(Kind::Text),
            Some("bin") => Ok(Kind::Binary),
            Some("safetensors") => Ok(Kind::Safetensors),
            Some("npy") => Ok(Kind::Npy),
            _ => Err(Error::file(path, "word vectors are .txt, .vec, .bin, .safetensors or .npy")),
        }
    }
}

/// The file of words that belongs to a `.npy`.
pub fn words_beside(path: &Path) -> PathBuf {
    path.with_extension("words")
}

/// The first line, "words width". No memory is reserved for what it promises.
fn header(line: &str) -> Option<(usize, usize)> {
    let mut parts = line.split_whitespace();
    let both = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    parts.next().is_none().then_some(both)
}

fn text(path: &Path) -> Result<Parts, Error> {
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path).map_err(Error::io(path))?);
    let (mut words, mut values, mut width, mut promised) = (vec![], vec![], None, None);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(Error::io(path))? == 0 {
            break;
        }
        let fault = |why: &str| Error::file(path, format!("line {number}: {why}"));
        // Published files have a few words that are not UTF-8.
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r', ' ']);
        if number == 1
            && let Some(both) = header(text)
        {
            promised = Some(both);
            continue;
        }
        let mut parts = text.split(' ');
        let word = parts.next().unwrap_or_default();
        let before = values.len();
        for part in parts {
            values.push(part.parse::<f32>().map_err(|_| fault(&format!("{part:?} is not a number")))?);
        }
        let found = values.len() - before;
        let expected = *width.get_or_insert(promised.map_or(found, |(_, width)| width));
        if found != expected {
            return Err(fault(&format!("{found} numbers, not {expected}")));
        }
        words.push(word.to_owned());
    }
    if let Some((count, _)) = promised.filter(|(count, _)| *count != words.len()) {
        return Err(Error::file(path, format!("{} words, but its first line promises {count}", words.len())));
    }
    shaped(path, words, values, width.unwrap_or(0))
}

fn binary(path: &Path) -> Result<Parts, Error> {
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path).map_err(Error::io(path))?);
    let mut line = Vec::new();
    // A file of another kind may have no line end at all.
    (&mut reader).take(64).read_until(b'\n', &mut line).map_err(Error::io(path))?;
    let (count, width) = std::str::from_utf8(&line)
        .ok()
        .and_then(header)
        .ok_or_else(|| Error::file(path, "line 1: word2vec's binary begins with \"words width\""))?;
    let (mut words, mut values) = (Vec::new(), Vec::new());
    let mut row = Vec::new();
    for number in 1..=count {
        let broken = || Error::file(path, format!("breaks off in word {number} of {count}"));
        line.clear();
        reader.read_until(b' ', &mut line).map_err(Error::io(path))?;
        if line.pop() != Some(b' ') {
            return Err(broken());
        }
        // Some writers end a vector with a new line, some do not.
        let word = String::from_utf8_lossy(&line);
        words.push(word.trim_start_matches('\n').to_owned());
        row.clear();
        let bytes = (width as u64).checked_mul(4).ok_or_else(broken)?;
        if (&mut reader).take(bytes).read_to_end(&mut row).map_err(Error::io(path))? as u64 != bytes {
            return Err(broken());
        }
        values.extend(row.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)));
    }
    shaped(path, words, values, width)
}

fn shaped(path: &Path, words: Vec<String>, values: Vec<f32>, width: usize) -> Result<Parts, Error> {
    let matrix = Array2::from_shape_vec((words.len(), width), values);
    Ok((words, matrix.map_err(|error| Error::file(path, error.to_string()))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Vectors {
        let words = ["the", "été", "new_york", "東京"].map(str::to_owned).to_vec();
        Vectors::new(words, Array2::from_shape_fn((4, 3), |(i, j)| (i as f32 - 1.3) / (j as f32 + 3.0)))
            .unwrap()
    }

    #[test]
    fn every_kind_of_file_comes_back_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["v.txt", "v.vec", "v.bin", "v.safetensors", "v.npy"] {
            let path = folder.path().join(name);
            let kind = Kind::of(&path).unwrap();
            some().write(kind, File::create(&path).unwrap()).unwrap();
            if kind == Kind::Npy {
                std::fs::write(words_beside(&path), some().words().join("\n")).unwrap();
            }
            assert_eq!(Vectors::load(&path).unwrap(), some(), "{name}");
        }
        assert!(Kind::of(&folder.path().join("v.csv")).is_err());
    }

    #[test]
    fn glove_has_no_first_line_and_others_no_new_line_after_a_vector() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("glove.txt");
        std::fs::write(&path, "the 1 -2.5\n, 0.25 3e-2\n").unwrap();
        let vectors = Vectors::load(&path).unwrap();
        assert_eq!(vectors.of(",").unwrap().to_vec(), [0.25, 0.03]);
        let path = folder.path().join("v.bin");
        let mut bytes = b"2 1\na ".to_vec();
        bytes.extend(1f32.to_le_bytes());
        bytes.extend(b"b ");
        bytes.extend(2f32.to_le_bytes());
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(Vectors::load(&path).unwrap().of("b").unwrap().to_vec(), [2.0]);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let mut broken = b"3 2\nword ".to_vec();
        broken.extend(1f32.to_le_bytes());
        for (name, bytes, why) in [
            ("a.txt", &b"2 2\na 1 2\nb 1\n"[..], "line 3: 1 numbers, not 2"),
            ("b.txt", b"a 1 2\nb 1 x\n", "line 2: \"x\" is not a number"),
            ("c.txt", b"3 2\na 1 2\n", "1 words, but its first line promises 3"),
            ("d.txt", b"a 1\na 2\n", "the word a comes twice"),
            ("e.txt", b"a nan\n", "not finite"),
            ("f.txt", b"", "no vectors"),
            ("g.bin", &broken, "breaks off in word 1 of 3"),
            ("h.bin", b"99999999999 4\nx", "breaks off in word 1"),
            ("m.bin", b"1 4611686018427387904\nx ", "breaks off in word 1"),
            ("i.bin", b"hello", "line 1"),
            ("j.safetensors", b"no", "header"),
            ("k.npy", b"no", "k.words"),
            ("l.csv", b"", ".safetensors or .npy"),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let error = Vectors::load(&path).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains(&name[..1]), "{name}: {error}");
            assert_eq!(error.lines().count(), 1);
        }
    }
}
