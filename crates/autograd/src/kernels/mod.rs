//! Where the numbers are crunched: plain slices in, plain slices out.
//!
//! Nothing above this room knows how a product is tiled or how work is shared out. Each kernel is tested
//! against a naive twin of a few lines. Every kernel splits its work by fixed sizes, never by the number of
//! threads, and sums in index order: the bits of a result do not depend on who computed it.
//!
//! The only room with `unsafe` in it: each block says why it is sound.
#![allow(unsafe_code)]

mod buffer;
mod crew;
mod dense;
pub mod distances;
pub mod elementwise;
pub mod exp;
#[cfg(test)]
mod fenced;
mod lanes;
pub mod masks;
mod pack;
pub mod parallel;
mod peak;
pub mod pieces;
pub mod products;
pub mod rounded;
mod sampled;
mod sparse;
pub mod window;

pub use buffer::Buffer;
pub use lanes::Isa;
pub use peak::peak;
