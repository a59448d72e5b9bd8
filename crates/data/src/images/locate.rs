//! Finds the four files of a set in a folder, under any of the names in use.
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::stored::Stored;
use crate::error::Error;

/// The role of a file in a set, with its usual name and the others in use.
#[derive(Clone, Copy)]
struct Role {
    usual: &'static str,
    others: &'static [&'static str],
}

const TRAIN_IMAGES: Role = Role { usual: "train-images-idx3-ubyte", others: &["train-images.idx3-ubyte"] };
const TRAIN_LABELS: Role =
    Role { usual: "train-labels-idx1-ubyte", others: &["train-labels.idx1-ubyte", "train-labels-idx2-int"] };
const TEST_IMAGES: Role = Role {
    usual: "t10k-images-idx3-ubyte",
    others: &["t10k-images.idx3-ubyte", "test-images-idx3-ubyte", "test-images.idx3-ubyte"],
};
const TEST_LABELS: Role = Role {
    usual: "t10k-labels-idx1-ubyte",
    others: &[
        "t10k-labels.idx1-ubyte",
        "test-labels-idx1-ubyte",
        "test-labels.idx1-ubyte",
        "test-labels-idx2-int",
    ],
};

impl Role {
    /// The part of `name`, which may end in `.gz`, before the name of this role; `None` for another role.
    fn prefix<'a>(&self, name: &'a str) -> Option<&'a str> {
        let stem = stem(name);
        std::iter::once(&self.usual).chain(self.others).find_map(|usual| stem.strip_suffix(usual))
    }
}

/// The files of a set.
#[derive(Debug)]
pub(super) struct Files {
    /// The common prefix of the four names: nothing for MNIST, `emnist-letters-` for that split of EMNIST.
    pub(super) prefix: String,
    pub(super) train_images: Stored,
    pub(super) train_labels: Stored,
    /// Images and labels to test, if there are any.
    pub(super) test: Option<(Stored, Stored)>,
}

/// Finds the files of the set in `dir` that is `chosen` by its name, or of the only one; the names without a prefix come
/// first if there are any.
///
/// # Errors
/// [`Error::Unreadable`] if the folder cannot be listed, [`Error::Ambiguous`] if it has several sets and none is chosen,
/// [`Error::LabelsAlone`] and [`Error::Missing`] if one of the files is not there.
pub(super) fn locate(dir: &Path, chosen: Option<&str>) -> Result<Files, Error> {
    let names = names(dir)?;
    let prefixes = prefixes(&names);
    let is_chosen = |prefix: &&str| Some(bare(prefix)) == chosen;
    if chosen.is_none() && prefixes.len() > 1 && !prefixes.contains("") {
        let found = prefixes.iter().map(|prefix| format!("{prefix}*")).collect();
        return Err(Error::Ambiguous { dir: dir.to_path_buf(), found });
    }
    // Sorted, so the empty prefix is first.
    let prefix = prefixes.iter().find(|prefix| chosen.is_none() || is_chosen(prefix)).copied();
    let prefix = prefix.unwrap_or_default();
    let get = |role: Role| find(dir, &names, prefix, &role);
    let missing = |role: Role| {
        let dir = dir.to_path_buf();
        Error::Missing { dir, wanted: format!("{prefix}{}", role.usual) }
    };
    let images = |images: Role, labels: Role| match get(images)? {
        Some(file) => Ok(file),
        None => Err(match get(labels)? {
            Some(file) => {
                Error::LabelsAlone { labels: file.path, wanted: format!("{prefix}{}", images.usual) }
            }
            None => missing(images),
        }),
    };
    let labels = |role: Role| get(role)?.ok_or_else(|| missing(role));
    let (train_images, train_labels) = (images(TRAIN_IMAGES, TRAIN_LABELS)?, labels(TRAIN_LABELS)?);
    let test = match get(TEST_IMAGES)?.is_none() && get(TEST_LABELS)?.is_none() {
        true => None,
        false => Some((images(TEST_IMAGES, TEST_LABELS)?, labels(TEST_LABELS)?)),
    };
    Ok(Files { train_images, train_labels, test, prefix: prefix.to_owned() })
}

/// The names of the sets of IDX files in a folder, none for one without a prefix.
pub(super) fn sets(dir: &Path) -> Result<Vec<String>, Error> {
    Ok(prefixes(&names(dir)?).into_iter().map(|prefix| bare(prefix).to_owned()).collect())
}

/// What stands before the usual names.
fn prefixes(names: &[String]) -> BTreeSet<&str> {
    let roles = [TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS];
    names.iter().flat_map(|name| roles.iter().filter_map(|role| role.prefix(name))).collect()
}

/// A prefix without what joins it to the usual name.
pub(super) fn bare(prefix: &str) -> &str {
    prefix.trim_end_matches(['-', '_', '.'])
}

