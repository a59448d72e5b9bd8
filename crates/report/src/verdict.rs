//! The verdict in plain words, from a run's figures alone.

use figures::rounded;

use crate::facts::{FOLLOWED, Facts, VARIED};
use crate::run::{Fault, Run, State};

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

/// A finding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    pub(crate) text: String,
}

fn finding(level: Level, text: impl Into<String>) -> Finding {
    Finding { level, text: text.into() }
}

/// Below this part of the recall of real images, kinds of images are missing.
const MISSING: f64 = 0.75;

/// All that can be said, the most important first.
pub(crate) fn verdict(run: &Run, facts: &Facts) -> Vec<Finding> {
    let mut found = vec![state(run)];
    found.extend(label(run, facts));
    found.extend(variety(run, facts));
    found.extend(beside_the_paper(run, facts));
    found.extend(run.faults.iter().map(fault));
    found
}

fn fault(fault: &Fault) -> Finding {
    let Fault { text, epochs: (first, last), over, serious } = fault;
    if *over {
        return finding(Level::Open, format!("Epochs {first} to {last}, and no longer: {text}."));
    }
    let level = if *serious { Level::Bad } else { Level::Fair };
    finding(level, format!("Since epoch {first}: {text}."))
}

fn state(run: &Run) -> Finding {
    let (done, epochs) = (figures::position(run.epochs_done()), run.epochs);
    match &run.state {
        State::Training => finding(Level::Open, format!("It trains: epoch {done} of {epochs}.")),
        State::Unknown if run.epochs_done() >= run.epochs as f64 => {
            finding(Level::Good, format!("All {epochs} epochs are done."))
        }
        State::Finished => finding(Level::Good, format!("Training is finished: {epochs} epochs.")),
        State::EndedEarly => finding(
            Level::Good,
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
                "The run ended without a word at epoch {done} of {epochs}, such as by a kill; it can be resumed."
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
        return Some(finding(level, format!("{what}: {percent} of samples are named as asked ({on}).")));
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
        let real = run.measures.of("1,000 real images a class", "recall");
        let beside = match (recall, real) {
            (Some(own), Some(real)) if own < MISSING * real => {
                return Some(finding(
                    Level::Fair,
                    format!(
                        "The spread {within} is {percent} of real images', but recall is {} where real images have {}: kinds of \
                         images are missing.",
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

fn beside_the_paper(run: &Run, facts: &Facts) -> Option<Finding> {
    let (paper, (nats, on)) = (run.paper_nats?, facts.parzen?);
    let measured = run.measures.own().is_some();
    let word = if nats >= paper { "better than" } else { "short of" };
    let level = if nats >= paper { Level::Good } else { Level::Fair };
    let (level, sure) = if measured { (level, "") } else { (Level::Open, "; the paper's is on test data") };
    Some(finding(
        level,
        format!("Parzen {} nats on {on}: {word} the paper's {}{sure}.", rounded(nats), rounded(paper)),
    ))
}

pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:.1}", 100.0 * share);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}
