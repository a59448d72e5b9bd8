//! The two kinds of floating-point number the engine runs in.

use std::fmt::{Debug, Display};
use std::iter::Sum;

use ndarray::LinalgScalar;
use num_traits::{Float, NumAssign};

use crate::products::Products;

/// `f32`, in which nets train, or `f64`, in which the same code is proved.
pub trait Real:
    Products + Float + NumAssign + LinalgScalar + Default + Debug + Display + Sum + Send + Sync + 'static
{
    /// The nearest number of this kind.
    fn of(x: f64) -> Self;

    /// This number in double precision.
    fn f64(self) -> f64;
}

impl Real for f32 {
    fn of(x: f64) -> Self {
        x as f32
    }

    fn f64(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    fn of(x: f64) -> Self {
        x
    }

    fn f64(self) -> f64 {
        self
    }
}
