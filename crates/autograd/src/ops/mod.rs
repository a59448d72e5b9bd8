//! The operations, one a file: formula, derivation, forward, derivative, cases for the gradient checker.
//!
//! To add one: write its file, with a method on [`Tape`] that records it and a function `cases`,
//! and name it in the list below. The tests check every operation of the list.

use ndarray::ArrayView2;

use crate::check::Case;
use crate::tape::{Node, Source};
use crate::{Error, Parameters, Real, Shape, Tape, Var};

/// Declares the operations' modules and gathers their cases, so that none can be left out of the check.
macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $($(#[$doc])* mod $name;)*

        /// The gradient-check cases of every operation, by the operation's name.
        pub fn cases() -> Vec<(&'static str, Vec<Case>)> {
            vec![$((stringify!($name), $name::cases())),*]
        }
    };
}

operations! { add, concat, cross_entropy, dropout, linear, linear_maxout, lookup, maxout, mean, relu, scale, sigmoid, softplus, unit }

/// A differentiable operation: a function of matrices, and the rules for its derivatives.
///
/// An argument's values come as slices, row by row; shapes were checked while recording, so that no rule can
/// fail when it is replayed.
pub trait Op<T: Real>: Send + Sync {
    /// The name shown in errors and pictures.
    fn name(&self) -> &'static str;

    /// The shape of the value for arguments of these shapes, or what is wrong with them.
    fn shape(&self, arguments: &[Shape]) -> Result<Shape, String>;

    /// How many bytes the operation notes in `forward` for its derivative, when there is to be one.
    fn saved(&self, _shape: Shape) -> usize {
        0
    }

    /// Computes the value. `saved` is empty when no derivative will be asked for.
    fn forward(&self, arguments: &Arguments<T>, value: &mut [T], saved: &mut [u8], draw: u64);

    /// Whether a gradient can flow to this argument (not to labels, nor to a pattern of masks).
    fn differentiable(&self, _argument: usize) -> bool {
        true
    }

    /// Whether no gradient passes to any argument where the value is 0, as after a ReLU; told which of the
    /// arguments are so themselves.
    fn gated(&self, _arguments: &[bool]) -> bool {
        false
    }

    /// The product with the transposed Jacobian of one argument: from `dy`, the gradient of the value, to
    /// `dx`, that argument's.
    fn vjp(&self, argument: usize, at: &Evaluated<T>, dy: &[T], dx: Target<T>);

    /// Records the directional derivative of `node`, given those of its arguments (`None` for zero).
    ///
    /// # Errors
    /// By default [`Error::NoTangent`]; a rule passes on the errors of the operations that it records.
    fn tangent(
        &self,
        _tape: &mut Tape<T>,
        _node: Var,
        _arguments: &[Var],
        _tangents: &[Option<Var>],
    ) -> Result<Option<Var>, Error> {
        Err(Error::NoTangent { operation: self.name() })
    }
}

/// The arguments of an operation that is being replayed.
pub struct Arguments<'a, T> {
    pub(crate) nodes: &'a [Node<T>],
    pub(crate) parameters: &'a Parameters<T>,
    pub(crate) vars: &'a [Var],
}

impl<'a, T: Real> Arguments<'a, T> {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.vars.len()
    }

    /// (rows, columns) of one.
    pub fn shape(&self, argument: usize) -> Shape {
        self.nodes[self.vars[argument].0].shape
    }

    /// The values of one, row by row; a parameter's as they lie.
    pub fn slice(&self, argument: usize) -> &'a [T] {
        let node = &self.nodes[self.vars[argument].0];
        match node.source {
            Source::Parameter(id, _) => self.parameters.slice(id),
            _ => &node.value,
        }
    }

    /// One as a matrix.
    pub fn view(&self, argument: usize) -> ArrayView2<'a, T> {
        let node = &self.nodes[self.vars[argument].0];
        match node.source {
            Source::Parameter(id, _) => self.parameters.view(id),
            _ => ArrayView2::from_shape(node.shape, &node.value).expect("a value fits its shape"),
        }
    }

    /// What the operation that made one noted for its derivative.
    pub fn saved(&self, argument: usize) -> &'a [u8] {
        &self.nodes[self.vars[argument].0].saved
    }
}

/// An operation with its arguments, its value and what it noted, as its derivative may use them.
pub struct Evaluated<'a, T> {
    /// The arguments.
    pub arguments: Arguments<'a, T>,
    /// The value, row by row.
    pub value: &'a [T],
    /// What `forward` noted.
    pub saved: &'a [u8],
}

/// Where a gradient goes: written over what stands there, or added to it.
pub struct Target<'a, T> {
    /// The gradient, row by row.
    pub values: &'a mut [T],
    /// Whether to add.
    pub accumulate: bool,
    /// Whether entries where the argument's value is 0 may be left out (written as 0, or not added to).
    pub only_live: bool,
}

/// The single shape of arguments that must all agree.
fn same(arguments: &[Shape]) -> Result<Shape, String> {
    match arguments {
        [first, rest @ ..] if rest.iter().all(|shape| shape == first) => Ok(*first),
        _ => Err("shapes must agree".to_owned()),
    }
}
