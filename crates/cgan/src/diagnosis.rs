//! What a generator does with its inputs: how much of the variance of its samples comes from y, from z and from the masks of
//! dropout, and which ReLU units are dead.
//!
//! G is evaluated as in training, with masks, at C conditions, I noise vectors for each and J masks for each of these. Entry
//! by entry the samples follow a nested model of random effects,
//!
//!   x_cij = μ + α_c + β_ci + ε_cij,   with variances σ²_y, σ²_z and σ²_m,
//!
//! whose mean squares have the expectations (Searle, Casella and McCulloch 1992, section 3.6)
//!
//!   E MS_m = σ²_m,   E MS_z = σ²_m + J σ²_z,   E MS_y = σ²_m + J σ²_z + I J σ²_y.
//!
//! The estimates follow from them; a negative one counts as 0.

use autograd::{Error, NodeKind, NodeView, Parameters, Real, Stream, Tape, Var};
use layers::Input;
use ndarray::{Array2, ArrayView2, Axis};

use crate::Generator;
use crate::sampler::Sampler;

/// Noise vectors for each condition, and masks for each of these.
const DESIGN: (usize, usize) = (8, 8);

/// Where the variance of G's samples comes from; the mean over the entries of x.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Variance {
    /// σ²_y, from the condition.
    pub condition: f64,
    /// σ²_z, from z.
    pub noise: f64,
    /// σ²_m, from the masks of dropout as in training.
    pub masks: f64,
}

impl Variance {
    /// The shares of condition, z and masks; `None` if all samples are the same.
    pub fn shares(&self) -> Option<[f64; 3]> {
        let parts = [self.condition, self.noise, self.masks];
        let all: f64 = parts.iter().sum();
        (all > 0.0).then(|| parts.map(|part| part / all))
    }

    /// The share of z in what varies under one condition; `None` if nothing does.
    pub fn noise_within(&self) -> Option<f64> {
        let within = self.noise + self.masks;
        (within > 0.0).then(|| self.noise / within)
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// Where the variance of the samples comes from.
    pub variance: Variance,
    /// The share of dead units of every ReLU layer, by its name, such as `generator.y`: units that are 0 in every sample.
    pub dead: Vec<(String, f64)>,
    /// The samples, (conditions · noise vectors · masks, width), condition by condition.
    pub samples: Array2<f32>,
}

/// G as in training, recorded for one condition at a time.
pub struct Diagnoser<T> {
    sampler: Sampler<T>,
    units: ReluUnits,
    stream: Stream,
}

impl<T: Real> Diagnoser<T> {
    /// Samples that are drawn for each condition.
    pub const EACH: usize = DESIGN.0 * DESIGN.1;

    /// Records G as it is trained, with noise that is a function of the seed.
    ///
    /// # Errors
    /// If G cannot be recorded.
    pub fn new(
        generator: &Generator,
        parameters: &Parameters<T>,
        condition: Input,
        seed: u64,
    ) -> Result<Self, Error> {
        let sampler =
            Sampler::recorded_by(Generator::record, generator, parameters, condition, Self::EACH, seed)?;
        let stream = Stream::new(seed, "diagnosis");
        Ok(Self { units: ReluUnits::of(sampler.tape()), sampler, stream })
    }

    /// Draws samples under `conditions` (n, columns), always with the same noise and masks.
    pub fn diagnose(&mut self, parameters: &Parameters<T>, conditions: ArrayView2<T>) -> Diagnosis {
        let (noises, masks) = DESIGN;
        let mut samples = Array2::zeros((conditions.nrows() * Self::EACH, self.sampler.width()));
        let mut row = Array2::zeros((noises, self.sampler.noise_width()));
        self.units.forget();
        for (number, mut samples) in samples.axis_chunks_iter_mut(Axis(0), Self::EACH).enumerate() {
            let draw = number as u64;
            self.sampler.noise().fill(&self.stream, draw, row.view_mut());
            let z = Array2::from_shape_fn((Self::EACH, row.ncols()), |(i, j)| row[[i / masks, j]]);
            let y = conditions.select(Axis(0), &[number; DESIGN.0 * DESIGN.1]);
            let made = self.sampler.sample_at(parameters, z.view(), y.view(), draw);
            samples.zip_mut_with(&made, |sample, x| *sample = x.f64() as f32);
            self.units.see(self.sampler.tape(), Self::EACH);
        }
        let variance = components(samples.view(), conditions.nrows());
        Diagnosis { variance, dead: self.units.dead(), samples }
    }
}

/// Which units of the ReLU layers of a tape were above 0 in any row that was seen.
pub(crate) struct ReluUnits {
    /// Of each layer its name, from that of its weight, its value, and a flag for each unit.
    layers: Vec<(String, Var, Vec<bool>)>,
}

impl ReluUnits {
    pub(crate) fn of<T: Real>(tape: &Tape<T>) -> Self {
        let nodes: Vec<_> = tape.nodes().collect();
        let name = |linear: Var| {
            nodes[linear.index()].arguments.iter().find_map(|var| match nodes[var.index()].kind {
                NodeKind::Parameter(name) => name.strip_suffix(".weight"),
                NodeKind::Input(_) | NodeKind::Operation(_) => None,
            })
        };
        let relus = tape.vars().zip(&nodes).filter(|(_, node)| node.kind == NodeKind::Operation("relu"));
        let layer = |(var, node): (Var, &NodeView)| {
            Some((name(*node.arguments.first()?)?.to_owned(), var, vec![false; node.shape.1]))
        };
        Self { layers: relus.filter_map(layer).collect() }
    }

