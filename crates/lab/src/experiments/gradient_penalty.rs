//! The gradient of a penalty on D's gradient, by a tangent pass.
//!
//! A penalty is E φ(|v|) with v = ∇ₓ s(x|y). Its derivative with respect to D's weights θ is E[d · ∂/∂θ ∇ₓ s], with the
//! direction d = φ'(|v|) / |v| · v held fixed: that of the directional derivative of s along d, which the tape records as a
//! tangent (`crates/cgan/src/penalty.rs`). No rule of second order is needed.
//!
//! - R1: ½ γ E|∇ₓ s|² at real x; R2: the same at fakes (Mescheder et al. 2018, section 4.1).
//! - WGAN-GP: λ E(|∇ₓ s| - 1)² at points between real x and fakes (Gulrajani et al. 2017, equation 3).
//!
//! D is a conditional maxout net with random weights and biases, so s is piecewise linear in x. (Within a piece ∇ₓ s does not
//! depend on x, and that is why the point must be the right one.) The prediction is the central difference of the penalty's
//! value itself; the measurement is the gradient that training would use. Both are also compared weight by weight.
//!
//! A central difference assumes that no unit changes its piece within ± 1e-5 of a weight, which holds for nearly all random
//! nets; a check of another seed could meet one that does.

use autograd::check::compare;
use autograd::{Parameters, Stream, Tape, Var};
use cgan::config::{
    Combined, DiscriminatorConfig, DiscriminatorInit, GeneratorConfig, GeneratorInit, Output, OutputBias,
};
use cgan::penalties::PenaltyConfig;
use cgan::penalty::{Penalty, Point, RecordedPenalty, Strength};
use cgan::{Discriminator, Generator, Noise};
use figures::{Chart, Panel, Series};
use layers::{HiddenConfig, Init, Input};
use ndarray::Array2;
use rand::Rng;
use rand_distr::StandardNormal;

use crate::{Error, Experiment, Report, Table};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "gradient-penalty",
    theorem: "The gradient of a penalty on D's gradient is that of a directional derivative along a direction held fixed.",
    source: "R1 and R2: Mescheder et al. 2018, section 4.1; WGAN-GP: Gulrajani et al. 2017, equation 3",
    chapter: 7,
    run,
};

const BATCH: usize = 6;
const WIDTH: usize = 5;
const NOISE: usize = 3;
const CLASSES: usize = 3;

/// Half the distance of a central difference.
const H: f64 = 1e-5;

/// Weights of D of which the picture shows the derivatives, of each penalty.
const SHOWN: usize = 150;

fn run(seed: u64) -> Result<Report, Error> {
    let mut report = Report::new();
    let mut table = Table::new("", &["penalty", "central_difference", "tangent"]);
    let mut panels = Vec::new();
    let strength = Strength { weight: 2.0, interval: 1, decay: None };
    for (name, penalty) in PenaltyConfig::all(strength).active() {
        let mut net = Net::new(seed, penalty)?;
        let (gradient, value) = net.gradient();
        let direction = net.direction(seed);
        let difference = net.difference(&direction);
        let product: f64 = gradient.values().iter().zip(&direction).map(|(g, d)| g * d).sum();
        let what = format!("{name} of value {value:.3}: derivative along a random direction of all weights");
        report.equal(what, difference, product, 1e-6 * difference.abs().max(1.0));

        let parameters = net.parameters.clone();
        let outcome = compare(&mut net.parameters.clone(), &gradient, |at| {
            net.parameters.values_mut().copy_from_slice(at.values());
            net.gradient().1
        });
        net.parameters = parameters;
        let what = format!("{name}: largest error of a derivative, relative, of {} weights", outcome.entries);
        report.equal(what, 0.0, outcome.error, 1e-6);

        let mut points = Vec::new();
        let range = net.parameters.group("discriminator.").range;
        for index in range.clone().step_by(range.len().div_ceil(SHOWN)) {
            let mut one = vec![0.0; direction.len()];
            one[index] = 1.0;
            let difference = net.difference(&one);
            points.push((difference, gradient.values()[index]));
            table.row(&[name], &[difference, gradient.values()[index]]);
        }
        let ends =
            points.iter().fold((0.0f64, 0.0f64), |ends, point| (ends.0.min(point.0), ends.1.max(point.0)));
        panels.push(Panel {
            heading: name.to_owned(),
            axes: ("central difference".to_owned(), "tangent".to_owned()),
            series: vec![
                Series::line("equal", [(ends.0, ends.0), (ends.1, ends.1)]),
                Series::dots("a weight of D", points),
            ],
            plane: true,
            ..Panel::default()
        });
    }
    let title = "The gradient of a penalty, by a tangent and by differences".to_owned();
    report.svg = Chart { title, panels, columns: 3, note: String::new() }.svg();
    report.tables.push(table);
    Ok(report)
}

