//! Gathers the gradient-check cases of all operations: one entry for each file of `src/ops`.
//!
//! The operations are declared by plain `mod` lines in `src/ops/mod.rs`, which `cargo fmt` and editors follow. A macro
//! could declare them and gather their cases at once, but then `cargo fmt` would not see their files.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    let folder = Path::new("src/ops");
    println!("cargo::rerun-if-changed={}", folder.display());
    let files = fs::read_dir(folder).expect("src/ops is readable");
    let names = files.map(|file| file.expect("src/ops is readable").file_name());
    let mut operations: Vec<String> = names
        .filter_map(|name| Some(name.to_str()?.strip_suffix(".rs")?.to_owned()))
        .filter(|name| name != "mod")
        .collect();
    operations.sort();

    let mut code = String::from(
        "/// The gradient-check cases of every operation, by the operation's name.\n\
         pub fn cases() -> Vec<(&'static str, Vec<crate::check::Case>)> {\n    vec![\n",
    );
    for name in operations {
        writeln!(code, "        ({name:?}, {name}::cases()),").expect("a string can always grow");
    }
    code.push_str("    ]\n}\n");
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("cases.rs"), code).expect("OUT_DIR is writable");
}
