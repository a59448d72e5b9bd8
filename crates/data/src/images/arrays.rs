//! Images and labels in a `.npz`, as Keras (`mnist.npz`) and MedMNIST publish them.

use std::io::{Cursor, Read};
use std::path::Path;

use files::npy::{self, NpyError};
use ndarray::ArrayD;

use super::idx::{LIMIT, Pictures};
use super::set::{Half, Parts};
use super::{Pixels, SAVED};
use crate::error::Error;

/// Names of the arrays in lower case, each pair for images and labels: to train, to validate, to test. Of several rows, the
/// first whose arrays to train are there.
const NAMES: [[[&str; 2]; 3]; 5] = [
    [["x_train", "y_train"], ["x_val", "y_val"], ["x_test", "y_test"]],
    [["train_images", "train_labels"], ["val_images", "val_labels"], ["test_images", "test_labels"]],
    [["train_x", "train_y"], ["val_x", "val_y"], ["test_x", "test_y"]],
    [["images", "labels"], ["", ""], ["", ""]],
    [["x", "y"], ["", ""], ["", ""]],
];

/// Reads the images to train, and those to validate and to test if there are any.
pub(super) fn read(path: &Path) -> Result<Parts, Error> {
    let bytes = files::content::read(path, LIMIT).map_err(Error::unreadable(path))?;
    let fault = |why: String| Error::file(path, why);
    let what = files::content::described(&bytes);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
        fault(match what.filter(|what| !what.starts_with("a zip")) {
            Some(what) => format!("no zip archive, as a .npz is: it is {what}"),
            None => format!("no zip archive: {error}"),
        })
    })?;
    let there: Vec<String> = archive.file_names().map(str::to_owned).collect();
    let plain = |name: &str| name.trim_end_matches(".npy").to_owned();
    let find = |name: &str| there.iter().find(|own| plain(own).eq_ignore_ascii_case(name)).cloned();
    let pair = |[x, y]: [&str; 2]| find(x).zip(find(y));
    let Some((train, [_, validation, test])) =
        NAMES.iter().find_map(|names| Some((pair(names[0])?, names.map(pair))))
    else {
        let there = there.iter().map(|name| plain(name)).collect::<Vec<_>>().join(", ");
        return Err(fault(format!(
            "arrays x_train and y_train are needed, and these are there: {there}; in NumPy: {SAVED}"
        )));
    };
    let mut array = |name: &str| -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let file = archive.by_name(name).map_err(|error| fault(format!("{name}: {error}")))?;
        file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|error| fault(format!("{name}: {error}")))?;
        match bytes.len() as u64 > LIMIT {
            true => Err(fault(format!("{name}: more than {LIMIT} bytes, the most that is read"))),
            false => Ok(bytes),
        }
    };
    let mut half = |(x, y): &(String, String)| -> Result<Half, Error> {
        let labels = labels(&array(y)?).map_err(|why| fault(format!("{}: {why}", plain(y))))?;
        let images = pictures(&array(x)?).map_err(|why| fault(format!("{}: {why}", plain(x))))?;
        Ok(Half { images, labels, images_path: path.join(plain(x)), labels_path: path.join(plain(y)) })
    };
    let used: Vec<&String> = [Some(&train), validation.as_ref(), test.as_ref()]
        .into_iter()
        .flatten()
        .flat_map(|(x, y)| [x, y])
        .collect();
    let unused: Vec<String> =
        there.iter().filter(|name| !used.contains(name)).map(|name| plain(name)).collect();
    let mut notes = Vec::new();
    if !unused.is_empty() {
        notes.push(format!("arrays that are not used: {}", unused.join(", ")));
    }
    Ok(Parts {
        train: half(&train)?,
        validation: validation.as_ref().map(&mut half).transpose()?,
        test: test.as_ref().map(&mut half).transpose()?,
        notes,
    })
}

/// Unsigned bytes of shape (n, height, width), with a further axis of one channel last, as in TensorFlow, or second, as in
/// PyTorch.
fn pictures(bytes: &[u8]) -> Result<Pictures, String> {
    let array: ArrayD<u8> = npy::read(bytes).map_err(|error| match error {
        NpyError::Type { found, .. } => {
            format!(
                "numbers of type {found}: bytes are needed, 0 to 255; {}",
                super::in_bytes(match &found[..] {
                    found if found.contains('f') => Pixels::Floats,
                    "|b1" => Pixels::Bits,
                    found if found.ends_with("u2") => Pixels::Words,
                    _ => Pixels::Integers,
                })
            )
        }
        other => other.to_string(),
    })?;
    let (&[count, height, width] | &[count, height, width, 1] | &[count, 1, height, width]) = array.shape()
    else {
        let shape = array.shape();
        let what = match *shape {
            [_, _, _, 3 | 4] => super::in_grey(3),
            [_, 3 | 4, _, _] => super::in_grey(1),
            [_, size] if size.isqrt().pow(2) == size => {
                let side = size.isqrt();
                format!("images are needed, not rows of pixels; in NumPy: x.reshape(-1, {side}, {side})")
            }
            _ => "grey images are needed, (images, height, width)".to_owned(),
        };
        return Err(format!("an array of shape {shape:?}: {what}"));
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
            let how = match *shape {
                [_, width] if width > 1 => {
                    "; in NumPy, if each row has a single 1 (one-hot): y.argmax(axis=1)"
                }
                _ => "",
            };
            return Err(NpyOr::Other(format!(
                "an array of shape {shape:?}: a class number for each image is needed{how}"
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
            let (what, how) = match found.contains(['U', 'S', 'O']) {
                true => ("names", "numpy.unique(y, return_inverse=True)[1]"),
                false => ("numbers", "y.astype('int64')"),
            };
            let one_hot = if what == "numbers" { "; of one-hot rows: y.argmax(axis=1)" } else { "" };
            format!("{what} of type {found}: class numbers are needed; in NumPy: {how}{one_hot}")
        }
        NpyOr::Npy(error) => error.to_string(),
        NpyOr::Other(why) => why,
    })
}

enum NpyOr {
    Npy(NpyError),
    Other(String),
}