/// A small G and D at random weights, and one penalty recorded on D.
struct Net {
    parameters: Parameters<f64>,
    tape: Tape<f64>,
    /// Up to here lies what the penalty is computed from.
    end: Var,
    penalty: RecordedPenalty,
}

impl Net {
    fn new(seed: u64, penalty: Box<dyn Penalty>) -> Result<Self, Error> {
        let init = Init::Normal(0.8);
        let maxout = |units, pieces| HiddenConfig::Maxout { units, pieces };
        let generator = GeneratorConfig {
            noise: Noise::Gaussian,
            noise_width: NOISE,
            z_units: 6,
            y_units: Some(6),
            combined: Combined::Concatenation,
            output: Output::Linear,
            dropout: None,
            init: GeneratorInit { z: init, y: Some(init), output: init, output_bias: OutputBias::Zeros },
        };
        let discriminator = DiscriminatorConfig {
            x: maxout(7, 5),
            y: Some(maxout(4, 5)),
            joint: maxout(6, 4),
            dropout: None,
            input_dropout: None,
            augment: None,
            init: DiscriminatorInit { x: init, y: Some(init), joint: init, output: init },
        };
        let condition = Input::Labels(CLASSES);
        let mut parameters = Parameters::new();
        let generator = Generator::new(&mut parameters, &generator, condition, &[0.0; WIDTH], seed);
        let d = Discriminator::new(&mut parameters, &discriminator, condition, (1, WIDTH), seed);
        // Biases start at 0, where pieces may tie.
        let mut random = Stream::new(seed, "lab/gradient-penalty").at(0, 0);
        parameters.values_mut().iter_mut().for_each(|w| *w += 0.3 * random.sample::<f64, _>(StandardNormal));

        let mut tape = Tape::new();
        let z = tape.input("z", (BATCH, NOISE));
        let y = tape.input("y", (BATCH, 1));
        let x = tape.input("x", (BATCH, WIDTH));
        tape.value_mut(z).mapv_inplace(|_| random.sample(StandardNormal));
        tape.value_mut(x).mapv_inplace(|_| random.sample(StandardNormal));
        tape.value_mut(y).assign(&Array2::from_shape_fn((BATCH, 1), |(i, _)| (i % CLASSES) as f64));
        let g_condition = generator.record_condition(&mut tape, &parameters, y)?;
        let fake = generator.record(&mut tape, &parameters, z, g_condition)?;
        let at = match penalty.point() {
            Point::Real => x,
            Point::Fake => fake,
            Point::Between => {
                // G does not move, so the points between are fixed numbers.
                tape.forward(&parameters, .., 0);
                let share = Array2::from_shape_fn((BATCH, 1), |_| random.random::<f64>());
                let between = &tape.value(fake) + share * (&tape.value(x) - &tape.value(fake));
                let points = tape.input("points between", (BATCH, WIDTH));
                tape.value_mut(points).assign(&between);
                points
            }
        };
        let d_condition = d.record_condition(&mut tape, &parameters, y)?;
        let d_x = d.record_x(&mut tape, &parameters, at, "penalty")?;
        let logits = d.record(&mut tape, &parameters, d_x, d_condition, "penalty")?;
        let end = tape.here();
        let weights: Vec<Var> =
            parameters.group("discriminator.").ids().map(|id| tape.parameter(&parameters, id)).collect();
        let penalty = RecordedPenalty::record(&mut tape, penalty, at, logits, &weights)?;
        Ok(Self { parameters, tape, end, penalty })
    }

    /// The gradient of the penalty with respect to D's weights, as training computes it (0 for those of G), and the
    /// penalty.
    fn gradient(&mut self) -> (Parameters<f64>, f64) {
        let mut gradient = self.parameters.zeros_like();
        self.tape.forward(&self.parameters, ..self.end, 0);
        let value = self.penalty.gradient(&mut self.tape, &self.parameters, &mut gradient, (0, 0.0), false);
        (gradient, value)
    }

    /// The penalty with D's weights moved along a direction.
    fn value_at(&mut self, direction: &[f64], step: f64) -> f64 {
        let before = self.parameters.clone();
        self.parameters.values_mut().iter_mut().zip(direction).for_each(|(w, d)| *w += step * d);
        let value = self.gradient().1;
        self.parameters = before;
        value
    }

    /// The derivative of the penalty along a direction, by a central difference.
    fn difference(&mut self, direction: &[f64]) -> f64 {
        (self.value_at(direction, H) - self.value_at(direction, -H)) / (2.0 * H)
    }

    /// A random direction in D's weights, of length 1.
    fn direction(&self, seed: u64) -> Vec<f64> {
        let mut random = Stream::new(seed, "lab/gradient-penalty/direction").at(0, 0);
        let range = self.parameters.group("discriminator.").range;
        let mut direction = vec![0.0; self.parameters.values().len()];
        direction[range].iter_mut().for_each(|d| *d = random.sample(StandardNormal));
        let norm = direction.iter().map(|d| d * d).sum::<f64>().sqrt();
        direction.iter().map(|d| d / norm).collect()
    }
}
