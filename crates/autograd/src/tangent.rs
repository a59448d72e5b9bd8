//! Directional derivatives, recorded on the tape by the tangent rule of each operation.

use crate::node::Source;
use crate::op::Var;
use crate::tape::Tape;
use crate::{Error, Real};

impl<T: Real> Tape<T> {
    /// Records the directional derivative of `y` with respect to `x` along `direction` (of `x`'s shape), by the
    /// tangent rule of each operation between them. The result is a node like any other and can be differentiated in
    /// turn, so a gradient penalty needs first-order rules only (docs/DESIGN.md).
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
            let Source::Operation(op, vars) = &self.nodes[index].source else { continue };
            let (op, vars) = (op.clone(), vars.clone());
            let of_arguments: Vec<Option<Var>> = vars.iter().map(|var| tangents[var.0]).collect();
            if of_arguments.iter().any(Option::is_some) && self.reaches(Var(index), y) {
                let tangent = op.tangent(self, Var(index), &vars, &of_arguments);
                // A rule may read what the operation saves, such as the winners of a maxout.
                self.reserve_saved(Var(index));
                tangents[index] = tangent?;
            }
        }
        tangents[y.0].ok_or(Error::Independent { what: "tangent" })
    }

    /// Whether `to` depends on `from`.
    fn reaches(&self, from: Var, to: Var) -> bool {
        let mut reached = vec![false; to.0 + 1];
        reached[from.0] = true;
        for index in from.0 + 1..=to.0 {
            reached[index] = self.nodes[index].arguments().iter().any(|var| reached[var.0]);
        }
        reached[to.0]
    }
}
