//! Safetensors: named tensors and one entry of metadata, which is JSON.
//!
//! There is one entry because the format keeps metadata in a map without an order: with two, equal content
//! would not always give equal bytes. Within it, `tensors_sha256` is the SHA-256 of the tensors, by which damage is noticed:
//! see [`Tensors::verify`].

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::path::Path;

use safetensors::tensor::{SafeTensors, View};
use serde::de::DeserializeOwned;

use crate::content;
use crate::sha256::Sha256;
use crate::whole::write_whole;

pub use safetensors::Dtype;

/// A tensor to be written.
#[derive(Clone, Debug)]
pub struct Tensor<'a> {
    dtype: Dtype,
    dims: Vec<usize>,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Tensor<'a> {
    /// Single-precision `values`, row by row.
    ///
    /// # Panics
    /// If `dims` do not multiply to the number of values; so do the other constructors.
    pub fn f32(dims: &[usize], values: impl Into<Cow<'a, [f32]>>) -> Self {
        Self::new(Dtype::F32, dims, values.into())
    }

    /// Double-precision `values`, row by row.
    pub fn f64(dims: &[usize], values: impl Into<Cow<'a, [f64]>>) -> Self {
        Self::new(Dtype::F64, dims, values.into())
    }

    /// Unsigned 32-bit `values`, row by row.
    pub fn u32(dims: &[usize], values: impl Into<Cow<'a, [u32]>>) -> Self {
        Self::new(Dtype::U32, dims, values.into())
    }

    /// The bytes of a text, as a vector of unsigned bytes.
    pub fn text(text: &'a str) -> Self {
        Self::new(Dtype::U8, &[text.len()], Cow::Borrowed(text.as_bytes()))
    }

    fn new<T: bytemuck::Pod>(dtype: Dtype, dims: &[usize], values: Cow<'a, [T]>) -> Self {
        assert_eq!(dims.iter().product::<usize>(), values.len(), "values for a tensor of shape {dims:?}");
        let bytes = match values {
            Cow::Borrowed(values) => Cow::Borrowed(bytemuck::cast_slice(values)),
            Cow::Owned(values) => Cow::Owned(bytemuck::cast_slice(&values).to_vec()),
        };
        Self { dtype, dims: dims.to_vec(), bytes }
    }

    /// Its shape.
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// Its values, little-endian.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.dims
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// Writes a file whole or not at all, with at most one entry of metadata.
///
/// # Errors
/// What the system said; the file at `path` is then unchanged.
pub fn write(
    path: &Path,
    tensors: Vec<(String, Tensor)>,
    metadata: Option<(&str, String)>,
) -> io::Result<()> {
    let metadata = Some(signed(&tensors, metadata));
    write_whole(path, |file| {
        safetensors::serialize_to_file(tensors, metadata, file).map_err(|error| match error {
            safetensors::SafeTensorError::IoError(error) => error,
            other => io::Error::other(other),
        })
    })
}

/// The metadata with the SHA-256 of the tensors in its entry, unless the entry has a sum of its own.
fn signed<N: AsRef<str>>(
    tensors: &[(N, Tensor)],
    metadata: Option<(&str, String)>,
) -> HashMap<String, String> {
    let (key, entry) = metadata.unwrap_or(("files", "{}".to_owned()));
    let entry = match entry.strip_suffix('}') {
        Some(inner) if !inner.contains("\"sha256\":") => {
            let all = tensors.iter().map(|(name, t)| (name.as_ref(), t.dtype, &*t.dims, t.bytes()));
            let comma = if inner.trim_end().ends_with('{') { "" } else { "," };
            format!("{inner}{comma}\"{SUM}\":\"{}\"}}", digest(all))
        }
        _ => entry,
    };
    HashMap::from([(key.to_owned(), entry)])
}

/// The key of the sum in the entry.
const SUM: &str = "tensors_sha256";

/// SHA-256 of each tensor's name, type, shape and bytes, in the order of the names.
fn digest<'a>(tensors: impl Iterator<Item = (&'a str, Dtype, &'a [usize], &'a [u8])>) -> String {
    let mut sorted: Vec<_> = tensors.collect();
    sorted.sort_by_key(|tensor| tensor.0);
    let mut hash = Sha256::new();
    for (name, dtype, dims, bytes) in sorted {
        hash.update(format!("{} {name} {dtype:?} {dims:?} ", name.len()));
        hash.update(bytes);
    }
    hash.hex()
}

/// The bytes of a file without metadata but the sum of its tensors.
///
/// # Errors
/// If two tensors have one name.
pub fn to_bytes(tensors: Vec<(&str, Tensor)>) -> io::Result<Vec<u8>> {
    let metadata = signed(&tensors, None);
    safetensors::serialize(tensors, Some(metadata)).map_err(io::Error::other)
}

