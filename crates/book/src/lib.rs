//! The book of `docs/book` as one HTML page that needs no network and no script.
//!
//! Formulas become MathML. Under a numbered formula stand the code that is this formula, cut from the source by the
//! item's name, and the command that checks it:
//!
//! ```text
//! $$ D^* = \frac{p}{p + q} \tag{2.1} $$
//!
//! code: [crates/cgan/src/objective.rs::cross_entropy](../../../crates/cgan/src/objective.rs) · check: `cgan lab NAME`
//! ```
//!
//! Chapters, pictures and the linked source files are embedded when this crate is built.

mod chapters;
mod commands;
mod error;
mod excerpt;
mod math;
mod page;
mod render;

/// What `build.rs` embeds.
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

pub use commands::commands;
pub use error::Error;
pub use page::page;

/// The programs of the book, which are compiled and run as tests.
#[cfg(doctest)]
mod programs {
    #[doc = include_str!("../../../docs/book/src/02-the-best-discriminator.md")]
    struct TheBestDiscriminator;
    #[doc = include_str!("../../../docs/book/src/08-reverse-mode.md")]
    struct ReverseMode;
    #[doc = include_str!("../../../docs/book/src/14-kernels.md")]
    struct Kernels;
}
