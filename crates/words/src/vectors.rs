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

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufWriter, Cursor, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use files::{Tensor, TensorError, Tensors, content, npy, tensors, text};
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
            Kind::Text => read_text(file, path, say)?,
            Kind::Binary => read_binary(file, path, say)?,
            Kind::Safetensors => {
                let mut bytes = Vec::new();
                file.take(MOST_OF_TENSORS).read_to_end(&mut bytes).map_err(Error::io(path))?;
                stored(&bytes).map_err(|why| Error::file(path, why))?
            }
            Kind::Npy => {
                let words = words_of(path)?;
                let matrix = npy::read_matrix(file).map_err(|error| Error::file(path, error.to_string()))?;
                (words, matrix)
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
    file.verify().map_err(text)?;
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
    /// The kind that a path's ending asks for, in any case.
    ///
    /// # Errors
    /// If it is none of them.
    pub fn of(path: &Path) -> Result<Self, Error> {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("txt" | "vec") => Ok(Kind::Text),
            Some("bin") => Ok(Kind::Binary),
            Some("safetensors") => Ok(Kind::Safetensors),
            Some("npy") => Ok(Kind::Npy),
            _ => Err(Error::file(path, "word vectors are .txt, .vec, .bin, .safetensors or .npy")),
        }
    }

    /// The kind of a file to be read: what its first bytes show, else what its ending says.
    fn of_content(first: &[u8], path: &Path) -> Result<Self, Error> {
        let by_ending = Self::of(&without_gz(path));
        match content::described(first) {
            Some(what) if what == content::NPY => return Ok(Kind::Npy),
            Some(what) if what == content::SAFETENSORS => return Ok(Kind::Safetensors),
            Some(what) if what == content::LFS_POINTER || by_ending.is_err() => {
                return Err(not_vectors(path, first, ""));
            }
            _ => {}
        }
        if matches!(by_ending, Ok(Kind::Safetensors | Kind::Npy)) {
            return by_ending;
        }
        let mut lines = first.split_inclusive(|byte| *byte == b'\n');
        let line = lines.next().unwrap_or_default();
        let numbers = |line: &[u8]| trailing_numbers(&text::decode_line(line).0);
        match std::str::from_utf8(line).ok().and_then(header) {
            Some((_, width)) => {
                let rest = &first[line.len()..];
                let odd =
                    rest.iter().filter(|byte| byte.is_ascii_control() && !b"\t\r\n".contains(byte)).count();
                if lines.next().is_some_and(|second| numbers(second) == width) {
                    Ok(Kind::Text)
                } else if 20 * odd > rest.len() {
                    Ok(Kind::Binary)
                } else {
                    by_ending
                }
            }
            // A name without a known ending, such as `glove.6B.50d`.
            None if by_ending.is_err() && numbers(line) > 1 => Ok(Kind::Text),
            None => by_ending,
        }
    }
}

/// Bytes by which the kind of a file is recognised.
const FIRST: u64 = 1 << 12;

/// The most that is read of a `.safetensors` and of a list of words, in bytes.
const MOST_OF_TENSORS: u64 = 64 << 30;
const MOST_OF_WORDS: u64 = 1 << 32;

/// The path without an ending `.gz`.
fn without_gz(path: &Path) -> PathBuf {
    match path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz")) {
        true => path.with_extension(""),
        false => path.to_owned(),
    }
}

/// The words of a `.npy`, a line each.
fn words_of(path: &Path) -> Result<Vec<String>, Error> {
    let beside = words_beside(&without_gz(path));
    let bytes = content::read(&beside, MOST_OF_WORDS).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let why =
                format!("not there: it must have the words of the rows of {}, a line each", path.display());
            Error::file(&beside, why)
        }
        _ => Error::io(&beside)(error),
    })?;
    let (text, _) = text::decode_bytes(&bytes);
    Ok(text.trim_end().lines().map(|word| word.trim().to_owned()).collect())
}

/// The file of words that belongs to a `.npy`.
pub fn words_beside(path: &Path) -> PathBuf {
    path.with_extension("words")
}

/// The first line, "words width". No memory is reserved for what it promises.
/// The number of words stays text, since it may be any.
fn header(line: &str) -> Option<(&str, usize)> {
    let mut parts = line.split_whitespace();
    let words = parts.next().filter(|words| words.bytes().all(|byte| byte.is_ascii_digit()))?;
    let width = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some((words, width))
}

const CAME_BEFORE: &str = "that came before";

