//! Drawings of a tape: Graphviz DOT for other tools, and an SVG that needs no other program.
//!
//! Both run from top to bottom, in the direction of evaluation. An operation often has several parameters, so
//! parameters are drawn small, beside the operation that uses them. A parameter that several operations share
//! is one node of the DOT; in the SVG it stands beside each of them, dashed from the second time on.
//!
//! ```
//! use autograd::{Parameters, Tape};
//! use figures::graph;
//! # fn main() -> Result<(), autograd::Error> {
//! let mut parameters = Parameters::<f32>::new();
//! let w = parameters.push("layer.weight", &[1, 2], |_| ());
//! let mut tape = Tape::new();
//! let x = tape.input("x", (100, 2));
//! let w = tape.parameter(&parameters, w);
//! let y = tape.linear(x, w, None)?;
//!
//! let svg = graph::svg(&tape, &[(y, "score")]);
//! assert!(svg.contains("score") && svg.contains("100 × 2"));
//! assert!(graph::dot(&tape, &[]).contains("n0 -> n2"));
//! # Ok(())
//! # }
//! ```

mod layout;
mod node;
mod order;
mod place;
mod rows;
mod text;
mod write_dot;
mod write_svg;

use autograd::{Real, Tape, Var};

/// The tape as a graph for Graphviz; `marks` give nodes readable names.
///
/// # Panics
/// If a mark is not on a node of this tape.
pub fn dot<T: Real>(tape: &Tape<T>, marks: &[(Var, &str)]) -> String {
    write_dot::write(&node::nodes_of(tape, marks))
}

/// The tape as an SVG; `marks` give nodes readable names.
///
/// # Panics
/// If a mark is not on a node of this tape.
pub fn svg<T: Real>(tape: &Tape<T>, marks: &[(Var, &str)]) -> String {
    write_svg::write(&node::nodes_of(tape, marks))
}
