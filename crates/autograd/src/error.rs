//! The errors of recording. Replay cannot fail: everything is checked while a tape is recorded.

use crate::shape::Shape;

/// An error found while a tape is recorded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operation does not take arguments of these shapes.
    #[error("{operation}: {reason}, but the arguments have shapes {shapes:?}")]
    Shape {
        /// Name of the operation.
        operation: &'static str,
        /// What it requires.
        reason: String,
        /// What it was given, as (rows, columns).
        shapes: Vec<Shape>,
    },
    /// A setting of the operation is outside its range.
    #[error("{operation}: {reason}")]
    Setting {
        /// Name of the operation.
        operation: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A directional derivative was requested through an operation without a tangent rule.
    #[error("{operation} has no tangent rule")]
    NoTangent {
        /// Name of the operation.
        operation: &'static str,
    },
    /// The target of a sweep or a tangent does not depend on any of the requested variables.
    #[error("{what}: the target does not depend on any of the requested variables")]
    Independent {
        /// What was requested.
        what: &'static str,
    },
}
