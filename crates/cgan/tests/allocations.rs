//! A step of training, once warm, allocates nothing.
//!
//! Counted on the thread of a pool within which the steps run: `ThreadPool::install` allocates where it is
//! called, to hand the job over, and that is not part of a step. The pool's other threads are not watched: by
//! chance one may take its first task, and with it make its buffers, at any step.
#![allow(unsafe_code, reason = "a global allocator cannot be written without")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::sync::Mutex;

use cgan::Trainer;
use cgan::optimizers::OptimizerConfig;
use common::{DIGITS, augmented, config};

/// The system's allocator, which notes who asks while a thread is watched.
struct Watching;

thread_local! {
    // Without a destructor and without lazy initialisation, so that it can be read at any time.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
}

/// How much was allocated, and where.
static FOUND: Mutex<Vec<(usize, String)>> = Mutex::new(Vec::new());

fn note(bytes: usize) {
    // A backtrace allocates, too.
    if WATCHED.replace(false) {
        let place = Backtrace::force_capture().to_string();
        FOUND.lock().expect("no panic while it is held").push((bytes, place));
        WATCHED.set(true);
    }
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        // SAFETY: as above; `block` came from `System`.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// What rayon boxes of its own when a step borrows the pool's other threads: one small job for each.
const JOB: usize = 64;

/// One test, as everything here is counted in one place.
#[test]
fn a_step_allocates_nothing() {
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool");
        let orders = [("alternating", "adam", "hidden_layer"), ("simultaneous", "adam", "hidden_layer")];
        let kinds = OptimizerConfig::NAMES.iter().map(|kind| ("simultaneous", *kind, "concatenation"));
        for (order, kind, combined) in orders.into_iter().chain(kinds) {
            let config = augmented(config(order, kind, combined));
            let mut trainer = Trainer::<f32>::new(&config, &DIGITS, 7).expect("a valid configuration");
            let mut step = || trainer.step(&DIGITS).map(drop).expect("finite losses");
            // Enough to cross from one epoch into the next.
            let steps = 4;
            pool.install(|| {
                // For what is kept from then on: rayon's queue, and buffers of the thread.
                (0..2).for_each(|_| step());
                WATCHED.set(true);
                (0..steps).for_each(|_| step());
                WATCHED.set(false);
            });
            let mut found = std::mem::take(&mut *FOUND.lock().expect("no panic while it was held"));
            let jobs = found.iter().filter(|(bytes, _)| *bytes <= JOB).count();
            if jobs <= steps * (threads - 1) {
                found.retain(|(bytes, _)| *bytes > JOB);
            }
            if let Some((bytes, place)) = found.first() {
                let what = format!("{threads} threads, {order}, {kind}");
                panic!("{what}: {} allocations, the first of {bytes} bytes\n{place}", found.len());
            }
        }
    }
}
