//! The folder for what is computed once for a data set.

use std::path::PathBuf;

use crate::failure::Failure;

/// The folder for what is computed once for a data set: `CGAN_CACHE`, or `cgan` in the user's own cache
/// folder.
///
/// # Errors
/// If there is neither.
pub fn folder() -> Result<PathBuf, Failure> {
    let chosen = std::env::var_os("CGAN_CACHE").filter(|path| !path.is_empty()).map(PathBuf::from);
    chosen
        .or_else(|| Some(dirs::cache_dir()?.join("cgan")))
        .ok_or_else(|| Failure::general("there is no cache folder for the judge: set CGAN_CACHE to one"))
}
