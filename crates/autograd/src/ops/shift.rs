//! y_i = x_i moved by d_i: each row a picture, each by a whole number of pixels of its own; what comes in is 0.
//!
//! y_{r, c} = x_{r - down, c - right} where that lies in the picture. That is linear in x, and its transpose moves back:
//! dx_{r, c} = dy_{r + down, c + right}. Moves are a function of (stream, draw, row), never of a thread.

use rand::Rng;

use super::{Arguments, Evaluated, Op, Target};
use crate::check::Case;
use crate::kernels::parallel;
use crate::{Error, Real, Shape, Stream, Tape, Var};

/// Whole numbers of pixels in -`most`..=`most`.
struct Moves {
    rows: usize,
    most: usize,
    share: f64,
    stream: Stream,
}

/// x moved.
struct Shift {
    height: usize,
    width: usize,
}

impl<T: Real> Tape<T> {
    /// How far each of `rows` pictures moves down and to the right, (rows, 2), new in each evaluation: with
    /// probability `share`, evenly from -`most` to `most` pixels either way, else not at all.
    ///
    /// # Errors
    /// If `share` is not in [0, 1].
    pub fn moves(&mut self, rows: usize, most: usize, share: f64, stream: Stream) -> Result<Var, Error> {
        if !(0.0..=1.0).contains(&share) {
            return Err(Error::Setting { operation: "moves", reason: format!("share is {share}, not in [0, 1]") });
        }
        self.record(Moves { rows, most, share, stream }, &[])
    }

    /// The pictures `x` (batch, height · width) moved by `moves` (batch, 2).
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn shift(&mut self, x: Var, moves: Var, (height, width): Shape) -> Result<Var, Error> {
        self.record(Shift { height, width }, &[x, moves])
    }
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

impl Shift {
    /// Calls `each(to, from)` with the parts of a picture's rows that a move takes from one place to another.
    fn each<T: Real>(&self, moves: &[T], back: bool, mut each: impl FnMut(std::ops::Range<usize>, usize)) {
        let by = |axis: usize| moves[axis].f64() as isize * if back { -1 } else { 1 };
        let (down, right) = (by(0), by(1));
        let overlap = |by: isize, size: usize| (by.max(0) as usize).min(size)..size.saturating_add_signed(by).min(size);
        let columns = overlap(right, self.width);
        for row in overlap(down, self.height) {
            let from = row.wrapping_add_signed(-down) * self.width + columns.start.wrapping_add_signed(-right);
            each(row * self.width + columns.start..row * self.width + columns.end, from);
        }
    }
}

impl<T: Real> Op<T> for Shift {
    fn name(&self) -> &'static str {
        "shift"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        match *arguments {
            [(batch, pixels), moves] if moves == (batch, 2) && pixels == self.height * self.width => Ok((batch, pixels)),
            _ => Err(format!("takes pictures (batch, {} x {}) and moves (batch, 2)", self.height, self.width)),
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

    fn tangent(&self, tape: &mut Tape<T>, _: Var, arguments: &[Var], tangents: &[Option<Var>]) -> Result<Option<Var>, Error> {
        tangents[0].map(|dx| tape.shift(dx, arguments[1], (self.height, self.width))).transpose()
    }
}

pub(super) fn cases() -> Vec<Case> {
    let case = |name, most| {
        Case::new(name, &[(6, 12)], move |tape, v| {
            let moves = tape.moves(6, most, 0.8, Stream::new(7, "case"))?;
            tape.shift(v[0], moves, (3, 4))
        })
    };
    vec![case("shift", 2), case("shift, out of the picture", 6)]
}

#[cfg(test)]
mod tests {
    use crate::{Parameters, Stream, Tape};
    use ndarray::array;

    #[test]
    fn each_picture_moves_by_its_own() {
        let mut tape = Tape::<f32>::new();
        let (x, moves) = (tape.input("x", (4, 6)), tape.input("moves", (4, 2)));
        let y = tape.shift(x, moves, (2, 3)).unwrap();
        tape.value_mut(x).rows_mut().into_iter().for_each(|mut x| x.assign(&array![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
        tape.value_mut(moves).assign(&array![[0.0, 0.0], [1.0, -1.0], [-1.0, 2.0], [0.0, 3.0]]);
        tape.forward(&Parameters::new(), .., 0);
        let want = array![
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            [0.0, 0.0, 0.0, 2.0, 3.0, 0.0],
            [0.0, 0.0, 4.0, 0.0, 0.0, 0.0],
            [0.0; 6],
        ];
        assert_eq!(tape.value(y), want);
        assert!(tape.shift(x, moves, (2, 2)).is_err());
    }

    #[test]
    fn the_share_moves_evenly_and_anew() {
        let mut tape = Tape::<f32>::new();
        let moves = tape.moves(10_000, 2, 0.6, Stream::new(3, "test")).unwrap();
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
        assert!(tape.moves(1, 2, 1.5, Stream::new(3, "test")).is_err());
    }
}