/// Why a file of tensors cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TensorError {
    /// The bytes are no safetensors file.
    #[error("is damaged: {0}")]
    Damaged(String),
    /// The metadata have no entry of this name, or one of another kind.
    #[error("no `{0}` in the metadata")]
    NoEntry(String),
    /// There is no tensor of this name.
    #[error("no tensor `{0}`")]
    Missing(String),
    /// A tensor has another shape or type.
    #[error("{name} is {found_type:?} {found:?}, not {expected}")]
    Mismatch {
        /// The tensor.
        name: String,
        /// The type of its values.
        found_type: Dtype,
        /// Its shape.
        found: Vec<usize>,
        /// What was asked for.
        expected: String,
    },
    /// The bytes are those of another kind of file.
    #[error("no safetensors file: {0}")]
    OtherKind(String),
    /// The tensors are not those that were written.
    #[error(
        "is damaged, or was changed by another program: the SHA-256 of its tensors is {found}, where {recorded} is recorded \
         in it as tensors_sha256"
    )]
    WrongSum {
        /// Of the tensors.
        found: String,
        /// In the metadata.
        recorded: String,
    },
    /// A number is not finite.
    #[error("tensor `{name}`: number {at} is {value}, which is not finite")]
    NotFinite {
        /// The tensor.
        name: String,
        /// The place of the number, counted from 0.
        at: usize,
        /// The number.
        value: f32,
    },
    /// A tensor of bytes is not text.
    #[error("`{name}`: byte {at}: not UTF-8")]
    NotText {
        /// The tensor.
        name: String,
        /// The first byte that is wrong, counted from 1.
        at: usize,
    },
}

/// The tensors of a file in memory.
pub struct Tensors<'a> {
    file: SafeTensors<'a>,
    metadata: Option<HashMap<String, String>>,
}

