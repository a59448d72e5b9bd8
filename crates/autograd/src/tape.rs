//! The tape: an arena of nodes in the order of recording, which is the order of evaluation.

use std::ops::{Bound, RangeBounds};

use ndarray::{ArrayView2, ArrayViewMut2, Axis};

use crate::ops::{Arguments, Evaluated, Op, Target};
use crate::sweep::{Step, Sweep};
use crate::{Error, ParameterId, Parameters, Real};
use kernels::{Buffer, parallel};

/// (rows, columns). Every value is a matrix: a batch has an example a row, a loss is (1, 1).
pub type Shape = (usize, usize);

/// A node of a tape, named by its position; what it is computed from has smaller positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Var(pub(crate) usize);

pub(crate) enum Source<T> {
    Input(&'static str),
    Parameter(ParameterId, String),
    Operation(Box<dyn Op<T>>, Vec<Var>),
}

pub(crate) struct Node<T> {
    pub(crate) source: Source<T>,
    pub(crate) shape: Shape,
    /// Row by row; empty for a parameter, whose value lives in [`Parameters`].
    pub(crate) value: Buffer<T>,
    /// What the operation notes for its own derivative (a mask, a winner); empty until a sweep needs it.
    pub(crate) saved: Vec<u8>,
    /// Whether the notes were asked for after the value was computed, and are still to be made.
    pub(crate) stale: bool,
    /// Whether no gradient passes through the node where its value is 0.
    pub(crate) gated: bool,
    /// Filled by a sweep; empty until one needs it.
    pub(crate) gradient: Buffer<T>,
}

/// A recording: replay it with [`Tape::forward`], differentiate it with [`Tape::backward`].
///
/// Operations are methods, each in its own file of [`crate::ops`].
#[derive(Default)]
pub struct Tape<T> {
    pub(crate) nodes: Vec<Node<T>>,
}

impl<T: Real> Tape<T> {
    /// An empty tape.
    pub fn new() -> Self {
        Self { nodes: Vec::new() }
    }

    fn push(&mut self, source: Source<T>, shape: Shape, size: usize) -> Var {
        let value = Buffer::zeros(size);
        self.nodes.push(Node {
            source,
            shape,
            value,
            saved: Vec::new(),
            stale: false,
            gated: false,
            gradient: Buffer::default(),
        });
        Var(self.nodes.len() - 1)
    }

    /// A leaf whose value the caller sets through [`Tape::value_mut`]; zeros until then.
    pub fn input(&mut self, name: &'static str, shape: Shape) -> Var {
        self.push(Source::Input(name), shape, shape.0 * shape.1)
    }

    /// The leaf of a parameter; the same leaf each time it is asked for.
    pub fn parameter(&mut self, parameters: &Parameters<T>, id: ParameterId) -> Var {
        let known =
            self.nodes.iter().position(|node| matches!(node.source, Source::Parameter(p, _) if p == id));
        known.map(Var).unwrap_or_else(|| {
            let entry = parameters.entry(id);
            self.push(Source::Parameter(id, entry.name.clone()), entry.shape(), 0)
        })
    }

    /// Appends an operation.
    ///
    /// # Errors
    /// If the operation does not take arguments of these shapes.
    pub fn record(&mut self, op: impl Op<T> + 'static, arguments: &[Var]) -> Result<Var, Error> {
        let shapes: Vec<Shape> = arguments.iter().map(|&var| self.shape(var)).collect();
        let shape =
            op.shape(&shapes).map_err(|reason| Error::Shape { operation: op.name(), reason, shapes })?;
        let gates: Vec<bool> = arguments.iter().map(|var| self.nodes[var.0].gated).collect();
        let gated = op.gated(&gates);
        let var = self.push(Source::Operation(Box::new(op), arguments.to_vec()), shape, shape.0 * shape.1);
        self.nodes[var.0].gated = gated;
        Ok(var)
    }

    /// The next node to be recorded: `..tape.here()` is all that is recorded so far.
    pub fn here(&self) -> Var {
        Var(self.nodes.len())
    }

    /// (rows, columns) of a node.
    pub fn shape(&self, var: Var) -> Shape {
        self.nodes[var.0].shape
    }

