//! The shape of a value, and what operations often require of shapes.

/// (rows, columns). Every value is a matrix: a batch has one example per row, a loss is (1, 1).
pub type Shape = (usize, usize);

/// The shape that all arguments share.
///
/// # Errors
/// If they differ, or there are none.
pub(crate) fn same(arguments: &[Shape]) -> Result<Shape, String> {
    match arguments {
        [first, rest @ ..] if rest.iter().all(|shape| shape == first) => Ok(*first),
        _ => Err("shapes must agree".to_owned()),
    }
}
