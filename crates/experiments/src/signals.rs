//! Ctrl-C and SIGTERM. They end the process at once, and what is half written is removed; but a training saves and stops
//! after the first, and ends at once after the second.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals as Arrivals;

use crate::failure::Failure;
use crate::terminal::say;

/// A training watches for signals itself.
static WATCHED: AtomicBool = AtomicBool::new(false);

/// From now on a signal ends the process, with a line and the code 128 + its number, unless a training watches for it.
/// Nothing is left half written.
///
/// # Errors
/// If the system refuses.
pub(crate) fn end_at_signals() -> Result<(), Failure> {
    let mut arrivals = Arrivals::new([SIGINT, SIGTERM]).map_err(unwatched)?;
    let wait = move || {
        for signal in &mut arrivals {
            if WATCHED.load(Ordering::SeqCst) {
                continue;
            }
            // Below a progress line.
            let below = if std::io::stderr().is_terminal() { "\n" } else { "" };
            say(format_args!("{below}cgan: stopped by signal {signal}; nothing is left half written"));
            files::end_writing();
            std::process::exit(128 + signal);
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait).map_err(unwatched)?;
    Ok(())
}

fn unwatched(error: std::io::Error) -> Failure {
    Failure::general(format!("cannot watch for signals: {error}"))
}

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
            register.map_err(unwatched)?;
        }
        WATCHED.store(true, Ordering::SeqCst);
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
