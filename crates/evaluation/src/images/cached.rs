//! The yardsticks of a data set, measured once.

use std::path::Path;

use data::images::ImageSet;
use serde::{Deserialize, Serialize};

use super::judge::Judge;
use super::reference::{Reference, Scores};
use super::samples::Samples;
use super::yardsticks::each_yardstick;
use crate::error::Error;

/// Version of the yardsticks and measures; a cached file of another version is not used.
const RECIPE: u32 = 1;

/// The scores of yardsticks in the cache.
#[derive(Serialize, Deserialize)]
struct Kept {
    recipe: u32,
    judge_sha256: String,
    scores: Vec<Scores>,
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
    let path = Judge::path(set, cache).with_extension("yardsticks.json");
    let judge_sha256 = judge.sha256();
    let kept = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
    if let Some(kept) = kept.filter(|kept| kept.recipe == RECIPE && kept.judge_sha256 == judge_sha256) {
        return Ok(kept.scores);
    }
    let train = Samples {
        images: set.train.rows(0..set.train.len()),
        labels: set.train.labels(),
        unconditional: false,
    };
    let mut scores = Vec::new();
    each_yardstick(&train, set.train.classes, |name, samples| {
        say(&format!("yardsticks: {name}"));
        scores.push(reference.score(name, &samples)?);
        Ok::<_, Error>(())
    })?;
    let kept = Kept { recipe: RECIPE, judge_sha256, scores };
    let bytes = serde_json::to_vec(&kept).expect("numbers and strings");
    files::write_bytes(&path, &bytes).map_err(Error::io(&path))?;
    Ok(kept.scores)
}
