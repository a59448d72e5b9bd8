//! The two kinds of floating-point number that kernels compute with.

use std::fmt::{Debug, Display};
use std::iter::Sum;

use ndarray::LinalgScalar;
use num_traits::{Float, NumAssign};

/// `f32` or `f64`, with their arithmetic.
///
/// # Safety
/// All bits zero are the number 0, and the type needs no dropping.
pub unsafe trait Scalar:
    Float + NumAssign + LinalgScalar + Default + Debug + Display + Sum + Send + Sync + 'static
{
    /// The nearest number of this kind.
    fn of(x: f64) -> Self;

    /// This number in double precision.
    fn f64(self) -> f64;

    /// e^x for x ≤ 0, in single precision as [`crate::exp`] has it: the same bits with every system's library.
    fn exp_of_negative(self) -> Self;
}

// SAFETY: so IEEE 754 says; plain numbers need no dropping.
unsafe impl Scalar for f32 {
    fn of(x: f64) -> Self {
        x as f32
    }

    fn f64(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn exp_of_negative(self) -> Self {
        crate::exp::exp_of_negative(self)
    }
}

// SAFETY: as for `f32`.
unsafe impl Scalar for f64 {
    fn of(x: f64) -> Self {
        x
    }

    fn f64(self) -> f64 {
        self
    }

    fn exp_of_negative(self) -> Self {
        self.exp()
    }
}
