//! Sharing rows among threads, in blocks whose size does not depend on the number of threads.

use rayon::prelude::*;

/// Entries below which a loop is not worth sharing: a fork costs some microseconds, this many sums about one.
pub(crate) const GRAIN: usize = 1 << 14;

/// A slice whose disjoint parts several tasks write.
pub(super) struct Shared<T>(*mut T);

// SAFETY: a pointer can be shared; whoever writes through it promises to be the only one there.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub(super) fn new(values: &mut [T]) -> Self {
        Self(values.as_mut_ptr())
    }

    /// The place of entry `index`.
    ///
    /// # Safety
    /// `index` is within the slice, which outlives the tasks; no two tasks write the same entry.
    pub(super) unsafe fn at(&self, index: usize) -> *mut T {
        // SAFETY: the caller's promise.
        unsafe { self.0.add(index) }
    }
}

/// Calls `each(0)` to `each(count - 1)`, each about `cost` multiplications long, in no fixed order.
pub(super) fn tasks(count: usize, cost: usize, each: impl Fn(usize) + Sync) {
    if count * cost < GRAIN {
        (0..count).for_each(&each);
    } else {
        (0..count).into_par_iter().for_each(|task| each(task));
    }
}

/// Calls `each(row, values)` for every row of `width` entries.
pub fn rows<T: Send>(values: &mut [T], width: usize, each: impl Fn(usize, &mut [T]) + Sync) {
    rows_with(values, width, &mut [], |row, values, _| each(row, values));
}

/// Calls `each(row, values, notes)` for every row of `width` entries and the same row of `notes`, which may be
/// empty as a whole; each row then sees an empty slice.
pub fn rows_with<T: Send>(
    values: &mut [T],
    width: usize,
    notes: &mut [u8],
    each: impl Fn(usize, &mut [T], &mut [u8]) + Sync,
) {
    if width == 0 {
        return;
    }
    if values.len() < GRAIN {
        let mut notes = notes.chunks_exact_mut(width);
        for (row, values) in values.chunks_exact_mut(width).enumerate() {
            each(row, values, notes.next().unwrap_or_default());
        }
        return;
    }
    let block = (GRAIN / 2 / width).max(1);
    let work = |index: usize, values: &mut [T], notes: &mut [u8]| {
        let mut notes = notes.chunks_exact_mut(width);
        for (row, values) in values.chunks_exact_mut(width).enumerate() {
            each(index * block + row, values, notes.next().unwrap_or_default());
        }
    };
    let blocks = values.par_chunks_mut(block * width).enumerate();
    if notes.is_empty() {
        blocks.for_each(|(index, values)| work(index, values, &mut []));
    } else {
        let notes = notes.par_chunks_mut(block * width);
        blocks.zip(notes).for_each(|((index, values), notes)| work(index, values, notes));
    }
}
