//! Where the numbers are crunched: plain slices in, plain slices out.
//!
//! Nothing above this room knows how a product is tiled or how work is shared out. Each kernel is tested
//! against a naive twin of a few lines. Every kernel splits its work by fixed sizes, never by the number of
//! threads, and sums in index order: the bits of a result do not depend on who computed it.

pub mod elementwise;
pub mod gemm;
pub mod parallel;