/// Words with their numbers as they are read from a file, and what is passed over.
struct Reading<'a> {
    path: &'a Path,
    words: Vec<String>,
    seen: HashSet<String>,
    values: Vec<f32>,
    width: usize,
    /// Reasons, each with its number of words and the place of the first.
    passed_over: Vec<(&'static str, usize, String)>,
    /// Lines without the right numbers, and what is wrong with the first.
    faults: usize,
    first_fault: Option<String>,
}

impl<'a> Reading<'a> {
    fn new(path: &'a Path, width: usize) -> Self {
        let (words, seen, values) = (Vec::new(), HashSet::new(), Vec::new());
        Self { path, words, seen, values, width, passed_over: vec![], faults: 0, first_fault: None }
    }

    fn pass_over(&mut self, why: &'static str, place: impl FnOnce() -> String) {
        match self.passed_over.iter_mut().find(|(known, ..)| *known == why) {
            Some((_, count, _)) => *count += 1,
            None => self.passed_over.push((why, 1, place())),
        }
    }

    /// Passes over a word whose numbers are wrong; `what` begins with the place.
    fn fault(&mut self, why: &'static str, place: String, what: &str) {
        self.faults += 1;
        self.first_fault.get_or_insert_with(|| format!("{place}: {what}"));
        self.pass_over(why, || place);
    }

    /// Takes a word whose numbers are the last of `values`, unless it is to be passed over.
    fn take(&mut self, word: &str, place: impl Fn() -> String) {
        let row = &self.values[self.words.len() * self.width..];
        let why = if word.is_empty() || word.contains(char::is_whitespace) {
            "empty or with white space in the word"
        } else if word.contains(char::REPLACEMENT_CHARACTER) {
            "not UTF-8"
        } else if row.iter().any(|value| !value.is_finite()) {
            let what = format!("the vector of {word} has a number that is not finite");
            self.fault("a number that is not finite", place(), &what);
            return self.values.truncate(self.words.len() * self.width);
        } else if !self.seen.insert(word.to_owned()) {
            CAME_BEFORE
        } else {
            return self.words.push(word.to_owned());
        };
        self.values.truncate(self.words.len() * self.width);
        self.pass_over(why, place);
    }

    /// Says what was passed over. `promised` are the words of the first line.
    fn finish(self, promised: Option<&str>, say: &mut dyn FnMut(&str)) -> Result<Parts, Error> {
        let Self { path, words, values, width, passed_over, faults, first_fault, .. } = self;
        if let Some(what) = first_fault.filter(|_| 2 * faults > words.len()) {
            return Err(Error::file(path, what));
        }
        let all: usize = words.len() + passed_over.iter().map(|(_, count, _)| count).sum::<usize>();
        let odd: usize = passed_over.iter().filter(|(why, ..)| *why != CAME_BEFORE).map(|(_, n, _)| n).sum();
        if let Some((why, _, place)) = passed_over.first().filter(|_| odd > words.len()) {
            return Err(Error::file(path, format!("{place}: {why}, and so are {odd} words of {all}")));
        }
        if !passed_over.is_empty() {
            let reasons: Vec<String> = passed_over
                .iter()
                .map(|(why, count, place)| format!("{count} {why} (the first: {place})"))
                .collect();
            let (left, passed) = (words.len(), all - words.len());
            say(&format!("{}: {left} words; passed over {passed}: {}", path.display(), reasons.join(", ")));
        }
        if let Some(promised) = promised.filter(|promised| promised.parse() != Ok(all)) {
            say(&format!("{}: {all} words, though its first line says {promised}", path.display()));
        }
        shaped(path, words, values, width)
    }
}

/// Lines by which the width of a file without a first line "words width" is found.
const SAMPLE: usize = 16;

