//! The two players on one tape, and the passes over it that a step of training needs.
//!
//! How one forward pass and one backward pass through D serve both players is a matter of this file alone.

use std::ops::Range;

use autograd::{Parameters, Real, Stream, Sweep, Tape, Var};
use layers::Input;

use crate::aux_classifier::AuxClassifier;
use crate::between;
use crate::config::UpdateOrder;
use crate::objective::{Logits, Mismatched};
use crate::penalty::{Point, RecordedPenalty};
use crate::{Discriminator, Examples, GanConfig, Generator, Noise, Vocabulary};

/// Below this, D's gradient at a logit may have lost digits on its way back to the fake.
const SMALLEST: f64 = 1e-18;

/// G and D, recorded once on one tape, in the order in which a step needs them: G's branch of the condition; the rest of
/// G, D on the fakes and G's loss; D on real and mismatched pairs and D's loss; then, for each penalty, D at points
/// between if it needs them, and its tangent, evaluated when its direction is known.
pub(crate) struct Players<T> {
    tape: Tape<T>,
    noise: Noise,
    z: Var,
    y: Var,
    x: Var,
    /// Conditions of other examples than the real x, if D is trained on mismatched pairs.
    mismatched_y: Option<Var>,
    /// The row of the vocabulary that each x is, if G has an auxiliary classifier.
    vocabulary_indices: Option<Var>,
    fake: Var,
    real_logits: Var,
    fake_logits: Var,
    generator_loss: Var,
    discriminator_loss: Var,
    /// Where G's branch of the condition ends.
    condition_end: Var,
    /// Where G's loss ends.
    generator_end: Var,
    /// Where D's loss ends.
    discriminator_end: Var,
    /// From D's loss to its parameters; if there is a [`SharedPass`], to the fakes as well.
    discriminator_sweep: Sweep,
    /// From G's loss, through D, to G's parameters.
    generator_sweep: Sweep,
    shared_pass: Option<SharedPass<T>>,
    penalties: Vec<PenaltyAtPoints>,
}

/// How one backward pass through D serves both players, in simultaneous updates in which G's loss depends on the fakes
/// through D alone.
///
/// D gives one logit s_i to an example, and nothing couples the examples. So what a fake x_i receives from a loss L
/// is ∂L/∂s_i · ∂s_i/∂x_i, and G's gradient at a fake is D's times the ratio of the two ∂L/∂s_i.
struct SharedPass<T> {
    /// From G's loss to the logits of the fakes, no further.
    to_logits: Sweep,
    /// From the fakes to G's parameters.
    from_fakes: Sweep,
    /// For each fake, G's gradient at it as a multiple of D's.
    ratios: Vec<T>,
    /// Whether the tape holds D's gradient at the fakes of the last forward pass.
    current: bool,
}

/// A penalty, and the nodes that only it needs: points between real x and fakes, and D at them, if it takes D's gradient
/// there.
struct PenaltyAtPoints {
    penalty: RecordedPenalty,
    points: Option<Range<Var>>,
}

