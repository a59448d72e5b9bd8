//! The IDX format of MNIST and similar sets: a magic number, the dimensions, then unsigned bytes.
//!
//! A header is never trusted: memory grows with the bytes that are really read, to at most one byte more than
//! announced.
use std::io::{self, Read};

use super::checksums::Checksums;
use super::stored::Stored;
use super::{Pixels, SAVED};
use crate::error::Error;

/// The most that a header may announce, in bytes: 2 GiB, four times the largest split of EMNIST.
pub(super) const LIMIT: u64 = 2 << 30;

/// Images of one file: `pixels` has shape (count, height, width), rows first.
#[derive(Debug)]
pub(super) struct Pictures {
    pub(super) count: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) pixels: Vec<u8>,
}

/// Reads a file of images.
///
/// # Errors
/// Those of [`read`], and [`Error::NoPixels`] if height or width is 0.
pub(super) fn read_images(file: &Stored, sums: &Checksums) -> Result<Pictures, Error> {
    let ([count, height, width], pixels) = read(file, sums)?;
    if height == 0 || width == 0 {
        return Err(Error::NoPixels { path: file.path.clone(), height, width });
    }
    Ok(Pictures { count, height, width, pixels })
}

/// Reads a file of labels, unchanged. Of QMNIST's `idx2-int`, rows of 4-byte numbers, the first of a row is the label.
///
/// # Errors
/// Those of [`read`].
pub(super) fn read_labels(file: &Stored, sums: &Checksums) -> Result<Vec<u8>, Error> {
    match read::<1>(file, sums) {
        Err(Error::WrongMagic { found: INTS, .. }) => {
            let ([_, width], numbers) = read_as::<2>(file, sums, INTS, 4)?;
            let first = |(row, numbers): (usize, &[u8])| match *numbers {
                [0, 0, 0, label, ..] => Ok(label),
                _ => Err(Error::file(&file.path, format!("row {}: its label is not in 0 to 255", row + 1))),
            };
            numbers.chunks_exact(4 * width.max(1)).enumerate().map(first).collect()
        }
        read => read.map(|(_, labels)| labels),
    }
}

/// The magic number of rows of 4-byte integers.
const INTS: u32 = 0x0c02;

/// Reads a file of `RANK` dimensions, inflated if it is gzip: the dimensions and the bytes.
///
/// # Errors
/// Any fault of the file itself: unreadable, not gzip, another magic number, 0 entries, more announced than
/// [`LIMIT`], fewer or more bytes than announced, a sum other than the one in `sums`.
fn read<const RANK: usize>(file: &Stored, sums: &Checksums) -> Result<([usize; RANK], Vec<u8>), Error> {
    read_as(file, sums, 0x0800 | RANK as u32, 1)
}

/// Reads a file that begins with the magic number `expected`, and whose numbers have `bytes_each` bytes.
fn read_as<const RANK: usize>(
    file: &Stored,
    sums: &Checksums,
    expected: u32,
    bytes_each: u128,
) -> Result<([usize; RANK], Vec<u8>), Error> {
    let path = || file.path.clone();
    let mut content = content(file)?;

    let needed = 4 + 4 * RANK as u64;
    let mut header = Vec::new();
    content.by_ref().take(needed).read_to_end(&mut header).map_err(|e| fault(file, header.len(), e))?;
    let mut words = header.chunks_exact(4).map(|word| word.iter().fold(0, |sum, &b| sum << 8 | u32::from(b)));
    if let Some(found) = words.next()
        && found != expected
    {
        return Err(match another_kind(found, expected, &header) {
            Some(why) => Error::file(path(), why),
            None => Error::WrongMagic { path: path(), found, expected },
        });
    }
    if (header.len() as u64) < needed {
        return Err(Error::ShortHeader { path: path(), found: header.len() as u64, needed });
    }
    let mut shape = [0usize; RANK];
    shape.iter_mut().zip(words).for_each(|(size, word)| *size = word as usize);
    if shape[0] == 0 {
        return Err(Error::Empty { path: path() });
    }

    // Three 32-bit numbers multiply to 96 bits at most.
    let product = shape.iter().map(|&size| size as u128).product::<u128>().saturating_mul(bytes_each);
    let announced = u64::try_from(product)
        .ok()
        .filter(|&bytes| bytes <= LIMIT)
        .ok_or_else(|| Error::TooLarge { path: path(), announced: product, limit: LIMIT })?;
    let mut bytes = Vec::new();
    // One byte more shows whether the file continues. It also makes the decoder reach the stream's own
    // checksum.
    let outcome = content.take(announced + 1).read_to_end(&mut bytes);
    outcome.map_err(|e| fault(file, header.len() + bytes.len(), e))?;
    let found = bytes.len() as u64;
    if found < announced {
        return Err(Error::Truncated { path: path(), found, announced });
    }
    if found > announced {
        return Err(Error::Trailing { path: path(), offset: needed + announced, announced });
    }
    sums.check(file, &header, &bytes)?;
    bytes.shrink_to_fit();
    Ok((shape, bytes))
}

