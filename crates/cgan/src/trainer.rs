//! The algorithm: a step of training that reads like the box in the paper.

use autograd::{Parameters, Real, Stream, Tape, Var};
use kernels::parallel;
use layers::Input;
use rayon::prelude::*;

use crate::config::UpdateOrder;
use crate::diagnosis::Diagnoser;
use crate::ema::Ema;
use crate::optimizer::Time;
use crate::player::Player;
use crate::players::Players;
use crate::{Discriminator, DiscriminatorEvaluator, Error, Examples, GanConfig, Generator, Order, Sampler};

/// What was measured in a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metrics {
    /// D's loss in its last update of the step, without penalties.
    pub d_loss: f64,
    /// G's loss.
    pub g_loss: f64,
    /// The mean over real pairs of D's value: the probability that they are real, or, if the objective does not make D a
    /// classifier, its output (see [`Objective::value`](crate::objective::Objective::value)).
    pub d_real: f64,
    /// The same over fakes.
    pub d_fake: f64,
    /// The sum of the gradient penalties in the last update of D, each with its weight; 0 if none was due.
    pub gradient_penalty: f64,
    /// G's learning rate.
    pub learning_rate: f64,
    /// G's momentum, if its optimiser has one.
    pub momentum: Option<f64>,
}

/// Two nets in training.
pub struct Trainer<T> {
    config: GanConfig,
    condition: Input,
    width: usize,
    seed: u64,
    generator: Generator,
    discriminator: Discriminator,
    parameters: Parameters<T>,
    gradients: Parameters<T>,
    players: Players<T>,
    g: Player<T>,
    d: Player<T>,
    ema: Option<Ema<T>>,
    noise: Stream,
    order: Order,
    step: u64,
}

impl<T: Real> Trainer<T> {
    /// Nets for these examples, at their first weights.
    ///
    /// # Errors
    /// [`Error::Config`] if a setting is outside its range, does not fit the others or does not fit the examples.
    pub fn new(config: &GanConfig, examples: &(impl Examples<T> + ?Sized), seed: u64) -> Result<Self, Error> {
        config.check()?;
        config.check_examples(examples)?;
        let (condition, width) = (examples.condition(), examples.width());
        let mut parameters = Parameters::new();
        let generator = Generator::new(&mut parameters, &config.generator, condition, &examples.mean(), seed);
        let discriminator =
            Discriminator::new(&mut parameters, &config.discriminator, condition, examples.size(), seed);
        let vocabulary = config.aux_classifier.and_then(|_| examples.vocabulary());
        let players = Players::new(
            config,
            &generator,
            &discriminator,
            &parameters,
            (condition, width),
            vocabulary.as_ref(),
            seed,
        )?;
        let max_norm = config.updates.max_norm;
        let g = Player::new("generator", &parameters, &config.optimizer, config.schedule, max_norm);
        let d_optimizer = config.discriminator_optimizer.as_ref().unwrap_or(&config.optimizer);
        let d_schedule = config.discriminator_schedule.unwrap_or(config.schedule);
        let d = Player::new("discriminator", &parameters, d_optimizer, d_schedule, max_norm);
        let ema = config
            .updates
            .ema_decay
            .map(|decay| Ema::new(decay, &parameters.values()[g.group.range.clone()]));
        Ok(Self {
            config: config.clone(),
            condition,
            width,
            seed,
            generator,
            discriminator,
            gradients: parameters.zeros_like(),
            players,
            g,
            d,
            ema,
            noise: Stream::new(seed, "noise"),
            order: Order::new(seed, examples.len(), config.updates.batch),
            parameters,
            step: 0,
        })
    }

    /// One update of G and `discriminator_steps` of D.
    ///
    /// # Errors
    /// [`Error::Diverged`] at the first loss, gradient or weight that is not finite.
    pub fn step(&mut self, examples: &(impl Examples<T> + ?Sized)) -> Result<Metrics, Error> {
        // Within a region the threads of the team stay awake.
        parallel::region(|| self.step_in_region(examples))
    }

    fn step_in_region(&mut self, examples: &(impl Examples<T> + ?Sized)) -> Result<Metrics, Error> {
        let d_steps = self.config.updates.discriminator_steps as u64;
        let mut metrics = Metrics::default();
        for k in 0..d_steps {
            self.sample_batch(examples, self.step * d_steps + k);
            self.sample_noise(k);
            self.players.forward(&self.parameters, self.draw(k));
            self.discriminator_gradient(k, &mut metrics)?;
            if self.config.updates.order == UpdateOrder::Simultaneous {
                self.generator_gradient(&mut metrics)?; // before D moves
            }
            self.update_discriminator(k)?;
        }
        if self.config.updates.order == UpdateOrder::Alternating {
            self.sample_noise(d_steps);
            self.players.forward_generator(&self.parameters, self.draw(d_steps));
            self.generator_gradient(&mut metrics)?;
        }
        self.update_generator(&mut metrics)?;
        self.step += 1;
        Ok(metrics)
    }

    /// Every evaluation in the training has a number of its own, and with it its own noise, masks and augmentations.
    fn draw(&self, evaluation: u64) -> u64 {
        self.step * (self.config.updates.discriminator_steps as u64 + 1) + evaluation
    }

    fn sample_batch(&mut self, examples: &(impl Examples<T> + ?Sized), number: u64) {
        let indices = self.order.batch(number);
        self.players.set_batch(examples, number, indices);
    }

    fn sample_noise(&mut self, evaluation: u64) {
        self.players.set_noise(&self.noise, self.draw(evaluation));
    }