    /// The value of an input or an operation, as [`Tape::forward`] left it.
    ///
    /// # Panics
    /// For a parameter, whose value lives in [`Parameters`].
    pub fn value(&self, var: Var) -> ArrayView2<'_, T> {
        let node = &self.nodes[var.0];
        ArrayView2::from_shape(node.shape, &node.value).expect("parameters have no value on the tape")
    }

    /// The value of an input, to be set before [`Tape::forward`].
    ///
    /// # Panics
    /// If the node is not an input.
    pub fn value_mut(&mut self, var: Var) -> ArrayViewMut2<'_, T> {
        let node = &mut self.nodes[var.0];
        assert!(matches!(node.source, Source::Input(_)), "only inputs can be set");
        ArrayViewMut2::from_shape(node.shape, &mut node.value).expect("an input has a value")
    }

    /// Sets the first rows of an input, and zeros in the others: which kernel a product takes depends on all of them, so
    /// what was there before must not count.
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
        let nodes = self.nodes.get_disjoint_mut(inputs.map(|var| var.0)).expect("two nodes of this tape");
        nodes.map(|node| {
            assert!(matches!(node.source, Source::Input(_)), "only inputs can be set");
            ArrayViewMut2::from_shape(node.shape, &mut node.value).expect("an input has a value")
        })
    }

    /// The gradient of a node, as the last sweep through it left it.
    ///
    /// # Panics
    /// If no sweep passes through the node.
    pub fn gradient(&self, var: Var) -> ArrayView2<'_, T> {
        let node = &self.nodes[var.0];
        ArrayView2::from_shape(node.shape, &node.gradient).expect("a sweep passes through the node")
    }

    /// Sets an input to the gradient that the last sweep left at another node of the same shape.
    ///
    /// # Panics
    /// If no sweep passes through `from`, or the shapes differ.
    pub fn set_to_gradient(&mut self, input: Var, from: Var) {
        assert!(matches!(self.nodes[input.0].source, Source::Input(_)), "only inputs can be set");
        let [to, from] = self.nodes.get_disjoint_mut([input.0, from.0]).expect("two nodes of this tape");
        to.value.copy_from_slice(&from.gradient);
    }

    /// Evaluates the operations of `range` in the order of recording.
    ///
    /// `draw` numbers the evaluation: random operations (dropout) are a function of it, so that the same
    /// draw gives the same masks.
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
            let (before, rest) = self.nodes.split_at_mut(index);
            let node = &mut rest[0];
            if let Source::Operation(op, vars) = &node.source {
                node.stale = false;
                op.forward(
                    &Arguments { nodes: before, parameters, vars },
                    &mut node.value,
                    &mut node.saved,
                    draw,
                );
            }
        }
    }

    /// The gradient of `sweep`'s target (of the sum of its entries, if it has several): that of each
    /// parameter goes to `gradients`, over whatever stood there; that of other nodes stays on the tape.
    ///
    /// # Panics
    /// If the sweep was planned after the last [`Tape::forward`], which then kept too little for it.
    pub fn backward(&mut self, sweep: &Sweep, parameters: &Parameters<T>, gradients: &mut Parameters<T>) {
        self.nodes[sweep.target.0].gradient.fill(T::one());
        self.replay(sweep, parameters, gradients, false);
    }

    /// Like [`Tape::backward`], but adds the gradient of each parameter to what `gradients` holds: `backward` of one
    /// loss and `backward_add` of another give the gradient of their sum.
    ///
    /// Gradients on the tape are overwritten, as by [`Tape::backward`].
    ///
    /// # Panics
    /// As there.
    pub fn backward_add(&mut self, sweep: &Sweep, parameters: &Parameters<T>, gradients: &mut Parameters<T>) {
        self.nodes[sweep.target.0].gradient.fill(T::one());
        self.replay(sweep, parameters, gradients, true);
    }

    /// Like [`Tape::backward`], for the sum of the target's entries weighted by `seed`.
    ///
    /// # Panics
    /// As there; also if `seed` has not the target's size.
    pub fn backward_from(
        &mut self,
        seed: &[T],
        sweep: &Sweep,
        parameters: &Parameters<T>,
        gradients: &mut Parameters<T>,
    ) {
        self.nodes[sweep.target.0].gradient.copy_from_slice(seed);
        self.replay(sweep, parameters, gradients, false);
    }

    /// Like [`Tape::backward`], from what an earlier sweep left at the target, each row times its factor: goes on
    /// from there for another loss, of which the rows are the same but for a factor.
    ///
    /// # Panics
    /// As there; also if there is not a factor for each row.
    pub fn backward_on(
        &mut self,
        factors: &[T],
        sweep: &Sweep,
        parameters: &Parameters<T>,
        gradients: &mut Parameters<T>,
    ) {
        let node = &mut self.nodes[sweep.target.0];
        assert_eq!(factors.len(), node.shape.0, "a factor for each row");
        parallel::rows(&mut node.gradient, node.shape.1, |row, dy| {
            dy.iter_mut().for_each(|dy| *dy *= factors[row]);
        });
        self.replay(sweep, parameters, gradients, false);
    }

    /// The steps of a sweep, which overwrite the gradients of parameters or, if `add` is set, add to them.
    fn replay(
        &mut self,
        sweep: &Sweep,
        parameters: &Parameters<T>,
        gradients: &mut Parameters<T>,
        add: bool,
    ) {
        if !add {
            for &id in &sweep.unreached {
                gradients.slice_mut(id).fill(T::zero());
            }
        }
        for step in &sweep.steps {
            self.pull_back(step, parameters, gradients, add);
        }
    }

    /// One step of a sweep: the gradient of a node, through its operation, to one of its arguments.
    fn pull_back(
        &mut self,
        step: &Step,
        parameters: &Parameters<T>,
        gradients: &mut Parameters<T>,
        add: bool,
    ) {
        let (before, rest) = self.nodes.split_at_mut(step.node.0);
        let node = &rest[0];
        let Source::Operation(op, vars) = &node.source else { return };
        let stale = node.stale || vars.iter().any(|var| before[var.0].stale);
        assert!(!stale, "a sweep is planned before the forward pass that it differentiates");
        let var = vars[step.argument];
        // The argument's gradient is taken out while the rest of its node is read.
        let mut own = std::mem::take(&mut before[var.0].gradient);
        let (values, accumulate) = match before[var.0].source {
            Source::Parameter(id, _) => (gradients.slice_mut(id), step.accumulate || add),
            _ => (&mut own[..], step.accumulate),
        };
        let at = Evaluated {
            arguments: Arguments { nodes: before, parameters, vars },
            value: &node.value,
            saved: &node.saved,
        };
        let target = Target { values, accumulate, only_live: step.only_live };
        op.vjp(step.argument, &at, &node.gradient, target);
        before[var.0].gradient = own;
    }

    /// Records the directional derivative of `y` with respect to `x` along `direction` (of `x`'s shape), by
    /// the tangent rule of each operation between them. The result is a node like any other: it can be
    /// differentiated in turn, which makes a gradient penalty a matter of first-order rules (DESIGN.md).
    ///
    /// # Errors
    /// If an operation between them has no tangent rule, or `y` does not depend on `x`.
    pub fn tangent(&mut self, y: Var, x: Var, direction: Var) -> Result<Var, Error> {
        if x > y {
            return Err(Error::Independent { what: "tangent" });
        }
        let mut tangents: Vec<Option<Var>> = vec![None; y.0 + 1];
        tangents[x.0] = Some(direction);
        for index in x.0 + 1..=y.0 {
            let Source::Operation(_, vars) = &self.nodes[index].source else { continue };
            let vars = vars.clone();
            let of: Vec<Option<Var>> = vars.iter().map(|var| tangents[var.0]).collect();
            if of.iter().any(Option::is_some) && self.reaches(Var(index), y) {
                // The rule records on the tape that holds it, so it is lifted out for the while.
                let source =
                    std::mem::replace(&mut self.nodes[index].source, Source::Input("a rule at work"));
                let result = match &source {
                    Source::Operation(op, _) => op.tangent(self, Var(index), &vars, &of),
                    _ => Ok(None),
                };
                self.nodes[index].source = source;
                self.reserve_notes(Var(index));
                tangents[index] = result?;
            }
        }
        tangents[y.0].ok_or(Error::Independent { what: "tangent" })
    }

    /// Whether `to` depends on `from`.
    fn reaches(&self, from: Var, to: Var) -> bool {
        let mut reached = vec![false; to.0 + 1];
        reached[from.0] = true;
        for index in from.0 + 1..=to.0 {
            if let Source::Operation(_, vars) = &self.nodes[index].source {
                reached[index] = vars.iter().any(|var| reached[var.0]);
            }
        }
        reached[to.0]
    }
}
