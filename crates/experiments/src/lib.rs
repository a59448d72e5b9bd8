//! The experiments of the paper, and the command line `cgan` that runs them.

pub mod cache;
pub mod cli;
pub mod commands;
pub mod config;
mod digits;
pub mod failure;
mod other_data;
mod registry;
pub mod run;
mod signals;
mod tagging;
pub mod terminal;
mod word_training;
