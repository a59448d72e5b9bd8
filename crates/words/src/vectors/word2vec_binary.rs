//! word2vec's binary: a line "words width", then for each word the word, a space, and single-precision numbers.

use std::io::{BufRead, Read, Write};
use std::path::Path;

use ndarray::Array2;

use super::fields::header;
use super::reading::{LONGEST_LINE, Parts, Reading, not_vectors};
use crate::Error;

pub(super) fn write(words: &[String], matrix: &Array2<f32>, mut to: impl Write) -> std::io::Result<()> {
    writeln!(to, "{} {}", words.len(), matrix.ncols())?;
    for (word, row) in words.iter().zip(matrix.rows()) {
        write!(to, "{word} ")?;
        row.iter().try_for_each(|value| to.write_all(&value.to_le_bytes()))?;
        writeln!(to)?;
    }
    Ok(())
}

pub(super) fn read(mut reader: impl BufRead, path: &Path, say: &mut dyn FnMut(&str)) -> Result<Parts, Error> {
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
