//! Layers: their parameters, the distributions of their initial weights, and how they are recorded on a tape.
//!
//! The nets that they make up: chapter 10 of the book, `docs/book/src/10-nets.md`, or `cgan book`.
//!
//! ```
//! use layers::{Error, Hidden, HiddenConfig, Init, Input, Linear, Parameters, Tape};
//!
//! # fn main() -> Result<(), Error> {
//! let mut weights = Parameters::<f32>::new();
//! let maxout = HiddenConfig::Maxout { units: 4, pieces: 3 };
//! let hidden = Hidden::new(&mut weights, "hidden", Input::Vector(2), maxout, Init::HeUniform, 1);
//! let output = Linear::new(&mut weights, "output", Input::Vector(4), 1, Init::HeUniform, 1);
//!
//! let mut tape = Tape::new();
//! let x = tape.input("x", (8, 2)); // 8 examples of 2 numbers
//! let h = hidden.record(&mut tape, &weights, x)?; // (8, 4)
//! let y = output.record(&mut tape, &weights, h)?; // (8, 1)
//! tape.value_mut(x).fill(0.5);
//! tape.forward(&weights, .., 0);
//! assert_eq!(tape.value(y).dim(), (8, 1));
//! # Ok(())
//! # }
//! ```
//!
//! `examples/mlp.rs` trains such a net.
//!
//! | layer | formula | weight |
//! |---|---|---|
//! | [`Linear`] | x Wᵀ + b | (out, in) |
//! | [`Hidden`] of [`HiddenConfig::Relu`] | max(0, x Wᵀ + b) | (units, in) |
//! | [`Hidden`] of [`HiddenConfig::Maxout`] | max_p x W_pᵀ + b_p | (pieces · units, in), piece by piece |
//! | [`Dropout`] | m ∘ x / keep | none |
//!
//! Weights are (out, in), as in PyTorch.

pub mod check;
mod dropout;
mod hidden;
mod init;
mod linear;

pub use autograd::{Error, Parameters, Real, Shape, Stream, Sweep, Tape, Var};
pub use dropout::Dropout;
pub use hidden::{Hidden, HiddenConfig};
pub use init::Init;
pub use linear::{Input, Linear};
pub use ndarray::{Array2, Axis};