impl<T: Real> Players<T> {
    /// Records both nets for batches of the configured size. `vocabulary` is that of the auxiliary classifier.
    pub(crate) fn new(
        config: &GanConfig,
        generator: &Generator,
        discriminator: &Discriminator,
        parameters: &Parameters<T>,
        (condition, width): (Input, usize),
        vocabulary: Option<&Vocabulary>,
        seed: u64,
    ) -> Result<Self, autograd::Error> {
        let batch = config.updates.batch;
        let objective = &config.objective;
        let mut tape = Tape::new();
        let d = discriminator;

        let z = tape.input("z", (batch, config.generator.noise_width));
        let y = tape.input("y", (batch, condition.columns()));
        let x = tape.input("x", (batch, width));
        let g_condition = generator.record_condition(&mut tape, parameters, y)?; // (batch, y units of G)
        let condition_end = tape.here();
        let fake = generator.record(&mut tape, parameters, z, g_condition)?; // (batch, width)
        let d_condition = d.record_condition(&mut tape, parameters, y)?; // (batch, y units of D)
        let d_fake = d.record_x(&mut tape, parameters, fake, "fake")?;
        let fake_logits = d.record(&mut tape, parameters, d_fake, d_condition, "fake")?; // (batch, 1)

        // Before G's loss if that depends on real pairs, too; otherwise G's own pass need not evaluate them.
        let record_real = |tape: &mut Tape<T>| {
            let d_x = d.record_x(tape, parameters, x, "real")?; // (batch, x units of D)
            Ok::<_, autograd::Error>((d_x, d.record(tape, parameters, d_x, d_condition, "real")?))
        };
        let early = objective.generator_loss_uses_real().then(|| record_real(&mut tape)).transpose()?;
        let aux = vocabulary
            .zip(config.aux_classifier.as_ref())
            .map(|(vocabulary, config)| AuxClassifier::new(&mut tape, config, vocabulary, batch));
        let real_for_generator = early.map(|(_, logits)| logits);
        let mut generator_loss = objective.generator_loss(&mut tape, fake_logits, real_for_generator)?;
        if let Some(aux) = &aux {
            generator_loss = aux.add_to(&mut tape, generator_loss, fake)?;
        }
        let generator_end = tape.here();

        let (d_x, real_logits) = match early {
            Some(real) => real,
            None => record_real(&mut tape)?,
        };
        let (mut mismatched_y, mut mismatched) = (None, None);
        if let Some(pairs) = config.mismatched_pairs {
            let y = tape.input("mismatched y", (batch, condition.columns()));
            let condition = d.record_condition(&mut tape, parameters, y)?;
            let logits = d.record(&mut tape, parameters, d_x, condition, "mismatched")?;
            mismatched_y = Some(y);
            mismatched = Some(Mismatched { logits, weight: pairs.weight });
        }
        let logits = Logits { real: real_logits, fake: fake_logits, mismatched };
        let discriminator_loss = objective.discriminator_loss(&mut tape, &logits)?;
        let discriminator_end = tape.here();

        let leaves = |tape: &mut Tape<T>, prefix| -> Vec<Var> {
            parameters.group(prefix).ids().map(|id| tape.parameter(parameters, id)).collect()
        };
        let of_generator = leaves(&mut tape, "generator.");
        let of_discriminator = leaves(&mut tape, "discriminator.");
        let mut penalties = Vec::new();
        for (name, penalty) in config.penalty.active() {
            let (at, logits, points) = match penalty.point() {
                Point::Real => (x, real_logits, None),
                Point::Fake => (fake, fake_logits, None),
                Point::Between => {
                    let start = tape.here();
                    let shares = Stream::new(seed, &format!("penalty/{name}"));
                    let points = between::record(&mut tape, x, fake, shares)?; // (batch, width)
                    let d_points = d.record_x(&mut tape, parameters, points, name)?;
                    let logits = d.record(&mut tape, parameters, d_points, d_condition, name)?;
                    (points, logits, Some(start..tape.here()))
                }
            };
            let penalty = RecordedPenalty::record(&mut tape, penalty, at, logits, &of_discriminator)?;
            penalties.push(PenaltyAtPoints { penalty, points });
        }

        let generator_sweep = tape.sweep(generator_loss, &of_generator)?;
        let mut wanted = of_discriminator;
        let mut shared_pass = None;
        if config.updates.order == UpdateOrder::Simultaneous && aux.is_none() {
            wanted.push(fake);
            shared_pass = Some(SharedPass {
                to_logits: tape.sweep(generator_loss, &[fake_logits])?,
                from_fakes: tape.sweep(fake, &of_generator)?,
                ratios: vec![T::zero(); batch],
                current: false,
            });
        }
        let discriminator_sweep = tape.sweep(discriminator_loss, &wanted)?;
        Ok(Self {
            tape,
            noise: config.generator.noise,
            z,
            y,
            x,
            mismatched_y,
            vocabulary_indices: aux.map(|aux| aux.targets),
            fake,
            real_logits,
            fake_logits,
            generator_loss,
            discriminator_loss,
            condition_end,
            generator_end,
            discriminator_end,
            discriminator_sweep,
            generator_sweep,
            shared_pass,
            penalties,
        })
    }

    /// Sets x, y and what follows from them to the examples of these indices, the `number`-th batch of the training.
    pub(crate) fn set_batch(&mut self, examples: &(impl Examples<T> + ?Sized), number: u64, indices: &[u32]) {
        let [x, y] = self.tape.values_mut([self.x, self.y]);
        examples.fill(number, indices, x, y);
        if let Some(rows) = self.vocabulary_indices {
            examples.fill_vocabulary_indices(indices, self.tape.value_mut(rows));
        }
        if let Some(mismatched_y) = self.mismatched_y {
            // Each x with the condition of the next example: the order of a batch is random.
            let [y, mut mismatched] = self.tape.values_mut([self.y, mismatched_y]);
            let next = y.rows().into_iter().cycle().skip(1);
            mismatched.rows_mut().into_iter().zip(next).for_each(|(mut row, y)| row.assign(&y));
        }
    }

