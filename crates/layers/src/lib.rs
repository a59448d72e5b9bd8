//! Layers: which parameters they hold, how these start, and how they are recorded on a tape.
//!
//! | layer | formula | weight |
//! |---|---|---|
//! | [`Linear`] | x Wᵀ + b | (out, in) |
//! | [`Hidden`] of [`HiddenConfig::Relu`] | max(0, x Wᵀ + b) | (units, in) |
//! | [`Hidden`] of [`HiddenConfig::Maxout`] | max_p x W_pᵀ + b_p | (pieces · units, in), piece by piece |
//! | [`Dropout`] | m ∘ x / keep | none |
//! | [`Translate`] | x translated by whole pixels | none |
//!
//! Weights are (out, in), as in PyTorch.

pub mod check;
mod dropout;
mod hidden;
mod init;
mod linear;
mod translate;

pub use dropout::Dropout;
pub use hidden::{Hidden, HiddenConfig};
pub use init::Init;
pub use linear::{Input, Linear};
pub use translate::Translate;
