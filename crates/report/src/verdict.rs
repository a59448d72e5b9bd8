//! The verdict in plain words, from a run's figures alone.

use figures::rounded;

use crate::facts::{FOLLOWED, Facts, VARIED};
use crate::run::{Fault, Measures, Run, State};

/// How good a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Good,
    Fair,
    Bad,
    /// Neither good nor bad, or not measured.
    Open,
}

impl Level {
    /// Its class, and its word: colour alone does not reach everyone.
    pub(crate) fn class(self) -> (&'static str, &'static str) {
        match self {
            Self::Good => ("good", "good"),
            Self::Fair => ("fair", "fair"),
            Self::Bad => ("bad", "bad"),
            Self::Open => ("open", "note"),
        }
    }
}

/// D's value for real x from which on it is certain, with as little for samples.
pub(crate) const CERTAIN: f64 = 0.9;

/// A finding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    pub(crate) text: String,
}

fn finding(level: Level, text: impl Into<String>) -> Finding {
    Finding { level, text: text.into() }
}

/// Up to so many times the Fréchet distance between two sets of real images, samples are near to them, and up to so many
/// they differ in part. (docs/RESULTS.md: `best` has 0.8, the paper's recipe 2.2 to 7.3, by its reading.)
const NEAR: (f64, f64) = (2.0, 5.0);

/// Below this part of the recall of real images, a part of their variety is missing.
const MISSING: f64 = 0.75;

/// All that can be said, the most important first.
pub(crate) fn verdict(run: &Run, facts: &Facts) -> Vec<Finding> {
    let mut found: Vec<Finding> = summary(run, facts).into_iter().collect();
    found.push(state(run));
    found.extend(label(run, facts));
    found.extend(variety(run, facts));
    found.extend(near_real(&run.measures));
    found.extend(d_wins(run, facts));
    found.extend(beside_the_paper(run, facts));
    found.extend(classification(run));
    found.extend(run.faults.iter().map(fault));
    found
}

/// All in one line, once labels or variety are measured.
fn summary(run: &Run, facts: &Facts) -> Option<Finding> {
    let mut wrong = Vec::new();
    let mut weak = Vec::new();
    let mut right = Vec::new();
    if let Some((share, _)) = facts.accuracy {
        match share {
            share if share >= FOLLOWED.0 => right.push("samples follow their labels"),
            share if share >= FOLLOWED.1 => weak.push("labels are followed in part"),
            _ => wrong.push("labels are not followed"),
        }
    } else if run.conditional && facts.condition_share.is_some_and(|share| share < 0.02) {
        wrong.push("the condition is ignored");
    }
    match facts.spread? {
        spread if spread >= VARIED.1 => right.push("samples vary"),
        spread if spread >= VARIED.0 => weak.push("samples vary less than real images"),
        _ => wrong.push("samples of a class hardly differ"),
    }
    let all = |parts: Vec<&str>| parts.join(" and ");
    Some(match (wrong.is_empty(), weak.is_empty()) {
        (false, _) => finding(Level::Bad, format!("In short: it failed, since {}.", all(wrong))),
        (true, false) => {
            finding(Level::Fair, format!("In short: it works in part: {}.", all([weak, right].concat())))
        }
        (true, true) => finding(Level::Good, format!("In short: it works: {}.", all(right))),
    })
}

fn fault(fault: &Fault) -> Finding {
    let Fault { text, epochs: (first, last), over, serious } = fault;
    if *over {
        return finding(Level::Open, format!("In epochs {first} to {last}, and over since then: {text}."));
    }
    let level = if *serious { Level::Bad } else { Level::Fair };
    finding(level, format!("Since epoch {first}: {text}."))
}

fn state(run: &Run) -> Finding {
    let (done, epochs) = (figures::position(run.epochs_done()), run.epochs);
    match &run.state {
        State::Training => finding(Level::Open, format!("It trains: epoch {done} of {epochs}.")),
        State::Unknown if run.epochs_done() >= run.epochs as f64 => {
            finding(Level::Open, format!("All {epochs} epochs are done."))
        }
        State::Finished => finding(Level::Open, format!("Training is finished: {epochs} epochs.")),
        State::EndedEarly => finding(
            Level::Open,
            format!(
                "Early stopping ended the training after {done} epochs, with the weights that were best by validation."
            ),
        ),
        State::Stopped => finding(
            Level::Open,
            format!("Stopped by a signal and saved at epoch {done} of {epochs}; it can be resumed."),
        ),
        State::Diverged(what) => finding(
            Level::Bad,
            format!("Training diverged at epoch {done} of {epochs}: {what}. The last checkpoint is intact."),
        ),
        State::Unknown => finding(
            Level::Open,
            format!(
                "The run did not say how it ended; it got to epoch {done} of {epochs}. A kill leaves this. It can be resumed."
            ),
        ),
    }
}

fn label(run: &Run, facts: &Facts) -> Option<Finding> {
    if !run.conditional {
        return None;
    }
    if let Some((share, on)) = facts.accuracy {
        let percent = percent(share);
        let (level, what) = if share >= FOLLOWED.0 {
            (Level::Good, "Labels are followed")
        } else if share >= FOLLOWED.1 {
            (Level::Fair, "Labels are followed in part")
        } else {
            (Level::Bad, "Labels are not followed")
        };
        let chance =
            run.chance().map_or(String::new(), |chance| format!("; chance is {}", self::percent(chance)));
        let cure = match level {
            Level::Good => "",
            _ => ". Try larger generator.init.y and discriminator.init.y, or mismatched_pairs.weight=0.03",
        };
        let measured =
            format!("a classifier of real images names {percent} of samples as asked ({on}{chance})");
        return Some(finding(level, format!("{what}: {measured}{cure}.")));
    }
    let share = facts.condition_share?;
    let percent = percent(share);
    Some(if share < 0.02 {
        finding(
            Level::Bad,
            format!("The condition is ignored: {percent} of the variance of samples comes from it."),
        )
    } else {
        finding(
            Level::Open,
            format!(
                "Samples depend on the condition ({percent} of their variance); whether rightly, cgan evaluate measures."
            ),
        )
    })
}

