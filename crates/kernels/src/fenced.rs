//! For tests: slices that begin or end at inaccessible memory, so that a kernel that reads or writes outside its slices
//! crashes at once.

use std::ops::{Deref, DerefMut};

use ndarray::Array2;

/// Which side of the slice is inaccessible.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edge {
    Start,
    End,
}

impl Edge {
    pub(super) const BOTH: [Self; 2] = [Self::Start, Self::End];
}

/// Numbers that begin, or end, where accessible memory does.
pub(super) struct Fenced<T> {
    #[cfg(target_os = "linux")]
    pages: Pages<T>,
    #[cfg(not(target_os = "linux"))]
    values: Vec<T>,
}

#[cfg(target_os = "linux")]
struct Pages<T> {
    map: *mut libc::c_void,
    size: usize,
    start: *mut T,
    length: usize,
}

impl Fenced<f32> {
    /// `matrix` in single precision, with its shape.
    pub(super) fn matrix(matrix: &Array2<f64>, edge: Edge) -> ((usize, usize), Self) {
        let values: Vec<f32> = matrix.iter().map(|value| *value as f32).collect();
        (matrix.dim(), Self::new(&values, edge))
    }
}

impl<T: Copy> Fenced<T> {
    #[cfg(target_os = "linux")]
    pub(super) fn new(values: &[T], edge: Edge) -> Self {
        const PAGE: usize = 1 << 12;
        let inside = size_of_val(values).next_multiple_of(PAGE);
        let size = inside + 2 * PAGE;
        // SAFETY: fresh pages of which the first and the last are then closed; what is between holds the values, at
        // either end of it.
        unsafe {
            let (read_write, private) =
                (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
            let map = libc::mmap(std::ptr::null_mut(), size, read_write, private, -1, 0);
            assert!(map != libc::MAP_FAILED, "memory for a test");
            assert_eq!(libc::mprotect(map, PAGE, libc::PROT_NONE), 0);
            assert_eq!(libc::mprotect(map.byte_add(PAGE + inside), PAGE, libc::PROT_NONE), 0);
            let offset = match edge {
                Edge::Start => PAGE,
                Edge::End => PAGE + inside - size_of_val(values),
            };
            let start = map.byte_add(offset).cast::<T>();
            start.copy_from_nonoverlapping(values.as_ptr(), values.len());
            Self { pages: Pages { map, size, start, length: values.len() } }
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn new(values: &[T], _: Edge) -> Self {
        Self { values: values.to_vec() }
    }
}

#[cfg(target_os = "linux")]
impl<T> Drop for Pages<T> {
    fn drop(&mut self) {
        // SAFETY: the pages that `new` mapped.
        unsafe { libc::munmap(self.map, self.size) };
    }
}

#[cfg(target_os = "linux")]
// SAFETY: as a `Vec`, which owns its numbers.
unsafe impl<T: Sync> Sync for Pages<T> {}

impl<T> Deref for Fenced<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        #[cfg(target_os = "linux")]
        // SAFETY: `new` put so many values there.
        unsafe {
            std::slice::from_raw_parts(self.pages.start, self.pages.length)
        }
        #[cfg(not(target_os = "linux"))]
        &self.values
    }
}

impl<T> DerefMut for Fenced<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        #[cfg(target_os = "linux")]
        // SAFETY: as above, borrowed for as long.
        unsafe {
            std::slice::from_raw_parts_mut(self.pages.start, self.pages.length)
        }
        #[cfg(not(target_os = "linux"))]
        &mut self.values
    }
}
