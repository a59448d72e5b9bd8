//! What is measured once for a data set and its judge.

use std::path::Path;

use data::images::ImageSet;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::judge::Judge;
use super::reference::{Reference, Scores};
use super::samples::Samples;
use super::yardsticks::each_yardstick;
use crate::error::Error;

/// Version of the yardsticks and measures; a cached file of another version is not used.
const RECIPE: u32 = 1;

/// Scores in the cache.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    recipe: u32,
    judge_sha256: String,
    scores: Vec<T>,
}

/// The scores in the file `path` if they belong to `judge`; else what `measure` returns, which is saved there.
///
/// # Errors
/// Those of `measure`, or if the file cannot be written.
pub(super) fn cached<T: Serialize + DeserializeOwned>(
    path: &Path,
    judge: &Judge,
    measure: impl FnOnce() -> Result<Vec<T>, Error>,
) -> Result<Vec<T>, Error> {
    let judge_sha256 = judge.sha256();
    let kept = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice::<Kept<T>>(&bytes).ok());
    if let Some(kept) = kept.filter(|kept| kept.recipe == RECIPE && kept.judge_sha256 == judge_sha256) {
        return Ok(kept.scores);
    }
    let kept = Kept { recipe: RECIPE, judge_sha256, scores: measure()? };
    let bytes = serde_json::to_vec(&kept).expect("numbers and strings");
    files::write_bytes(path, &bytes).map_err(Error::io(path))?;
    Ok(kept.scores)
}

/// The scores of the yardsticks of a data set on its test images: from the cache, or computed now and saved
/// there.
///
/// # Errors
/// If the judge cannot be recorded, or the cache cannot be written.
pub fn yardsticks(
    set: &ImageSet,
    judge: &Judge,
    reference: &Reference,
    cache: &Path,
    mut say: impl FnMut(&str),
) -> Result<Vec<Scores>, Error> {
    cached(&Judge::path(set, cache).with_extension("yardsticks.json"), judge, || {
        let train = Samples::of_training(set);
        let mut scores = Vec::new();
        each_yardstick(&train, set.train.classes, |name, samples| {
            say(&format!("yardsticks: {name}"));
            scores.push(reference.score(name, &samples)?);
            Ok::<_, Error>(())
        })?;
        Ok(scores)
    })
}
