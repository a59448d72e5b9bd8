//! A sweep: which nodes lie between a target and what its gradient is asked for.

use crate::tape::Source;
use crate::{Error, ParameterId, Real, Tape, Var};

/// One product with the transposed Jacobian: from a node to one of its arguments.
pub(crate) struct Step {
    pub(crate) node: Var,
    pub(crate) argument: usize,
    /// Whether an earlier step of the sweep has already written to the argument's gradient.
    pub(crate) accumulate: bool,
    /// Whether the gradient goes no further, and is not asked for, where the argument's value is 0.
    pub(crate) only_live: bool,
}

/// The plan of a backward pass, made once: no other gradient than those on the way is ever computed.
pub struct Sweep {
    pub(crate) target: Var,
    pub(crate) steps: Vec<Step>,
    /// Parameters asked for that the target does not depend on: their gradient is zero.
    pub(crate) unreached: Vec<ParameterId>,
}

impl<T: Real> Tape<T> {
    /// Plans the gradient of `target` with respect to `wrt` (parameters, inputs or any other nodes), and
    /// allocates what it needs.
    ///
    /// # Errors
    /// If the target depends on none of them, or is a parameter itself.
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
        if !active[target.0] || matches!(self.nodes[target.0].source, Source::Parameter(..)) {
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
                        let only_live = self.nodes[var.0].gated && !wrt.contains(var);
                        steps.push(Step {
                            node: Var(index),
                            argument,
                            accumulate: written[var.0],
                            only_live,
                        });
                        written[var.0] = true;
                    }
                }
            }
        }
        for (index, _) in written.iter().enumerate().filter(|(_, written)| **written) {
            self.reserve(Var(index));
        }
        let parameter = |var: &Var| match self.nodes[var.0].source {
            Source::Parameter(id, _) if written.get(var.0) != Some(&true) => Some(id),
            _ => None,
        };
        let unreached = wrt.iter().filter_map(parameter).collect();
        Ok(Sweep { target, steps, unreached })
    }

    /// Allocates the gradient of a node, and the notes that it and its arguments keep for their derivatives.
    fn reserve(&mut self, var: Var) {
        let node = &mut self.nodes[var.0];
        node.gradient.grow(node.value.len());
        if let Source::Operation(_, vars) = &node.source {
            vars.clone().into_iter().chain([var]).for_each(|var| self.reserve_notes(var));
        }
    }

    /// Allocates what an operation notes for its derivative.
    pub(crate) fn reserve_notes(&mut self, var: Var) {
        let node = &mut self.nodes[var.0];
        if let Source::Operation(op, _) = &node.source {
            let size = op.saved(node.shape);
            node.stale |= node.saved.len() != size;
            node.saved.resize(size, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Error, Parameters, Tape};

    #[test]
    #[should_panic(expected = "a sweep is planned before the forward pass")]
    fn a_sweep_planned_after_the_forward_pass_is_refused() {
        let mut tape = Tape::<f64>::new();
        let x = tape.input("x", (1, 2));
        let y = tape.maxout(x, 2).unwrap();
        let parameters = Parameters::new();
        tape.forward(&parameters, .., 0);
        let sweep = tape.sweep(y, &[x]).unwrap();
        tape.backward(&sweep, &parameters, &mut parameters.zeros_like());
    }

    #[test]
    fn a_parameter_that_does_not_matter_has_gradient_zero() {
        let mut parameters = Parameters::<f64>::new();
        let [a, b] = ["a", "b"].map(|name| parameters.push(name, &[1, 1], |value| value[0] = 2.0));
        let mut tape = Tape::new();
        let [a, b] = [a, b].map(|id| tape.parameter(&parameters, id));
        let y = tape.scale(a, 3.0).unwrap();
        let sweep = tape.sweep(y, &[a, b]).unwrap();
        let mut gradient = parameters.zeros_like();
        gradient.values_mut().fill(7.0);
        tape.forward(&parameters, .., 0);
        tape.backward(&sweep, &parameters, &mut gradient);
        assert_eq!(gradient.values(), [3.0, 0.0]);
        assert!(matches!(tape.sweep(y, &[b]), Err(Error::Independent { .. })));
    }

    #[test]
    fn gradients_add_up_where_paths_meet() {
        // y = 2x + (x + x): dy/dx = 4, through two nodes and one of them twice.
        let mut tape = Tape::<f64>::new();
        let x = tape.input("x", (1, 1));
        let (double, sum) = (tape.scale(x, 2.0).unwrap(), tape.add(x, x).unwrap());
        let y = tape.add(double, sum).unwrap();
        let sweep = tape.sweep(y, &[x]).unwrap();
        let parameters = Parameters::new();
        for _ in 0..2 {
            tape.forward(&parameters, .., 0);
            tape.backward(&sweep, &parameters, &mut parameters.zeros_like());
            assert_eq!(tape.gradient(x)[[0, 0]], 4.0);
        }
    }

    #[test]
    fn backward_and_backward_add_of_two_losses_give_the_gradient_of_their_sum() {
        // The first loss does not depend on `c`, the second not on `a`; both depend on `b`, the second twice.
        let mut parameters = Parameters::<f64>::new();
        let ids = [("a", 0.3), ("b", -0.7), ("c", 1.1)].map(|(name, start)| {
            parameters
                .push(name, &[3, 4], |w| w.iter_mut().enumerate().for_each(|(i, w)| *w = start + i as f64))
        });
        let mut tape = Tape::new();
        let leaves = ids.map(|id| tape.parameter(&parameters, id));
        let [a, b, c] = leaves;
        let ab = tape.linear(a, b, None).unwrap();
        let first = tape.mean(ab).unwrap();
        let bc = tape.linear(b, c, None).unwrap();
        let bcb = tape.linear(bc, bc, None).unwrap();
        let second = tape.mean(bcb).unwrap();
        let sum = tape.add(first, second).unwrap();
        let [of_first, of_second, of_sum] =
            [first, second, sum].map(|loss| tape.sweep(loss, &leaves).unwrap());
        let [mut separate, mut together] = [parameters.zeros_like(), parameters.zeros_like()];
        separate.values_mut().fill(7.0);
        tape.forward(&parameters, .., 0);
        tape.backward(&of_first, &parameters, &mut separate);
        tape.backward_add(&of_second, &parameters, &mut separate);
        tape.backward(&of_sum, &parameters, &mut together);
        for (separate, together) in separate.values().iter().zip(together.values()) {
            assert!((separate - together).abs() <= 1e-12 * together.abs(), "{separate} {together}");
        }
        assert!(together.values().iter().all(|gradient| *gradient != 0.0));
    }
}
