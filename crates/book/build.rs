//! Embeds the chapters of docs/book, their pictures, and every source file that a chapter links to.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo")).join("../..");
    let root = root.canonicalize().expect("the workspace");
    let folder = root.join("docs/book/src");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut chapters = String::new();
    let mut sources = BTreeSet::new();
    for path in files(&folder, "md") {
        let text = fs::read_to_string(&path).expect("a chapter");
        // As written in a link: `](../../../crates/..)`.
        sources.extend(text.split("](../../../").skip(1).filter_map(|rest| {
            let end = rest.find([')', '#'])?;
            rest[..end].ends_with(".rs").then(|| rest[..end].to_owned())
        }));
        entry(&mut chapters, &name(&path), &path, "include_str");
    }
    let mut images = String::new();
    for path in files(&folder.join("images"), "svg").into_iter().chain(files(&folder.join("images"), "png")) {
        entry(&mut images, &format!("images/{}", name(&path)), &path, "include_bytes");
    }
    let mut code = String::new();
    for source in sources {
        let path = root.join(&source);
        assert!(path.is_file(), "docs/book links to {source}, which does not exist");
        println!("cargo::rerun-if-changed={}", path.display());
        entry(&mut code, &source, &path, "include_str");
    }
    let text = format!(
        "pub(crate) const CHAPTERS: &[(&str, &str)] = &[{chapters}];\n\
         pub(crate) const IMAGES: &[(&str, &[u8])] = &[{images}];\n\
         pub(crate) const SOURCES: &[(&str, &str)] = &[{code}];\n"
    );
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    fs::write(out.join("embedded.rs"), text).expect("the build folder");
}

/// The files of a folder with this ending, by name; none if there is no such folder.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("a folder").path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == ending)).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().expect("a file").to_string_lossy().into_owned()
}

fn entry(to: &mut String, name: &str, path: &Path, how: &str) {
    writeln!(to, "({name:?}, {how}!({:?})),", path.display().to_string()).expect("memory");
}
