//! The progress of a run in training: one line that is redrawn, or a line for each epoch if there is no
//! terminal.

use std::time::{Duration, Instant};

use cgan::Metrics;
use indicatif::ProgressBar;

use crate::terminal::{bar, say};

/// A progress line on standard error.
pub(super) struct Progress {
    bar: ProgressBar,
    epochs: u64,
    images_per_step: u64,
    begun: Instant,
    before: f64,
    first_step: u64,
    total: u64,
}

/// Steps between two refreshes of the line.
const EVERY: u64 = 10;

impl Progress {
    /// From `step` of `total`, after `before` seconds in earlier sessions.
    pub(super) fn new(before: f64, step: u64, total: u64, epochs: u64, images_per_step: u64) -> Self {
        let bar = bar(Some(total));
        bar.set_position(step);
        Self { bar, epochs, images_per_step, begun: Instant::now(), before, first_step: step, total }
    }

    /// After each step.
    pub(super) fn step(&self, step: u64, epoch: f64, metrics: &Metrics) {
        if step.is_multiple_of(EVERY) {
            self.bar.set_position(step);
            self.bar.set_message(self.line(step, epoch, metrics));
        }
    }

    /// After each epoch.
    pub(super) fn epoch(&self, step: u64, epoch: f64, metrics: &Metrics) {
        if self.bar.is_hidden() {
            say(self.line(step, epoch, metrics));
        }
    }

    /// Prints a line above the progress line.
    pub(super) fn say(&self, line: &str) {
        self.bar.suspend(|| say(line));
    }

    /// Ends the progress line and leaves it visible.
    pub(super) fn finish(&self) {
        self.bar.abandon();
    }

    /// Seconds of training in all sessions, and this one's steps a second.
    pub(super) fn pace(&self, step: u64) -> (f64, f64) {
        let seconds = self.begun.elapsed().as_secs_f64();
        (self.before + seconds, (step - self.first_step) as f64 / seconds.max(1e-9))
    }

    /// Images a second at this many steps a second.
    pub(super) fn images_per_second(&self, pace: f64) -> f64 {
        pace * self.images_per_step as f64
    }

    fn line(&self, step: u64, epoch: f64, m: &Metrics) -> String {
        let pace = self.pace(step).1;
        let left = Duration::from_secs_f64(((self.total - step) as f64 / pace.max(1e-9)).min(1e9));
        format!(
            "epoch {epoch:.1}/{} step {step} D {:.3} G {:.3} D(x) {:.3} D(G(z)) {:.3} {:.0} images/s ETA {}",
            self.epochs,
            m.d_loss,
            m.g_loss,
            m.d_real,
            m.d_fake,
            self.images_per_second(pace),
            indicatif::HumanDuration(left)
        )
    }
}
