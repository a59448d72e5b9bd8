//! Buffers that are aligned to cache lines.
//!
//! A SIMD vector that crosses from one cache line to the next is loaded in two parts. The rows of most layers are whole
//! cache lines, so it is enough that a buffer starts with one. A product reads down the columns of a matrix of some
//! megabytes, and each row is on another page of memory: long buffers therefore request large pages.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use crate::scalar::Scalar;

/// Bytes of a cache line, and of a large page.
const LINE: usize = 64;
const LARGE_PAGE: usize = 1 << 21;

/// A fixed number of `f32` or `f64`, at first zeros; otherwise a slice.
pub struct Buffer<T> {
    start: NonNull<T>,
    length: usize,
}

// SAFETY: a buffer owns its numbers, as a `Vec` does.
unsafe impl<T: Send> Send for Buffer<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Buffer<T> {}

impl<T: Scalar> Buffer<T> {
    /// `length` zeros.
    ///
    /// # Panics
    /// If they need more bytes than there are addresses.
    pub fn zeros(length: usize) -> Self {
        // SAFETY: zero bits are a number.
        unsafe { Self::filled(length, |start| start.write_bytes(0, length)) }
    }

    /// Appends zeros up to `length`; a buffer that is as long already stays as it is.
    pub fn grow(&mut self, length: usize) {
        if length > self.length {
            let mut longer = Self::zeros(length);
            longer[..self.length].copy_from_slice(self);
            *self = longer;
        }
    }
}

impl<T> Buffer<T> {
    /// # Safety
    /// `fill` leaves `length` valid numbers behind the pointer, to which so many may be written.
    unsafe fn filled(length: usize, fill: impl FnOnce(*mut T)) -> Self {
        if length == 0 {
            return Self::default();
        }
        let layout = Self::layout(length);
        // SAFETY: the layout is not empty.
        let start = unsafe { alloc(layout).cast::<T>() };
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        ask_for_large_pages(start.cast(), layout);
        fill(start.as_ptr());
        Self { start, length }
    }

    fn layout(length: usize) -> Layout {
        let size = length.checked_mul(size_of::<T>()).expect("fewer numbers than addresses");
        let align = if size < LARGE_PAGE { LINE } else { LARGE_PAGE };
        Layout::from_size_align(size, align).expect("fewer numbers than addresses")
    }
}

/// Only a request: without large pages everything works, a little slower. The pages must not have been touched yet.
fn ask_for_large_pages(start: NonNull<u8>, layout: Layout) {
    #[cfg(target_os = "linux")]
    if layout.align() == LARGE_PAGE {
        // SAFETY: whole pages within the block, of which nothing but their size is to change.
        unsafe {
            libc::madvise(start.as_ptr().cast(), layout.size() & !(LARGE_PAGE - 1), libc::MADV_HUGEPAGE)
        };
    }
    let _ = (start, layout);
}

impl<T> Drop for Buffer<T> {
    fn drop(&mut self) {
        if self.length > 0 {
            // SAFETY: allocated with this layout; numbers need no dropping.
            unsafe { dealloc(self.start.as_ptr().cast(), Self::layout(self.length)) };
        }
    }
}

impl<T: Clone> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        // SAFETY: numbers are copied bit by bit; only a buffer of numbers has a length.
        unsafe {
            Self::filled(self.length, |start| start.copy_from_nonoverlapping(self.as_ptr(), self.length))
        }
    }
}

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Self { start: NonNull::dangling(), length: 0 }
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: so many numbers are there, or none at a dangling but aligned address.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl<T> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and borrowed for as long.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

impl<T: fmt::Debug> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.deref().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_with_a_line_and_keeps_what_it_holds() {
        let mut buffer = Buffer::<f32>::default();
        assert!(buffer.is_empty());
        for length in [1, 5, 16, 17, 1000, 1_000_000] {
            buffer.grow(length);
            assert_eq!((buffer.len(), buffer.as_ptr().addr() % 64), (length, 0));
            assert_eq!(buffer[length - 1], 0.0);
            buffer[length - 1] = length as f32;
        }
        assert_eq!([0, 4, 15, 16].map(|i| buffer[i]), [1.0, 5.0, 16.0, 17.0]);
        assert_eq!(format!("{:?}", Buffer::<f64>::zeros(2)), "[0.0, 0.0]");
    }
}