    /// Sets z to the `draw`-th draw of the noise.
    pub(crate) fn set_noise(&mut self, stream: &Stream, draw: u64) {
        self.noise.fill(stream, draw, self.tape.value_mut(self.z));
    }

    /// Evaluates both players on the batch and the noise: fakes, logits and both losses. `draw` numbers the evaluation.
    pub(crate) fn forward(&mut self, parameters: &Parameters<T>, draw: u64) {
        self.tape.forward(parameters, ..self.discriminator_end, draw);
        self.forget_shared_pass();
    }

    /// Evaluates G on fresh noise and D, which has moved, for G's loss alone.
    pub(crate) fn forward_generator(&mut self, parameters: &Parameters<T>, draw: u64) {
        // G has not moved, and the conditions are those of D's last batch: G's branch of the condition is still valid.
        self.tape.forward(parameters, self.condition_end..self.generator_end, draw);
        self.forget_shared_pass();
    }

    fn forget_shared_pass(&mut self) {
        if let Some(shared) = &mut self.shared_pass {
            shared.current = false;
        }
    }

    /// D's gradient, of its loss and of the penalties that are due in this update of D. Follows [`Players::forward`], whose
    /// `draw` it takes. Returns the sum of those penalties.
    pub(crate) fn discriminator_gradient(
        &mut self,
        parameters: &Parameters<T>,
        gradients: &mut Parameters<T>,
        draw: u64,
        (update, epochs): (u64, f64),
    ) -> f64 {
        let mut penalties = 0.0;
        let mut any = false;
        for PenaltyAtPoints { penalty, points } in &self.penalties {
            if penalty.is_due(update) {
                if let Some(points) = points {
                    self.tape.forward(parameters, points.clone(), draw);
                }
                penalties += penalty.gradient(&mut self.tape, parameters, gradients, (draw, epochs), any);
                any = true;
            }
        }
        if any {
            self.tape.backward_add(&self.discriminator_sweep, parameters, gradients);
        } else {
            self.tape.backward(&self.discriminator_sweep, parameters, gradients);
        }
        if let Some(shared) = &mut self.shared_pass {
            shared.current = true;
        }
        penalties
    }

    /// G's gradient, from the last forward pass. If D's gradient was computed from the same pass, it serves G as well (see
    /// [`SharedPass`]), unless D is so certain of a fake that there is no ratio.
    pub(crate) fn generator_gradient(&mut self, parameters: &Parameters<T>, gradients: &mut Parameters<T>) {
        if let Some(SharedPass { to_logits, from_fakes, ratios, current: true }) = &mut self.shared_pass {
            let tape = &mut self.tape;
            ratios.iter_mut().zip(tape.gradient(self.fake_logits)).for_each(|(d, ds)| *d = *ds);
            if ratios.iter().all(|d| d.abs() >= T::of(SMALLEST)) {
                tape.backward(to_logits, parameters, gradients);
                ratios.iter_mut().zip(tape.gradient(self.fake_logits)).for_each(|(d, g)| *d = *g / *d);
                return tape.backward_on(ratios, from_fakes, parameters, gradients);
            }
        }
        self.tape.backward(&self.generator_sweep, parameters, gradients);
    }

    /// D's loss in the last forward pass, without penalties.
    pub(crate) fn discriminator_loss(&self) -> f64 {
        self.tape.value(self.discriminator_loss)[[0, 0]].f64()
    }

    /// G's loss in the last forward pass.
    pub(crate) fn generator_loss(&self) -> f64 {
        self.tape.value(self.generator_loss)[[0, 0]].f64()
    }

    /// The means of `value` over the logits of real pairs and over those of fakes.
    pub(crate) fn mean_values(&self, value: impl Fn(f64) -> f64) -> (f64, f64) {
        let mean = |logits: Var| {
            let logits = self.tape.value(logits);
            logits.iter().map(|s| value(s.f64())).sum::<f64>() / logits.len() as f64
        };
        (mean(self.real_logits), mean(self.fake_logits))
    }

    /// The tape, with names for the nodes that a drawing of it should point out.
    pub(crate) fn graph(&self) -> (&Tape<T>, Vec<(Var, &'static str)>) {
        let mut marks = vec![
            (self.fake, "G(z|y)"),
            (self.fake_logits, "logits of fakes"),
            (self.real_logits, "logits of real x"),
            (self.generator_loss, "G's loss"),
            (self.discriminator_loss, "D's loss"),
        ];
        marks.extend(self.penalties.iter().flat_map(|penalty| penalty.penalty.marks()));
        (&self.tape, marks)
    }
}
