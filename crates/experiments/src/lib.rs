//! The experiments of the paper, and the command line `cgan` that runs them.

pub mod cache;
pub mod cli;
pub mod commands;
pub mod config;
pub mod failure;
pub mod language;
pub mod run;
pub mod tags;
pub mod terminal;