impl<'a> Tensors<'a> {
    /// Reads the header of a file and checks that its tensors fill the file exactly.
    ///
    /// # Errors
    /// [`TensorError::Damaged`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, TensorError> {
        if let Some(what) = content::described(bytes).filter(|what| !what.contains("safetensors")) {
            return Err(TensorError::OtherKind(format!("it is {what}")));
        }
        let damaged = |error: safetensors::SafeTensorError| {
            let length = bytes.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
            let after = bytes.len().saturating_sub(8) as u64;
            TensorError::Damaged(match length {
                None => format!("its header needs 8 bytes, and the file has {}", bytes.len()),
                Some(length) if length > after => {
                    format!("its header says that it has {length} bytes, and {after} follow")
                }
                Some(_) => format!("its header does not fit what follows ({error})"),
            })
        };
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
        Ok(Self { file, metadata: metadata.metadata().clone() })
    }

    /// The entry of the metadata under `key`, read as JSON.
    ///
    /// # Errors
    /// [`TensorError::NoEntry`].
    pub fn entry<T: DeserializeOwned>(&self, key: &str) -> Result<T, TensorError> {
        let text = self.metadata.as_ref().and_then(|map| map.get(key));
        text.and_then(|text| serde_json::from_str(text).ok())
            .ok_or_else(|| TensorError::NoEntry(key.to_owned()))
    }

    /// Checks the tensors against the sum that was written with them. A file of another program, or of an older one, has no
    /// sum and passes.
    ///
    /// # Errors
    /// [`TensorError::WrongSum`].
    pub fn verify(&self) -> Result<(), TensorError> {
        let sum = |text: &String| {
            let entry: serde_json::Value = serde_json::from_str(text).ok()?;
            entry.get(SUM)?.as_str().map(str::to_owned)
        };
        let Some(recorded) = self.metadata.iter().flat_map(HashMap::values).find_map(sum) else {
            return Ok(());
        };
        let tensors: Vec<_> = self.file.iter().collect();
        let found = digest(tensors.iter().map(|(name, t)| (*name, t.dtype(), t.shape(), t.data())));
        if found == recorded { Ok(()) } else { Err(TensorError::WrongSum { found, recorded }) }
    }

    /// How many tensors there are.
    pub fn len(&self) -> usize {
        self.file.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.file.is_empty()
    }

    /// Names and bytes, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.file.iter().map(|(name, tensor)| (name, tensor.data()))
    }

    /// The shape of a tensor.
    ///
    /// # Errors
    /// [`TensorError::Missing`].
    pub fn dims(&self, name: &str) -> Result<Vec<usize>, TensorError> {
        Ok(self.tensor(name)?.shape().to_vec())
    }

    /// The values of a single-precision tensor of exactly this shape.
    ///
    /// # Errors
    /// [`TensorError::Missing`], [`TensorError::Mismatch`].
    pub fn f32(
        &self,
        name: &str,
        dims: &[usize],
    ) -> Result<impl Iterator<Item = f32> + use<'a>, TensorError> {
        Ok(self.values(name, Dtype::F32, Some(dims))?.iter().map(|bytes| f32::from_le_bytes(*bytes)))
    }

    /// The values of a single-precision vector.
    ///
    /// # Errors
    /// As for [`f32`](Self::f32).
    pub fn f32_vector(&self, name: &str) -> Result<Vec<f32>, TensorError> {
        Ok(self.values(name, Dtype::F32, None)?.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// The values of a vector of unsigned 32-bit integers.
    ///
    /// # Errors
    /// As for [`f32`](Self::f32).
    pub fn u32_vector(&self, name: &str) -> Result<Vec<u32>, TensorError> {
        Ok(self.values(name, Dtype::U32, None)?.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
    }

    /// A vector of bytes as text.
    ///
    /// # Errors
    /// As for [`f32`](Self::f32), and [`TensorError::NotText`].
    pub fn text(&self, name: &str) -> Result<&str, TensorError> {
        let bytes = self.values::<1>(name, Dtype::U8, None)?.as_flattened();
        std::str::from_utf8(bytes)
            .map_err(|error| TensorError::NotText { name: name.to_owned(), at: error.valid_up_to() + 1 })
    }

    fn tensor(&self, name: &str) -> Result<safetensors::tensor::TensorView<'a>, TensorError> {
        self.file.tensor(name).map_err(|_| TensorError::Missing(name.to_owned()))
    }

    /// The values of a tensor of this type and shape, or of any vector of this type, each as its bytes.
    fn values<const N: usize>(
        &self,
        name: &str,
        dtype: Dtype,
        dims: Option<&[usize]>,
    ) -> Result<&'a [[u8; N]], TensorError> {
        let tensor = self.tensor(name)?;
        let fits = dims.map_or(tensor.shape().len() == 1, |dims| dims == tensor.shape());
        if tensor.dtype() != dtype || !fits {
            return Err(TensorError::Mismatch {
                name: name.to_owned(),
                found_type: tensor.dtype(),
                found: tensor.shape().to_vec(),
                expected: dims.map_or(format!("a vector of {dtype:?}"), |dims| format!("{dtype:?} {dims:?}")),
            });
        }
        Ok(tensor.data().as_chunks().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_come_back_with_their_metadata() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        let tensors = vec![
            ("m".to_owned(), Tensor::f32(&[2, 1], vec![0.5, -2.0])),
            ("n".to_owned(), Tensor::u32(&[3], &[1, 2, u32::MAX][..])),
            ("t".to_owned(), Tensor::text("día")),
        ];
        write(&path, tensors, Some(("notes", "[1, 2]".to_owned()))).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let file = Tensors::parse(&bytes).unwrap();
        assert_eq!(file.entry::<Vec<u8>>("notes").unwrap(), [1, 2]);
        assert_eq!(file.f32("m", &[2, 1]).unwrap().collect::<Vec<_>>(), [0.5, -2.0]);
        assert_eq!(file.u32_vector("n").unwrap(), [1, 2, u32::MAX]);
        assert_eq!((file.text("t").unwrap(), file.dims("t").unwrap(), file.len()), ("día", vec![4], 3));
    }

    #[test]
    fn every_flipped_bit_of_a_tensor_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        let tensors = || vec![("m".to_owned(), Tensor::f32(&[2, 1], vec![0.5, -2.0]))];
        for metadata in [None, Some(("notes", "{\"a\":1}".to_owned())), Some(("notes", "{}".to_owned()))] {
            write(&path, tensors(), metadata.clone()).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            Tensors::parse(&bytes).unwrap().verify().unwrap();
            for bit in 0..64 {
                let mut flipped = bytes.clone();
                let at = bytes.len() - 8 + bit / 8;
                flipped[at] ^= 1 << (bit % 8);
                let error = Tensors::parse(&flipped).unwrap().verify().unwrap_err();
                assert!(matches!(error, TensorError::WrongSum { .. }), "{error}");
            }
        }
        let bytes = to_bytes(vec![("m", Tensor::f32(&[1], vec![0.5]))]).unwrap();
        Tensors::parse(&bytes).unwrap().verify().unwrap();
        // Of a program that writes no sum.
        let plain = safetensors::serialize(tensors(), None).unwrap();
        Tensors::parse(&plain).unwrap().verify().unwrap();
        let error =
            Tensors::parse(b"version https://git-lfs.github.com/spec/v1\n").err().unwrap().to_string();
        assert!(error.starts_with("no safetensors file: it is a Git LFS pointer"), "{error}");
    }

    #[test]
    fn each_fault_is_named() {
        let bytes =
            to_bytes(vec![("m", Tensor::f32(&[2, 1], vec![0.5, -2.0])), ("t", Tensor::text("a"))]).unwrap();
        let file = Tensors::parse(&bytes).unwrap();
        let message = |error: TensorError| error.to_string();
        assert_eq!(message(file.entry::<u8>("x").unwrap_err()), "no `x` in the metadata");
        assert_eq!(message(file.text("x").unwrap_err()), "no tensor `x`");
        assert_eq!(message(file.f32("m", &[2]).err().unwrap()), "m is F32 [2, 1], not F32 [2]");
        assert_eq!(message(file.f32_vector("t").unwrap_err()), "t is U8 [1], not a vector of F32");
        assert_eq!(message(file.f32_vector("m").unwrap_err()), "m is F32 [2, 1], not a vector of F32");
        for cut in [0, 7, 20, bytes.len() - 1] {
            assert!(matches!(Tensors::parse(&bytes[..cut]), Err(TensorError::Damaged(_))), "{cut}");
        }
    }
}
