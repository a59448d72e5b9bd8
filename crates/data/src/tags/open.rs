//! The set that a configuration names.

use std::path::Path;

use super::embedded::embedded_openclipart;
use super::set::TagSet;
use crate::EMBEDDED;
use crate::error::Error;

/// The set that a configuration names: `embedded`, or a folder.
///
/// # Errors
/// One line that says what is wrong with the set, and where.
pub fn load(name: &str) -> Result<TagSet, Error> {
    match name {
        EMBEDDED => embedded_openclipart(),
        folder => TagSet::open(Path::new(folder)),
    }
}
