//! Faults of the book itself.

/// One clear line each.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// A chapter has a formula that cannot be typeset.
    #[error("docs/book/src/{chapter}: the formula {latex}: {why}")]
    Formula {
        /// Its file.
        chapter: String,
        /// The formula.
        latex: String,
        /// What the parser said.
        why: String,
    },
    /// A chapter names code that is not there.
    #[error("docs/book/src/{chapter}: there is no {item} in {path}")]
    Item {
        /// Its file.
        chapter: String,
        /// The source file, from the repository's root.
        path: String,
        /// The item.
        item: String,
    },
    /// A numbered formula has no line with code and check.
    #[error("docs/book/src/{chapter}: formula ({number}) has no line `code: .. · check: ..`")]
    Unchecked {
        /// Its file.
        chapter: String,
        /// The formula's number.
        number: String,
    },
    /// A chapter links to what is not there.
    #[error("docs/book/src/{chapter}: the link to {target} leads nowhere")]
    Link {
        /// Its file.
        chapter: String,
        /// The address.
        target: String,
    },
    /// A chapter has a section that the page was not given.
    #[error("docs/book/src/{chapter}: there is no section {section} for the picture that names it")]
    Section {
        /// Its file.
        chapter: String,
        /// The section's id.
        section: String,
    },
}
