//! Settings that are defined once.
//!
//! A setting is a field of a struct that derives [`serde::Serialize`], [`serde::Deserialize`] and
//! [`schemars::JsonSchema`]. The field holds everything about it:
//!
//! | what | where |
//! |---|---|
//! | name, type | the field |
//! | help text | its doc comment |
//! | default | `#[serde(default)]`; `Option` for what may be absent |
//! | range | `#[schemars(range(min = .., max = ..))]`, `#[schemars(extend("exclusiveMaximum" = 1.0))]` |
//! | the paper's value | `#[schemars(extend("paper" = "0.5"))]`; `"open"` where the paper leaves it open |
//! | its unit, if it grows with others ([`scale`]) | `#[schemars(extend("unit" = "epochs"))]` |
//!
//! From the JSON Schema of that struct this crate derives the checks ([`check`]), the merging of partial tables
//! ([`overlay`]), the help ([`lines`]) and a schema for editors ([`document`]). An enum whose variants hold
//! structs is a choice of *kinds*: `[optimizer.adam]` selects the kind `adam` and gives its settings.
//!
//! ```
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! /// How to descend.
//! #[derive(Serialize, Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Descent {
//!     /// Learning rate.
//!     #[schemars(extend("exclusiveMinimum" = 0.0))]
//!     rate: f64,
//! }
//!
//! assert!(settings::check(&Descent { rate: 0.1 }).is_ok());
//! let problem = settings::check(&Descent { rate: 0.0 }).unwrap_err();
//! assert_eq!(problem.to_string(), "rate: 0 is not above 0");
//! ```

mod check;
mod document;
mod help;
mod merge;
mod problem;
mod scale;
mod schema;
mod words;

pub use check::{NOT_GIVEN, check, check_table};
pub use document::document;
pub use help::{Line, lines};
pub use merge::{assignment, overlay, parse, read};
pub use problem::Problem;
pub use scale::scale;
pub use schema::{Bound, Field, Kind, Node, node_of};
pub use words::nearest;
