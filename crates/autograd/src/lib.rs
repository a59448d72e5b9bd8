//! Reverse-mode differentiation over [`ndarray`], on a tape that is recorded once and replayed.
//!
//! A net whose graph never changes need not be traced again at every step. So a [`Tape`] is *recorded* once: each call
//! such as [`Tape::linear`] appends a node, checks the shapes and allocates the node's value. A step of training then
//! *replays* it: [`Tape::forward`] evaluates the nodes in the order of recording, and [`Tape::backward`] runs a
//! [`Sweep`] (the nodes between one target and the requested parameters) in the opposite order. Neither allocates.
//!
//! Reverse mode from the chain rule on: chapters 8 and 9 of the book, `docs/book/src/08-reverse-mode.md`, or `cgan book`.
//!
//! ```
//! use autograd::{Parameters, Tape};
//! # fn main() -> Result<(), autograd::Error> {
//! let mut parameters = Parameters::<f64>::new();
//! let w = parameters.push("w", &[1, 2], |values| values.copy_from_slice(&[3.0, -1.0]));
//!
//! let mut tape = Tape::new();
//! let x = tape.input("x", (1, 2));
//! let w = tape.parameter(&parameters, w);
//! let y = tape.linear(x, w, None)?; // y = x wᵀ
//! let sweep = tape.sweep(y, &[w])?;
//!
//! tape.value_mut(x).assign(&ndarray::array![[2.0, 5.0]]);
//! let mut gradient = parameters.zeros_like();
//! tape.forward(&parameters, .., 0);
//! tape.backward(&sweep, &parameters, &mut gradient);
//! assert_eq!(tape.value(y)[[0, 0]], 1.0);
//! assert_eq!(gradient.values(), &[2.0, 5.0]); // dy/dw = x
//! # Ok(())
//! # }
//! ```

mod backward;
pub mod check;
mod error;
mod node;
mod op;
pub mod ops;
mod parameters;
mod random;
mod shape;
mod sweep;
mod tangent;
mod tape;
mod view;

pub use error::Error;
pub use kernels::Real;
pub use op::{Arguments, Evaluated, Op, Record, Target, Var};
pub use parameters::{Entry, Group, ParameterId, Parameters};
pub use random::Stream;
pub use shape::Shape;
pub use sweep::Sweep;
pub use tape::Tape;
pub use view::{NodeKind, NodeView};
