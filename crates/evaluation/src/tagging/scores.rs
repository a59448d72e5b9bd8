//! What is measured of a tagger, and the list of these measures.

use super::draws::Draws;
use super::measures::Measures;
use crate::measure::Better::Larger;
use crate::measure::Measure;

/// A tagger and its measures.
#[derive(Clone, Debug)]
pub struct TaggerScores {
    /// The tagger.
    pub name: String,
    /// P@5, R@5, F1@5, MiAP, N+.
    pub measures: Measures,
    /// Of its samples, if it draws samples.
    pub draws: Option<Draws>,
    /// Updates of G, of a run.
    pub step: Option<u64>,
}

type Of = Measure<TaggerScores>;

/// What is measured of taggers, in the order of the columns. The last three are of samples, so baselines have none.
pub static MEASURES: [Of; 8] = [
    Of::new(
        "precision",
        "P@5",
        Larger,
        |s| Some(s.measures.precision),
        "Share of the first five words that people gave, too; mean over pictures.",
    ),
    Of::new(
        "recall",
        "R@5",
        Larger,
        |s| Some(s.measures.recall),
        "Share of people's words among the first five.",
    ),
    Of::new("f1", "F1@5", Larger, |s| Some(s.measures.f1), "The harmonic mean of both."),
    Of::new(
        "miap",
        "MiAP",
        Larger,
        |s| Some(s.measures.miap),
        "How high people's words stand in the whole ranking; 1 if before all others.",
    ),
    Of::new(
        "recalled",
        "N+",
        Larger,
        |s| Some(s.measures.recalled as f64),
        "Words that are ever given rightly. A tagger that says the most frequent words has few.",
    )
    .digits(0),
    Of::new(
        "diversity",
        "diversity",
        Larger,
        |s| Some(s.draws.as_ref()?.diversity),
        "How much the words of different samples for one picture differ. It does not see whether they are right.",
    ),
    Of::new(
        "sample_precision",
        "sample P",
        Larger,
        |s| Some(s.draws.as_ref()?.sample_precision),
        "Share of the samples of a picture whose nearest word people gave, too.",
    ),
    Of::new(
        "sample_recall",
        "sample R",
        Larger,
        |s| Some(s.draws.as_ref()?.sample_recall),
        "Share of people's words that are nearest to at least one of 100 samples.",
    ),
];