/// The file of one role; of a file and its `.gz`, the uncompressed one.
fn find(dir: &Path, names: &[String], prefix: &str, role: &Role) -> Result<Option<Stored>, Error> {
    let found: Vec<&String> = names.iter().filter(|name| role.prefix(name) == Some(prefix)).collect();
    if let [first, others @ ..] = &found[..]
        && others.iter().any(|other| stem(other) != stem(first))
    {
        let found = found.into_iter().cloned().collect();
        return Err(Error::Ambiguous { dir: dir.to_path_buf(), found });
    }
    // Sorted, so a name is before the same name with `.gz`.
    Ok(found.first().map(|name| Stored::on_disk(dir.join(name))))
}

/// The names of the regular files in `dir` that are not hidden, sorted.
fn names(dir: &Path) -> Result<Vec<String>, Error> {
    let fail = |source| Error::Unreadable { path: dir.to_path_buf(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        // No name of a set is outside Unicode. Links are followed.
        if let Ok(name) = entry.file_name().into_string()
            && !name.starts_with('.')
            && entry.path().is_file()
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn stem(name: &str) -> &str {
    name.strip_suffix(".gz").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::test_files::folder;

    const USUAL: [&str; 4] = [TRAIN_IMAGES.usual, TRAIN_LABELS.usual, TEST_IMAGES.usual, TEST_LABELS.usual];

    /// The prefix and the four names found in a folder of empty files.
    fn found(names: &[&str]) -> Result<(String, [String; 4]), Error> {
        let dir = folder(names.iter().map(|&name| (name.to_owned(), Vec::new())));
        let files = locate(dir.path(), None)?;
        let (test_images, test_labels) = files.test.expect("test files");
        let four = [files.train_images, files.train_labels, test_images, test_labels];
        Ok((files.prefix, four.map(|file| file.name())))
    }

    #[test]
    fn finds_every_spelling() {
        for (prefix, test, dot, end) in [
            ("", "t10k", '-', ""),
            ("", "t10k", '-', ".gz"),
            ("", "t10k", '.', ""),
            ("", "test", '.', ".gz"),
            ("emnist-letters-", "test", '-', ".gz"),
            ("k49-", "t10k", '-', ""),
        ] {
            let name = |split, kind, rank| format!("{prefix}{split}-{kind}{dot}idx{rank}-ubyte{end}");
            let names =
                [("train", "images", 3), ("train", "labels", 1), (test, "images", 3), (test, "labels", 1)]
                    .map(|(split, kind, rank)| name(split, kind, rank));
            let (found_prefix, found) = found(&names.each_ref().map(|name| &name[..])).unwrap();
            assert_eq!((&*found_prefix, &found), (prefix, &names));
        }
    }

    #[test]
    fn prefers_what_need_not_be_inflated_and_what_has_no_prefix() {
        let mut names = USUAL.to_vec();
        names.extend([
            "t10k-images-idx3-ubyte.gz",
            "k-test-images-idx3-ubyte",
            ".x-train-images-idx3-ubyte",
            "x",
        ]);
        assert_eq!(found(&names).unwrap(), (String::new(), USUAL.map(str::to_owned)));
    }

    #[test]
    fn several_sets_are_ambiguous() {
        let error =
            found(&["b-train-images-idx3-ubyte", "a-test-labels-idx1-ubyte.gz"]).unwrap_err().to_string();
        assert!(
            error.ends_with(": more than one set in the folder (a-*, b-*): choose one, as --data DIR/NAME"),
            "{error}"
        );
        let mut names = USUAL.to_vec();
        names.push("train-images.idx3-ubyte.gz");
        assert!(matches!(found(&names), Err(Error::Ambiguous { found, .. }) if found.len() == 2));
    }

    #[test]
    fn one_of_several_is_chosen_by_its_name_and_test_files_may_be_missing() {
        let names =
            ["a", "b"].map(|set| [TRAIN_IMAGES, TRAIN_LABELS].map(|role| format!("{set}-{}", role.usual)));
        let dir = folder(names.into_iter().flatten().map(|name| (name, Vec::new())));
        let files = locate(dir.path(), Some("b")).unwrap();
        assert!(files.prefix == "b-" && files.train_images.name().starts_with("b-") && files.test.is_none());
        assert_eq!(sets(dir.path()).unwrap(), ["a", "b"]);
    }

    #[test]
    fn says_which_file_is_missing() {
        for (gone, name) in USUAL.iter().enumerate() {
            let rest: Vec<&str> = USUAL.into_iter().filter(|other| other != name).collect();
            match found(&rest).unwrap_err() {
                Error::LabelsAlone { labels, wanted } => {
                    assert!(gone % 2 == 0 && wanted == *name && labels.ends_with(USUAL[gone + 1]));
                }
                Error::Missing { wanted, .. } => assert!(gone % 2 == 1 && wanted == *name),
                other => panic!("{other}"),
            }
        }
        assert!(matches!(found(&[]), Err(Error::Missing { wanted, .. }) if wanted == USUAL[0]));
        let error = locate(Path::new("no/such/folder"), None).unwrap_err().to_string();
        assert!(error.starts_with("no/such/folder: cannot be read: "), "{error}");
    }
}
