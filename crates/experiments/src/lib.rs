//! The experiments of the paper, and the command line `cgan` that runs them.

pub mod cli;
pub mod commands;
pub mod config;
pub mod data;
pub mod evaluate;
pub mod failure;
pub mod features;
pub mod language;
pub mod run;
pub mod tags;
pub mod terminal;