fn read_text(file: impl BufRead, path: &Path, say: &mut dyn FnMut(&str)) -> Result<Parts, Error> {
    let (mut reader, encoding) = text::reader(file).map_err(Error::io(path))?;
    let mut line = Vec::new();
    let mut next = |line: &mut Vec<u8>| {
        line.clear();
        let read = (&mut reader).take(LONGEST_LINE).read_until(b'\n', line).map_err(Error::io(path))?;
        match read as u64 == LONGEST_LINE {
            true => Err(not_vectors(path, &line[..], "a line of more than 16 MiB")),
            false => Ok(read > 0),
        }
    };
    let mut lines: Vec<Vec<u8>> = Vec::new();
    while lines.len() < SAMPLE && next(&mut line)? {
        lines.push(line.clone());
    }
    let first = lines.first().map(Vec::as_slice).unwrap_or_default();
    let head = String::from_utf8_lossy(first).into_owned();
    let promised = header(&head);
    let numbers = |line: &Vec<u8>| trailing_numbers(&text::decode_line(line).0);
    let widths: Vec<usize> =
        lines[usize::from(promised.is_some())..].iter().map(numbers).filter(|width| *width > 0).collect();
    let often = |width: usize| widths.iter().filter(|other| **other == width).count();
    // Of the most frequent widths the first.
    let width = widths.iter().rev().copied().max_by_key(|width| often(*width));
    let width = promised.map(|(_, width)| width).or(width);
    let Some(width) = width else {
        return Err(not_vectors(
            path,
            first,
            "no line has a word and numbers with blanks or tabs between them",
        ));
    };

    let mut reading = Reading::new(path, width);
    let (mut latin, mut number, mut early) = (0, 0, lines.into_iter());
    loop {
        match early.next() {
            Some(kept) => line = kept,
            None if !next(&mut line)? => break,
            None => {}
        }
        number += 1;
        if number == 1 && promised.is_some() {
            continue;
        }
        let (text, is_latin) = text::decode_line(&line);
        latin += usize::from(is_latin);
        let text = text.trim_end_matches(['\n', '\r', ' ', '\t']);
        if text.is_empty() {
            continue;
        }
        let place = || format!("line {number}");
        match numbers_at_the_end(text, width, &mut reading.values) {
            Ok(word) => reading.take(word, place),
            Err(what) => reading.fault("without the right numbers", place(), &what),
        }
    }
    if let Some(encoding) = encoding {
        say(&format!("{}: read as {encoding}", path.display()));
    }
    if latin > 0 {
        say(&format!("{}: {latin} lines are not UTF-8: read as windows-1252", path.display()));
    }
    reading.finish(promised.map(|(count, _)| count), say)
}

/// The error of a file that is no word vectors, with what it is if its first bytes show that.
fn not_vectors(path: &Path, first: &[u8], why: &str) -> Error {
    Error::file(
        path,
        match content::described(first) {
            Some(what) => format!("no word vectors: it is {what}"),
            None if first.is_empty() => "no vectors: the file is empty".to_owned(),
            None => format!("no word vectors: {why}"),
        },
    )
}

/// What stands between the fields of a line. A no-break space may be part of a word.
const SEPARATORS: [char; 2] = [' ', '\t'];

/// A number with a decimal point or a decimal comma.
fn number(field: &str) -> Option<f32> {
    field.parse().ok().or_else(|| field.replacen(',', ".", 1).parse().ok())
}

/// How many of the last fields of a line are numbers; the first is the word.
fn trailing_numbers(line: &str) -> usize {
    let fields = || line.trim_end().split(SEPARATORS);
    let trailing = fields().rev().take_while(|field| number(field).is_some()).count();
    trailing.min(fields().count() - 1)
}

/// Appends the last `width` fields of a line to `values`, and returns what stands before them. On an error, which says what
/// is wrong, `values` are as before.
fn numbers_at_the_end<'a>(line: &'a str, width: usize, values: &mut Vec<f32>) -> Result<&'a str, String> {
    let (before, mut rest) = (values.len(), line);
    for taken in 0..width {
        let Some((word, field)) = rest.rsplit_once(SEPARATORS) else {
            values.truncate(before);
            return Err(format!("{taken} numbers, not {width}"));
        };
        let Some(value) = number(field) else {
            values.truncate(before);
            let short = trailing_numbers(line);
            return Err(match line.split(SEPARATORS).count() - 1 {
                fields if fields < width => format!("{short} numbers, not {width}"),
                _ => format!("{field:?} is not a number"),
            });
        };
        values.push(value);
        rest = word;
    }
    let found = trailing_numbers(line);
    // More numbers than that are no word with spaces in it, unless the word is of digits.
    if found > width && line.split(SEPARATORS).count() - 1 == found {
        values.truncate(before);
        return Err(format!("{found} numbers, not {width}"));
    }
    values[before..].reverse();
    Ok(rest)
}

/// The longest line of text, and the longest word of a binary file, in bytes.
const LONGEST_LINE: u64 = 1 << 24;

