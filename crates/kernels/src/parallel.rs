//! Parallel loops over parts whose size does not depend on the number of threads.

use rayon::prelude::*;

use crate::isa::vectorised;

pub use crate::team::region;

/// Loops over fewer entries than this run on one thread.
const GRAIN: usize = 1 << 13;

/// A slice whose disjoint parts several tasks write.
pub(super) struct Shared<T>(*mut T);

// SAFETY: sharing a pointer is harmless; each writer promises that nobody else writes the same entry.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub(super) fn new(values: &mut [T]) -> Self {
        Self(values.as_mut_ptr())
    }

    /// The address of entry `index`.
    ///
    /// # Safety
    /// `index` is within the slice, which outlives the tasks; no two tasks write the same entry.
    pub(super) unsafe fn at(&self, index: usize) -> *mut T {
        // SAFETY: the caller's promise.
        unsafe { self.0.add(index) }
    }

    /// The entries from `start`, `length` of them.
    ///
    /// # Safety
    /// As for [`Shared::at`], of all of them.
    #[allow(clippy::mut_from_ref)]
    pub(super) unsafe fn part(&self, start: usize, length: usize) -> &mut [T] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.at(start), length) }
    }
}

/// Calls `each(0)` to `each(count - 1)`, each about `cost` multiplications long, in no fixed order.
///
/// `each` is no type parameter: what shares the tasks is compiled once, not with each loop of every crate.
pub(super) fn tasks(count: usize, cost: usize, each: &(dyn Fn(usize) + Sync)) {
    if count == 1 || count * cost < GRAIN {
        (0..count).for_each(each);
    } else if !crate::team::run(count, each) {
        (0..count).into_par_iter().for_each(each);
    }
}

/// Calls `each(start, parts)` for parts of several slices of one length, cut at the same places.
pub fn parts<T: Send, const N: usize>(slices: [&mut [T]; N], each: impl Fn(usize, [&mut [T]; N]) + Sync) {
    parts_of_kernel(slices, |start, parts| vectorised(|| each(start, parts)));
}

/// [`parts`], where `each` chooses the instruction set itself.
pub(super) fn parts_of_kernel<T: Send, const N: usize>(
    slices: [&mut [T]; N],
    each: impl Fn(usize, [&mut [T]; N]) + Sync,
) {
    let length = slices.first().map_or(0, |slice| slice.len());
    assert!(slices.iter().all(|slice| slice.len() == length), "slices of one length");
    let slices = slices.map(Shared::new);
    tasks(length.div_ceil(GRAIN), GRAIN, &|task| {
        let start = task * GRAIN;
        // SAFETY: tasks have disjoint parts, which end at or before the slices do.
        each(start, unsafe { cut(&slices, start, GRAIN.min(length - start)) });
    });
}

/// The same part of several slices.
///
/// # Safety
/// As for [`Shared::part`], of each.
#[allow(clippy::mut_from_ref)]
unsafe fn cut<T, const N: usize>(slices: &[Shared<T>; N], start: usize, length: usize) -> [&mut [T]; N] {
    // SAFETY: the caller's promise.
    slices.each_ref().map(|slice| unsafe { slice.part(start, length) })
}

/// Calls `each(part)` for parts of a slice that is only read.
pub(super) fn parts_of<T: Sync>(values: &[T], each: impl Fn(&[T]) + Sync) {
    tasks(values.len().div_ceil(GRAIN), GRAIN, &|task| {
        let start = task * GRAIN;
        let part = &values[start..values.len().min(start + GRAIN)];
        vectorised(|| each(part));
    });
}

/// Calls `each(block, values)` for blocks of `size` entries (the last may be shorter), each about `cost`
/// multiplications long.
pub(super) fn blocks<T: Send>(
    values: &mut [T],
    size: usize,
    cost: usize,
    each: impl Fn(usize, &mut [T]) + Sync,
) {
    let length = values.len();
    let values = Shared::new(values);
    tasks(length.div_ceil(size), cost, &|block| {
        let start = block * size;
        // SAFETY: blocks are disjoint and end at or before the slice does.
        each(block, unsafe { values.part(start, size.min(length - start)) });
    });
}

