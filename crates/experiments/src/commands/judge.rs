//! `cgan judge`: the classifier that judges samples of a data set.

use data::{Split, images};
use evaluation::images::{ImageEvaluation, Judge, Reference, yardsticks};

use super::data_name::data_name;
use crate::cache;
use crate::cli::JudgeArgs;
use crate::failure::Failure;
use crate::terminal::{print, say};

/// Trains the judge of a data set and measures the yardsticks, if that is not done yet.
pub(super) fn judge(args: &JudgeArgs) -> Result<(), Failure> {
    let set = images::load(&data_name(args.data.as_deref())?)?;
    set.notes.iter().for_each(say);
    if set.test.is_empty() {
        return Err(Failure::data(format!("{}: no test images, by which a judge is measured", set.name)));
    }
    let cache = cache::folder()?;
    // No signal is watched for here: it ends the process at once.
    let judge = Judge::of(&set, &cache, &mut |line| say(line), &|| None)?;
    let reference = Reference::new(&set, Split::Test, &judge, &cache, &mut |line| say(line))?;
    let evaluation = ImageEvaluation {
        data: set.name.clone(),
        split: Split::Test,
        real_images: reference.real_images(),
        trained_on: None,
        step: None,
        judge_accuracy: judge.test_accuracy(),
        rows: yardsticks(&set, &judge, &reference, &cache, &mut |line| say(line))?,
    };
    let path = Judge::path(&set, &cache);
    print(&format!("{}\n{}\n", evaluation.to_text(), path.display()))
}
