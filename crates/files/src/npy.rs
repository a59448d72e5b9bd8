//! NumPy's `.npy`: one array (NumPy Enhancement Proposal 1, and `numpy.lib.format`).
//!
//! | bytes | content |
//! |---|---|
//! | 6 | `\x93NUMPY` |
//! | 2 | version, 1.0, 2.0 or 3.0 |
//! | 2 (version 1) or 4 | length of the header, little-endian |
//! | that many | `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, spaces, a line end |
//! | the rest | the values, little-endian, the last index fastest unless `fortran_order` |
//!
//! The header is Python source. This reader accepts only the dictionary above, with its keys in any order,
//! and nothing nested, so that it takes linear time. The shape is not trusted: memory grows with the bytes
//! that are really read.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use half::f16;
use ndarray::{Array2, ArrayBase, ArrayD, Data, Dimension, Ix2, IxDyn, ShapeBuilder};

use crate::whole::write_whole;

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The longest header that is read, in bytes: that of an array of 64 dimensions is shorter.
const LONGEST_HEADER: u64 = 1 << 14;

/// Most dimensions, as in NumPy 2.
const MOST_DIMENSIONS: usize = 64;

/// Why a file is not an array that can be read.
#[derive(Debug, thiserror::Error)]
pub enum NpyError {
    /// The file cannot be read or opened.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file begins with other bytes.
    #[error("not a .npy file: it does not begin with \\x93NUMPY")]
    NotNpy,
    /// A version of the format after those that are known.
    #[error("a .npy file of version {0}.{1}; versions 1.0, 2.0 and 3.0 are read")]
    Version(u8, u8),
    /// The header is longer than is ever read.
    #[error("not a .npy file: a header of {0} bytes; at most {LONGEST_HEADER} are read")]
    LongHeader(u64),
    /// The header is not the dictionary that it should be.
    #[error("not a .npy file: byte {at} of its header: {why}")]
    Header {
        /// The byte of the header, counted from 1.
        at: usize,
        /// What is wrong there.
        why: String,
    },
    /// The values have a type that was not asked for.
    #[error("numbers of type {found}, not {expected}")]
    Type {
        /// As in the file.
        found: String,
        /// As in a file.
        expected: &'static str,
    },
    /// The array has another number of dimensions than two.
    #[error("an array of shape {0:?}, not a matrix")]
    NotMatrix(Vec<usize>),
    /// The shape stands for more bytes than an address can count.
    #[error("an array of shape {0:?} is too large")]
    TooLarge(Vec<usize>),
    /// The file ends before its last value, or within its header.
    #[error("breaks off: {found} of {needed} bytes of its {part}")]
    Truncated {
        /// Bytes that are there.
        found: u64,
        /// Bytes that the header asks for.
        needed: u64,
        /// `header` or `values`.
        part: &'static str,
    },
    /// The file continues after its last value.
    #[error("continues after the {0} bytes of its values")]
    Trailing(u64),
}

/// A type of values that a file may have.
pub trait Element: Copy {
    /// As in a header.
    const DESCR: &'static str;
    /// Bytes of a value.
    const SIZE: usize;
    /// From exactly [`SIZE`](Self::SIZE) bytes.
    fn from_bytes(bytes: &[u8]) -> Self;
    /// Appends the bytes.
    fn put(self, to: &mut Vec<u8>);
}

macro_rules! element {
    ($($type:ty: $descr:literal;)*) => {
        $(impl Element for $type {
            const DESCR: &'static str = $descr;
            const SIZE: usize = size_of::<$type>();

            fn from_bytes(bytes: &[u8]) -> Self {
                Self::from_le_bytes(bytes.try_into().expect("the bytes of one value"))
            }

            fn put(self, to: &mut Vec<u8>) {
                to.extend(self.to_le_bytes());
            }
        })*
    };
}

element! {
    f16: "<f2";
    f32: "<f4";
    f64: "<f8";
    u8: "|u1";
    i32: "<i4";
    i64: "<i8";
}

/// Reads an array of values of type `T`, of any shape.
///
/// # Errors
/// Whatever [`NpyError`] lists.
pub fn read<T: Element>(mut from: impl Read) -> Result<ArrayD<T>, NpyError> {
    let header = Header::read(&mut from)?;
    match header.descr == T::DESCR {
        true => header.values(from, |value: T| value),
        false => Err(NpyError::Type { found: header.descr, expected: T::DESCR }),
    }
}