    fn discriminator_gradient(&mut self, k: u64, metrics: &mut Metrics) -> Result<(), Error> {
        metrics.d_loss = self.finite(self.players.discriminator_loss(), "the discriminator's loss")?;
        (metrics.d_real, metrics.d_fake) =
            self.players.mean_values(|logit| self.config.objective.value(logit));
        let (draw, time) = (self.draw(k), self.discriminator_time(k));
        let penalty = self.players.discriminator_gradient(
            &self.parameters,
            &mut self.gradients,
            draw,
            (time.updates, time.epochs),
        );
        metrics.gradient_penalty = self.finite(penalty, "the penalty on the discriminator's gradient")?;
        Ok(())
    }

    fn generator_gradient(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        metrics.g_loss = self.finite(self.players.generator_loss(), "the generator's loss")?;
        self.players.generator_gradient(&self.parameters, &mut self.gradients);
        Ok(())
    }

    fn discriminator_time(&self, k: u64) -> Time {
        let updates = self.step * self.config.updates.discriminator_steps as u64 + k;
        Time { updates, epochs: self.epoch() }
    }

    fn update_discriminator(&mut self, k: u64) -> Result<(), Error> {
        let time = self.discriminator_time(k);
        let update = self.d.update(&mut self.parameters, &self.gradients, self.step, time);
        update.map_err(|what| self.diverged(what))
    }

    fn update_generator(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        let time = Time { updates: self.step, epochs: self.epoch() };
        metrics.learning_rate = self.g.learning_rate(self.step, time.epochs);
        metrics.momentum = self.g.optimizer.momentum(time);
        let update = self.g.update(&mut self.parameters, &self.gradients, self.step, time);
        update.map_err(|what| self.diverged(what))?;
        if let Some(ema) = &mut self.ema {
            ema.update(&self.parameters.values()[self.g.group.range.clone()], self.step);
        }
        Ok(())
    }

    fn finite(&self, value: f64, what: &str) -> Result<f64, Error> {
        if value.is_finite() { Ok(value) } else { Err(self.diverged(what.to_owned())) }
    }

    fn diverged(&self, what: String) -> Error {
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

    /// The weights to sample with and to export: G's exponential moving average, if there is one, and D as trained.
    pub fn ema_parameters(&self) -> Parameters<T> {
        let mut parameters = self.parameters.clone();
        if let Some(ema) = &self.ema {
            parameters.values_mut()[self.g.group.range.clone()].copy_from_slice(&ema.values);
        }
        parameters
    }

    /// The norms of the last step's gradients, of D and of G.
    pub fn gradient_norms(&self) -> (f64, f64) {
        let norm = |player: &Player<T>| {
            let chunks = self.gradients.values()[player.group.range.clone()].par_chunks(1 << 15);
            let squares = chunks.map(|chunk| chunk.iter().map(|g| g.f64() * g.f64()).sum::<f64>());
            // Collected, so that the sum runs in the order of the chunks on any number of threads.
            squares.collect::<Vec<f64>>().iter().sum::<f64>().sqrt()
        };
        (norm(&self.d), norm(&self.g))
    }

    /// A sampler for `batch` samples at a time, with noise of the trainer's seed.
    ///
    /// # Errors
    /// If G cannot be recorded.
    pub fn sampler(&self, batch: usize) -> Result<Sampler<T>, Error> {
        Ok(Sampler::new(&self.generator, &self.parameters, self.condition, batch, self.seed)?)
    }

    /// What shows G's use of its inputs.
    ///
    /// # Errors
    /// If G cannot be recorded.
    pub fn diagnoser(&self) -> Result<Diagnoser<T>, Error> {
        Ok(Diagnoser::new(&self.generator, &self.parameters, self.condition, self.seed)?)
    }

    /// D for evaluation, for `batch` pairs at a time.
    ///
    /// # Errors
    /// If D cannot be recorded.
    pub fn discriminator_evaluator(&self, batch: usize) -> Result<DiscriminatorEvaluator<T>, Error> {
        let (d, parameters) = (&self.discriminator, &self.parameters);
        Ok(DiscriminatorEvaluator::new(d, parameters, self.condition, self.width, batch)?)
    }

    /// The tape, with names for the nodes that a drawing of it should point out.
    pub fn graph(&self) -> (&Tape<T>, Vec<(Var, &'static str)>) {
        self.players.graph()
    }

    /// Every buffer that training continues from, by name: `parameters`, `generator.ema`, `discriminator.velocity`..
    pub fn state(&self) -> Vec<(String, &[T])> {
        let mut state = vec![("parameters".to_owned(), self.parameters.values())];
        state.extend(self.ema.as_ref().map(|ema| ("generator.ema".to_owned(), &ema.values[..])));
        for player in [&self.g, &self.d] {
            let buffers = player.optimizer.state().into_iter();
            state.extend(buffers.map(|(name, buffer)| (format!("{}.{name}", player.name), buffer)));
        }
        state
    }

    /// Restores the buffers of [`Trainer::state`], which `fill` sets one by one, and the step.
    ///
    /// # Errors
    /// What `fill` returns. The trainer must then not be used any more.
    pub fn restore<E>(
        &mut self,
        step: u64,
        mut fill: impl FnMut(&str, &mut [T]) -> Result<(), E>,
    ) -> Result<(), E> {
        fill("parameters", self.parameters.values_mut())?;
        if let Some(ema) = &mut self.ema {
            fill("generator.ema", &mut ema.values)?;
        }
        for player in [&mut self.g, &mut self.d] {
            for (name, buffer) in player.optimizer.state_mut() {
                fill(&format!("{}.{name}", player.name), buffer)?;
            }
        }
        self.step = step;
        Ok(())
    }
}
