//! A text as numbers of words, in a temporary file, so that memory does not grow with the text.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use files::{content, text};

use crate::{Error, Tokens, Vocabulary};

/// Ends a sentence.
pub(crate) const END: u32 = u32::MAX;

/// Numbers that are read at a time. A sentence across the end of a chunk becomes two.
pub(crate) const CHUNK: usize = 1 << 16;

/// A text: files, or lines in memory.
#[derive(Clone, Debug)]
pub enum Text {
    /// Files, one after another.
    Files(Vec<PathBuf>),
    /// Lines.
    Lines(Vec<String>),
}

impl Text {
    /// Calls `each` for every line; `progress` now and then with the bytes read so far. Returns lines about files that are
    /// not UTF-8. Gzip is inflated.
    fn lines(
        &self,
        mut each: impl FnMut(&[u8]) -> Result<(), Error>,
        progress: &mut impl FnMut(u64),
    ) -> Result<Vec<String>, Error> {
        match self {
            Text::Lines(lines) => {
                lines.iter().try_for_each(|line| each(line.as_bytes()))?;
                Ok(Vec::new())
            }
            Text::Files(paths) => {
                let (mut bytes, mut told, mut notes) = (0, 0, Vec::new());
                for path in paths {
                    let mut file = content::open(path).map_err(Error::io(path))?;
                    let first = file.fill_buf().map_err(Error::io(path))?;
                    if let Some(what) = content::described(first) {
                        return Err(Error::file(path, format!("no text: it is {what}")));
                    }
                    let (mut reader, encoding) = text::reader(file).map_err(Error::io(path))?;
                    notes.extend(encoding.map(|name| format!("{}: read as {name}", path.display())));
                    let (mut line, mut latin) = (Vec::new(), 0);
                    loop {
                        line.clear();
                        // A file may be one line: it is cut into sentences of about 2²⁰ bytes, at a space.
                        let read = (&mut reader)
                            .take(1 << 20)
                            .read_until(b'\n', &mut line)
                            .map_err(Error::io(path))?;
                        if read == 0 {
                            break;
                        }
                        if line.last() != Some(&b'\n') && line.len() == 1 << 20 {
                            let more = (&mut reader).take(1 << 20).read_until(b' ', &mut line);
                            more.map_err(Error::io(path))?;
                            // Not within a letter.
                            while let Some(byte @ 0x80..0xc0) =
                                reader.fill_buf().map_err(Error::io(path))?.first()
                            {
                                line.push(*byte);
                                reader.consume(1);
                                if line.len() > 3 << 20 {
                                    break;
                                }
                            }
                        }
                        bytes += line.len() as u64;
                        if bytes >= told + (1 << 24) {
                            told = bytes;
                            progress(bytes);
                        }
                        let (text, is_latin) = text::decode_line(&line);
                        latin += usize::from(is_latin);
                        each(text.as_bytes())?;
                    }
                    if latin > 0 {
                        let path = path.display();
                        notes.push(format!("{path}: {latin} lines are not UTF-8: read as windows-1252"));
                    }
                }
                Ok(notes)
            }
        }
    }

    /// Bytes in all.
    ///
    /// # Errors
    /// If a file is not there.
    pub fn bytes(&self) -> Result<u64, Error> {
        match self {
            Text::Lines(lines) => Ok(lines.iter().map(|line| line.len() as u64).sum()),
            Text::Files(paths) => {
                let length = |path: &PathBuf| path.metadata().map(|data| data.len()).map_err(Error::io(path));
                paths.iter().map(length).sum()
            }
        }
    }
}

/// A text as numbers of words.
#[derive(Debug)]
pub struct Corpus {
    /// Its words.
    pub vocabulary: Vocabulary,
    /// Lines about files that are not UTF-8.
    pub notes: Vec<String>,
    file: File,
    length: u64,
}

/// Writes a text as numbers.
pub(crate) struct Writer {
    file: BufWriter<File>,
    length: u64,
}

impl Writer {
    /// Writes a sentence, if it has a word, and empties it.
    pub(crate) fn sentence(&mut self, sentence: &mut Vec<u32>) -> Result<(), Error> {
        if !sentence.is_empty() {
            sentence.push(END);
            self.length += sentence.len() as u64;
            let written = self.file.write_all(bytemuck::cast_slice(sentence));
            written.map_err(Error::io(&std::env::temp_dir()))?;
            sentence.clear();
        }
        Ok(())
    }
}

impl Corpus {
    /// Reads a text twice: to count its words, and to number those that come at least `least` times.
    /// `progress` is called now and then with the share that is done.
    ///
    /// # Errors
    /// If a file cannot be read, the temporary file cannot be written, or no word is left.
    pub fn read(
        text: &Text,
        tokens: Tokens,
        least: u64,
        mut progress: impl FnMut(f64),
    ) -> Result<Self, Error> {
        let total = (2 * text.bytes()?).max(1) as f64;
        let mut counts: HashMap<String, u64> = HashMap::new();
        let count = |line: &[u8]| {
            tokens.each(line, |word| match counts.get_mut(word) {
                Some(count) => *count += 1,
                None => drop(counts.insert(word.to_owned(), 1)),
            });
            Ok(())
        };
        // Gzip has more bytes than its file.
        let mut progress = |share: f64| progress(share.min(1.0));
        let notes = text.lines(count, &mut |bytes| progress(bytes as f64 / total))?;
        let vocabulary = Vocabulary::new(counts, least)?;

        let mut written = 0;
        let mut corpus = Self::write(vocabulary, |vocabulary, writer| {
            let mut sentence = Vec::new();
            let number = |line: &[u8]| {
                tokens.each(line, |word| sentence.extend(vocabulary.number(word)));
                written += sentence.len() as u64;
                writer.sentence(&mut sentence)
            };
            text.lines(number, &mut |bytes| progress(0.5 + bytes as f64 / total)).map(drop)
        })?;
        corpus.notes = notes;
        if written != corpus.vocabulary.total() {
            let total = corpus.vocabulary.total();
            let why = format!(
                "{total} words in the first pass, {written} in the second: the text must be readable twice"
            );
            let path = match text {
                Text::Files(paths) if paths.len() == 1 => paths[0].clone(),
                _ => PathBuf::from("the corpus"),
            };
            return Err(Error::File { path, why });
        }
        Ok(corpus)
    }

