//! What the page of a run shows of this experiment.

use report::{Moment, Picture, Samples};

use crate::config::RunConfig;
use crate::run::page::picture;
use crate::run::{DataFacts, RunDirectory};

/// Pictures on a page, and their bytes in all: a page is to be mailed.
const MOST: usize = 24;
const MOST_BYTES: usize = 700_000;

/// A run in a sentence.
pub(super) fn sentence(config: &RunConfig, facts: Option<&DataFacts>) -> String {
    let what = match config.gan.is_conditional() {
        true => "G draws images given their class",
        false => "G draws images without a condition",
    };
    let data = match facts {
        Some(facts) => format!(
            "{} ({} training images of {} x {} pixels, {} classes)",
            facts.name,
            indicatif::HumanCount(facts.examples as u64),
            facts.height,
            facts.width,
            facts.condition
        ),
        None => "its data set".to_owned(),
    };
    format!(
        "{what}; D tells them from those of {data}. Objective {}, seed {}.",
        config.gan.objective.name(),
        config.run.seed
    )
}

/// The grids of samples: of the epochs, as many as a page can hold, the first and the last among them; then that of the
/// best weights.
pub(super) fn samples(directory: &RunDirectory) -> Samples {
    let epochs: Vec<u64> = directory.sampled(&["png"]).into_iter().map(|(epoch, _)| epoch).collect();
    let read = |epoch: &u64| picture(&directory.samples(*epoch, "png"), Moment::Epoch(*epoch));
    let largest = epochs.last().and_then(read).map_or(1, |picture| picture.png.len().max(1));
    let most = MOST.min(MOST_BYTES / largest).max(1);
    let mut pictures: Vec<Picture> =
        spread(epochs.len(), most).filter_map(|index| read(&epochs[index])).collect();
    pictures.extend(picture(&directory.best_samples("png"), Moment::Best));
    Samples::Pictures(pictures)
}

/// At most `most` of `count` places, evenly spread, the first and the last among them.
fn spread(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let shown = count.min(most);
    (0..shown).map(move |i| if shown == 1 { count - 1 } else { i * (count - 1) / (shown - 1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_are_among_those_shown() {
        assert_eq!(spread(3, 24).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(spread(101, 3).collect::<Vec<_>>(), [0, 50, 100]);
        assert_eq!(spread(5, 1).collect::<Vec<_>>(), [4]);
        assert_eq!(spread(0, 24).count(), 0);
    }
}