/// Calls `each(index, value)` for every value, each call about `cost` multiplications long.
pub fn each<T: Send>(values: &mut [T], cost: usize, each: impl Fn(usize, &mut T) + Sync) {
    blocks(values, 1, cost, |index, value| each(index, &mut value[0]));
}

/// Calls `each(row, values)` for every row of `width` entries.
pub fn rows<T: Send>(values: &mut [T], width: usize, each: impl Fn(usize, &mut [T]) + Sync) {
    rows_with(values, width, &mut [], |row, values, _| each(row, values));
}

/// Calls `each(row, values, notes)` for every row of `width` entries and the same row of `notes`, which may be
/// empty as a whole; each row then sees an empty slice.
///
/// # Panics
/// If `notes` is neither empty nor as long as `values`.
pub fn rows_with<T: Send>(
    values: &mut [T],
    width: usize,
    notes: &mut [u8],
    each: impl Fn(usize, &mut [T], &mut [u8]) + Sync,
) {
    if width == 0 {
        return;
    }
    assert!(notes.is_empty() || notes.len() == values.len(), "a note for each value");
    let count = values.len() / width;
    let noted = if notes.is_empty() { 0 } else { width };
    let (values, notes) = (Shared::new(values), Shared::new(notes));
    let block = (GRAIN / width).max(1);
    tasks(count.div_ceil(block), block * width, &|task| {
        for row in task * block..count.min((task + 1) * block) {
            // SAFETY: rows are disjoint and within the slices.
            let (values, notes) =
                unsafe { (values.part(row * width, width), notes.part(row * noted, noted)) };
            vectorised(|| each(row, values, notes));
        }
    });
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Runs `each` on pools of several sizes, within a region and without.
    fn everywhere(each: impl Fn() + Sync) {
        for threads in [1, 2, 3, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(&each);
            pool.install(|| region(&each));
        }
    }

    #[test]
    fn every_entry_is_met_once_and_where_it_is() {
        for length in [0, 1, 7, GRAIN - 1, GRAIN, GRAIN + 1, 5 * GRAIN + 3] {
            everywhere(|| {
                let (mut a, mut b) = (vec![0u32; length], vec![0u8; length]);
                parts([&mut a[..]], |start, [a]| {
                    a.iter_mut().enumerate().for_each(|(i, a)| *a += 1 + (start + i) as u32);
                });
                assert!(a.iter().enumerate().all(|(i, a)| *a == 1 + i as u32));
                let met = AtomicU32::new(0);
                parts_of(&a, |part| {
                    met.fetch_add(part.iter().sum(), Ordering::Relaxed);
                });
                assert_eq!(
                    u64::from(met.into_inner()),
                    (1..=length as u64).sum::<u64>() & u64::from(u32::MAX)
                );
                for size in [1, 100, length.max(1), length + 1] {
                    blocks(&mut a, size, 1 << 10, |block, a| {
                        a.iter_mut().enumerate().for_each(|(i, a)| *a -= (block * size + i) as u32);
                    });
                    assert!(a.iter().all(|a| *a == 1), "blocks of {size}");
                    each(&mut a, 1 << 10, |i, a| *a += i as u32);
                    assert!(a.iter().enumerate().all(|(i, a)| *a == 1 + i as u32));
                }
                for width in [1, 3, 1000].into_iter().filter(|width| length % width == 0) {
                    a.fill(0);
                    rows_with(&mut a, width, &mut b, |row, a, b| {
                        assert!(a.len() == width && b.len() == width);
                        a.iter_mut().for_each(|a| *a += row as u32);
                        b.fill(row as u8);
                    });
                    assert!(a.iter().enumerate().all(|(i, a)| *a == (i / width) as u32));
                    assert!(b.iter().enumerate().all(|(i, b)| *b == (i / width) as u8));
                    rows_with(&mut a, width, &mut [], |_, a, none| {
                        assert!(none.is_empty());
                        a.fill(9);
                    });
                    assert!(a.iter().all(|a| *a == 9));
                }
            });
        }
    }
}
