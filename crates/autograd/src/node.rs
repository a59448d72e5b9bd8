//! A node of a tape as it was recorded.

use std::sync::Arc;

use crate::op::{Op, Var};
use crate::{ParameterId, Real};

/// Where the value of a node comes from.
pub(crate) enum Source<T> {
    Input(&'static str),
    Parameter(ParameterId, String),
    Operation(Arc<dyn Op<T>>, Vec<Var>),
}

pub(crate) struct Node<T> {
    pub(crate) source: Source<T>,
    /// Whether no gradient passes through the node where its value is 0.
    pub(crate) gated: bool,
}

impl<T: Real> Node<T> {
    /// The nodes that this one is computed from.
    pub(crate) fn arguments(&self) -> &[Var] {
        match &self.source {
            Source::Operation(_, vars) => vars,
            Source::Input(_) | Source::Parameter(..) => &[],
        }
    }

    /// Those of them to which a gradient can flow, each with its position among the arguments.
    pub(crate) fn differentiable_arguments(&self) -> impl Iterator<Item = (usize, Var)> {
        let differentiable = |argument: usize| match &self.source {
            Source::Operation(op, _) => op.differentiable(argument),
            Source::Input(_) | Source::Parameter(..) => false,
        };
        self.arguments().iter().copied().enumerate().filter(move |(argument, _)| differentiable(*argument))
    }
}
