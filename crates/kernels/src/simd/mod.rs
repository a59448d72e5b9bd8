//! SIMD vectors, one type for each instruction set. Kernels are written once over the traits [`Lanes`] and
//! [`IntegerLanes`].

mod lanes;
mod plain;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use lanes::{IntegerLanes, Lanes, Row, prefetch, sums};
pub(crate) use plain::Plain;
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{V4, V8, V16};
