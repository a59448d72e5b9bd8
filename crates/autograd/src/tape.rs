//! The tape: nodes in the order of recording, which is the order of evaluation.

use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use kernels::Buffer;
use ndarray::{ArrayView2, ArrayViewMut2, Axis};

use crate::node::{Node, Source};
use crate::op::{Arguments, Op, Record, Value, Var};
use crate::{Error, ParameterId, Parameters, Real, Shape};

/// A recording: replay it with [`Tape::forward`], differentiate it with [`Tape::backward`].
///
/// Operations are methods, each in its own file of [`crate::ops`].
pub struct Tape<T> {
    pub(crate) nodes: Vec<Node<T>>,
    /// What each node holds after a forward pass.
    pub(crate) values: Vec<Value<T>>,
    /// The gradient of each node after a backward pass, row by row; empty until a sweep needs it.
    pub(crate) gradients: Vec<Buffer<T>>,
}

impl<T> Default for Tape<T> {
    fn default() -> Self {
        Self { nodes: Vec::new(), values: Vec::new(), gradients: Vec::new() }
    }
}

impl<T: Real> Tape<T> {
    /// An empty tape.
    pub fn new() -> Self {
        Self::default()
    }

    fn push(&mut self, source: Source<T>, shape: Shape) -> Var {
        let (parameter, size) = match source {
            Source::Parameter(id, _) => (Some(id), 0),
            Source::Input(_) | Source::Operation(..) => (None, shape.0 * shape.1),
        };
        self.nodes.push(Node { source, gated: false });
        let entries = Buffer::zeros(size);
        self.values.push(Value { shape, parameter, entries, saved: Vec::new(), stale: false });
        self.gradients.push(Buffer::default());
        Var(self.nodes.len() - 1)
    }

    /// A leaf whose value the caller sets through [`Tape::value_mut`]; zeros until then.
    pub fn input(&mut self, name: &'static str, shape: Shape) -> Var {
        self.push(Source::Input(name), shape)
    }

    /// The leaf of a parameter: one leaf for all calls with the same parameter.
    pub fn parameter(&mut self, parameters: &Parameters<T>, id: ParameterId) -> Var {
        let known = self.values.iter().position(|value| value.parameter == Some(id));
        known.map(Var).unwrap_or_else(|| {
            let entry = parameters.entry(id);
            self.push(Source::Parameter(id, entry.name.clone()), entry.shape())
        })
    }

    /// Appends an operation.
    ///
    /// # Errors
    /// If the operation does not take arguments of these shapes.
    pub fn record(&mut self, op: impl Op<T> + 'static, arguments: &[Var]) -> Result<Var, Error> {
        self.append(Arc::new(op), arguments)
    }

    /// The next node to be recorded: `..tape.here()` is everything recorded so far.
    pub fn here(&self) -> Var {
        Var(self.nodes.len())
    }

    /// (rows, columns) of a node.
    pub fn shape(&self, var: Var) -> Shape {
        self.values[var.0].shape
    }

    /// The value of an input or an operation after [`Tape::forward`].
    ///
    /// # Panics
    /// For a parameter, whose value lives in [`Parameters`].
    pub fn value(&self, var: Var) -> ArrayView2<'_, T> {
        let value = &self.values[var.0];
        ArrayView2::from_shape(value.shape, &value.entries).expect("parameters have no value on the tape")
    }

    /// Panics unless the node is an input: only inputs can be set.
    pub(crate) fn assert_input(&self, var: Var) {
        assert!(matches!(self.nodes[var.0].source, Source::Input(_)), "only inputs can be set");
    }

    /// The value of an input, to be set before [`Tape::forward`].
    ///
    /// # Panics
    /// If the node is not an input.
    pub fn value_mut(&mut self, var: Var) -> ArrayViewMut2<'_, T> {
        self.assert_input(var);
        as_matrix(&mut self.values[var.0])
    }

    /// Sets the first rows of an input, and the others to zero.
    ///
    /// The other rows matter although nobody reads them: which kernel computes a product depends on how many zeros
    /// the whole input has, so values left from an earlier batch could change the bits of a result.
    ///
    /// # Panics
    /// If the node is not an input, or `rows` do not fit.
    pub fn set_rows(&mut self, var: Var, rows: ArrayView2<T>) {
        let (mut first, mut others) = self.value_mut(var).split_at(Axis(0), rows.nrows());
        first.assign(&rows);
        others.fill(T::zero());
    }

    /// The values of two different inputs, to be set together.
    ///
    /// # Panics
    /// If either is not an input, or they are the same.
    pub fn values_mut(&mut self, inputs: [Var; 2]) -> [ArrayViewMut2<'_, T>; 2] {
        inputs.iter().for_each(|var| self.assert_input(*var));
        let values = self.values.get_disjoint_mut(inputs.map(|var| var.0)).expect("two nodes of this tape");
        values.map(as_matrix)
    }

    /// Evaluates the operations of `range` in the order of recording.
    ///
    /// `draw` numbers the evaluation: random operations (dropout) are a function of it, so the same draw gives the
    /// same masks.
    pub fn forward(&mut self, parameters: &Parameters<T>, range: impl RangeBounds<Var>, draw: u64) {
        let first = match range.start_bound() {
            Bound::Included(var) => var.0,
            Bound::Excluded(var) => var.0 + 1,
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(var) => var.0 + 1,
            Bound::Excluded(var) => var.0,
            Bound::Unbounded => self.nodes.len(),
        };
        for index in first..end {
            if let Source::Operation(op, vars) = &self.nodes[index].source {
                let (values, rest) = self.values.split_at_mut(index);
                let value = &mut rest[0];
                value.stale = false;
                let arguments = Arguments { values, parameters, vars };
                op.forward(&arguments, &mut value.entries, &mut value.saved, draw);
            }
        }
    }

    /// Allocates what an operation saves for its derivative.
    pub(crate) fn reserve_saved(&mut self, var: Var) {
        if let Source::Operation(op, _) = &self.nodes[var.0].source {
            let value = &mut self.values[var.0];
            let size = op.saved(value.shape);
            value.stale |= value.saved.len() != size;
            value.saved.resize(size, 0);
        }
    }
}

fn as_matrix<T: Real>(value: &mut Value<T>) -> ArrayViewMut2<'_, T> {
    ArrayViewMut2::from_shape(value.shape, &mut value.entries).expect("a value fits its shape")
}

impl<T: Real> Record<T> for Tape<T> {
    fn append(&mut self, op: Arc<dyn Op<T>>, arguments: &[Var]) -> Result<Var, Error> {
        let shapes: Vec<Shape> = arguments.iter().map(|&var| self.shape(var)).collect();
        let shape =
            op.shape(&shapes).map_err(|reason| Error::Shape { operation: op.name(), reason, shapes })?;
        let gated: Vec<bool> = arguments.iter().map(|var| self.nodes[var.0].gated).collect();
        let gated = op.gated(&gated);
        let var = self.push(Source::Operation(op, arguments.to_vec()), shape);
        self.nodes[var.0].gated = gated;
        Ok(var)
    }

    fn zeros(&mut self, shape: Shape) -> Var {
        self.input("zeros", shape)
    }

    fn shape(&self, var: Var) -> Shape {
        self.values[var.0].shape
    }
}