fn variety(run: &Run, facts: &Facts) -> Option<Finding> {
    let share = facts.spread?;
    let percent = percent(share);
    let within = if run.conditional { "within a class" } else { "of all samples" };
    Some(if share < VARIED.0 {
        finding(
            Level::Bad,
            format!("Collapse: the spread {within} is {percent} of real images', so samples hardly differ."),
        )
    } else if share < VARIED.1 {
        finding(
            Level::Fair,
            format!("Less variety than real images: the spread {within} is {percent} of theirs."),
        )
    } else {
        let recall = run.measures.own().and_then(|own| own.get("recall"));
        let real = run.measures.real("recall");
        let beside = match (recall, real) {
            (Some(own), Some(real)) if own < MISSING * real => {
                return Some(finding(
                    Level::Fair,
                    format!(
                        "The spread {within} is {percent} of real images', but recall is {} where real images have {}: a part \
                         of their variety is missing.",
                        rounded(own),
                        rounded(real)
                    ),
                ));
            }
            (Some(own), Some(real)) => format!(", recall {} (real {})", rounded(own), rounded(real)),
            _ => String::new(),
        };
        finding(
            Level::Good,
            format!("Samples vary: the spread {within} is {percent} of real images'{beside}."),
        )
    })
}

/// How near samples as a whole come to real images.
fn near_real(measures: &Measures) -> Option<Finding> {
    let own = measures.own()?;
    let (distance, floor) = (own.get("frechet")?, own.get("frechet_floor")?);
    let ratio = distance / floor;
    let (level, what) = match ratio {
        ratio if ratio <= NEAR.0 => (Level::Good, "Near to real images"),
        ratio if ratio <= NEAR.1 => (Level::Fair, "Not quite like real images"),
        _ => (Level::Bad, "Unlike real images"),
    };
    let times = format!("{ratio:.1} times that between two sets of real images");
    let real = measures.real("parzen_nats");
    let beside = match (own.get("parzen_nats"), real) {
        (Some(own), Some(real)) => {
            format!("; the Parzen estimate is {} nats, that of real images {}", rounded(own), rounded(real))
        }
        _ => String::new(),
    };
    Some(finding(
        level,
        format!("{what}: the Fréchet distance between samples and real images is {times}{beside}."),
    ))
}

/// Whether D is nearly certain of both, so that G learns little.
fn d_wins(run: &Run, facts: &Facts) -> Option<Finding> {
    let (real, fake) = (facts.d_real?, facts.d_fake?);
    (run.objective.d_is_probability() && real > CERTAIN && fake < 1.0 - CERTAIN).then(|| {
        let (real, fake) = (rounded(real), rounded(fake));
        finding(
            Level::Fair,
            format!(
                "D wins: lately D(x) = {real} and D(G(z)) = {fake}. Hold it back by penalty.r1.weight=1, dropout in D or a smaller \
                 learning rate of D."
            ),
        )
    })
}

fn beside_the_paper(run: &Run, facts: &Facts) -> Option<Finding> {
    let (paper, (nats, on)) = (run.paper_nats?, facts.parzen?);
    let word = if nats >= paper { "more than" } else { "fewer than" };
    let (level, note) = match (run.measures.own().is_some(), nats >= paper) {
        (false, _) => (Level::Open, ", which are of test data"),
        (true, true) => (Level::Good, ""),
        (true, false) => (Level::Fair, ""),
    };
    let (nats, paper) = (rounded(nats), rounded(paper));
    Some(finding(level, format!("Parzen estimate {nats} nats ({on}): {word} the paper's {paper}{note}.")))
}

/// What the samples teach, beside what real images do.
fn classification(run: &Run) -> Option<Finding> {
    let table = &run.measures.classification;
    let last = table.rows.len().checked_sub(1)?;
    let (real, own) = (table.value(0, "test")?, table.value(last, "test")?);
    let level = if own >= 0.95 * real { Level::Good } else { Level::Fair };
    let text = format!(
        "A classifier that learns from samples alone names {} of real test images rightly; from real images it learns {}.",
        percent(own),
        percent(real)
    );
    Some(finding(level, text))
}

pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:.1}", 100.0 * share);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Table;

    #[test]
    fn the_distance_to_real_images_is_said_in_words() {
        let said = |distance: f64, others: &str| {
            let rows = format!("name,parzen_nats,frechet,frechet_floor\n{others}run,227,{distance},2");
            let measures = Measures { evaluation: Table::of(&rows), ..Measures::default() };
            near_real(&measures).unwrap()
        };
        for (distance, level, word) in
            [(4.0, Level::Good, "Near"), (8.0, Level::Fair, "Not quite"), (11.0, Level::Bad, "Unlike")]
        {
            let found = said(distance, "");
            assert!(found.level == level && found.text.starts_with(word), "{found:?}");
        }
        let text = said(3.0, "100 real images a class,242,2,2\n").text;
        assert_eq!(
            text,
            "Near to real images: the Fréchet distance between samples and real images is 1.5 times that between two sets \
             of real images; the Parzen estimate is 227 nats, that of real images 242."
        );
        assert!(near_real(&Measures::default()).is_none());
        let tags = Measures { evaluation: Table::of("name,recall\nrun,0.3"), ..Measures::default() };
        assert!(near_real(&tags).is_none());
    }
}
