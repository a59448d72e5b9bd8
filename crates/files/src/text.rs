//! Text in the encodings that people have: UTF-8, UTF-16, and Latin-1 as Windows writes it.
//!
//! A byte order mark decides, and is no part of the text. Without one, text with a zero byte beside almost every letter is
//! UTF-16. Bytes that are not UTF-8 are read as windows-1252, of which Latin-1 is a part.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::DecodeReaderBytesBuilder;

/// Bytes by which UTF-16 without a byte order mark is recognised.
const SAMPLE: usize = 1 << 12;

/// A text, and the encoding that it had.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    /// Without a byte order mark.
    pub text: String,
    /// The name of an encoding that was not UTF-8.
    pub encoding: Option<&'static str>,
}

/// Decodes a whole text.
pub fn decode(bytes: Vec<u8>) -> Text {
    let (text, encoding) = decode_bytes(&bytes);
    Text { text: text.into_owned(), encoding }
}

/// The same of bytes that stay where they are, with the name of an encoding that was not UTF-8. Text that is neither UTF-8
/// nor UTF-16 is decoded line by line, as by [`decode_line`], so that one odd line does not change the others.
pub fn decode_bytes(bytes: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    let encoding = marked(bytes).unwrap_or(UTF_8);
    if encoding != UTF_8 {
        return (encoding.decode_with_bom_removal(bytes).0, Some(encoding.name()));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (Cow::Borrowed(text), None);
    }
    let (mut text, mut name) = (String::with_capacity(bytes.len()), "UTF-8 with broken letters");
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let (line, is_latin) = decode_line(line);
        text.push_str(&line);
        if is_latin {
            name = WINDOWS_1252.name();
        }
    }
    (Cow::Owned(text), Some(name))
}

/// Decodes a line of a text that is mostly UTF-8: a line that is not is read as windows-1252, unless most of its letters
/// beyond ASCII are UTF-8. Returns whether it was read so.
pub fn decode_line(line: &[u8]) -> (Cow<'_, str>, bool) {
    let Err(_) = std::str::from_utf8(line) else { return (String::from_utf8_lossy(line), false) };
    let (mut good, mut bad) = (0, 0);
    for chunk in line.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    match good < bad {
        true => (WINDOWS_1252.decode_without_bom_handling(line).0, true),
        false => (String::from_utf8_lossy(line), false),
    }
}

/// A reader of the same text without a byte order mark, and as UTF-8 if it was UTF-16; with the name of an encoding that
/// was not UTF-8. Bytes of other encodings pass unchanged: see [`decode_line`].
///
/// # Errors
/// If the first bytes cannot be read.
pub fn reader<'a>(mut bytes: impl BufRead + 'a) -> io::Result<(Box<dyn BufRead + 'a>, Option<&'static str>)> {
    // A reader may return fewer bytes than there are.
    let mut first = Vec::new();
    bytes.by_ref().take(SAMPLE as u64).read_to_end(&mut first)?;
    let encoding = marked(&first).unwrap_or(UTF_8);
    if encoding == UTF_8 {
        let start = if first.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let mut first = io::Cursor::new(first);
        first.set_position(start);
        return Ok((Box::new(first.chain(bytes)), None));
    }
    let whole = io::Cursor::new(first).chain(bytes);
    let decoded = DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(whole);
    Ok((Box::new(BufReader::with_capacity(1 << 16, decoded)), Some(encoding.name())))
}

/// The encoding that a byte order mark names, or the zero bytes of UTF-16 show.
fn marked(bytes: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Some(encoding);
    }
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), sample.len() / 2);
    match (10 * even > 7 * half, 10 * odd > 7 * half) {
        (true, false) => Some(UTF_16BE),
        (false, true) => Some(UTF_16LE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "un café été\nl'hôtel\n";
        let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), None),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), None),
            ([&b"\xff\xfe"[..], &utf16(text, true)].concat(), Some("UTF-16LE")),
            ([&b"\xfe\xff"[..], &utf16(text, false)].concat(), Some("UTF-16BE")),
            (utf16(text, true), Some("UTF-16LE")),
            (utf16(text, false), Some("UTF-16BE")),
            (latin.clone(), Some("windows-1252")),
        ] {
            assert_eq!(decode(bytes.clone()), Text { text: text.to_owned(), encoding }, "{bytes:x?}");
            let (mut read, found) = reader(&bytes[..]).unwrap();
            let (mut all, mut line) = (String::new(), Vec::new());
            while read.read_until(b'\n', &mut line).unwrap() > 0 {
                all.push_str(&decode_line(&line).0);
                line.clear();
            }
            assert_eq!((&*all, found), (text, encoding.filter(|name| name.starts_with("UTF-16"))));
        }
        assert_eq!(decode(Vec::new()), Text { text: String::new(), encoding: None });
    }

    #[test]
    fn an_odd_line_does_not_change_the_others() {
        let (text, encoding) = decode_bytes(b"caf\xc3\xa9\ncaf\xe9\n");
        assert_eq!((&*text, encoding), ("café\ncafé\n", Some("windows-1252")));
        let (text, encoding) = decode_bytes(b"caf\xc3\xa9 \xc3\xa9t\xc3\xa9 \xff\n");
        assert_eq!((&*text, encoding), ("café été \u{fffd}\n", Some("UTF-8 with broken letters")));
    }

    #[test]
    fn a_broken_letter_does_not_turn_a_line_into_another_encoding() {
        let (text, latin) = decode_line(b"caf\xc3\xa9 \xc3\xa9t\xc3\xa9 \xff");
        assert_eq!((&*text, latin), ("café été \u{fffd}", false));
        let (text, latin) = decode_line(b"caf\xe9 noir");
        assert_eq!((&*text, latin), ("café noir", true));
    }
}
