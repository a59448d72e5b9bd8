//! Damages good files and gives them to every loader.
//!
//! A loader may refuse what it is given, with a message. It may not panic, take longer than [`MOST_SECONDS`] or hold more
//! memory than [`most_bytes`] allows. A [`Target`] is a folder of small good files and what reads it; a case is the folder
//! with one file damaged. Cases follow from a seed, so a failure can be repeated.
//!
//! ```text
//! cargo run --release -p fuzz --example fuzz -- --list
//! cargo run --release -p fuzz --example fuzz -- --seconds 600 npy
//! ```

mod damage;
mod folder;
mod good;
mod targets;
mod trained;

use std::alloc::System;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

use cap::Cap;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use damage::damaged;
use folder::files_of;
pub use targets::{TARGETS, Target};

/// Counts the memory that loaders hold.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// The longest that a loader may take for a few kilobytes, in seconds. A debug build on a busy machine is slow.
pub const MOST_SECONDS: f64 = 20.0;

/// The most memory that a loader may hold at a time for a folder of so many bytes: what it always takes, such as a
/// picture's buffers, and a fixed multiple of what it was given.
pub fn most_bytes(given: usize) -> usize {
    (64 << 20) + 1024 * given
}

/// What a loader did that it may not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The target's name.
    pub target: &'static str,
    /// The number of the case.
    pub case: u64,
    /// The file that was damaged.
    pub file: String,
    /// What happened.
    pub what: String,
}

/// Runs case number `case` of a target in `folder`, which it makes and leaves there with the damaged file.
///
/// # Panics
/// If the folder cannot be written.
pub fn run(target: &Target, seed: u64, case: u64, folder: &Path) -> Option<Fault> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(case);
    fs::create_dir_all(folder).expect("a folder that can be written");
    (target.make)(folder);
    let files = files_of(folder);
    let file = damaged(&files, &mut random);
    let given: usize =
        files_of(folder).iter().map(|file| fs::metadata(file).map_or(0, |file| file.len() as usize)).sum();
    let fault = |what: String| {
        let file = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
        Some(Fault { target: target.name, case, file, what })
    };
    let (before, peak) = (MEMORY.allocated(), MEMORY.max_allocated());
    let begun = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.read)(folder)));
    let seconds = begun.elapsed().as_secs_f64();
    // The peak is of the whole process, so it shows those that are higher than all before.
    let held = if MEMORY.max_allocated() > peak { MEMORY.max_allocated() - before } else { 0 };
    match outcome {
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            fault(format!("panicked: {}", text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("?")))
        }
        Ok(Err(message)) if message.trim().is_empty() => fault("refused without a word".to_owned()),
        Ok(_) if seconds > MOST_SECONDS => fault(format!("took {seconds:.1} s")),
        Ok(_) if held > most_bytes(given) => fault(format!("held {} MiB for {given} bytes", held >> 20)),
        Ok(_) => None,
    }
}
