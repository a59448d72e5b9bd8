//! Images translated by whole pixels: y_i = x_i moved by d_i. Pixels that come in from outside are 0.
//!
//! y_{r, c} = x_{r - down, c - right} where that lies in the image. That is linear in x, and its transpose moves back:
//! dx_{r, c} = dy_{r + down, c + right}. Translations are a function of (stream, draw, row), never of a thread.
//!
//! This operation, like that of [`crate::resample`], lives outside the crate of the tape: any crate may define operations.

use std::ops::Range;

use autograd::{Arguments, Error, Evaluated, Op, Real, Record, Shape, Stream, Tape, Target, Var};
use kernels::parallel;
use rand::Rng;

/// Records images x (batch, height · width) translated with this probability, evenly by up to `largest` pixels along
/// either side.
///
/// # Errors
/// If the images have another size.
pub(crate) fn translate<T: Real>(
    tape: &mut Tape<T>,
    x: Var,
    (height, width): Shape,
    largest: usize,
    probability: f64,
    stream: Stream,
) -> Result<Var, Error> {
    let offsets = tape.record(Offsets { rows: tape.shape(x).0, largest, probability, stream }, &[])?;
    tape.record(Translated { height, width }, &[x, offsets])
}

/// The offset of each image down and to the right, (rows, 2), new in each evaluation: with the given probability evenly
/// from -`largest` to `largest` pixels either way, otherwise 0.
struct Offsets {
    rows: usize,
    largest: usize,
    probability: f64,
    stream: Stream,
}

/// Images (batch, height · width) translated by offsets (batch, 2).
#[derive(Clone, Copy)]
struct Translated {
    height: usize,
    width: usize,
}

/// Writes the image `x` of `size` (height, width), translated by whole pixels down and to the right, to `y`. What comes
/// in from outside is 0.
pub fn translate_image<T: Real>(x: &[T], y: &mut [T], size: (usize, usize), by: (isize, isize)) {
    y.fill(T::zero());
    Translated { height: size.0, width: size.1 }.each(by, |to, from| {
        let from = &x[from..][..to.len()];
        y[to].copy_from_slice(from);
    });
}

impl<T: Real> Op<T> for Offsets {
    fn name(&self) -> &'static str {
        "offsets"
    }

    fn shape(&self, _: &[Shape]) -> Result<Shape, String> {
        Ok((self.rows, 2))
    }

    fn forward(&self, _: &Arguments<T>, value: &mut [T], _: &mut [u8], draw: u64) {
        let choices = (2 * self.largest + 1) as f64;
        for (row, offsets) in value.chunks_exact_mut(2).enumerate() {
            let mut random = self.stream.at(draw, row as u64);
            let translated = random.random::<f64>() < self.probability;
            let mut offset = || (choices * random.random::<f64>()).floor() - self.largest as f64;
            offsets.fill_with(|| T::of(if translated { offset() } else { 0.0 }));
        }
    }

    /// Never called: there are no arguments.
    fn vjp(&self, _: usize, _: &Evaluated<T>, _: &[T], _: Target<T>) {}
}

impl Translated {
    /// The offset of an image in whole pixels: down, and to the right.
    fn offset<T: Real>(offsets: &[T], row: usize) -> (isize, isize) {
        let by = |axis: usize| offsets[2 * row + axis].f64() as isize;
        (by(0), by(1))
    }

    /// Calls `each(to, from)` with the parts of an image's rows that an offset takes from one place to another.
    fn each(&self, (down, right): (isize, isize), mut each: impl FnMut(Range<usize>, usize)) {
        let overlap =
            |by: isize, size: usize| (by.max(0) as usize).min(size)..size.saturating_add_signed(by).min(size);
        let columns = overlap(right, self.width);
        if columns.is_empty() {
            return; // translated out of the picture
        }
        for row in overlap(down, self.height) {
            let from =
                row.wrapping_add_signed(-down) * self.width + columns.start.wrapping_add_signed(-right);
            each(row * self.width + columns.start..row * self.width + columns.end, from);
        }
    }
}