fn read_binary(mut reader: impl BufRead, path: &Path, say: &mut dyn FnMut(&str)) -> Result<Parts, Error> {
    let mut line = Vec::new();
    // A file of another kind may have no line end at all.
    (&mut reader).take(64).read_until(b'\n', &mut line).map_err(Error::io(path))?;
    let head = String::from_utf8_lossy(&line).into_owned();
    let (count, width) = header(&head)
        .ok_or_else(|| not_vectors(path, &line, "line 1: word2vec's binary begins with \"words width\""))?;
    let mut reading = Reading::new(path, width);
    let mut row = Vec::new();
    // What the first line promises is not trusted.
    for number in 1.. {
        let broken = || Error::file(path, format!("breaks off in word {number} of {count}"));
        line.clear();
        (&mut reader).take(LONGEST_LINE).read_until(b' ', &mut line).map_err(Error::io(path))?;
        if number > 1 && line.iter().all(|byte| byte.is_ascii_whitespace() && *byte != b' ') {
            break;
        }
        if line.pop() != Some(b' ') {
            return Err(broken());
        }
        row.clear();
        let bytes = (width as u64).checked_mul(4).ok_or_else(broken)?;
        if (&mut reader).take(bytes).read_to_end(&mut row).map_err(Error::io(path))? as u64 != bytes {
            return Err(broken());
        }
        // Some writers end a vector with a new line, some do not.
        let word = String::from_utf8_lossy(&line);
        reading.values.extend(row.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)));
        reading.take(word.trim_start_matches('\n'), || format!("word {number}"));
    }
    reading.finish(Some(count), say)
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
            assert_eq!(Vectors::load(&path, &mut |line| panic!("{line}")).unwrap(), some(), "{name}");
        }
        assert!(Kind::of(&folder.path().join("v.csv")).is_err());
    }

    #[test]
    fn glove_has_no_first_line_and_others_no_new_line_after_a_vector() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("glove.txt");
        std::fs::write(&path, "the 1 -2.5\n, 0.25 3e-2\n").unwrap();
        let vectors = Vectors::load(&path, &mut |line| panic!("{line}")).unwrap();
        assert_eq!(vectors.of(",").unwrap().to_vec(), [0.25, 0.03]);
        let path = folder.path().join("v.bin");
        let mut bytes = b"2 1\na ".to_vec();
        bytes.extend(1f32.to_le_bytes());
        bytes.extend(b"b ");
        bytes.extend(2f32.to_le_bytes());
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(
            Vectors::load(&path, &mut |line| panic!("{line}")).unwrap().of("b").unwrap().to_vec(),
            [2.0]
        );
    }

    /// Reads a file of this name: the words, and what is said.
    fn loaded(name: &str, bytes: &[u8]) -> (Vectors, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let mut said = Vec::new();
        let vectors = Vectors::load(&path, &mut |line| said.push(line.to_owned())).unwrap();
        (vectors, said)
    }

    /// Words of binary vectors of one number each: their own.
    fn in_binary(head: &str, words: &[&[u8]]) -> Vec<u8> {
        let mut bytes = head.as_bytes().to_vec();
        for (word, number) in words.iter().zip(0u8..) {
            bytes.extend([word, &b" "[..], &f32::from(number).to_le_bytes(), b"\n"].concat());
        }
        bytes
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_kind_is_recognised_by_content_and_else_by_its_ending_in_any_case() {
        let stored = |kind: Kind| {
            let mut bytes = Vec::new();
            some().write(kind, &mut bytes).unwrap();
            bytes
        };
        let folder = tempfile::tempdir().unwrap();
        let words = some().words().join("\r\n") + "\r\n\r\n";
        std::fs::write(folder.path().join("v.words"), format!("\u{feff}{words}")).unwrap();
        for kind in [Kind::Text, Kind::Binary, Kind::Safetensors, Kind::Npy] {
            let bytes = stored(kind);
            for name in ["v", "v.50d", "v.txt", "v.TXT", "v.VEC", "v.Bin", "v.bin.GZ", "v.w2v"] {
                for bytes in [bytes.clone(), gzipped(&bytes)] {
                    let path = folder.path().join(name);
                    std::fs::write(&path, bytes).unwrap();
                    // Words stand beside the name without its ending.
                    let loaded = Vectors::load(&path, &mut |line| panic!("{line}"));
                    assert_eq!(loaded.unwrap_or_else(|error| panic!("{kind:?} {name}: {error}")), some());
                }
            }
        }
        std::fs::write(folder.path().join("v.npy.gz"), gzipped(&stored(Kind::Npy))).unwrap();
        assert_eq!(Vectors::load(&folder.path().join("v.npy.gz"), &mut |_| ()).unwrap(), some());
        // GloVe's text has no first line.
        let glove = folder.path().join("glove.6B.2d");
        std::fs::write(&glove, "the 1 2\ncat 3 4\n").unwrap();
        assert_eq!(Vectors::load(&glove, &mut |_| ()).unwrap().len(), 2);
        assert_eq!(Kind::of(Path::new("a.TXT")).unwrap(), Kind::Text);
    }

    #[test]
    fn odd_words_of_published_files_cost_no_more_than_themselves() {
        let text = "5 2\nthe 1 2\n. . . 3 4\nat a@b.org 5 6\n\u{a0} 7 8\n 9 9\n the\t1\t1\ncat\t0,5\t1e-1\t\nof nan 1\nthe 9 9\n7 8 9\nx 1\ng 1 1\nh 1 1\ni 1 1\nj 1 1\nk 1 1\nl 1 1\n\n\n";
        let (vectors, said) = loaded("v.txt", text.as_bytes());
        assert_eq!(vectors.words(), ["the", "cat", "7", "g", "h", "i", "j", "k", "l"]);
        assert_eq!(vectors.of("cat").unwrap().to_vec(), [0.5, 0.1]);
        assert_eq!(vectors.of("the").unwrap().to_vec(), [1.0, 2.0]);
        let [passed, promised] = &said[..] else { panic!("{said:?}") };
        assert!(passed.contains("v.txt: 9 words; passed over 8: 5 empty or with white space"), "{passed}");
        assert!(passed.contains("(the first: line 3)") && passed.contains("1 that came before"), "{passed}");
        assert!(passed.contains("1 without the right numbers (the first: line 12)"), "{passed}");
        assert!(promised.ends_with("v.txt: 17 words, though its first line says 5"), "{promised}");
        // Without a first line, the width is that of most lines.
        let (vectors, said) = loaded("v.vec", b". . . 1 2\nat 3 1 2\na 1 2\nb 3 4\nc 3 4\n");
        assert_eq!((vectors.words().len(), vectors.width(), said.len()), (3, 2, 1));
    }

    #[test]
    fn words_that_are_not_utf8_do_not_become_one() {
        let bytes = in_binary("5 1\n", &[b"a", b"\xff", b"\xfe", "é".as_bytes(), b"b"]);
        let (vectors, said) = loaded("v.bin", &bytes);
        assert_eq!(vectors.words(), ["a", "é", "b"]);
        assert_eq!(vectors.of("b").unwrap().to_vec(), [4.0]);
        assert!(said[0].contains("2 not UTF-8 (the first: word 2)"), "{said:?}");
        let (vectors, said) = loaded("v.txt", b"a 1\ncaf\xe9 2\n\xff 3\n");
        assert_eq!(vectors.words(), ["a", "café", "ÿ"]);
        assert!(said[0].ends_with("2 lines are not UTF-8: read as windows-1252"), "{said:?}");
    }

    #[test]
    fn other_encodings_gzip_and_wrong_counts_are_read() {
        let plain = "2 1\r\nété 1\r\nb 2\r\n";
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(plain.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let binary = in_binary("2 1\n", &["été".as_bytes(), b"b"]);
        for (name, bytes, lines) in [
            ("v.txt", [b"\xef\xbb\xbf", plain.as_bytes()].concat(), 0),
            ("v.txt", utf16, 1),
            ("v.vec.gz", gzipped(plain.as_bytes()), 0),
            ("v.vec", gzipped(plain.as_bytes()), 0),
            ("v.bin.gz", gzipped(&binary), 0),
            ("v.bin", in_binary("7 1\n", &["été".as_bytes(), b"b"]), 1),
            ("v.bin", in_binary("1 1\n", &["été".as_bytes(), b"b"]), 1),
        ] {
            let (vectors, said) = loaded(name, &bytes);
            assert_eq!(
                (vectors.words(), said.len()),
                (&["été".to_owned(), "b".to_owned()][..], lines),
                "{name}: {said:?}"
            );
        }
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let mut broken = b"3 2\nword ".to_vec();
        broken.extend(1f32.to_le_bytes());
        for (name, bytes, why) in [
            ("a.txt", &b"2 2\na 1 2\nb 1\n"[..], "line 3: 1 numbers, not 2"),
            ("b.txt", b"a 1 2\nb 1 x\n", "line 2: \"x\" is not a number"),
            ("c.txt", b"3 2\na 1 2 3\nb 1 2 3\n", "line 2: 3 numbers, not 2"),
            ("d.bin", &793_712_314u32.to_le_bytes(), "it is a fastText model: its vectors as text, the .vec"),
            ("e.txt", b"a nan\n", "not finite"),
            ("f.txt", b"", "no vectors"),
            (
                "f2.txt",
                b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n",
                "it is a Git LFS pointer",
            ),
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
            let error = Vectors::load(&path, &mut |_| ()).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains(&name[..1]), "{name}: {error}");
            assert_eq!(error.lines().count(), 1);
        }
    }
}