    pub(crate) fn forget(&mut self) {
        self.layers.iter_mut().for_each(|(.., alive)| alive.fill(false));
    }

    /// Takes note of the first `rows` rows after a forward pass.
    pub(crate) fn see<T: Real>(&mut self, tape: &Tape<T>, rows: usize) {
        for (_, var, alive) in &mut self.layers {
            for row in tape.value(*var).rows().into_iter().take(rows) {
                alive.iter_mut().zip(row).for_each(|(alive, h)| *alive |= *h > T::zero());
            }
        }
    }

    /// The share of units of each layer that no row has moved.
    pub(crate) fn dead(&self) -> Vec<(String, f64)> {
        let share =
            |alive: &[bool]| alive.iter().filter(|alive| !**alive).count() as f64 / alive.len().max(1) as f64;
        self.layers.iter().map(|(name, _, alive)| (name.clone(), share(alive))).collect()
    }
}

/// The variance components of samples (conditions · I · J, width).
fn components(samples: ArrayView2<f32>, conditions: usize) -> Variance {
    if samples.is_empty() {
        return Variance::default();
    }
    let (noises, masks) = DESIGN;
    let mut mean_squares = [0.0f64; 3];
    for column in samples.columns() {
        let x: Vec<f64> = column.iter().map(|x| f64::from(*x)).collect();
        let means = |x: &[f64], each: usize| -> Vec<f64> {
            x.chunks(each).map(|part| part.iter().sum::<f64>() / each as f64).collect()
        };
        let of_noise = means(&x, masks);
        let of_condition = means(&of_noise, noises);
        let whole = means(&of_condition, conditions);
        // The sum of squared deviations from the means of groups of `each`.
        let deviations = |x: &[f64], means: &[f64], each: usize| -> f64 {
            x.iter().enumerate().map(|(i, x)| (x - means[i / each]).powi(2)).sum()
        };
        let free = |groups: usize, each: usize| (groups * (each - 1)).max(1) as f64;
        mean_squares[0] += deviations(&x, &of_noise, masks) / free(conditions * noises, masks);
        mean_squares[1] +=
            deviations(&of_noise, &of_condition, noises) * masks as f64 / free(conditions, noises);
        mean_squares[2] +=
            deviations(&of_condition, &whole, conditions) * (noises * masks) as f64 / free(1, conditions);
    }
    let [of_masks, of_noise, of_condition] = mean_squares.map(|sum| sum / samples.ncols() as f64);
    let component = |above: f64, below: f64, each: usize| ((above - below) / each as f64).max(0.0);
    Variance {
        masks: of_masks,
        noise: component(of_noise, of_masks, masks),
        condition: if conditions > 1 { component(of_condition, of_noise, noises * masks) } else { 0.0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn components_are_those_of_the_model() {
        let (noises, masks) = DESIGN;
        let (conditions, width) = (10, 400);
        let deviations = [0.5, 0.3, 0.2];
        let mut random = Stream::new(3, "test").at(0, 0);
        // Uniform of variance 1.
        let mut draw = || 12f64.sqrt() * (random.random::<f64>() - 0.5);
        let mut samples = Array2::zeros((conditions * noises * masks, width));
        for mut column in samples.columns_mut() {
            for condition in 0..conditions {
                let of_condition = 0.4 + deviations[0] * draw();
                for noise in 0..noises {
                    let of_noise = of_condition + deviations[1] * draw();
                    for mask in 0..masks {
                        let row = (condition * noises + noise) * masks + mask;
                        column[row] = (of_noise + deviations[2] * draw()) as f32;
                    }
                }
            }
        }
        let got = components(samples.view(), conditions);
        let want = deviations.map(|deviation: f64| deviation * deviation);
        for (got, want) in [got.condition, got.noise, got.masks].into_iter().zip(want) {
            assert!((got / want - 1.0).abs() < 0.1, "{got} for {want}");
        }
        // The same picture whatever the inputs.
        let same = components(Array2::from_elem((noises * masks, 3), 0.5).view(), 1);
        assert_eq!((same, same.shares(), same.noise_within()), (Variance::default(), None, None));
    }

    #[test]
    fn a_unit_is_dead_if_no_row_moves_it() {
        let mut parameters = Parameters::<f64>::new();
        let weight = parameters.push("net.first.weight", &[2, 1], |w| w.copy_from_slice(&[1.0, -1.0]));
        let mut tape = Tape::new();
        let x = tape.input("x", (3, 1));
        let weight = tape.parameter(&parameters, weight);
        let h = tape.linear(x, weight, None).unwrap();
        tape.relu(h).unwrap();
        tape.value_mut(x).assign(&ndarray::array![[1.0], [2.0], [-3.0]]);
        tape.forward(&parameters, .., 0);
        let mut units = ReluUnits::of(&tape);
        units.see(&tape, 2);
        assert_eq!(units.dead(), [("net.first".to_owned(), 0.5)]);
        units.see(&tape, 3);
        assert_eq!(units.dead(), [("net.first".to_owned(), 0.0)]);
        units.forget();
        assert_eq!(units.dead(), [("net.first".to_owned(), 1.0)]);
    }
}
