//! The data set that a flag names.

use std::path::Path;

use data::EMBEDDED;

use crate::failure::Failure;

/// The data of `--data` as settings name them: a folder, or the embedded set.
///
/// # Errors
/// If the path is not UTF-8, and so could not be saved.
pub(super) fn data_name(folder: Option<&Path>) -> Result<String, Failure> {
    let Some(folder) = folder else { return Ok(EMBEDDED.to_owned()) };
    let text = folder.to_str().map(str::to_owned);
    text.ok_or_else(|| Failure::usage(format!("--data {}: the path is not UTF-8", folder.display())))
}
