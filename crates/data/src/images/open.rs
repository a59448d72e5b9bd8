//! The set that a configuration names.

use std::path::Path;

use super::embedded::embedded_mnist;
use super::find::open;
use super::set::ImageSet;
use crate::EMBEDDED;
use crate::error::Error;

/// The set that a configuration names: `embedded`, or what a path names.
///
/// The path is a folder of IDX files, or one above it; DIR/NAME for the set of this name in the folder DIR; a `.npz` with
/// x_train and y_train, a CSV with label and pixels, or a folder with one of these; or a folder with a folder of pictures
/// for each class, in itself or in `train`, `val` and `test`.
///
/// # Errors
/// Whatever [`Error`] lists.
pub fn load(name: &str) -> Result<ImageSet, Error> {
    match name {
        EMBEDDED => embedded_mnist(),
        folder => open(Path::new(folder)),
    }
}
