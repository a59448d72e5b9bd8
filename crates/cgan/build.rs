//! Gathers the kinds of objectives, penalties, augmentations and optimisers: one entry for each file of their folders.
//!
//! The files are declared by plain `mod` lines, which `cargo fmt` and editors follow. From the names of the files this
//! program writes the calls of the macros that make their settings and their dispatch: `non_saturating.rs` holds the
//! type `NonSaturating`. A file without its `mod` line does not compile.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    for list in ["objectives", "penalties", "augmentations", "optimizers"] {
        let folder = Path::new("src").join(list);
        println!("cargo::rerun-if-changed={}", folder.display());
        let files = fs::read_dir(&folder).expect("the folder is readable");
        let names = files.map(|file| file.expect("the folder is readable").file_name());
        let mut modules: Vec<String> = names
            .filter_map(|name| Some(name.to_str()?.strip_suffix(".rs")?.to_owned()))
            .filter(|name| name != "mod")
            .collect();
        modules.sort();

        let mut code = format!("{list}! {{\n");
        for module in modules {
            writeln!(code, "    {module}: {},", camel_case(&module)).expect("a string can always grow");
        }
        code.push_str("}\n");
        let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
        fs::write(Path::new(&out).join(format!("{list}.rs")), code).expect("OUT_DIR is writable");
    }
}

fn camel_case(name: &str) -> String {
    let upper = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('_').map(upper).collect()
}
