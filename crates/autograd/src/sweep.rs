//! The plan of a backward pass: the nodes between a target and the variables whose gradients are requested.

use crate::node::{Node, Source};
use crate::op::Var;
use crate::{Error, ParameterId, Real};

/// One vector-Jacobian product: from a node to one of its arguments.
pub(crate) struct Step {
    pub(crate) node: Var,
    pub(crate) argument: usize,
    /// Whether an earlier step of the sweep has already written to the argument's gradient.
    pub(crate) accumulate: bool,
    /// Whether the gradient is not needed where the argument's value is 0: it goes no further, and was not requested.
    pub(crate) skip_zeros: bool,
}

/// The plan of a backward pass, made once by [`crate::Tape::sweep`]. Only the gradients between the target
/// and the requested variables are computed.
pub struct Sweep {
    pub(crate) target: Var,
    pub(crate) steps: Vec<Step>,
    /// All nodes with a gradient in this sweep, in descending order.
    pub(crate) visited: Vec<Var>,
    /// Requested parameters that the target does not depend on: their gradient is zero.
    pub(crate) unreached: Vec<ParameterId>,
}

impl Sweep {
    /// Plans the gradient of `target` with respect to `wrt`.
    pub(crate) fn plan<T: Real>(nodes: &[Node<T>], target: Var, wrt: &[Var]) -> Result<Self, Error> {
        // Forwards: what depends on `wrt`. Backwards: what of that the target depends on.
        let mut active = vec![false; target.0 + 1];
        for var in wrt.iter().filter(|var| **var <= target) {
            active[var.0] = true;
        }
        for (index, node) in nodes.iter().enumerate().take(target.0 + 1) {
            active[index] |= node.differentiable_arguments().any(|(_, var)| active[var.0]);
        }
        if !active[target.0] || matches!(nodes[target.0].source, Source::Parameter(..)) {
            return Err(Error::Independent { what: "sweep" });
        }
        let mut written = vec![false; target.0 + 1];
        written[target.0] = true;
        let (mut steps, mut visited) = (Vec::new(), Vec::new());
        for index in (0..=target.0).rev().filter(|&index| active[index]) {
            if !written[index] {
                continue;
            }
            visited.push(Var(index));
            for (argument, var) in nodes[index].differentiable_arguments().filter(|(_, var)| active[var.0]) {
                let skip_zeros = nodes[var.0].gated && !wrt.contains(&var);
                steps.push(Step { node: Var(index), argument, accumulate: written[var.0], skip_zeros });
                written[var.0] = true;
            }
        }
        let parameter = |var: &Var| match nodes[var.0].source {
            Source::Parameter(id, _) if written.get(var.0) != Some(&true) => Some(id),
            _ => None,
        };
        let unreached = wrt.iter().filter_map(parameter).collect();
        Ok(Sweep { target, steps, visited, unreached })
    }
}
