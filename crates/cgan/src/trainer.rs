//! The algorithm: a step that reads like the box in the paper.

use autograd::{Group, Parameters, Real, Stream, Tape, Var};
use kernels::parallel;
use layers::Input;
use rayon::prelude::*;

use crate::config::UpdateOrder;
use crate::recording::{Both, Penalty, Recording};
use crate::{
    Critic, Discriminator, Error, Examples, GanConfig, Generator, Optimizer, Order, Sampler, Schedule,
};

/// What a step saw.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metrics {
    /// D's cross-entropies, scaled as they are minimised, without the penalty.
    pub d_loss: f64,
    /// G's loss.
    pub g_loss: f64,
    /// The mean of D(x|y) on real examples.
    pub d_real: f64,
    /// The mean of D(G(z|y)|y).
    pub d_fake: f64,
    /// ½ γ E|∇x log-odds|², or 0 in an update without it.
    pub penalty: f64,
    /// G's learning rate.
    pub learning_rate: f64,
    /// The momentum (SGD), or the first moment's decay (Adam).
    pub momentum: f64,
}

/// Below this, what D's loss makes of a logit may have lost digits on its way back to the fake.
const SMALLEST: f64 = 1e-18;

/// Two nets in training.
pub struct Trainer<T> {
    config: GanConfig,
    condition: Input,
    seed: u64,
    generator: Generator,
    discriminator: Discriminator,
    generator_group: Group,
    discriminator_group: Group,
    parameters: Parameters<T>,
    gradients: Parameters<T>,
    average: Option<Parameters<T>>,
    optimizer: Optimizer<T>,
    net: Recording<T>,
    /// For each fake, G's gradient at it as a multiple of D's.
    ratios: Vec<T>,
    noise: Stream,
    order: Order,
    step: u64,
}

impl<T: Real> Trainer<T> {
    /// Nets for these examples, at their first weights.
    ///
    /// # Errors
    /// If a setting is outside its range, or there are fewer examples than a step takes.
    pub fn new(config: &GanConfig, examples: &(impl Examples<T> + ?Sized), seed: u64) -> Result<Self, Error> {
        config.check()?;
        let (batch, steps) = (config.updates.batch, config.updates.discriminator_steps);
        if examples.len() < batch * steps {
            let reason = format!("a step takes {} examples, and there are {}", batch * steps, examples.len());
            return Err(Error::Config { key: "updates.batch".to_owned(), reason });
        }
        let condition = examples.condition();
        let mut parameters = Parameters::new();
        let generator = Generator::new(&mut parameters, &config.generator, condition, &examples.mean(), seed);
        let discriminator =
            Discriminator::new(&mut parameters, &config.discriminator, condition, examples.size(), seed);
        if config.discriminator.shift > 0 && examples.size().0 == 1 {
            let reason = "x is no picture here".to_owned();
            return Err(Error::Config { key: "discriminator.shift".to_owned(), reason });
        }
        let choices = if config.objective.choice > 0.0 { examples.choices() } else { None };
        if config.objective.choice > 0.0 && choices.is_none() {
            let reason = "x is none of a finite set here, as words are".to_owned();
            return Err(Error::Config { key: "objective.choice".to_owned(), reason });
        }
        let net = Recording::new(
            config,
            &generator,
            &discriminator,
            &parameters,
            condition,
            examples.width(),
            choices.as_ref(),
        )?;
        Ok(Self {
            config: config.clone(),
            condition,
            seed,
            generator,
            discriminator,
            generator_group: parameters.group("generator."),
            discriminator_group: parameters.group("discriminator."),
            gradients: parameters.zeros_like(),
            average: (config.updates.average > 0.0).then(|| parameters.clone()),
            optimizer: Optimizer::new(config.optimizer, &parameters),
            net,
            ratios: vec![T::zero(); batch],
            noise: Stream::new(seed, "noise"),
            order: Order::new(seed, examples.len(), batch),
            parameters,
            step: 0,
        })
    }

