//! What an operation is: a function of matrices with the rules for its derivatives.
//!
//! An operation sees its arguments as slices and never sees the tape that holds it. So a new operation, here in
//! [`crate::ops`] or in another crate, is one implementation of [`Op`], recorded with [`crate::Tape::record`].

use std::sync::Arc;

use kernels::Buffer;
use ndarray::ArrayView2;

use crate::{Error, ParameterId, Parameters, Real, Shape};

/// A node of a tape, named by its position. What a node is computed from has smaller positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Var(pub(crate) usize);

impl Var {
    /// The position of the node on its tape, counted from 0.
    pub fn index(self) -> usize {
        self.0
    }
}

/// A differentiable operation: a function of matrices, and the rules for its derivatives.
///
/// The values of an argument come as a slice, row by row. Shapes are checked while recording, so no rule can fail
/// during replay.
pub trait Op<T: Real>: Send + Sync {
    /// The name shown in errors and drawings.
    fn name(&self) -> &'static str;

    /// The shape of the value for arguments of these shapes.
    ///
    /// # Errors
    /// What is wrong with the shapes.
    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String>;

    /// How many bytes `forward` saves for the derivative, for a value of this shape.
    fn saved(&self, _shape: Shape) -> usize {
        0
    }

    /// Computes the value. `saved` is empty if no derivative will be computed. `draw` numbers the evaluation:
    /// random operations are a function of it.
    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], saved: &mut [u8], draw: u64);

    /// Whether a gradient can flow to this argument (not to labels, nor to a mask).
    fn differentiable(&self, _argument: usize) -> bool {
        true
    }

    /// Whether no gradient passes to any argument where the value is 0, as after a ReLU. `arguments` says which of
    /// the arguments have this property.
    fn gated(&self, _arguments: &[bool]) -> bool {
        false
    }

    /// The vector-Jacobian product of one argument: from `dy`, the gradient of the value, to `dx`, the gradient of
    /// the argument.
    fn vjp(&self, argument: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>);

    /// Records the directional derivative of `node`, given those of its arguments (`None` for zero).
    ///
    /// # Errors
    /// By default [`Error::NoTangent`]. A rule passes on the errors of the operations that it records.
    fn tangent(
        &self,
        _tape: &mut dyn Record<T>,
        _node: Var,
        _arguments: &[Var],
        _tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        Err(Error::NoTangent { operation: self.name() })
    }
}

/// What a tangent rule may do with the tape: append operations.
pub trait Record<T: Real> {
    /// Appends an operation. [`record`](#method.record) takes it unboxed.
    ///
    /// # Errors
    /// If the operation does not take arguments of these shapes.
    fn append(&mut self, op: Arc<dyn Op<T>>, arguments: &[Var]) -> Result<Var, Error>;

    /// Appends a constant of zeros.
    fn zeros(&mut self, shape: Shape) -> Var;

    /// (rows, columns) of a node.
    fn shape(&self, var: Var) -> Shape;
}

impl<T: Real> dyn Record<T> + '_ {
    /// Appends an operation.
    ///
    /// # Errors
    /// If the operation does not take arguments of these shapes.
    pub fn record(&mut self, op: impl Op<T> + 'static, arguments: &[Var]) -> Result<Var, Error> {
        self.append(Arc::new(op), arguments)
    }
}

/// What a node holds after a forward pass.
pub(crate) struct Value<T> {
    pub(crate) shape: Shape,
    /// Set for the leaf of a parameter, whose entries live in [`Parameters`].
    pub(crate) parameter: Option<ParameterId>,
    /// Row by row; empty for a parameter.
    pub(crate) entries: Buffer<T>,
    /// What the operation saves for its own derivative (a mask, a winner); empty until a sweep needs it.
    pub(crate) saved: Vec<u8>,
    /// Whether `saved` was allocated after the entries were computed, so that it is not filled yet.
    pub(crate) stale: bool,
}

/// The arguments of an operation during replay.
pub struct Arguments<'a, T> {
    pub(crate) values: &'a [Value<T>],
    pub(crate) parameters: &'a Parameters<T>,
    pub(crate) vars: &'a [Var],
}

impl<'a, T: Real> Arguments<'a, T> {
    fn value(&self, argument: usize) -> &'a Value<T> {
        &self.values[self.vars[argument].0]
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.vars.len()
    }

    /// (rows, columns) of one.
    pub fn shape(&self, argument: usize) -> Shape {
        self.value(argument).shape
    }

    /// The entries of one, row by row; those of a parameter in the order in which it stores them.
    pub fn slice(&self, argument: usize) -> &'a [T] {
        let value = self.value(argument);
        value.parameter.map_or(&value.entries, |id| self.parameters.slice(id))
    }

    /// One as a matrix.
    pub fn view(&self, argument: usize) -> ArrayView2<'a, T> {
        let value = self.value(argument);
        match value.parameter {
            Some(id) => self.parameters.view(id),
            None => ArrayView2::from_shape(value.shape, &value.entries).expect("a value fits its shape"),
        }
    }

    /// What the operation that computed one saved for its derivative.
    pub fn saved(&self, argument: usize) -> &'a [u8] {
        &self.value(argument).saved
    }
}

/// An operation's arguments, value and saved bytes, for its derivative to use.
pub struct Evaluated<'a, T> {
    /// The arguments.
    pub arguments: Arguments<'a, T>,
    /// The value, row by row.
    pub value: &'a [T],
    /// What `forward` saved.
    pub saved: &'a [u8],
}

/// Where a gradient is written.
pub struct Target<'a, T> {
    /// The gradient, row by row.
    pub values: &'a mut [T],
    /// Whether to add to `values` instead of overwriting them.
    pub accumulate: bool,
    /// Whether entries may be skipped where the argument's value is 0 (written as 0, or not added to).
    pub skip_zeros: bool,
}
