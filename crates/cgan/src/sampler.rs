//! Sampling from G: a shorter tape over the same parameters, without anything for derivatives.

use autograd::{Error, NodeKind, Parameters, Real, Stream, Tape, Var};
use layers::Input;
use ndarray::{ArrayView2, s};

use crate::{Generator, Noise};

/// How G is recorded: z and its branch of the condition to x.
type Record<T> = fn(&Generator, &mut Tape<T>, &Parameters<T>, Var, Option<Var>) -> Result<Var, Error>;

/// G recorded for a batch of fixed size.
pub struct Sampler<T> {
    tape: Tape<T>,
    noise: Noise,
    stream: Stream,
    z: Var,
    y: Var,
    x: Var,
    conditional: bool,
}

impl<T: Real> Sampler<T> {
    /// Records G for `batch` samples at a time.
    ///
    /// # Errors
    /// If G cannot be recorded.
    pub fn new(
        generator: &Generator,
        parameters: &Parameters<T>,
        condition: Input,
        batch: usize,
        seed: u64,
    ) -> Result<Self, Error> {
        let record = Generator::record_for_sampling;
        Self::recorded_by(record, generator, parameters, condition, batch, seed)
    }

    /// Records G by `record`: as it is sampled from, or as it is trained.
    pub(crate) fn recorded_by(
        record: Record<T>,
        generator: &Generator,
        parameters: &Parameters<T>,
        condition: Input,
        batch: usize,
        seed: u64,
    ) -> Result<Self, Error> {
        let (noise, noise_width) = generator.noise();
        let mut tape = Tape::new();
        let z = tape.input("z", (batch, noise_width));
        let y = tape.input("y", (batch, condition.columns()));
        let condition = generator.record_condition(&mut tape, parameters, y)?;
        let x = record(generator, &mut tape, parameters, z, condition)?;
        Ok(Self {
            tape,
            noise,
            stream: Stream::new(seed, "sample"),
            z,
            y,
            x,
            conditional: condition.is_some(),
        })
    }

    /// Samples in a batch.
    pub fn batch(&self) -> usize {
        self.tape.shape(self.z).0
    }

    pub(crate) fn tape(&self) -> &Tape<T> {
        &self.tape
    }

    pub(crate) fn noise(&self) -> Noise {
        self.noise
    }

    /// Dimensions of z.
    pub(crate) fn noise_width(&self) -> usize {
        self.tape.shape(self.z).1
    }

    /// z of the last samples, (batch, noise width).
    pub fn z(&self) -> ArrayView2<'_, T> {
        self.tape.value(self.z)
    }

    /// The dropout masks of the last samples, if G is sampled with them: those of the units on z, on y and of the combined
    /// layer, as far as there are such, each (batch, units) of 0 and 1 / keep.
    pub fn masks(&self) -> Vec<ArrayView2<'_, T>> {
        let is_mask = |kind: &NodeKind| matches!(kind, NodeKind::Operation("mask"));
        let nodes = self.tape.vars().zip(self.tape.nodes());
        nodes.filter(|(_, node)| is_mask(&node.kind)).map(|(var, _)| self.tape.value(var)).collect()
    }

    /// Whether G has a condition.
    pub fn is_conditional(&self) -> bool {
        self.conditional
    }

    /// Entries of x.
    pub fn width(&self) -> usize {
        self.tape.shape(self.x).1
    }

    /// x for these conditions (n, columns), at most a batch; `draw` names the noise, whose rows depend on their
    /// index alone.
    ///
    /// # Panics
    /// If there are more conditions than a batch holds.
    pub fn sample(
        &mut self,
        parameters: &Parameters<T>,
        conditions: ArrayView2<T>,
        draw: u64,
    ) -> ArrayView2<'_, T> {
        self.noise.fill(&self.stream, draw, self.tape.value_mut(self.z));
        self.generate(parameters, conditions, draw)
    }

    /// x for given noise (n, noise width) and conditions (n, columns), at most a batch. `draw` names the dropout masks,
    /// where G is sampled with them; those of a row depend on its index alone.
    ///
    /// # Panics
    /// If there are more rows than a batch holds, or `z` and `conditions` differ in number.
    pub fn sample_at(
        &mut self,
        parameters: &Parameters<T>,
        z: ArrayView2<T>,
        conditions: ArrayView2<T>,
        draw: u64,
    ) -> ArrayView2<'_, T> {
        assert_eq!(z.nrows(), conditions.nrows(), "as many rows of noise as conditions");
        self.tape.set_rows(self.z, z);
        self.generate(parameters, conditions, draw)
    }

    fn generate(
        &mut self,
        parameters: &Parameters<T>,
        conditions: ArrayView2<T>,
        draw: u64,
    ) -> ArrayView2<'_, T> {
        self.tape.set_rows(self.y, conditions);
        self.tape.forward(parameters, .., draw);
        self.tape.value(self.x).slice_move(s![..conditions.nrows(), ..])
    }
}
