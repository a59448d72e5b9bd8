//! The operations, one per file: formula, derivation, forward, derivative, cases for the gradient checker.
//!
//! To add one, write its file, with a method on [`crate::Tape`] that records it and a function `cases`, and add its
//! name to the list below. `build.rs` gathers the cases of every file in this folder, so a file that is missing from
//! the list, or that has no `cases`, does not compile.

mod add;
mod add_constant;
mod concat;
mod cross_entropy;
mod dropout;
mod embedding;
mod l2_normalize;
mod linear;
mod linear_maxout;
mod maxout;
mod mean;
mod relu;
mod scale;
mod sigmoid;
mod softplus;
mod square;
mod tanh;

// pub fn cases() -> Vec<(&'static str, Vec<Case>)>
include!(concat!(env!("OUT_DIR"), "/cases.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_cases_and_every_case_holds() {
        for (operation, cases) in cases() {
            assert!(!cases.is_empty(), "{operation} has no gradient-check case");
            for case in cases {
                let outcome = case.gradient().unwrap();
                assert!(outcome.error < 1e-6, "{}: {outcome:?}", case.name);
                if let Some(outcome) = case.tangent().unwrap() {
                    assert!(outcome.error < 1e-6, "{}, tangent: {outcome:?}", case.name);
                }
            }
        }
    }
}
