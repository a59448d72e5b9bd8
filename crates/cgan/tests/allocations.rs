//! A step of training, once warm, allocates nothing.
//!
//! Counted on the thread of a pool within which the steps run: `ThreadPool::install` allocates where it is
//! called, to hand the job over, and that is not part of a step. The pool's other threads are not watched: by
//! chance one may take its first task, and with it make its buffers, at any step.
#![allow(unsafe_code, reason = "a global allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::sync::Mutex;

use cgan::{Examples, GanConfig, Trainer};
use layers::Input;
use ndarray::ArrayViewMut2;
use serde_json::json;

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

/// As wide as the images of the paper, of any number.
struct Waves;

impl Examples<f32> for Waves {
    fn len(&self) -> usize {
        300
    }

    fn width(&self) -> usize {
        784
    }

    fn condition(&self) -> Input {
        Input::Labels(10)
    }

    fn mean(&self) -> Vec<f32> {
        vec![0.5; 784]
    }

    fn fill(&self, indices: &[u32], mut x: ArrayViewMut2<f32>, mut y: ArrayViewMut2<f32>) {
        for (row, &index) in indices.iter().enumerate() {
            let wave = |column| 0.5 + 0.5 * (0.37 * index as f32 + 0.11 * column as f32).sin();
            x.row_mut(row).iter_mut().enumerate().for_each(|(column, x)| *x = wave(column));
            y[[row, 0]] = (index % 10) as f32;
        }
    }
}

/// The paper's widths, so that the kernels do split their work, with all that a step may do.
fn config(order: &str, kind: &str, combined: &str) -> GanConfig {
    let steps = if order == "alternating" { 2 } else { 1 };
    serde_json::from_value(json!({
        "generator": {
            "noise": "gaussian", "noise_width": 100, "z_units": 200, "y_units": 1000,
            "combined": combined, "combined_units": 1200, "output": "sigmoid",
            "dropout": 0.5, "dropout_when_sampling": false,
            "init": {
                "z": "he_uniform", "y": "he_uniform", "combined": "he_uniform", "output": "he_uniform",
                "output_bias": "zeros",
            },
        },
        "discriminator": {
            "x": { "layer": "maxout", "units": 240, "pieces": 5 },
            "y": { "layer": "maxout", "units": 50, "pieces": 5 },
            "joint": { "layer": "maxout", "units": 240, "pieces": 4 },
            "dropout": 0.5, "input_dropout": 0.2,
            "init": { "x": "he_uniform", "y": "he_uniform", "joint": "he_uniform", "output": "he_uniform" },
        },
        "objective": {
            "generator": "non_saturating", "real_target": 0.9, "discriminator_scale": 0.5, "r1": 1.0,
        },
        "updates": { "order": order, "discriminator_steps": steps, "batch": 100, "average": 0.99 },
        "optimizer": {
            "kind": kind, "learning_rate": 0.001, "discriminator_ratio": 1.0,
            "decay": 1.00004, "floor": 1e-6,
            "momentum": 0.5, "momentum_end": 0.7, "momentum_epochs": 2.0,
            "beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8, "max_norm": 1.0,
        },
    }))
    .expect("a valid configuration")
}

/// What rayon boxes of its own when a step borrows the pool's other threads: one small job for each.
const JOB: usize = 64;

/// One test, as everything here is counted in one place.
#[test]
fn a_step_allocates_nothing() {
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool");
        for (order, kind, combined) in [
            ("alternating", "adam", "hidden_layer"),
            ("simultaneous", "adam", "hidden_layer"),
            ("simultaneous", "sgd", "concatenation"),
        ] {
            let config = config(order, kind, combined);
            let mut trainer = Trainer::<f32>::new(&config, &Waves, 7).expect("a valid configuration");
            let mut step = || trainer.step(&Waves).map(drop).expect("finite losses");
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
