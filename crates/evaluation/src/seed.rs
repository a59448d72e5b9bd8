//! Randomness of evaluations.

/// Seed of all random numbers in evaluations, so that equal weights have equal scores.
pub const SEED: u64 = 1411_1784;