/// What a file with the magic number `found` is, where that is known, and what to do about it.
fn another_kind(found: u32, expected: u32, header: &[u8]) -> Option<String> {
    let rank = found & 0xff;
    let numbers = match found >> 8 {
        0x08 if rank == 4 => {
            return Some(format!(
                "an IDX file of 4 dimensions: colour images are not read; grey ones have 3: in NumPy, with the colours \
                 last, x.mean(axis=3).round().astype('uint8'); then {SAVED}"
            ));
        }
        0x09 => "signed bytes",
        0x0b => "16-bit integers",
        0x0c if found != INTS => "32-bit integers",
        0x0d => "single-precision numbers",
        0x0e => "double-precision numbers",
        _ => {
            return files::content::described(header)
                .filter(|_| found >> 16 != 0)
                .map(|what| format!("it is {what}"));
        }
    };
    let (what, how) = match expected {
        0x0801 => ("labels", "in NumPy: y.astype('uint8')"),
        _ => (
            "pixels",
            super::in_bytes(match found >> 8 {
                0x0d | 0x0e => Pixels::Floats,
                _ => Pixels::Integers,
            }),
        ),
    };
    Some(format!(
        "an IDX file of {numbers}: {what} must be unsigned bytes, 0 to 255 (type 0x08); {how}; then {SAVED}"
    ))
}

/// The uncompressed bytes of `file`, whatever its name says.
fn content(file: &Stored) -> Result<Box<dyn Read>, Error> {
    let mut stored = file.open()?;
    let first = stored.fill_buf().map_err(|e| file.io(e))?;
    match first {
        _ if first.starts_with(&files::gzip::MAGIC) => Ok(Box::new(files::gzip::reader(stored))),
        [0, 0, ..] => Ok(Box::new(stored)),
        _ if !file.is_gzipped() => Ok(Box::new(stored)),
        _ => Err(match files::content::described(first) {
            Some(what) => {
                Error::file(&file.path, format!("not a gzip file, though its name ends in .gz: it is {what}"))
            }
            None => Error::NotGzip { path: file.path.clone() },
        }),
    }
}