/// Reads an array of half, single or double precision as single precision.
///
/// # Errors
/// Whatever [`NpyError`] lists.
pub fn read_floats(mut from: impl Read) -> Result<ArrayD<f32>, NpyError> {
    let header = Header::read(&mut from)?;
    match &*header.descr {
        f16::DESCR => header.values(from, f16::to_f32),
        f32::DESCR => header.values(from, |value: f32| value),
        f64::DESCR => header.values(from, |value: f64| value as f32),
        _ => Err(NpyError::Type { found: header.descr, expected: "<f2, <f4 or <f8" }),
    }
}

/// Reads a matrix by [`read_floats`]; its rows are contiguous, whatever the order in the file.
///
/// # Errors
/// Whatever [`NpyError`] lists.
pub fn read_matrix(from: impl Read) -> Result<Array2<f32>, NpyError> {
    let array = read_floats(from)?;
    let shape = array.shape().to_vec();
    let matrix = array.into_dimensionality::<Ix2>().map_err(|_| NpyError::NotMatrix(shape))?;
    match matrix.is_standard_layout() {
        true => Ok(matrix),
        false => Ok(matrix.as_standard_layout().into_owned()),
    }
}

/// Reads the file at `path` by [`read`].
///
/// # Errors
/// Whatever [`NpyError`] lists.
pub fn load<T: Element>(path: &Path) -> Result<ArrayD<T>, NpyError> {
    read(BufReader::with_capacity(1 << 20, File::open(path)?))
}

/// Writes an array, its values in the order of its indices.
///
/// # Errors
/// What the system said.
pub fn write<T: Element, S: Data<Elem = T>, D: Dimension>(
    mut to: impl Write,
    array: &ArrayBase<S, D>,
) -> io::Result<()> {
    let sizes: String = array.shape().iter().map(|size| format!("{size}, ")).collect();
    // A tuple of one has a comma, one of more has none at its end.
    let sizes = if array.ndim() == 1 { sizes.trim_end() } else { sizes.trim_end_matches(", ") };
    let mut header = format!("{{'descr': '{}', 'fortran_order': False, 'shape': ({sizes}), }}", T::DESCR);
    let before = MAGIC.len() + 4;
    // The values begin at a multiple of 64 bytes, for programs that map the file into memory.
    let length = (before + header.len() + 1).next_multiple_of(64) - before;
    header.extend(std::iter::repeat_n(' ', length - 1 - header.len()));
    header.push('\n');
    let length = u16::try_from(length).map_err(|_| io::Error::other("an array of too many dimensions"))?;
    to.write_all(MAGIC)?;
    to.write_all(&[1, 0])?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(header.as_bytes())?;
    let mut bytes = Vec::with_capacity((1 << 16) + 8);
    for value in array {
        value.put(&mut bytes);
        if bytes.len() >= 1 << 16 {
            to.write_all(&bytes)?;
            bytes.clear();
        }
    }
    to.write_all(&bytes)?;
    to.flush()
}

/// Writes an array to the file at `path`, whole or not at all.
///
/// # Errors
/// What the system said; the file at `path` is then unchanged.
pub fn save<T: Element, S: Data<Elem = T>, D: Dimension>(
    path: &Path,
    array: &ArrayBase<S, D>,
) -> io::Result<()> {
    write_whole(path, |file| write(BufWriter::new(File::create(file)?), array))
}

/// What a header says.
#[derive(Debug, PartialEq)]
struct Header {
    descr: String,
    fortran_order: bool,
    shape: Vec<usize>,
}

impl Header {
    fn read(from: &mut impl Read) -> Result<Self, NpyError> {
        let start = some(from, 8)?;
        if !start.starts_with(MAGIC) {
            return Err(NpyError::NotNpy);
        }
        let width = match start[MAGIC.len()..] {
            [1, 0] => 2,
            [2 | 3, 0] => 4,
            [major, minor] => return Err(NpyError::Version(major, minor)),
            _ => return Err(NpyError::NotNpy),
        };
        let bytes = header_part(from, width)?;
        let length = bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        if length > LONGEST_HEADER {
            return Err(NpyError::LongHeader(length));
        }
        Parser { text: &header_part(from, length)?, at: 0 }.dictionary()
    }

