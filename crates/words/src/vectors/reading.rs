//! Words with their numbers as they come from a file of lines. Published files have a few odd words: these are passed
//! over, and said at the end.

use std::collections::HashSet;
use std::path::Path;

use files::content;
use ndarray::Array2;

use crate::Error;

/// Words, and a row of numbers for each.
pub(super) type Parts = (Vec<String>, Array2<f32>);

/// The longest line of text, and the longest word of a binary file, in bytes.
pub(super) const LONGEST_LINE: u64 = 1 << 24;

const CAME_BEFORE: &str = "that came before";

/// Words with their numbers as they are read from a file, and what is passed over.
pub(super) struct Reading<'a> {
    path: &'a Path,
    words: Vec<String>,
    seen: HashSet<String>,
    pub(super) values: Vec<f32>,
    width: usize,
    /// Reasons, each with its number of words and the place of the first.
    passed_over: Vec<(&'static str, usize, String)>,
    /// Lines without the right numbers, and what is wrong with the first.
    faults: usize,
    first_fault: Option<String>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(path: &'a Path, width: usize) -> Self {
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
    pub(super) fn fault(&mut self, why: &'static str, place: String, what: &str) {
        self.faults += 1;
        self.first_fault.get_or_insert_with(|| format!("{place}: {what}"));
        self.pass_over(why, || place);
    }

    /// Takes a word whose numbers are the last of `values`, unless it is to be passed over.
    pub(super) fn take(&mut self, word: &str, place: impl Fn() -> String) {
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
    pub(super) fn finish(self, promised: Option<&str>, say: &mut dyn FnMut(&str)) -> Result<Parts, Error> {
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

/// The error of a file that is no word vectors, with what it is if its first bytes show that.
pub(super) fn not_vectors(path: &Path, first: &[u8], why: &str) -> Error {
    Error::file(
        path,
        match content::described(first) {
            Some(what) => format!("no word vectors: it is {what}"),
            None if first.is_empty() => "no vectors: the file is empty".to_owned(),
            None => format!("no word vectors: {why}"),
        },
    )
}

fn shaped(path: &Path, words: Vec<String>, values: Vec<f32>, width: usize) -> Result<Parts, Error> {
    let matrix = Array2::from_shape_vec((words.len(), width), values);
    Ok((words, matrix.map_err(|error| Error::file(path, error.to_string()))?))
}
