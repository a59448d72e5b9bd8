//! How good samples are: Table 1 of the paper, and better judges than its one.

pub mod frechet;
pub mod judge;
pub mod manifold;
pub mod parzen;
pub mod samples;
pub mod scores;
pub mod table;
pub mod yardsticks;

use std::path::{Path, PathBuf};

use autograd::Parameters;
use cgan::Sampler;
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use crate::data::ImageSet;
use crate::failure::Failure;
use crate::run::write_whole;
pub use judge::Judge;
pub use samples::Samples;
pub use scores::{Reference, Scores, Split, glance};

/// Seed of whatever is drawn while evaluating, so that equal weights have equal scores.
pub const SEED: u64 = 1411_1784;

/// Draws `each` samples of every class; each has noise of its own.
pub fn draw(
    sampler: &mut Sampler<f32>,
    parameters: &Parameters<f32>,
    classes: usize,
    each: usize,
) -> Samples {
    let labels: Vec<usize> = (0..classes).flat_map(|class| vec![class; each]).collect();
    let conditions = Array2::from_shape_fn((labels.len(), 1), |(i, _)| labels[i] as f32);
    let mut images = Array2::zeros((labels.len(), sampler.width()));
    let parts = images.axis_chunks_iter_mut(Axis(0), sampler.batch());
    for ((draw, conditions), mut images) in
        (0..).zip(conditions.axis_chunks_iter(Axis(0), sampler.batch())).zip(parts)
    {
        images.assign(&sampler.sample(parameters, conditions, draw));
    }
    Samples { images, labels }
}

/// The folder for what is computed once for a data set: `CGAN_CACHE`, or `cgan` in the user's own cache folder.
///
/// # Errors
/// If there is neither.
pub fn cache() -> Result<PathBuf, Failure> {
    let chosen = std::env::var_os("CGAN_CACHE").filter(|path| !path.is_empty()).map(PathBuf::from);
    chosen
        .or_else(|| Some(dirs::cache_dir()?.join("cgan")))
        .ok_or_else(|| Failure::general("there is no cache folder for the judge: set CGAN_CACHE to one"))
}

/// Counts the sets of yardsticks and measures that a cached file may have been made by.
const RECIPE: u32 = 1;

/// Yardsticks as they are kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    recipe: u32,
    judge_sha256: String,
    scores: Vec<Scores>,
}

/// What the yardsticks of a data set score on its test images: from the cache, or computed now and put there.
///
/// # Errors
/// If the judge cannot be recorded, or the cache not be written.
pub fn yardsticks(
    set: &ImageSet,
    judge: &Judge,
    reference: &Reference,
    cache: &Path,
    mut say: impl FnMut(&str),
) -> Result<Vec<Scores>, Failure> {
    let path = Judge::path(set, cache).with_extension("yardsticks.json");
    let judge_sha256 = judge.sha256();
    let kept = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
    if let Some(kept) = kept.filter(|kept| kept.recipe == RECIPE && kept.judge_sha256 == judge_sha256) {
        return Ok(kept.scores);
    }
    let train = Samples { images: set.train.rows(0..set.train.len()), labels: set.train.labels() };
    let mut scores = Vec::new();
    yardsticks::yardsticks(&train, set.train.classes, |name, samples| {
        say(&format!("yardsticks: {name}"));
        scores.push(reference.score(name, &samples)?);
        Ok::<_, Failure>(())
    })?;
    let kept = Kept { recipe: RECIPE, judge_sha256, scores };
    write_whole(&path, &serde_json::to_vec(&kept).expect("numbers and strings"))?;
    Ok(kept.scores)
}
