//! Moving pictures by whole pixels, some of them and each by its own: y_i = x_i moved by d_i; what comes in is 0.
//!
//! y_{r, c} = x_{r - down, c - right} where that lies in the picture. That is linear in x, and its transpose moves back:
//! dx_{r, c} = dy_{r + down, c + right}. Moves are a function of (stream, draw, row), never of a thread.
//!
//! An operation of its own, outside the crate of the tape: any crate may bring some.

use std::ops::Range;

use autograd::{Arguments, Error, Evaluated, Op, Real, Record, Shape, Stream, Tape, Target, Var};
use kernels::parallel;
use ndarray_rand::rand::Rng;

/// Moves some of the pictures; by how much is a function of the seed and a name.
#[derive(Clone, Copy, Debug)]
pub struct Shift {
    most: usize,
    share: f64,
    size: Shape,
    seed: u64,
}

impl Shift {
    /// Moves a `share` of pictures of `size` (height, width), evenly by up to `most` pixels along either side.
    pub fn new(most: usize, share: f64, size: Shape, seed: u64) -> Self {
        Self { most, share, size, seed }
    }

    /// Records the layer on `x` (batch, height · width); where nothing moves that is `x` itself. `name` tells its moves
    /// from those of others.
    ///
    /// # Errors
    /// If the pictures have another size.
    pub fn record<T: Real>(&self, tape: &mut Tape<T>, x: Var, name: &str) -> Result<Var, Error> {
        let Self { most, share, size: (height, width), seed } = *self;
        if most == 0 || share == 0.0 {
            return Ok(x);
        }
        let stream = Stream::new(seed, &format!("shift/{name}"));
        let moves = tape.record(Moves { rows: tape.shape(x).0, most, share, stream }, &[])?;
        tape.record(Moved { height, width }, &[x, moves])
    }
}

/// How far each picture moves down and to the right, (rows, 2), new in each evaluation: with probability `share`,
/// evenly from -`most` to `most` pixels either way, else not at all.
struct Moves {
    rows: usize,
    most: usize,
    share: f64,
    stream: Stream,
}

/// Pictures (batch, height · width) moved by (batch, 2).
#[derive(Clone, Copy)]
struct Moved {
    height: usize,
    width: usize,
}

impl<T: Real> Op<T> for Moves {
    fn name(&self) -> &'static str {
        "moves"
    }

    fn shape(&self, _: &[Shape]) -> Result<Shape, String> {
        Ok((self.rows, 2))
    }

    fn forward(&self, _: &Arguments<T>, value: &mut [T], _: &mut [u8], draw: u64) {
        let places = (2 * self.most + 1) as f64;
        for (row, moves) in value.chunks_exact_mut(2).enumerate() {
            let mut random = self.stream.at(draw, row as u64);
            let moved = random.random::<f64>() < self.share;
            let mut place = || (places * random.random::<f64>()).floor() - self.most as f64;
            moves.fill_with(|| T::of(if moved { place() } else { 0.0 }));
        }
    }

    /// Never asked for: there are no arguments.
    fn vjp(&self, _: usize, _: &Evaluated<T>, _: &[T], _: Target<T>) {}
}

impl Moved {
    /// Calls `each(to, from)` with the parts of a picture's rows that a move takes from one place to another.
    fn each<T: Real>(&self, moves: &[T], back: bool, mut each: impl FnMut(Range<usize>, usize)) {
        let by = |axis: usize| moves[axis].f64() as isize * if back { -1 } else { 1 };
        let (down, right) = (by(0), by(1));
        let overlap =
            |by: isize, size: usize| (by.max(0) as usize).min(size)..size.saturating_add_signed(by).min(size);
        let columns = overlap(right, self.width);
        for row in overlap(down, self.height) {
            let from =
                row.wrapping_add_signed(-down) * self.width + columns.start.wrapping_add_signed(-right);
            each(row * self.width + columns.start..row * self.width + columns.end, from);
        }
    }
}

impl<T: Real> Op<T> for Moved {
    fn name(&self) -> &'static str {
        "shift"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        match *arguments {
            [(batch, pixels), moves] if moves == (batch, 2) && pixels == self.height * self.width => {
                Ok((batch, pixels))
            }
            _ => {
                Err(format!("takes pictures (batch, {} x {}) and moves (batch, 2)", self.height, self.width))
            }
        }
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let (x, moves, pixels) = (arguments.slice(0), arguments.slice(1), self.height * self.width);
        parallel::rows(value, pixels, |row, y| {
            let x = &x[row * pixels..][..pixels];
            y.fill(T::zero());
            self.each(&moves[2 * row..], false, |to, from| {
                let from = &x[from..][..to.len()];
                y[to].copy_from_slice(from);
            });
        });
    }

    fn differentiable(&self, argument: usize) -> bool {
        argument == 0
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        let (moves, pixels) = (at.arguments.slice(1), self.height * self.width);
        parallel::rows(dx.values, pixels, |row, dx_row| {
            let dy = &dy[row * pixels..][..pixels];
            if !dx.accumulate {
                dx_row.fill(T::zero());
            }
            self.each(&moves[2 * row..], true, |to, from| {
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
    fn each_picture_moves_by_its_own() {
        let mut tape = Tape::<f32>::new();
        let (x, moves) = (tape.input("x", (4, 6)), tape.input("moves", (4, 2)));
        let y = tape.record(Moved { height: 2, width: 3 }, &[x, moves]).unwrap();
        let picture = array![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        tape.value_mut(x).rows_mut().into_iter().for_each(|mut x| x.assign(&picture));
        tape.value_mut(moves).assign(&array![[0.0, 0.0], [1.0, -1.0], [-1.0, 2.0], [0.0, 3.0]]);
        tape.forward(&Parameters::new(), .., 0);
        let want = array![
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            [0.0, 0.0, 0.0, 2.0, 3.0, 0.0],
            [0.0, 0.0, 4.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        ];
        assert_eq!(tape.value(y), want);
        assert!(tape.record(Moved { height: 2, width: 2 }, &[x, moves]).is_err());
    }

    #[test]
    fn the_share_moves_evenly_and_anew() {
        let mut tape = Tape::<f32>::new();
        let drawn = Moves { rows: 10_000, most: 2, share: 0.6, stream: Stream::new(3, "test") };
        let moves = tape.record(drawn, &[]).unwrap();
        tape.forward(&Parameters::new(), .., 0);
        let first = tape.value(moves).to_owned();
        for axis in 0..2 {
            for to in -2..=2 {
                // Four standard deviations; those that stay are at 0 beside a fifth of those that move.
                let want = 0.6 / 5.0 + if to == 0 { 0.4 } else { 0.0 };
                let share = first.column(axis).iter().filter(|by| **by == to as f32).count() as f64 / 1e4;
                assert!((share - want).abs() < 4.0 * (want * (1.0 - want) / 1e4f64).sqrt(), "{to}: {share}");
            }
        }
        tape.forward(&Parameters::new(), .., 1);
        assert_ne!(first, tape.value(moves));
    }
}
