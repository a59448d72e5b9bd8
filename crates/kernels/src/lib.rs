//! Numeric kernels and the thread team that shares their work: slices in, slices out.
//!
//! This is the only crate of the workspace with `unsafe` code; each block says why it is sound. No other crate knows
//! how a product is tiled, which vector registers a processor has, or how work is split among threads.
//!
//! Each kernel is tested against a naive loop of a few lines. Work is split into parts of fixed sizes, never by the
//! number of threads, and sums run in index order, so the bits of a result do not depend on the number of threads.
//!
//! From naive loops to these kernels: appendix A of the book, `docs/book/src/14-kernels.md`, or `cgan book`.
//!
//! ```
//! use kernels::Products;
//! use ndarray::array;
//!
//! let (x, w) = (array![[1.0f32, 2.0]], array![[3.0, 4.0], [5.0, 6.0]]);
//! let mut y = [0.0; 2]; // (1, 2)
//! f32::times_transposed(x.view(), w.view(), &mut y, false); // y = x wᵀ
//! assert_eq!(y, [11.0, 17.0]);
//! ```
#![allow(unsafe_code)]

mod buffer;
pub mod distances;
pub mod elementwise;
pub mod exp;
#[cfg(test)]
mod fenced;
mod gemm;
mod isa;
pub mod masks;
pub mod maxout;
mod operand;
pub mod parallel;
mod products;
mod rates;
mod real;
mod scalar;
mod sddmm;
mod simd;
mod spmm;
pub mod stages;
mod team;
#[cfg(test)]
mod test_support;
pub mod word_vectors;

pub use buffer::Buffer;
pub use isa::Isa;
pub use operand::Operand;
pub use products::Products;
pub use rates::{peak_rate, read_rate};
pub use real::Real;
pub use scalar::Scalar;
