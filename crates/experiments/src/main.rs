//! The command line `cgan`.
fn main() {}