    /// One update of G and `discriminator_steps` of D.
    ///
    /// # Errors
    /// [`Error::Diverged`] at the first loss, gradient or weight that is not finite.
    pub fn step(&mut self, examples: &(impl Examples<T> + ?Sized)) -> Result<Metrics, Error> {
        parallel::region(|| self.step_alone(examples))
    }

    fn step_alone(&mut self, examples: &(impl Examples<T> + ?Sized)) -> Result<Metrics, Error> {
        let schedule = Schedule::at(&self.config.optimizer, self.step, self.epoch());
        let d_steps = self.config.updates.discriminator_steps as u64;
        // Every evaluation of a step has a number of its own, and with it its own noise and masks.
        let first_draw = self.step * (d_steps + 1);
        let mut metrics = Metrics::default();

        for k in 0..d_steps {
            self.take_batch(examples, self.step * d_steps + k);
            self.draw_noise(first_draw + k);
            self.net.tape.forward(&self.parameters, ..self.net.discriminator_end, first_draw + k);
            metrics = self.observe(schedule);
            self.ensure_finite(metrics.d_loss, "the discriminator's loss")?;
            metrics.penalty = self.discriminator_gradient(first_draw + k, self.step * d_steps + k);
            self.ensure_finite(metrics.penalty, "the penalty on the discriminator's slope")?;
            if self.config.updates.order == UpdateOrder::Simultaneous {
                // From the same pass, and before D has moved.
                self.generator_gradient_after_discriminator();
            }
            self.move_discriminator(schedule, self.step * d_steps + k)?;
        }

        if self.config.updates.order == UpdateOrder::Alternating {
            self.draw_noise(first_draw + d_steps);
            // G has not moved, and the conditions are D's last: what G makes of them still stands.
            let range = self.net.condition_end..self.net.generator_end;
            self.net.tape.forward(&self.parameters, range, first_draw + d_steps);
            self.generator_gradient();
        }
        metrics.g_loss = self.scalar(self.net.generator_loss);
        self.ensure_finite(metrics.g_loss, "the generator's loss")?;
        self.move_generator(schedule)?;
        self.step += 1;
        Ok(metrics)
    }

    fn take_batch(&mut self, examples: &(impl Examples<T> + ?Sized), number: u64) {
        let [x, y] = self.net.tape.values_mut([self.net.x, self.net.y]);
        let indices = self.order.batch(number);
        examples.fill(number, indices, x, y);
        if let Some(chosen) = self.net.chosen {
            examples.fill_chosen(indices, self.net.tape.value_mut(chosen));
        }
        if let Some(wrong) = self.net.wrong_y {
            // Each x beside the condition of the next: a batch is in no order.
            let [y, mut wrong] = self.net.tape.values_mut([self.net.y, wrong]);
            let next = y.rows().into_iter().cycle().skip(1);
            wrong.rows_mut().into_iter().zip(next).for_each(|(mut wrong, y)| wrong.assign(&y));
        }
    }

    fn draw_noise(&mut self, draw: u64) {
        self.config.generator.noise.fill(&self.noise, draw, self.net.tape.value_mut(self.net.z));
    }

    /// D's gradient, from a finished forward pass. Returns the penalty, or 0 where this update goes without.
    fn discriminator_gradient(&mut self, draw: u64, update: u64) -> f64 {
        let (gamma, start) = (self.config.objective.gamma(self.epoch()), self.config.objective.r1);
        let net = &mut self.net;
        let mut value = 0.0;
        if let Some(Penalty { every, without, slope_sweep, r1 }) = &net.penalty {
            if !update.is_multiple_of(*every) {
                net.tape.backward(without, &self.parameters, &mut self.gradients);
                return value;
            }
            net.tape.backward(slope_sweep, &self.parameters, &mut self.gradients);
            net.tape.set_to_gradient(r1.direction, net.x);
            let mut slopes = net.tape.value_mut(r1.direction);
            let squares: f64 = slopes.iter().map(|v| v.f64() * v.f64()).sum();
            value = 0.5 * gamma * squares / slopes.nrows() as f64;
            let left = T::of(gamma / start);
            slopes.mapv_inplace(|v| left * v);
            net.tape.forward(&self.parameters, net.discriminator_end.., draw);
        }
        net.tape.backward(&net.discriminator_sweep, &self.parameters, &mut self.gradients);
        value
    }

