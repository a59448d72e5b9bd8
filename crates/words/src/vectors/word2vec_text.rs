//! word2vec's text: a line "words width", then a line for each word. GloVe's is the same without the first line.

use std::io::{BufRead, Read, Write};
use std::path::Path;

use files::text;
use ndarray::Array2;

use super::fields::{header, numbers_at_the_end, trailing_numbers};
use super::reading::{LONGEST_LINE, Parts, Reading, not_vectors};
use crate::Error;

pub(super) fn write(words: &[String], matrix: &Array2<f32>, mut to: impl Write) -> std::io::Result<()> {
    writeln!(to, "{} {}", words.len(), matrix.ncols())?;
    for (word, row) in words.iter().zip(matrix.rows()) {
        write!(to, "{word}")?;
        row.iter().try_for_each(|value| write!(to, " {value}"))?;
        writeln!(to)?;
    }
    Ok(())
}

/// Lines by which the width of a file without a first line "words width" is found.
const SAMPLE: usize = 16;

pub(super) fn read(file: impl BufRead, path: &Path, say: &mut dyn FnMut(&str)) -> Result<Parts, Error> {
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
