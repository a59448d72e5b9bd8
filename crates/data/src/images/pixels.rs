//! Pixels of many images, of which zeros are not stored: four fifths of a digit are background.
//!
//! For each image there is a bit a pixel, set where the pixel is not 0, and the bytes of these pixels in their order. MNIST
//! takes a third of its pixels. An image without zeros takes an eighth more than its pixels.

/// Bytes of (n, size) pixels, of which those that are not 0 are stored.
#[derive(Debug, Default)]
pub(super) struct Pixels {
    /// Pixels of an image.
    size: usize,
    /// A bit a pixel, the first in the lowest; each image starts with a new byte.
    bits: Vec<u8>,
    /// The pixels that are not 0, image after image.
    bytes: Vec<u8>,
    /// Where in `bytes` each image ends.
    ends: Vec<usize>,
}

impl Pixels {
    /// Of images of `size` pixels, one after the other.
    ///
    /// # Panics
    /// If there are pixels and `size` is 0.
    pub(super) fn of(pixels: &[u8], size: usize) -> Self {
        let mut packed = Self::empty(size);
        if !pixels.is_empty() {
            pixels.chunks_exact(size).for_each(|image| packed.push(image));
        }
        packed.bits.shrink_to_fit();
        packed.bytes.shrink_to_fit();
        packed
    }

    fn empty(size: usize) -> Self {
        Self { size, ..Self::default() }
    }

    fn push(&mut self, image: &[u8]) {
        for eight in image.chunks(8) {
            let bit = |(i, pixel): (usize, &u8)| u8::from(*pixel != 0) << i;
            let bits = eight.iter().enumerate().map(bit).fold(0, |bits, bit| bits | bit);
            self.bits.push(bits);
            if bits != 0 {
                self.bytes.extend(eight.iter().filter(|pixel| **pixel != 0));
            }
        }
        self.ends.push(self.bytes.len());
    }

    /// The images of which `second` is false, and those of which it is true, each in their order.
    pub(super) fn divide(self, second: &[bool]) -> (Self, Self) {
        let mut parts = (Self::empty(self.size), Self::empty(self.size));
        for (index, second) in second.iter().enumerate() {
            let part = if *second { &mut parts.1 } else { &mut parts.0 };
            let (bits, bytes) = self.image(index);
            part.bits.extend(bits);
            part.bytes.extend(bytes);
            part.ends.push(part.bytes.len());
        }
        parts
    }

    /// The bits of image `index`, and its pixels that are not 0.
    fn image(&self, index: usize) -> (&[u8], &[u8]) {
        let each = self.size.div_ceil(8);
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        (&self.bits[index * each..][..each], &self.bytes[start..self.ends[index]])
    }

    /// Calls `each(pixel, value)` for the pixels of image `index` that are not 0, in their order.
    pub(super) fn non_zero(&self, index: usize, mut each: impl FnMut(usize, u8)) {
        let (bits, bytes) = self.image(index);
        let mut bytes = bytes.iter();
        for (start, bits) in (0..).step_by(8).zip(bits) {
            let mut left = *bits;
            while left != 0 {
                let value = *bytes.next().expect("a byte for each bit");
                each(start + left.trailing_zeros() as usize, value);
                left &= left - 1;
            }
        }
    }

    /// All pixels of image `index`.
    pub(super) fn all(&self, index: usize) -> Vec<u8> {
        let mut pixels = vec![0; self.size];
        self.non_zero(index, |pixel, value| pixels[pixel] = value);
        pixels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_come_back_as_they_were() {
        for size in [1, 7, 8, 9, 784] {
            let images: Vec<Vec<u8>> = (0..9usize)
                .map(|i| {
                    (0..size).map(|j| if (i + j) % (i + 1) == 0 { (7 * i + j) as u8 } else { 0 }).collect()
                })
                .collect();
            let packed = Pixels::of(&images.concat(), size);
            let second: Vec<bool> = (0..9).map(|i| i % 3 == 1).collect();
            for (index, image) in images.iter().enumerate() {
                assert_eq!(packed.all(index), *image);
            }
            let (rest, others) = packed.divide(&second);
            for (place, index) in [0, 2, 3, 5, 6, 8].into_iter().enumerate() {
                assert_eq!(rest.all(place), images[index]);
            }
            for (place, index) in [1, 4, 7].into_iter().enumerate() {
                assert_eq!(others.all(place), images[index]);
            }
        }
    }

    #[test]
    fn digits_take_a_third_of_their_pixels() {
        let set = crate::images::embedded_mnist().unwrap();
        let pixels: Vec<u8> = (0..1000).flat_map(|i| set.train.image(i)).collect();
        let packed = Pixels::of(&pixels, 784);
        let bytes = packed.bits.len() + packed.bytes.len() + size_of_val(&*packed.ends);
        assert!(3 * bytes < pixels.len() + 100_000, "{bytes} bytes");
    }
}