impl<T: Real> Op<T> for Translated {
    fn name(&self) -> &'static str {
        "translate"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        match *arguments {
            [(batch, pixels), offsets] if offsets == (batch, 2) && pixels == self.height * self.width => {
                Ok((batch, pixels))
            }
            _ => {
                Err(format!("takes images (batch, {} x {}) and offsets (batch, 2)", self.height, self.width))
            }
        }
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let (x, offsets, pixels) = (arguments.slice(0), arguments.slice(1), self.height * self.width);
        parallel::rows(value, pixels, |row, y| {
            let x = &x[row * pixels..][..pixels];
            translate_image(x, y, (self.height, self.width), Self::offset(offsets, row));
        });
    }

    fn differentiable(&self, argument: usize) -> bool {
        argument == 0
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        let (offsets, pixels) = (at.arguments.slice(1), self.height * self.width);
        parallel::rows(dx.values, pixels, |row, dx_row| {
            let dy = &dy[row * pixels..][..pixels];
            if !dx.accumulate {
                dx_row.fill(T::zero());
            }
            let (down, right) = Self::offset(offsets, row);
            self.each((-down, -right), |to, from| {
                let from = &dy[from..][..to.len()];
                dx_row[to].iter_mut().zip(from).for_each(|(dx, dy)| *dx += *dy);
            });
        });
    }

    fn tangent(
        &self,
        tape: &mut dyn Record<T>,
        _: Var,
        arguments: &[Var],
        tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        tangents[0].map(|dx| tape.record(*self, &[dx, arguments[1]])).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use autograd::Parameters;
    use ndarray::array;

    #[test]
    fn what_is_translated_out_of_the_picture_is_gone() {
        let (x, mut y) = ([1.0f32; 6], [2.0f32; 6]);
        for by in [(0, 9), (0, -9), (9, 0), (-9, 0), (-9, 9), (2, 3), (-2, -3)] {
            y.fill(2.0);
            translate_image(&x, &mut y, (2, 3), by);
            assert_eq!(y, [0.0; 6], "{by:?}");
        }
    }

    #[test]
    fn each_image_has_its_own_offset() {
        let mut tape = Tape::<f32>::new();
        let (x, offsets) = (tape.input("x", (4, 6)), tape.input("offsets", (4, 2)));
        let y = tape.record(Translated { height: 2, width: 3 }, &[x, offsets]).unwrap();
        let image = array![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        tape.value_mut(x).rows_mut().into_iter().for_each(|mut x| x.assign(&image));
        tape.value_mut(offsets).assign(&array![[0.0, 0.0], [1.0, -1.0], [-1.0, 2.0], [0.0, 3.0]]);
        tape.forward(&Parameters::new(), .., 0);
        let want = array![
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            [0.0, 0.0, 0.0, 2.0, 3.0, 0.0],
            [0.0, 0.0, 4.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        ];
        assert_eq!(tape.value(y), want);
        assert!(tape.record(Translated { height: 2, width: 2 }, &[x, offsets]).is_err());
    }

    #[test]
    fn offsets_are_even_and_new_in_each_evaluation() {
        let mut tape = Tape::<f32>::new();
        let drawn = Offsets { rows: 10_000, largest: 2, probability: 0.6, stream: Stream::new(3, "test") };
        let offsets = tape.record(drawn, &[]).unwrap();
        tape.forward(&Parameters::new(), .., 0);
        let first = tape.value(offsets).to_owned();
        for axis in 0..2 {
            for to in -2..=2 {
                // Within four standard deviations. At 0 are those that stay, and a fifth of the others.
                let want = 0.6 / 5.0 + if to == 0 { 0.4 } else { 0.0 };
                let share = first.column(axis).iter().filter(|by| **by == to as f32).count() as f64 / 1e4;
                assert!((share - want).abs() < 4.0 * (want * (1.0 - want) / 1e4f64).sqrt(), "{to}: {share}");
            }
        }
        tape.forward(&Parameters::new(), .., 1);
        assert_ne!(first, tape.value(offsets));
    }
}
