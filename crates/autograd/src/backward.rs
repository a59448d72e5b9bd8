//! Reverse-mode differentiation: a planned sweep, replayed from its target back to the requested variables.

use kernels::parallel;
use ndarray::ArrayView2;

use crate::node::Source;
use crate::op::{Arguments, Evaluated, Target, Var};
use crate::sweep::{Step, Sweep};
use crate::tape::Tape;
use crate::{Error, Parameters, Real};

impl<T: Real> Tape<T> {
    /// Plans the gradient of `target` with respect to `wrt` (parameters, inputs or any other nodes), and allocates
    /// what it needs.
    ///
    /// # Errors
    /// If the target depends on none of them, or is a parameter itself.
    pub fn sweep(&mut self, target: Var, wrt: &[Var]) -> Result<Sweep, Error> {
        let sweep = Sweep::plan(&self.nodes, target, wrt)?;
        for &var in &sweep.visited {
            let size = self.values[var.0].entries.len();
            self.gradients[var.0].grow(size);
            for argument in 0..self.nodes[var.0].arguments().len() {
                self.reserve_saved(self.nodes[var.0].arguments()[argument]);
            }
            self.reserve_saved(var);
        }
        Ok(sweep)
    }

    /// The gradient of `sweep`'s target, or of the sum of its entries if it has several. The gradient of each
    /// parameter overwrites that in `gradients`; the gradients of other nodes stay on the tape.
    ///
    /// # Panics
    /// If the sweep was planned after the last [`Tape::forward`], which then saved too little for it.
    pub fn backward(&mut self, sweep: &Sweep, parameters: &Parameters<T>, gradients: &mut Parameters<T>) {
        self.gradients[sweep.target.0].fill(T::one());
        self.replay(sweep, parameters, gradients, false);
    }

    /// Like [`Tape::backward`], but adds the gradient of each parameter to what `gradients` holds: `backward` of one
    /// loss and `backward_add` of another give the gradient of their sum.
    ///
    /// Gradients on the tape are overwritten, as by [`Tape::backward`].
    ///
    /// # Panics
    /// Like [`Tape::backward`].
    pub fn backward_add(&mut self, sweep: &Sweep, parameters: &Parameters<T>, gradients: &mut Parameters<T>) {
        self.gradients[sweep.target.0].fill(T::one());
        self.replay(sweep, parameters, gradients, true);
    }

    /// Like [`Tape::backward`], for the sum of the target's entries weighted by `seed`.
    ///
    /// # Panics
    /// Like [`Tape::backward`]; also if `seed` has not the target's size.
    pub fn backward_from(
        &mut self,
        seed: &[T],
        sweep: &Sweep,
        parameters: &Parameters<T>,
        gradients: &mut Parameters<T>,
    ) {
        self.gradients[sweep.target.0].copy_from_slice(seed);
        self.replay(sweep, parameters, gradients, false);
    }

    /// Like [`Tape::backward`], but starts from the gradient that an earlier sweep left at the target, each row of
    /// it times a factor. It continues the earlier sweep for another loss whose gradient at the target differs by
    /// these factors alone.
    ///
    /// # Panics
    /// Like [`Tape::backward`]; also if there is not one factor for each row.
    pub fn backward_on(
        &mut self,
        factors: &[T],
        sweep: &Sweep,
        parameters: &Parameters<T>,
        gradients: &mut Parameters<T>,
    ) {
        let (rows, columns) = self.shape(sweep.target);
        assert_eq!(factors.len(), rows, "a factor for each row");
        parallel::rows(&mut self.gradients[sweep.target.0], columns, |row, dy| {
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
        let Source::Operation(op, vars) = &self.nodes[step.node.0].source else { return };
        let (values, rest) = self.values.split_at(step.node.0);
        let node = &rest[0];
        let stale = node.stale || vars.iter().any(|var| values[var.0].stale);
        assert!(!stale, "a sweep is planned before the forward pass that it differentiates");
        let var = vars[step.argument];
        let (before, rest) = self.gradients.split_at_mut(step.node.0);
        let (into, accumulate) = match values[var.0].parameter {
            Some(id) => (gradients.slice_mut(id), step.accumulate || add),
            None => (&mut before[var.0][..], step.accumulate),
        };
        let at = Evaluated {
            arguments: Arguments { values, parameters, vars },
            value: &node.entries,
            saved: &node.saved,
        };
        let target = Target { values: into, accumulate, skip_zeros: step.skip_zeros };
        op.vjp(step.argument, &at, &rest[0], target);
    }

    /// The gradient of a node after the last sweep through it.
    ///
    /// # Panics
    /// If no sweep passes through the node.
    pub fn gradient(&self, var: Var) -> ArrayView2<'_, T> {
        ArrayView2::from_shape(self.shape(var), &self.gradients[var.0])
            .expect("a sweep passes through the node")
    }

    /// Sets an input to the gradient that the last sweep left at another node of the same shape.
    ///
    /// # Panics
    /// If no sweep passes through `from`, or the shapes differ.
    pub fn set_to_gradient(&mut self, input: Var, from: Var) {
        self.assert_input(input);
        self.values[input.0].entries.copy_from_slice(&self.gradients[from.0]);
    }
}

#[cfg(test)]
mod tests {
    use crate::tape::Tape;
    use crate::{Error, Parameters};

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
