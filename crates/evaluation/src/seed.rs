//! Randomness of evaluations.

/// Seed of whatever is drawn while evaluating, so that equal weights have equal scores.
pub const SEED: u64 = 1411_1784;