    /// Reads the values, which must end where the file ends.
    fn values<T: Element, U>(self, from: impl Read, single: fn(T) -> U) -> Result<ArrayD<U>, NpyError> {
        let count = self.shape.iter().try_fold(1usize, |product, size| product.checked_mul(*size));
        let needed = count.and_then(|count| count.checked_mul(T::SIZE));
        // A shape with a 0 in it multiplies to 0, however large its other sizes.
        let mut whole = self.shape.iter().filter(|size| **size > 0);
        let whole = whole.try_fold(1usize, |product, size| product.checked_mul(*size));
        let fits = whole.is_some_and(|count| isize::try_from(count).is_ok());
        let Some(needed) = needed.filter(|_| fits).map(|needed| needed as u64) else {
            return Err(NpyError::TooLarge(self.shape));
        };
        let mut from = from.take(needed.saturating_add(1));
        let (mut values, mut found) = (Vec::new(), 0);
        let mut part = Vec::new();
        loop {
            part.clear();
            let size = (1 << 20) / T::SIZE * T::SIZE;
            found += from.by_ref().take(size as u64).read_to_end(&mut part)? as u64;
            values.extend(part.chunks_exact(T::SIZE).map(|bytes| single(T::from_bytes(bytes))));
            if part.len() < size {
                break;
            }
        }
        if found < needed {
            return Err(NpyError::Truncated { found, needed, part: "values" });
        }
        if found > needed {
            return Err(NpyError::Trailing(needed));
        }
        let shape = IxDyn(&self.shape).set_f(self.fortran_order);
        ArrayD::from_shape_vec(shape, values).map_err(|_| NpyError::TooLarge(self.shape))
    }
}

