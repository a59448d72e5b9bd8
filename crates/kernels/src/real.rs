//! The kind of number that a net computes with.

use crate::maxout::MaxoutProducts;
use crate::products::Products;
use crate::scalar::Scalar;

/// `f32`, in which nets train, or `f64`, in which the same code is checked: numbers with all products that a net
/// needs.
pub trait Real: Scalar + Products + MaxoutProducts {}

impl<T: Scalar + Products + MaxoutProducts> Real for T {}
