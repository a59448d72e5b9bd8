//! A short run of every loader; `cargo run --release -p fuzz --example fuzz` makes long ones.

use fuzz::{TARGETS, run};

/// Cases of each loader.
const CASES: u64 = 100;

#[test]
fn good_files_are_read_and_damaged_ones_do_no_harm() {
    for target in TARGETS {
        let folder = tempfile::tempdir().unwrap();
        (target.make)(folder.path());
        let read = (target.read)(folder.path());
        assert!(read.is_ok(), "{}: {read:?}", target.name);
        for case in 0..CASES {
            let folder = tempfile::tempdir().unwrap();
            let fault = run(target, 1, case, folder.path());
            assert_eq!(fault, None);
        }
    }
}
