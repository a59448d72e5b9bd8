//! The experiments of the paper, and the command line that runs them.
pub mod data;
pub mod report;
