//! Code cut from a source file by the name of an item, so that the book cannot show what is no longer there.
//!
//! The source is formatted by rustfmt: an item ends at the first line that closes it at the item's own indentation.

use crate::embedded::SOURCES;

/// The item `item` of the file `path`, with its documentation: `name`, or `Type::name` for what stands in an `impl` or
/// a trait.
pub(crate) fn excerpt(path: &str, item: &str) -> Option<String> {
    let (_, text) = SOURCES.iter().find(|(name, _)| *name == path)?;
    cut(text, item)
}

fn cut(text: &str, item: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let Some((of, name)) = item.rsplit_once("::") else {
        return find(&lines, item).map(|(start, end)| dedented(&lines[start..end]));
    };
    // Every block of this type: there may be several.
    (0..lines.len()).filter(|n| opens(lines[*n], of)).find_map(|start| {
        let block = &lines[start..end(&lines, start)];
        find(&block[1..], name).map(|(start, end)| dedented(&block[1 + start..1 + end]))
    })
}

/// Whether a line opens the `impl` or the trait of a type.
fn opens(line: &str, of: &str) -> bool {
    let line = line.trim_start();
    let head = line.strip_prefix("pub ").or(line.strip_prefix("pub(crate) ")).unwrap_or(line);
    (head.starts_with("impl") || head.starts_with("trait ") || head.starts_with("macro_rules! "))
        && words(head).any(|word| word == of)
}

/// The lines of an item of this name, from its documentation on.
fn find(lines: &[&str], name: &str) -> Option<(usize, usize)> {
    let at = lines.iter().position(|line| names(line, name))?;
    let above = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("///") || line.starts_with("#[")
    };
    let start = at - lines[..at].iter().rev().take_while(|line| above(line)).count();
    Some((start, end(lines, at)))
}

/// Whether a line defines an item of this name.
fn names(line: &str, name: &str) -> bool {
    const KINDS: [&str; 8] = ["fn", "struct", "enum", "trait", "const", "static", "type", "macro_rules"];
    let line = line.trim_start();
    if line.starts_with("//") {
        return false;
    }
    let mut found =
        words(line).skip_while(|word| ["pub", "crate", "super", "unsafe", "async"].contains(word));
    let Some(kind) = found.next().filter(|kind| KINDS.contains(kind)) else { return false };
    // `const fn` names what follows.
    let next = found.next();
    (if kind == "const" && next == Some("fn") { found.next() } else { next }) == Some(name)
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// One past the last line of the item that starts at `start`.
fn end(lines: &[&str], start: usize) -> usize {
    let depth = indentation(lines[start]);
    let closes = |line: &&str| {
        indentation(line) == depth
            && !line.is_empty()
            && (line.ends_with(['}', ';']) || line.ends_with("};"))
            && !line.trim_start().starts_with("//")
    };
    let length = lines[start..].iter().position(closes).map_or(lines.len() - start, |n| n + 1);
    start + length
}

fn dedented(lines: &[&str]) -> String {
    let depth = lines.iter().filter(|line| !line.is_empty()).map(|line| indentation(line)).min().unwrap_or(0);
    let lines: Vec<&str> = lines.iter().map(|line| line.get(depth..).unwrap_or("")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
/// Twice.
#[inline]
pub fn twice(x: f64) -> f64 {
    2.0 * x
}

const HALF: f64 = 0.5;

pub(crate) struct Line;

impl Shape for Line {
    /// Its length.
    fn length(&self) -> f64 {
        if true {
            1.0
        } else {
            2.0
        }
    }

    const fn ends() -> usize {
        2
    }
}
";

    #[test]
    fn items_are_cut_with_their_documentation() {
        let twice = cut(TEXT, "twice").unwrap();
        assert!(
            twice.starts_with("/// Twice.\n#[inline]\npub fn twice") && twice.ends_with("2.0 * x\n}"),
            "{twice}"
        );
        assert_eq!(cut(TEXT, "HALF").unwrap(), "const HALF: f64 = 0.5;");
        assert_eq!(cut(TEXT, "Line").unwrap(), "pub(crate) struct Line;");
    }

    #[test]
    fn methods_are_found_in_the_block_of_their_type() {
        let length = cut(TEXT, "Line::length").unwrap();
        assert!(length.starts_with("/// Its length.\nfn length") && length.ends_with("    }\n}"), "{length}");
        assert!(cut(TEXT, "Line::ends").unwrap().contains("2"));
        assert_eq!(cut(TEXT, "Line::twice"), None);
        assert_eq!(cut(TEXT, "length_"), None);
    }
}
