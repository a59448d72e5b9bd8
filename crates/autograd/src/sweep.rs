//! A sweep: which nodes lie between a target and what its gradient is asked for.

use crate::tape::Source;
use crate::{Error, Real, Tape, Var};

/// One product with the transposed Jacobian: from a node to one of its arguments.
pub(crate) struct Step {
    pub(crate) node: Var,
    pub(crate) argument: usize,
    /// Whether an earlier step of the sweep has already written to the argument's gradient.
    pub(crate) accumulate: bool,
}

/// The plan of a backward pass, made once: no other gradient than those on the way is ever computed.
pub struct Sweep {
    pub(crate) target: Var,
    pub(crate) steps: Vec<Step>,
}

impl<T: Real> Tape<T> {
    /// Plans the gradient of `target` with respect to `wrt` (parameters, inputs or any other nodes), and
    /// allocates what it needs.
    ///
    /// # Errors
    /// If the target depends on none of them.
    pub fn sweep(&mut self, target: Var, wrt: &[Var]) -> Result<Sweep, Error> {
        // Forwards: what depends on `wrt`. Backwards: what of that the target depends on.
        let mut active = vec![false; target.0 + 1];
        for var in wrt.iter().filter(|var| **var <= target) {
            active[var.0] = true;
        }
        for index in 0..=target.0 {
            if let Source::Operation(op, vars) = &self.nodes[index].source {
                active[index] |=
                    vars.iter().enumerate().any(|(i, var)| active[var.0] && op.differentiable(i));
            }
        }
        if !active[target.0] {
            return Err(Error::Independent { what: "sweep" });
        }
        let mut written = vec![false; target.0 + 1];
        written[target.0] = true;
        let mut steps = Vec::new();
        for index in (0..=target.0).rev().filter(|&index| active[index]) {
            if !written[index] {
                continue;
            }
            if let Source::Operation(op, vars) = &self.nodes[index].source {
                for (argument, var) in vars.iter().enumerate() {
                    if active[var.0] && op.differentiable(argument) {
                        steps.push(Step { node: Var(index), argument, accumulate: written[var.0] });
                        written[var.0] = true;
                    }
                }
            }
        }
        for (index, _) in written.iter().enumerate().filter(|(_, written)| **written) {
            self.reserve(Var(index));
        }
        Ok(Sweep { target, steps })
    }

    /// Allocates the gradient of a node, and the notes that it and its arguments keep for their derivatives.
    fn reserve(&mut self, var: Var) {
        let node = &mut self.nodes[var.0];
        node.gradient.resize(node.value.len(), T::zero());
        if let Source::Operation(_, vars) = &node.source {
            vars.clone().into_iter().chain([var]).for_each(|var| self.reserve_notes(var));
        }
    }

    /// Allocates what an operation notes for its derivative.
    pub(crate) fn reserve_notes(&mut self, var: Var) {
        let node = &mut self.nodes[var.0];
        if let Source::Operation(op, _) = &node.source {
            node.saved.resize(op.saved(node.shape), 0);
        }
    }
}
