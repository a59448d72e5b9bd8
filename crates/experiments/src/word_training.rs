//! Training of word vectors with a progress line, until it is done or a signal stops it.

use std::time::{Duration, Instant};

use indicatif::HumanDuration;
use words::corpus::Text;
use words::training::{self, Checkpoint, Event, Reading};
use words::{Config, Vectors};

use crate::failure::Failure;
use crate::signals::{Outcome, Signals};
use crate::terminal::{bar, say};

/// Trains word vectors on a text; see [`training::train`].
///
/// # Errors
/// One line: a file that cannot be read, a setting outside its range, a checkpoint of another training,
/// divergence.
pub(crate) fn train(
    text: &Text,
    reading: Reading,
    config: Config,
    checkpoint: &Checkpoint,
) -> Result<(Vectors, Outcome), Failure> {
    // A signal before there is anything to save ends the process.
    let mut signals = None;
    let bar = bar(None);
    let (epochs, passes) = (config.epochs, reading.passes);
    let (mut begun, mut first, mut epoch) = (Instant::now(), 0, 0);
    let mut caught = None;
    let mut observe = |event: Event| match event {
        Event::Note(line) => {
            bar.suspend(|| say(line));
            false
        }
        Event::Reading(share) => {
            bar.set_message(format!("reading: {:.0} %", 100.0 * share));
            false
        }
        Event::Joining(pass) => {
            bar.set_message(format!("joining phrases: pass {pass} of {passes}"));
            false
        }
        Event::Resumed { path, words } => {
            bar.suspend(|| say(format_args!("{}: continuing after {words} words", path.display())));
            false
        }
        Event::Training { vocabulary, text, done } => {
            signals = Some(Signals::watch());
            bar.suspend(|| {
                say(format_args!("{vocabulary} words, which come {text} times; {epochs} epochs"));
            });
            bar.set_length(text * epochs);
            (begun, first, epoch) = (Instant::now(), done, done / text.max(1));
            false
        }
        Event::Progress(progress) => {
            let pace = (progress.words - first) as f64 / begun.elapsed().as_secs_f64().max(1e-9);
            let left = (progress.total - progress.words) as f64 / pace.max(1e-9);
            let text = progress.total / epochs.max(1);
            let line = format!(
                "epoch {:.2}/{epochs} loss {:.4} {pace:.0} words/s ETA {}",
                progress.words as f64 / text as f64,
                progress.loss,
                HumanDuration(Duration::from_secs_f64(left.min(1e9)))
            );
            bar.set_position(progress.words);
            if bar.is_hidden() && progress.words / text > epoch {
                epoch = progress.words / text;
                say(&line);
            }
            bar.set_message(line);
            caught = signals.as_ref().and_then(|signals| signals.as_ref().ok()?.caught());
            caught.is_some()
        }
    };
    let (vectors, done) = training::train(text, reading, config, checkpoint, &mut observe)?;
    signals.transpose()?;
    match caught.filter(|_| !done) {
        Some(signal) => {
            bar.abandon();
            Ok((vectors, Outcome::Interrupted(signal)))
        }
        None => {
            bar.finish_and_clear();
            Ok((vectors, Outcome::Finished))
        }
    }
}