    /// G's gradient, from the same forward pass as D's and just after it: by the ratio of what either loss makes of
    /// a fake's logit (see [`Both`]), or in a pass of its own where D is so sure of a fake that there is no ratio.
    fn generator_gradient_after_discriminator(&mut self) {
        let net = &mut self.net;
        let Some(Both { to_logits, from_fakes }) = &net.both else { return self.generator_gradient() };
        self.ratios.iter_mut().zip(net.tape.gradient(net.fake_logits)).for_each(|(d, ds)| *d = *ds);
        if self.ratios.iter().any(|d| d.abs() < T::of(SMALLEST)) {
            return self.generator_gradient();
        }
        net.tape.backward(to_logits, &self.parameters, &mut self.gradients);
        self.ratios.iter_mut().zip(net.tape.gradient(net.fake_logits)).for_each(|(d, g)| *d = *g / *d);
        net.tape.backward_on(&self.ratios, from_fakes, &self.parameters, &mut self.gradients);
    }

    fn generator_gradient(&mut self) {
        self.net.tape.backward(&self.net.generator_sweep, &self.parameters, &mut self.gradients);
    }

    fn move_discriminator(&mut self, schedule: Schedule, updates: u64) -> Result<(), Error> {
        let rate = schedule.discriminator_rate;
        let (parameters, group) = (&mut self.parameters, &self.discriminator_group);
        let finite =
            self.optimizer.update(parameters, &self.gradients, group, rate, schedule.momentum, updates);
        if finite { Ok(()) } else { Err(self.diverged(&self.discriminator_group)) }
    }

    fn move_generator(&mut self, schedule: Schedule) -> Result<(), Error> {
        let (parameters, group) = (&mut self.parameters, &self.generator_group);
        let (rate, momentum) = (schedule.learning_rate, schedule.momentum);
        if !self.optimizer.update(parameters, &self.gradients, group, rate, momentum, self.step) {
            return Err(self.diverged(&self.generator_group));
        }
        if let Some(average) = &mut self.average {
            // The decay rises to its setting, so that the first average is not the first weights.
            let steps = self.step as f64;
            let decay = self.config.updates.average.min((1.0 + steps) / (10.0 + steps));
            let share = T::of(1.0 - decay);
            let range = self.generator_group.range.clone();
            let weights = &self.parameters.values()[range.clone()];
            parallel::parts([&mut average.values_mut()[range]], |start, [average]| {
                average
                    .iter_mut()
                    .zip(&weights[start..])
                    .for_each(|(average, w)| *average += share * (*w - *average));
            });
        }
        Ok(())
    }

    fn observe(&self, schedule: Schedule) -> Metrics {
        let mean_sigmoid = |logits: Var| {
            let logits = self.net.tape.value(logits);
            logits.iter().map(|s| kernels::elementwise::sigmoid(s.f64())).sum::<f64>() / logits.len() as f64
        };
        Metrics {
            d_loss: self.scalar(self.net.discriminator_loss),
            d_real: mean_sigmoid(self.net.real_logits),
            d_fake: mean_sigmoid(self.net.fake_logits),
            learning_rate: schedule.learning_rate,
            momentum: schedule.momentum,
            ..Metrics::default()
        }
    }

    fn scalar(&self, var: Var) -> f64 {
        self.net.tape.value(var)[[0, 0]].f64()
    }

    fn ensure_finite(&self, value: f64, what: &str) -> Result<(), Error> {
        if value.is_finite() {
            Ok(())
        } else {
            Err(Error::Diverged { step: self.step, what: what.to_owned() })
        }
    }

    fn diverged(&self, group: &Group) -> Error {
        let gradient = self.gradients.first_not_finite(group.range.clone());
        let weight = self.parameters.first_not_finite(group.range.clone());
        let what = match (gradient, weight) {
            (Some(name), _) => format!("the gradient of {name}"),
            (None, name) => name.unwrap_or("a weight").to_owned(),
        };
        Error::Diverged { step: self.step, what }
    }