/// Whether a read failed because the stream is damaged, after `offset` bytes of it, or because the system
/// refused.
fn fault(file: &Stored, offset: usize, error: io::Error) -> Error {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        InvalidData | InvalidInput | UnexpectedEof => {
            Error::CorruptGzip { path: file.path.clone(), offset: offset as u64, reason: error.to_string() }
        }
        _ => file.io(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::test_files::{folder, gzip, idx};

    const NAMES: [&str; 2] = ["x", "x.gz"];

    /// Stores `bytes` unchanged in a file of that name and reads it as images.
    fn stored(name: &str, bytes: Vec<u8>) -> Result<Pictures, Error> {
        let dir = folder([(name.to_owned(), bytes)]);
        read_images(&Stored::on_disk(dir.path().join(name)), &Checksums::default())
    }

    /// Stores `bytes` in a file of that name, compressed if it ends in .gz, and reads it as images: the
    /// error's message.
    fn refused(name: &str, bytes: &[u8]) -> String {
        let stored_bytes = if name.ends_with(".gz") { gzip(bytes) } else { bytes.to_vec() };
        let message = stored(name, stored_bytes).unwrap_err().to_string();
        let (path, what) = message.split_once(": ").unwrap();
        assert!(path.ends_with(name), "{message}");
        assert!(!message.contains('\n'), "{message}");
        what.to_owned()
    }

    #[test]
    fn reads_images_of_any_size() {
        let bytes = idx(&[2, 3, 1], &[1, 2, 3, 4, 5, 255]);
        for stored_bytes in [("x", bytes.clone()), ("x.gz", gzip(&bytes))] {
            let pictures = stored(stored_bytes.0, stored_bytes.1).unwrap();
            assert_eq!((pictures.count, pictures.height, pictures.width), (2, 3, 1));
            assert_eq!(pictures.pixels, [1, 2, 3, 4, 5, 255]);
        }
        // Two members, as parallel compressors write them.
        let members = [gzip(&bytes[..9]), gzip(&bytes[9..])].concat();
        assert_eq!(stored("x.gz", members).unwrap().pixels.len(), 6);
    }

    #[test]
    fn reads_labels() {
        let file = Stored::embedded("x", b"\0\0\x08\x01\0\0\0\x02\x07\x09");
        assert_eq!(read_labels(&file, &Checksums::default()).unwrap(), [7, 9]);
    }

    #[test]
    fn refuses_another_magic_number() {
        let labels = idx(&[3], &[1, 2, 3]);
        for name in NAMES {
            let what = "byte 0: magic number 0x00000801, expected 0x00000803";
            assert_eq!(refused(name, &labels), what);
        }
        // Gzip is recognised by its content.
        assert_eq!(refused("x", &gzip(&labels)), "byte 0: magic number 0x00000801, expected 0x00000803");
    }

    #[test]
    fn says_what_another_file_is() {
        let of_type = |kind: u8, rank: u8| [&[0, 0, kind, rank][..], &[0; 16]].concat();
        assert!(refused("x", &of_type(8, 4)).contains("colour images are not read"));
        assert!(refused("x", &of_type(13, 3)).contains("single-precision numbers: pixels must be unsigned"));
        assert!(refused("x", &of_type(13, 3)).contains("(x * 255).round().astype('uint8')"));
        assert!(refused("x", &of_type(11, 3)).ends_with(
            "(type 0x08); in NumPy: x.astype('uint8'); then numpy.savez('set.npz', x_train=x, y_train=y)"
        ));
        assert!(refused("x", b"<html><body>not found").contains("it is an HTML page"));
        let page = stored("x.gz", b"<!DOCTYPE html>".to_vec()).unwrap_err().to_string();
        assert!(
            page.ends_with("though its name ends in .gz: it is an HTML page, perhaps of a failed download"),
            "{page}"
        );
    }

    #[test]
    fn reads_labels_of_qmnist() {
        let rows = |label: u8| [&[0, 0, 0, label][..], &[9; 28]].concat();
        let header = [&[0, 0, 12, 2][..], &2u32.to_be_bytes(), &8u32.to_be_bytes()].concat();
        let file = |second: Vec<u8>| folder([("x".to_owned(), [header.clone(), rows(7), second].concat())]);
        let read = |dir: &tempfile::TempDir| {
            read_labels(&Stored::on_disk(dir.path().join("x")), &Checksums::default())
        };
        assert_eq!(read(&file(rows(3))).unwrap(), [7, 3]);
        let error = read(&file([&[0, 0, 1, 0][..], &[9; 28]].concat())).unwrap_err().to_string();
        assert!(error.ends_with("row 2: its label is not in 0 to 255"), "{error}");
    }

    #[test]
    fn refuses_a_header_that_breaks_off() {
        for name in NAMES {
            for length in [0, 3, 4, 15] {
                let what = format!("ends at byte {length}, within its header of 16 bytes");
                assert_eq!(refused(name, &idx(&[1, 1, 1], &[0])[..length]), what);
            }
        }
    }

    #[test]
    fn refuses_a_header_that_lies() {
        let header = idx(&[2, 2, 2], &[]);
        for name in NAMES {
            let short = refused(name, &[&header[..], &[0; 7]].concat());
            assert_eq!(short, "truncated: 7 bytes follow the header, which announces 8");
            let long = refused(name, &[&header[..], &[0; 9]].concat());
            assert_eq!(long, "byte 24: continues after the 8 bytes that its header announces");
        }
    }

    #[test]
    fn refuses_to_read_what_is_too_large() {
        let most = idx(&[u32::MAX; 3], &[0]);
        let what = "byte 4: its header announces 79228162458924105385300197375 bytes, \
                    more than the limit of 2147483648";
        assert_eq!(refused("x", &most), what);
        assert!(
            refused("x.gz", &idx(&[1, 1 << 16, (1 << 15) + 1], &[])).contains("announces 2147549184 bytes")
        );
        // A header at the limit is accepted, but memory is allocated only for the bytes that follow.
        let what = refused("x", &idx(&[1, 1 << 16, 1 << 15], &[1]));
        assert_eq!(what, "truncated: 1 bytes follow the header, which announces 2147483648");
    }

    #[test]
    fn inflates_no_more_than_announced() {
        let bomb = [idx(&[1, 1, 1], &[]), vec![0; 64 << 20]].concat();
        assert_eq!(refused("x.gz", &bomb), "byte 17: continues after the 1 bytes that its header announces");
    }

    #[test]
    fn refuses_images_without_pixels_and_files_without_images() {
        for name in NAMES {
            assert_eq!(refused(name, &idx(&[0, 2, 2], &[])), "byte 4: its header announces 0 entries");
            assert_eq!(
                refused(name, &idx(&[4_000_000_000, 0, 2], &[])),
                "byte 8: images of 0x2 pixels (height x width)"
            );
        }
    }

    #[test]
    fn refuses_damaged_gzip() {
        let sound = gzip(&idx(&[1, 50, 50], &(0..2500u32).map(|i| ((i * i) >> 3) as u8).collect::<Vec<_>>()));
        let what = |bytes: Vec<u8>| stored("x.gz", bytes).unwrap_err();
        assert!(matches!(what(b"no IDX file".to_vec()), Error::NotGzip { .. }));
        assert_eq!(stored("x.gz", idx(&[1, 1, 1], &[5])).unwrap().pixels, [5]);
        assert!(matches!(what(Vec::new()), Error::NotGzip { .. }));
        // Damaged at the stream's own checksum and in the middle; cut in the middle, by a byte and in the
        // header; with bytes appended.
        let length = sound.len();
        let changed = |at: usize| {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x55;
            bytes
        };
        for bad in [
            changed(length - 6),
            changed(length / 2),
            sound[..length / 2].to_vec(),
            sound[..length - 1].to_vec(),
            sound[..5].to_vec(),
            [&sound[..], b"more"].concat(),
        ] {
            let error = what(bad);
            assert!(matches!(error, Error::CorruptGzip { .. }), "{error}");
        }
        let Error::CorruptGzip { offset, .. } = what(changed(length - 6)) else { unreachable!() };
        assert_eq!(offset, 2516);
    }

    #[test]
    fn a_missing_file_is_named() {
        let file = Stored::on_disk("no/such/file.gz".into());
        let error = read_labels(&file, &Checksums::default()).unwrap_err().to_string();
        assert!(error.starts_with("no/such/file.gz: cannot be read: "), "{error}");
    }
}
