//! What a file is by its content, whatever its name says: gzip is inflated, and other kinds are named in messages.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::gzip;

/// First bytes that [`described`] looks at.
const FIRST: usize = 512;

/// How [`described`] names a `.npy`.
pub const NPY: &str = "an array of NumPy (.npy)";

/// How [`described`] names a `.safetensors`.
pub const SAFETENSORS: &str = "a safetensors file";

/// How [`described`] names a pointer of Git LFS, which is text with a number at the end of a line.
pub const LFS_POINTER: &str = "a Git LFS pointer, not the file itself: `git lfs pull` fetches it";

/// Kinds of files that begin with these bytes, and what to do with them.
const KINDS: &[(&[u8], &str)] = &[
    (b"version https://git-lfs", LFS_POINTER),
    (b"PK\x03\x04", "a zip archive: unpack it"),
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file: unpack it with bunzip2"),
    (b"\xfd7zXZ\0", "an xz file: unpack it with unxz"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file: unpack it with unzstd"),
    (b"7z\xbc\xaf", "a 7-Zip archive: unpack it"),
    (
        b"\xba\x16\x4f\x2f",
        "a fastText model: its vectors as text, the .vec that fastText writes beside it, are read",
    ),
    (b"\x93NUMPY", NPY),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file: save its arrays as .npy"),
    (
        b"MATLAB 5.0 MAT-file",
        "a MATLAB file (.mat): save its arrays as .npz or .npy, in Python after scipy.io.loadmat",
    ),
    (b"PAR1", "a Parquet file: save it as CSV or .npy"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
];

/// What the first bytes of a file show it to be, with what to do about it, as the end of a sentence that begins with "it
/// is"; `None` if they are of no known kind.
pub fn described(first: &[u8]) -> Option<&'static str> {
    if let Some((_, what)) = KINDS.iter().find(|(begin, _)| first.starts_with(begin)) {
        return Some(what);
    }
    match *first {
        [0x80, 2..=5, ..] => {
            return Some("a pickle of Python, which is not read because it can run code: save it as .npy");
        }
        [0, 0, 8 | 9 | 11 | 12 | 13 | 14, 1..=4, ..] => return Some("an IDX file, as of MNIST"),
        [_, _, _, _, _, 0, 0, 0, b'{', b'"', ..] => return Some(SAFETENSORS),
        _ => {}
    }
    if first.get(257..262) == Some(b"ustar") {
        return Some("a tar archive: unpack it");
    }
    if first.starts_with(b"RIFF") && first.get(8..12) == Some(b"WEBP") {
        return Some("a WebP picture");
    }
    if first.get(4..8) == Some(b"ftyp") {
        return Some("a HEIC, AVIF or video file: convert pictures to JPEG or PNG");
    }
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first).trim_ascii_start().to_ascii_lowercase();
    let is_page = [&b"<!doctype html"[..], b"<html"].iter().any(|begin| text.starts_with(begin));
    is_page.then_some("an HTML page, perhaps of a failed download")
}

/// What a file is by its first bytes: see [`described`]. `None` also if it cannot be read.
pub fn described_file(path: &Path) -> Option<&'static str> {
    let mut first = Vec::new();
    File::open(path).ok()?.take(FIRST as u64).read_to_end(&mut first).ok()?;
    described(&first)
}

/// Opens a file; its bytes are inflated if they are gzip.
///
/// # Errors
/// What the system said.
pub fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    inflated(BufReader::with_capacity(1 << 20, File::open(path)?))
}

/// The same bytes, inflated if they are gzip.
///
/// # Errors
/// If the first of them cannot be read.
pub fn inflated<'a>(mut bytes: impl BufRead + 'a) -> io::Result<Box<dyn BufRead + 'a>> {
    match is_gzip(&mut bytes)? {
        true => Ok(Box::new(BufReader::with_capacity(1 << 20, gzip::reader(bytes)))),
        false => Ok(Box::new(bytes)),
    }
}

/// Whether the bytes to come are gzip. They stay to be read.
///
/// # Errors
/// If the first of them cannot be read.
pub fn is_gzip(bytes: &mut impl BufRead) -> io::Result<bool> {
    Ok(bytes.fill_buf()?.starts_with(&gzip::MAGIC))
}

/// All bytes of a file, inflated if they are gzip, and at most `most` of them: a small gzip file can stand for any
/// number.
///
/// # Errors
/// What the system said; [`io::ErrorKind::FileTooLarge`] beyond `most`.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("more than {} MiB of content, the most that is read", most >> 20),
        )),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn gzip_is_recognised_by_content_and_its_size_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plain.txt");
        for stored in [b"a text".to_vec(), gzipped(b"a text")] {
            std::fs::write(&path, stored).unwrap();
            assert_eq!(read(&path, 6).unwrap(), b"a text");
            assert_eq!(read(&path, 5).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        }
        std::fs::write(&path, gzipped(&vec![0; 64 << 20])).unwrap();
        assert!(read(&path, 1 << 20).unwrap_err().to_string().starts_with("more than 1 MiB"));
    }

    #[test]
    fn kinds_are_named() {
        let kind = |first: &[u8]| described(first).unwrap_or("nothing");
        assert!(
            kind(b"version https://git-lfs.github.com/spec/v1\noid sha256:").starts_with("a Git LFS pointer")
        );
        assert!(kind(b"\xef\xbb\xbf\n <!DOCTYPE HTML>").starts_with("an HTML page"));
        assert!(kind(&793_712_314u32.to_le_bytes()).starts_with("a fastText model"));
        assert!(kind(b"\x80\x04\x95\x00").starts_with("a pickle"));
        assert!(kind(b"PK\x03\x04\x14").starts_with("a zip"));
        assert!(kind(&[&[b'x'; 257][..], b"ustar\0"].concat()).starts_with("a tar"));
        assert_eq!(kind(b"\0\0\x08\x03\0\0"), "an IDX file, as of MNIST");
        assert_eq!(kind(b"\x10\0\0\0\0\0\0\0{\"a\":"), "a safetensors file");
        assert_eq!((kind(b"the cat"), kind(b"")), ("nothing", "nothing"));
    }
}