    /// Updates of G so far.
    pub fn steps(&self) -> u64 {
        self.step
    }

    /// Steps in one pass over the examples.
    pub fn steps_per_epoch(&self) -> u64 {
        (self.order.batches() / self.config.updates.discriminator_steps as u64).max(1)
    }

    /// Passes over the examples so far.
    pub fn epoch(&self) -> f64 {
        self.step as f64 / self.steps_per_epoch() as f64
    }

    /// All weights as they are trained.
    pub fn parameters(&self) -> &Parameters<T> {
        &self.parameters
    }

    /// The weights to sample with and to export: G's average where there is one; D's are always as trained.
    pub fn best_parameters(&self) -> Parameters<T> {
        let mut best = self.parameters.clone();
        if let Some(average) = &self.average {
            let range = self.generator_group.range.clone();
            best.values_mut()[range.clone()].copy_from_slice(&average.values()[range]);
        }
        best
    }

    /// The norms of the last step's gradients, of D and of G.
    pub fn gradient_norms(&self) -> (f64, f64) {
        let norm = |group: &Group| {
            let chunks = self.gradients.values()[group.range.clone()].par_chunks(1 << 15);
            let squares = chunks.map(|chunk| chunk.iter().map(|g| g.f64() * g.f64()).sum::<f64>());
            // Collected, so that the sum runs in the order of the chunks whoever computed them.
            squares.collect::<Vec<f64>>().iter().sum::<f64>().sqrt()
        };
        (norm(&self.discriminator_group), norm(&self.generator_group))
    }

    /// A sampler for `batch` samples at a time, with noise of the trainer's seed.
    ///
    /// # Errors
    /// If G cannot be recorded.
    pub fn sampler(&self, batch: usize) -> Result<Sampler<T>, Error> {
        let noise = (self.config.generator.noise, self.config.generator.noise_width);
        Ok(Sampler::new(&self.generator, &self.parameters, noise, self.condition, batch, self.seed)?)
    }

    /// D as it judges, for `batch` pairs at a time.
    ///
    /// # Errors
    /// If D cannot be recorded.
    pub fn critic(&self, batch: usize) -> Result<Critic<T>, Error> {
        let (_, width) = self.net.tape.shape(self.net.x);
        Ok(Critic::new(&self.discriminator, &self.parameters, self.condition, width, batch)?)
    }

    /// The tape, with names for the nodes that a picture of it should tell of.
    pub fn graph(&self) -> (&Tape<T>, Vec<(Var, &'static str)>) {
        let net = &self.net;
        let mut marks = vec![
            (net.fake, "G(z|y)"),
            (net.fake_logits, "log-odds of fakes"),
            (net.real_logits, "log-odds of real x"),
            (net.generator_loss, "G's loss"),
            (net.discriminator_loss, "D's loss"),
        ];
        if let Some(Penalty { r1, .. }) = &net.penalty {
            marks.push((r1.direction, "∇x log-odds"));
            marks.push((r1.surrogate, "R1 penalty"));
        }
        (&net.tape, marks)
    }

    /// The buffers that a checkpoint holds, by name.
    pub fn state(&self) -> Vec<(&'static str, &Parameters<T>)> {
        let mut state = vec![("parameters", &self.parameters)];
        state.extend(self.average.as_ref().map(|average| ("average", average)));
        state.extend(self.optimizer.state());
        state
    }

    /// Restores the buffers of [`Trainer::state`], which `fill` sets one by one, and the step.
    ///
    /// # Errors
    /// What `fill` returns; the trainer is then not to be used.
    pub fn restore<E>(
        &mut self,
        step: u64,
        mut fill: impl FnMut(&'static str, &mut Parameters<T>) -> Result<(), E>,
    ) -> Result<(), E> {
        let names: Vec<_> = self.state().into_iter().map(|(name, _)| name).collect();
        let buffers =
            [&mut self.parameters].into_iter().chain(self.average.as_mut()).chain(self.optimizer.state_mut());
        for (name, buffer) in names.into_iter().zip(buffers) {
            fill(name, buffer)?;
        }
        self.step = step;
        Ok(())
    }
}