/// The next bytes, as many as there are of `needed`.
fn some(from: &mut impl Read, needed: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(needed).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn header_part(from: &mut impl Read, needed: u64) -> Result<Vec<u8>, NpyError> {
    let bytes = some(from, needed)?;
    let found = bytes.len() as u64;
    if found == needed { Ok(bytes) } else { Err(NpyError::Truncated { found, needed, part: "header" }) }
}

/// A reader of the one dictionary that a header holds.
struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn dictionary(mut self) -> Result<Header, NpyError> {
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        self.expect(b'{')?;
        while !self.found(b'}') {
            self.blank();
            let start = self.at;
            let key = self.string()?;
            self.expect(b':')?;
            let twice = match &*key {
                "descr" => descr.replace(self.string()?).is_some(),
                "fortran_order" => fortran_order.replace(self.truth()?).is_some(),
                "shape" => shape.replace(self.tuple()?).is_some(),
                _ => return Err(fault(start, format!("the key {key:?} is unknown"))),
            };
            if twice {
                return Err(fault(start, format!("the key {key:?} comes twice")));
            }
            if !self.found(b',') {
                self.expect(b'}')?;
                break;
            }
        }
        self.blank();
        if self.at < self.text.len() {
            return Err(fault(self.at, "text after the closing brace"));
        }
        let missing = |key| fault(self.at, format!("there is no key {key:?}"));
        Ok(Header {
            descr: descr.ok_or_else(|| missing("descr"))?,
            fortran_order: fortran_order.ok_or_else(|| missing("fortran_order"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }

    fn blank(&mut self) {
        self.at += self.text[self.at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }

    /// Steps over white space and this byte, if it comes next.
    fn found(&mut self, byte: u8) -> bool {
        self.blank();
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), NpyError> {
        match self.found(byte) {
            true => Ok(()),
            false => Err(fault(self.at, format!("{:?} is needed", char::from(byte)))),
        }
    }

    /// A string in either quotes, without escapes.
    fn string(&mut self) -> Result<String, NpyError> {
        let quote = if self.found(b'"') { b'"' } else { b'\'' };
        if quote == b'\'' && !self.found(b'\'') {
            // Structured types are lists.
            return Err(fault(self.at, "a string is needed"));
        }
        let inner = &self.text[self.at..];
        let plain = |byte: &&u8| byte.is_ascii_graphic() && **byte != quote && **byte != b'\\';
        let length = inner.iter().take_while(plain).count();
        self.at += length;
        if inner.get(length) != Some(&quote) {
            return Err(fault(self.at, "a string of printable ASCII characters is needed"));
        }
        self.at += 1;
        Ok(inner[..length].iter().copied().map(char::from).collect())
    }

    fn truth(&mut self) -> Result<bool, NpyError> {
        self.blank();
        for (word, value) in [("True", true), ("False", false)] {
            if self.text[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(fault(self.at, "True or False is needed"))
    }

    /// A tuple of whole numbers.
    fn tuple(&mut self) -> Result<Vec<usize>, NpyError> {
        let mut sizes = Vec::new();
        self.expect(b'(')?;
        while !self.found(b')') {
            if sizes.len() == MOST_DIMENSIONS {
                return Err(fault(self.at, format!("more than {MOST_DIMENSIONS} dimensions")));
            }
            sizes.push(self.number()?);
            if !self.found(b',') {
                if sizes.len() == 1 {
                    return Err(fault(self.at, "a comma is needed: (2) is a number, and (2,) a tuple"));
                }
                self.expect(b')')?;
                break;
            }
        }
        Ok(sizes)
    }

    fn number(&mut self) -> Result<usize, NpyError> {
        self.blank();
        let start = self.at;
        let digits: String = self.text[start..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .map(|byte| char::from(*byte))
            .collect();
        self.at += digits.len();
        match digits.parse() {
            Ok(number) => Ok(number),
            Err(_) if digits.is_empty() => Err(fault(start, "a whole number is needed")),
            Err(_) => Err(fault(start, format!("{digits} is too large"))),
        }
    }
}

/// A fault at a place of the header, counted from 0.
fn fault(at: usize, why: impl Into<String>) -> NpyError {
    NpyError::Header { at: at + 1, why: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array, Array0, array};

    /// A file of version 1.0 with this header and these bytes of values.
    fn file(header: &str, values: &[u8]) -> Vec<u8> {
        let length = (header.len() as u16).to_le_bytes();
        [&MAGIC[..], &[1, 0], &length, header.as_bytes(), values].concat()
    }

    fn message(bytes: &[u8]) -> String {
        let message = read_floats(bytes).unwrap_err().to_string();
        assert_eq!(message.lines().count(), 1, "{message}");
        message
    }

    /// What `numpy.save` writes for `numpy.arange(6, dtype="<f4").reshape(2, 3)`, byte by byte.
    fn golden() -> Vec<u8> {
        let mut bytes =
            b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\
            \x20                                                         \n"
                .to_vec();
        assert_eq!(bytes.len(), 128);
        bytes.extend(b"\0\0\0\0\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40\0\0\xa0\x40");
        bytes
    }

    #[test]
    fn reads_and_writes_what_numpy_does() {
        let matrix = array![[0.0f32, 1.0, 2.0], [3.0, 4.0, 5.0]];
        assert_eq!(read::<f32>(&golden()[..]).unwrap(), matrix.clone().into_dyn());
        let mut written = Vec::new();
        write(&mut written, &matrix).unwrap();
        assert_eq!(written, golden());
        written.clear();
        write(&mut written, &matrix.t()).unwrap();
        let back = read::<f32>(&written[..]).unwrap();
        assert_eq!(back, matrix.t().into_dyn());
    }

    #[test]
    fn reads_every_type_that_numpy_writes_for_it() {
        let of = |descr: &str, values: &[u8]| {
            file(&format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}\n"), values)
        };
        // numpy.array([1.5, -2], ..).tobytes()
        let half = of("<f2", b"\x00\x3e\x00\xc0");
        let single = of("<f4", b"\x00\x00\xc0\x3f\x00\x00\x00\xc0");
        let double = of("<f8", b"\0\0\0\0\0\0\xf8\x3f\0\0\0\0\0\0\x00\xc0");
        for bytes in [half, single, double] {
            assert_eq!(read_floats(&bytes[..]).unwrap(), array![1.5, -2.0].into_dyn());
        }
        let bytes = of("|u1", b"\x07\xff");
        assert_eq!(read::<u8>(&bytes[..]).unwrap(), array![7, 255].into_dyn());
        assert_eq!(message(&bytes), "numbers of type |u1, not <f2, <f4 or <f8");
        let bytes = of("<i8", b"\x07\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff");
        assert_eq!(read::<i64>(&bytes[..]).unwrap(), array![7, -1].into_dyn());
        let bytes = of("<i4", b"\x07\0\0\0\xff\xff\xff\xff");
        assert_eq!(read::<i32>(&bytes[..]).unwrap(), array![7, -1].into_dyn());
        let error = read::<i64>(&bytes[..]).unwrap_err().to_string();
        assert_eq!(error, "numbers of type <i4, not <i8");
        assert!(message(&of(">f4", b"")).contains(">f4"));
    }

    #[test]
    fn reads_every_version_order_and_rank() {
        let header = "{\"shape\":(2,2),'fortran_order' : True , 'descr':'|u1'}";
        let mut bytes = file(header, &[1, 2, 3, 4]);
        assert_eq!(read::<u8>(&bytes[..]).unwrap(), array![[1, 3], [2, 4]].into_dyn());
        for version in [2, 3] {
            let length = (header.len() as u32).to_le_bytes();
            bytes = [&MAGIC[..], &[version, 0], &length, header.as_bytes(), &[1, 2, 3, 4]].concat();
            assert_eq!(read::<u8>(&bytes[..]).unwrap(), array![[1, 3], [2, 4]].into_dyn());
        }
        let matrix = file("{'descr': '<f2', 'fortran_order': True, 'shape': (2, 1)}", b"\x00\x3e\x00\xc0");
        assert_eq!(read_matrix(&matrix[..]).unwrap(), array![[1.5], [-2.0]]);
        let vector = file("{'descr': '<f2', 'fortran_order': False, 'shape': (1,)}", b"\x00\x3e");
        let error = read_matrix(&vector[..]).unwrap_err().to_string();
        assert_eq!(error, "an array of shape [1], not a matrix");
        for array in
            [Array0::from_elem((), 7u8).into_dyn(), Array::zeros(IxDyn(&[2, 0, 3])), array![1].into_dyn()]
        {
            let mut bytes = Vec::new();
            write(&mut bytes, &array).unwrap();
            assert_eq!(bytes.len() % 64, array.len());
            assert_eq!(read::<u8>(&bytes[..]).unwrap(), array);
        }
        // More than one part.
        let large = Array::from_shape_fn((700, 1000), |(i, j)| (i * 1000 + j) as f32);
        let mut bytes = Vec::new();
        write(&mut bytes, &large).unwrap();
        assert_eq!(read_floats(&bytes[..]).unwrap(), large.into_dyn());
    }

    #[test]
    fn a_file_that_breaks_off_or_continues_is_refused() {
        let golden = golden();
        for end in 0..golden.len() {
            let message = message(&golden[..end]);
            let what = match end {
                0..8 => "not a .npy file",
                8..128 => "of its header",
                _ => "of 24 bytes of its values",
            };
            assert!(message.contains(what), "{end}: {message}");
        }
        assert_eq!(message(&[&golden[..], b"x"].concat()), "continues after the 24 bytes of its values");
        assert_eq!(message(b"PK\x03\x04 and more"), "not a .npy file: it does not begin with \\x93NUMPY");
        assert_eq!(
            message(b"\x93NUMPY\x04\x00\x00\x00"),
            "a .npy file of version 4.0; versions 1.0, 2.0 and 3.0 are read"
        );
        let long = [&MAGIC[..], &[2, 0], &u32::MAX.to_le_bytes()].concat();
        assert!(message(&long).contains("a header of 4294967295 bytes"));
    }

    #[test]
    fn a_hostile_header_is_one_clear_error() {
        let with =
            |shape: &str| file(&format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}"), b"");
        let nested = format!("{}{}", "(".repeat(8000), ")".repeat(8000));
        for (shape, why) in [
            (&*nested, "a whole number is needed"),
            ("[2, 3]", "'(' is needed"),
            ("(2)", "a comma is needed"),
            ("(-1, 2)", "a whole number is needed"),
            ("(2.5,)", "is needed"),
            ("(2 3)", "a comma is needed"),
            ("(2,,3)", "a whole number is needed"),
            ("(99999999999999999999999,)", "99999999999999999999999 is too large"),
            ("(18446744073709551615, 2)", "is too large"),
            ("(4611686018427387904,)", "is too large"),
            ("(0, 18446744073709551615)", "is too large"),
            ("(1000000000000, 1000000)", "breaks off: 0 of 4000000000000000000 bytes of its values"),
            ("(2, 3), 'shape': (2, 3)", "the key \"shape\" comes twice"),
            ("(2, 3), 'more': 1", "the key \"more\" is unknown"),
            ("(2, 3)} {", "text after the closing brace"),
        ] {
            let message = message(&with(shape));
            assert!(message.contains(why), "{message}");
        }
        let many = format!("({})", "1,".repeat(65));
        assert!(message(&with(&many)).contains("more than 64 dimensions"));
        for (header, why) in [
            ("", "'{' is needed"),
            ("{}", "there is no key \"descr\""),
            ("{'descr': '<f4', 'shape': (2,)}", "there is no key \"fortran_order\""),
            ("{'descr': [('x', '<f4')]}", "a string is needed"),
            ("{'descr': '<f\\x34'}", "a string of printable ASCII"),
            ("{'descr': '<f4", "a string of printable ASCII"),
            ("{'fortran_order': 0}", "True or False is needed"),
            ("{'descr' '<f4'}", "':' is needed"),
            ("{'descr': '<f4' 'shape': (2,)}", "'}' is needed"),
            ("{descr: '<f4'}", "a string is needed"),
            ("{'descr': '<f4',,}", "a string is needed"),
        ] {
            let message = message(&file(header, b""));
            assert!(message.starts_with("not a .npy file: byte ") && message.contains(why), "{message}");
        }
    }
}
