//! Images under linear maps of the plane: y(p) = x(A (p - o) + o), where o is the centre of the image and A a 2 x 2
//! matrix for each image.
//!
//! Between pixels x is bilinear: the four pixels around weigh (1 - |Δr|) (1 - |Δc|), and outside the image all is 0. So
//! each y_i is a sum of w_ij x_j, linear in x, and the transpose is dx_j = Σ_i w_ij dy_i. Where A is the identity, y is x to
//! the last bit.

use autograd::{Arguments, Error, Evaluated, Op, Real, Record, Shape, Stream, Tape, Target, Var};
use kernels::parallel;
use rand::Rng;

use crate::augmentation::Chance;

/// A as (rr, rc, cr, cc).
type Map = [f64; 4];

const IDENTITY: Map = [1.0, 0.0, 0.0, 1.0];

/// Records x (batch, height · width) under the map that `map` makes of u, uniform in [-1, 1) for each image, or the
/// identity, by chance.
///
/// # Errors
/// If the images have another size.
pub(crate) fn resample<T: Real>(
    tape: &mut Tape<T>,
    x: Var,
    size: Shape,
    chance: Chance,
    kind: &str,
    map: impl Fn(f64) -> Map + Send + Sync + 'static,
) -> Result<Var, Error> {
    let (rows, probability) = (tape.shape(x).0, chance.probability);
    let maps = Maps { rows, probability, stream: chance.stream(kind), map: Box::new(map) };
    let maps = tape.record(maps, &[])?;
    tape.record(Resampled { height: size.0, width: size.1 }, &[x, maps])
}

/// The map of each image, (rows, 4), new in each evaluation.
struct Maps {
    rows: usize,
    probability: f64,
    stream: Stream,
    map: Box<dyn Fn(f64) -> Map + Send + Sync>,
}

/// Images (batch, height · width) under maps (batch, 4).
#[derive(Clone, Copy)]
struct Resampled {
    height: usize,
    width: usize,
}

impl<T: Real> Op<T> for Maps {
    fn name(&self) -> &'static str {
        "maps"
    }

    fn shape(&self, _: &[Shape]) -> Result<Shape, String> {
        Ok((self.rows, 4))
    }

    fn forward(&self, _: &Arguments<T>, value: &mut [T], _: &mut [u8], draw: u64) {
        for (row, out) in value.chunks_exact_mut(4).enumerate() {
            let mut random = self.stream.at(draw, row as u64);
            let changed = random.random::<f64>() < self.probability;
            let map = if changed { (self.map)(2.0 * random.random::<f64>() - 1.0) } else { IDENTITY };
            out.iter_mut().zip(map).for_each(|(out, entry)| *out = T::of(entry));
        }
    }

    /// Never called: there are no arguments.
    fn vjp(&self, _: usize, _: &Evaluated<T>, _: &[T], _: Target<T>) {}
}

impl Resampled {
    fn map<T: Real>(maps: &[T], row: usize) -> Map {
        std::array::from_fn(|entry| maps[4 * row + entry].f64())
    }

    /// Calls `each(to, from, weight)` for all pixels of y and those of x that they are made of.
    fn each(&self, [rr, rc, cr, cc]: Map, mut each: impl FnMut(usize, usize, f64)) {
        let (height, width) = (self.height as isize, self.width as isize);
        let centre = ((height - 1) as f64 / 2.0, (width - 1) as f64 / 2.0);
        for to in 0..self.height * self.width {
            let (r, c) = ((to / self.width) as f64 - centre.0, (to % self.width) as f64 - centre.1);
            let (r, c) = (rr * r + rc * c + centre.0, cr * r + cc * c + centre.1);
            let (first, left) = (r.floor(), c.floor());
            for (row, row_weight) in [(first, 1.0 - (r - first)), (first + 1.0, r - first)] {
                for (column, weight) in [(left, 1.0 - (c - left)), (left + 1.0, c - left)] {
                    let (row, column) = (row as isize, column as isize);
                    if (0..height).contains(&row) && (0..width).contains(&column) {
                        each(to, (row * width + column) as usize, row_weight * weight);
                    }
                }
            }
        }
    }
}

