//! Images and labels in a `.npz`, as Keras (`mnist.npz`) and MedMNIST publish them.

use std::io::{Cursor, Read};
use std::path::Path;

use files::npy::{self, NpyError};
use ndarray::ArrayD;

use super::idx::{LIMIT, Pictures};
use super::set::Half;
use crate::error::Error;

/// Names of the arrays: images and labels to train, then to test.
const NAMES: [[&str; 4]; 2] = [
    ["x_train", "y_train", "x_test", "y_test"],
    ["train_images", "train_labels", "test_images", "test_labels"],
];

/// Reads the training images, and the test images if there are any.
pub(super) fn read(path: &Path) -> Result<(Half, Option<Half>), Error> {
    let bytes = files::content::read(path, LIMIT).map_err(Error::io(path))?;
    let fault = |why: String| Error::file(path, why);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| fault(format!("no zip archive: {error}")))?;
    let there: Vec<String> =
        archive.file_names().map(|name| name.trim_end_matches(".npy").to_owned()).collect();
    let Some(names) =
        NAMES.iter().find(|names| names[..2].iter().all(|name| there.iter().any(|n| n == name)))
    else {
        let there = there.join(", ");
        return Err(fault(format!("arrays x_train and y_train are needed, and these are there: {there}")));
    };
    let mut array = |name: &str| -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let file =
            archive.by_name(&format!("{name}.npy")).map_err(|error| fault(format!("{name}: {error}")))?;
        file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|error| fault(format!("{name}: {error}")))?;
        match bytes.len() as u64 > LIMIT {
            true => Err(fault(format!("{name}: more than {LIMIT} bytes, the most that is read"))),
            false => Ok(bytes),
        }
    };
    let mut half = |names: &[&str]| -> Result<Half, Error> {
        let [x, y] = [names[0], names[1]];
        let labels = labels(&array(y)?).map_err(|why| fault(format!("{y}: {why}")))?;
        let images = pictures(&array(x)?).map_err(|why| fault(format!("{x}: {why}")))?;
        Ok(Half { images, labels, images_path: path.join(x), labels_path: path.join(y) })
    };
    let train = half(&names[..2])?;
    let has_test = names[2..].iter().all(|name| there.iter().any(|n| n == name));
    let test = if has_test { Some(half(&names[2..])?) } else { None };
    Ok((train, test))
}

/// Unsigned bytes of shape (n, height, width), or (n, height, width, 1).
fn pictures(bytes: &[u8]) -> Result<Pictures, String> {
    let array: ArrayD<u8> = npy::read(bytes).map_err(|error| match error {
        NpyError::Type { found, .. } => {
            format!(
                "numbers of type {found}: bytes are needed, 0 to 255; {}",
                super::in_bytes(found.contains('f'))
            )
        }
        other => other.to_string(),
    })?;
    let &([count, height, width] | [count, height, width, 1]) = array.shape() else {
        let shape = array.shape();
        return Err(format!("an array of shape {shape:?}: grey images are needed, (images, height, width)"));
    };
    if count == 0 || height == 0 || width == 0 {
        return Err("no images".to_owned());
    }
    Ok(Pictures { count, height, width, pixels: array.iter().copied().collect() })
}

/// Integers of shape (n) or (n, 1).
fn labels(bytes: &[u8]) -> Result<Vec<u8>, String> {
    fn plain<T: npy::Element + TryInto<u8> + std::fmt::Display>(bytes: &[u8]) -> Result<Vec<u8>, NpyOr> {
        let array: ArrayD<T> = npy::read(bytes).map_err(NpyOr::Npy)?;
        if !matches!(array.shape(), [_] | [_, 1]) {
            let shape = array.shape();
            return Err(NpyOr::Other(format!(
                "an array of shape {shape:?}: a class number for each image is needed"
            )));
        }
        let byte = |value: &T| {
            (*value).try_into().map_err(|_| NpyOr::Other(format!("{value} is not a class from 0 to 255")))
        };
        array.iter().map(byte).collect()
    }
    let tries = [plain::<u8>, plain::<i32>, plain::<i64>];
    let mut last = NpyOr::Other(String::new());
    for read in tries {
        match read(bytes) {
            Err(NpyOr::Npy(error @ NpyError::Type { .. })) => last = NpyOr::Npy(error),
            Err(NpyOr::Npy(error)) => return Err(error.to_string()),
            Err(NpyOr::Other(why)) => return Err(why),
            Ok(labels) => return Ok(labels),
        }
    }
    Err(match last {
        NpyOr::Npy(NpyError::Type { found, .. }) => {
            format!("numbers of type {found}: class numbers are needed; in NumPy: y.astype('int64')")
        }
        NpyOr::Npy(error) => error.to_string(),
        NpyOr::Other(why) => why,
    })
}

enum NpyOr {
    Npy(NpyError),
    Other(String),
}
