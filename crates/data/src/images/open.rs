//! The set that a configuration names.

use std::path::Path;

use super::embedded::embedded_mnist;
use super::set::ImageSet;
use crate::EMBEDDED;
use crate::error::Error;

/// The set that a configuration names: `embedded`, or a folder.
///
/// # Errors
/// Whatever [`Error`] lists.
pub fn load(name: &str) -> Result<ImageSet, Error> {
    match name {
        EMBEDDED => embedded_mnist(),
        folder => ImageSet::open(Path::new(folder)),
    }
}