    /// A corpus of the sentences that `fill` writes.
    pub(crate) fn write(
        vocabulary: Vocabulary,
        fill: impl FnOnce(&Vocabulary, &mut Writer) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let file = tempfile::tempfile().map_err(Error::io(&std::env::temp_dir()))?;
        let mut writer = Writer { file: BufWriter::with_capacity(1 << 20, file), length: 0 };
        fill(&vocabulary, &mut writer)?;
        let length = writer.length;
        let file = writer.file.into_inner().map_err(|error| error.into_error());
        let file = file.map_err(Error::io(&std::env::temp_dir()))?;
        Ok(Self { vocabulary, notes: Vec::new(), file, length })
    }

    /// Calls `each` for every number of the text, [`END`] among them.
    pub(crate) fn each(&mut self, mut each: impl FnMut(u32) -> Result<(), Error>) -> Result<(), Error> {
        let mut numbers = Vec::new();
        for index in 0..self.chunks() {
            self.chunk(index, &mut numbers)?;
            numbers.iter().try_for_each(|number| each(*number))?;
        }
        Ok(())
    }

    /// Chunks in all.
    pub(crate) fn chunks(&self) -> u64 {
        self.length.div_ceil(CHUNK as u64)
    }

    /// Reads a chunk into `numbers`.
    pub(crate) fn chunk(&mut self, index: u64, numbers: &mut Vec<u32>) -> Result<(), Error> {
        let start = index * CHUNK as u64;
        numbers.clear();
        numbers.resize((self.length - start).min(CHUNK as u64) as usize, 0);
        let mut read = || -> std::io::Result<()> {
            self.file.seek(SeekFrom::Start(4 * start))?;
            self.file.read_exact(bytemuck::cast_slice_mut(numbers))
        };
        read()
            .map_err(|source| Error::Io { path: Path::new("the corpus's temporary file").to_owned(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(corpus: &mut Corpus) -> Vec<u32> {
        let (mut all, mut chunk) = (vec![], vec![]);
        for index in 0..corpus.chunks() {
            corpus.chunk(index, &mut chunk).unwrap();
            all.extend(&chunk);
        }
        all
    }

    #[test]
    fn lines_are_sentences_and_rare_words_are_left_out() {
        let lines = ["a b a", "", "rare", "b a"].map(str::to_owned).to_vec();
        let mut corpus = Corpus::read(&Text::Lines(lines), Tokens::Words, 2, |_| {}).unwrap();
        assert_eq!(corpus.vocabulary.words(), ["a", "b"]);
        assert_eq!(numbers(&mut corpus), [0, 1, 0, END, 1, 0, END]);
    }

    #[test]
    fn other_encodings_and_gzip_give_the_same_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text.txt");
        let text = "un café été\nl'hôtel\n";
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        for (bytes, notes) in [
            (text.as_bytes().to_vec(), 0),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), 0),
            (utf16, 1),
            (latin, 1),
            (encoder.finish().unwrap(), 0),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let corpus = Corpus::read(&Text::Files(vec![path.clone()]), Tokens::Words, 1, |share| {
                assert!(share <= 1.0)
            });
            let corpus = corpus.unwrap();
            let mut words = corpus.vocabulary.words().to_vec();
            words.sort();
            assert_eq!(
                (words, corpus.notes.len()),
                (["café", "l'hôtel", "un", "été"].map(str::to_owned).to_vec(), notes)
            );
        }
        std::fs::write(&path, "PK\x03\x04").unwrap();
        let error = Corpus::read(&Text::Files(vec![path]), Tokens::Words, 1, |_| {}).unwrap_err().to_string();
        assert!(error.ends_with("text.txt: no text: it is a zip archive: unpack it"), "{error}");
    }

    #[test]
    fn files_are_read_one_after_another_and_by_chunks() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = ["one", "two"].map(|name| folder.path().join(name)).to_vec();
        std::fs::write(&paths[0], "x y\n".repeat(CHUNK)).unwrap();
        std::fs::write(&paths[1], "x\nz z").unwrap();
        let mut corpus = Corpus::read(&Text::Files(paths.clone()), Tokens::Words, 1, |_| {}).unwrap();
        let all = numbers(&mut corpus);
        assert_eq!(all.len(), 3 * CHUNK + 2 + 3);
        assert_eq!(all[3 * CHUNK..], [0, END, 2, 2, END]);
        let gone = Text::Files(vec![paths[0].clone(), folder.path().join("three")]);
        let error = Corpus::read(&gone, Tokens::Words, 1, |_| {}).unwrap_err().to_string();
        assert!(error.contains("three: "), "{error}");
    }
}
