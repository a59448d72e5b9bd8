//! Ctrl-C and SIGTERM: after the first the run saves and stops, the second ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::Failure;

/// How a training session ended without a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All epochs are done.
    Finished,
    /// Saved and stopped by the signal with this number.
    Interrupted(i32),
}

/// Which signal has arrived, if any.
pub(crate) struct Signals {
    which: Arc<AtomicUsize>,
}

impl Signals {
    /// Handles both signals.
    pub(crate) fn watch() -> Result<Self, Failure> {
        let which = Arc::new(AtomicUsize::new(0));
        let armed = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: at the first signal the shutdown is not yet armed; that signal arms it.
            let register = flag::register_conditional_shutdown(signal, 128 + signal, armed.clone())
                .and_then(|_| flag::register(signal, armed.clone()))
                .and_then(|_| flag::register_usize(signal, which.clone(), signal as usize));
            register.map_err(|error| Failure::general(format!("cannot watch for signals: {error}")))?;
        }
        Ok(Self { which })
    }

    /// The first signal's number.
    pub(crate) fn caught(&self) -> Option<i32> {
        match self.which.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(signal as i32),
        }
    }
}
