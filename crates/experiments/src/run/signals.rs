//! Ctrl-C and SIGTERM: the first asks the run to save and stop, the second stops it at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::Failure;

/// Which signal has come in, if any.
pub(crate) struct Signals {
    which: Arc<AtomicUsize>,
}

impl Signals {
    /// Takes over both signals.
    pub(crate) fn watch() -> Result<Self, Failure> {
        let which = Arc::new(AtomicUsize::new(0));
        let armed = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the shutdown not yet armed, and arms it.
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