impl<T: Real> Op<T> for Resampled {
    fn name(&self) -> &'static str {
        "resample"
    }

    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String> {
        match *arguments {
            [(batch, pixels), maps] if maps == (batch, 4) && pixels == self.height * self.width => {
                Ok((batch, pixels))
            }
            _ => Err(format!("takes images (batch, {} x {}) and maps (batch, 4)", self.height, self.width)),
        }
    }

    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], _: &mut [u8], _: u64) {
        let (x, maps, pixels) = (arguments.slice(0), arguments.slice(1), self.height * self.width);
        parallel::rows(value, pixels, |row, y| {
            let x = &x[row * pixels..][..pixels];
            let map = Self::map(maps, row);
            if map == IDENTITY {
                y.copy_from_slice(x);
                return;
            }
            y.fill(T::zero());
            self.each(map, |to, from, weight| y[to] += T::of(weight) * x[from]);
        });
    }

    fn differentiable(&self, argument: usize) -> bool {
        argument == 0
    }

    fn vjp(&self, _: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>) {
        let (maps, pixels) = (at.arguments.slice(1), self.height * self.width);
        parallel::rows(dx.values, pixels, |row, dx_row| {
            let dy = &dy[row * pixels..][..pixels];
            if !dx.accumulate {
                dx_row.fill(T::zero());
            }
            let map = Self::map(maps, row);
            if map == IDENTITY {
                dx_row.iter_mut().zip(dy).for_each(|(dx, dy)| *dx += *dy);
                return;
            }
            self.each(map, |to, from, weight| dx_row[from] += T::of(weight) * dy[to]);
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
    use ndarray::{Array2, array};

    /// An image of 3 x 3 under a map.
    fn moved(image: &Array2<f64>, map: Map) -> Array2<f64> {
        let mut tape = Tape::<f64>::new();
        let (x, maps) = (tape.input("x", (1, 9)), tape.input("maps", (1, 4)));
        let y = tape.record(Resampled { height: 3, width: 3 }, &[x, maps]).unwrap();
        tape.value_mut(x).assign(image);
        tape.value_mut(maps).iter_mut().zip(map).for_each(|(to, entry)| *to = entry);
        tape.forward(&Parameters::new(), .., 0);
        tape.value(y).to_owned()
    }

    #[test]
    fn quarter_turns_and_halves_agree_with_pencil_and_paper() {
        let image = array![[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]];
        // What lies one below the centre comes from one to the right of it.
        let turned = moved(&image, [0.0, -1.0, 1.0, 0.0]);
        assert_eq!(turned, array![[7.0, 4.0, 1.0, 8.0, 5.0, 2.0, 9.0, 6.0, 3.0]]);
        // Grown to twice the size, the corners are the means of the four pixels around half of the way.
        let grown = moved(&image, [0.5, 0.0, 0.0, 0.5]);
        assert_eq!(grown, array![[3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0]]);
        // Shrunk to half the size, only the centre is left: all else comes from outside.
        assert_eq!(moved(&image, [2.0, 0.0, 0.0, 2.0]).sum(), 5.0);
        assert_eq!(moved(&image, IDENTITY), image);
    }

    #[test]
    fn as_many_images_change_as_asked_and_u_is_uniform() {
        let mut tape = Tape::<f64>::new();
        let map = |u| [u, 0.0, 0.0, 1.0];
        let (stream, probability) = (Stream::new(3, "test"), 0.4);
        let drawn = Maps { rows: 10_000, probability, stream, map: Box::new(map) };
        let maps = tape.record(drawn, &[]).unwrap();
        tape.forward(&Parameters::new(), .., 0);
        let u: Vec<f64> = tape.value(maps).column(0).iter().copied().filter(|u| *u != 1.0).collect();
        let (n, mean) = (u.len() as f64, u.iter().sum::<f64>() / u.len() as f64);
        assert!((n / 1e4 - 0.4).abs() < 0.02, "{n}");
        // The mean of n uniform numbers deviates by 1 / √(3 n).
        assert!(mean.abs() < 4.0 / (3.0 * n).sqrt() && u.iter().all(|u| (-1.0..1.0).contains(u)), "{mean}");
        let below = u.iter().filter(|u| **u < -0.5).count() as f64 / n;
        assert!((below - 0.25).abs() < 0.03, "{below}");
    }
}
