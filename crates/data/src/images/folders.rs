//! Pictures in a folder for each class, as torchvision's `ImageFolder` reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::grey::grey;
use super::idx::{LIMIT, Pictures};
use super::set::{Half, Parts};
use crate::error::Error;

/// Endings of the pictures that are read, in lower case.
pub(super) const READ: [&str; 4] = ["png", "jpg", "jpeg", "jfif"];

/// Names of the folders of a split, in lower case; of several, the first is used.
const TRAIN: [&str; 2] = ["train", "training"];
const VALIDATION: [&str; 4] = ["val", "valid", "validation", "dev"];
const TEST: [&str; 2] = ["test", "testing"];

/// Files that file managers leave everywhere.
const LEFT_BY_OTHERS: [&str; 2] = ["thumbs.db", "desktop.ini"];

/// The folders of a set, with the names of its classes.
#[derive(Debug)]
pub(super) struct ClassFolders {
    train: PathBuf,
    validation: Option<PathBuf>,
    test: Option<PathBuf>,
    /// Sorted: numbers by their value.
    classes: Vec<String>,
    /// Lines about what is not used.
    notes: Vec<String>,
}

impl ClassFolders {
    /// The folders in `dir`, if there are any: a folder of pictures for each class, in `dir` itself or in `train`, `val` and
    /// `test`.
    ///
    /// # Errors
    /// If pictures are where folders of classes are expected, or a folder's name is not UTF-8.
    pub(super) fn find(dir: &Path) -> Result<Option<Self>, Error> {
        let inner = folders_in(dir);
        let named = |names: &[&str]| -> Vec<PathBuf> {
            let of = |name: &str| {
                inner
                    .iter()
                    .filter(move |path| name_of(path).eq_ignore_ascii_case(name))
                    .cloned()
                    .collect::<Vec<_>>()
            };
            names.iter().flat_map(|name| of(name)).collect()
        };
        let mut notes = Vec::new();
        let mut split =
            |names: &[&str]| -> Result<Option<PathBuf>, Error> {
                let mut found = Vec::new();
                for path in named(names) {
                    if !classes_of(&path)?.is_empty() {
                        found.push(path);
                    }
                }
                notes.extend(found.iter().skip(1).map(|path| {
                    format!("the folder {} is not used: {} is", name_of(path), name_of(&found[0]))
                }));
                Ok(found.into_iter().next())
            };
        let (train, mut validation, mut test) = match split(&TRAIN)? {
            Some(train) => (train, split(&VALIDATION)?, split(&TEST)?),
            None => (dir.to_owned(), None, None),
        };
        if train == dir {
            let all: Vec<&str> = [&TRAIN[..], &VALIDATION, &TEST].concat();
            let flat = named(&all).into_iter().find(|path| has_pictures(path));
            if let Some(flat) = flat {
                return Err(Error::file(
                    &flat,
                    "pictures without a folder for each class: put those of each class into a folder of its name here",
                ));
            }
        }
        if let (Some(folder), None) = (&validation, &test) {
            notes.push(format!("no folder test: the pictures in {} are the test images", name_of(folder)));
            test = validation.take();
        }
        let mut names = BTreeSet::new();
        for split in [Some(&train), validation.as_ref(), test.as_ref()].into_iter().flatten() {
            names.extend(classes_of(split)?);
        }
        for split in [Some(&train), validation.as_ref(), test.as_ref()].into_iter().flatten() {
            let empty = folders_in(split).into_iter().filter(|path| !has_pictures(path));
            notes.extend(empty.map(|path| {
                let path = path.strip_prefix(dir).unwrap_or(&path).display().to_string();
                format!("no picture directly in the folder {path}: it is passed over")
            }));
        }
        let mut classes: Vec<String> = names.into_iter().collect();
        classes.sort_by_key(|name| (name.parse::<u8>().ok(), name.clone()));
        Ok((!classes.is_empty()).then_some(Self { train, validation, test, classes, notes }))
    }

    /// Whether the names of the classes are their numbers.
    fn are_numbers(&self) -> bool {
        self.classes.iter().all(|name| name.parse::<u8>().is_ok())
    }

    /// The number of a class.
    fn number(&self, place: usize) -> Option<u8> {
        if self.are_numbers() { self.classes[place].parse().ok() } else { u8::try_from(place).ok() }
    }

    pub(super) fn read(self) -> Result<Parts, Error> {
        let mut others = BTreeMap::new();
        let train = self.half(&self.train, &mut others)?;
        let mut half =
            |dir: &Option<PathBuf>| dir.as_deref().map(|dir| self.half(dir, &mut others)).transpose();
        let (validation, test) = (half(&self.validation)?, half(&self.test)?);
        let mut notes = self.notes.clone();
        if !others.is_empty() {
            let counts: Vec<String> =
                others.iter().map(|(ending, count)| format!("{count} {ending}")).collect();
            notes.push(format!("passed over for their ending: {}", counts.join(", ")));
        }
        if !self.are_numbers() {
            let named = |(number, name): (usize, &String)| format!("{number} is {name}");
            let names: Vec<String> = self.classes.iter().enumerate().map(named).collect();
            notes.push(format!("classes by name: {}", names.join(", ")));
        }
        Ok(Parts { train, validation, test, notes })
    }

    /// The pictures of a split; files with other endings are counted in `others`.
    fn half(&self, dir: &Path, others: &mut BTreeMap<String, usize>) -> Result<Half, Error> {
        let mut images = Pictures { count: 0, height: 0, width: 0, pixels: Vec::new() };
        let mut labels = Vec::new();
        for (place, class) in self.classes.iter().enumerate() {
            let folder = dir.join(class);
            if !folder.is_dir() {
                continue;
            }
            let label = self.number(place).ok_or_else(|| Error::file(dir, "more than 256 classes"))?;
            let found = files::folder::files_under(&folder);
            for path in &found.map_err(|(path, source)| Error::Unreadable { path, source })? {
                if !is_picture(path) {
                    if !LEFT_BY_OTHERS.contains(&&*name_of(path).to_lowercase()) {
                        *others.entry(files::folder::ending(path)).or_default() += 1;
                    }
                    continue;
                }
                let (height, width, pixels) = grey(path).map_err(|why| Error::file(path, why))?;
                if images.count == 0 {
                    (images.height, images.width) = (height, width);
                }
                if (images.height, images.width) != (height, width) {
                    let why = format!(
                        "{height}x{width} pixels, where the pictures before have {}x{} (height x width): all of a set have \
                         one size; for example by ImageMagick: mogrify -resize {}x{}! FOLDER/*",
                        images.height, images.width, images.width, images.height
                    );
                    return Err(Error::file(path, why));
                }
                images.pixels.extend(pixels);
                images.count += 1;
                labels.push(label);
                if images.pixels.len() as u64 > LIMIT {
                    return Err(Error::file(dir, format!("more than {LIMIT} pixels, the most that is read")));
                }
            }
        }
        if images.count == 0 {
            return Err(Error::file(dir, "no pictures"));
        }
        Ok(Half { images, labels, images_path: dir.to_owned(), labels_path: dir.to_owned() })
    }
}

/// Whether a file that is not hidden has the ending of a picture that is read.
fn is_picture(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    !name_of(path).starts_with('.') && READ.iter().any(|read| ending.eq_ignore_ascii_case(read))
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The folders in `dir` that are not hidden, sorted.
pub(super) fn folders_in(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders: Vec<PathBuf> =
        entries.filter(|path| path.is_dir() && !name_of(path).starts_with('.')).collect();
    folders.sort();
    folders
}

/// Whether there are pictures directly in `dir`.
fn has_pictures(dir: &Path) -> bool {
    let mut files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    files.any(|file| is_picture(&file.path()))
}

/// The names of the folders in `dir` that have pictures.
fn classes_of(dir: &Path) -> Result<Vec<String>, Error> {
    let with_pictures = folders_in(dir).into_iter().filter(|path| has_pictures(path));
    let name = |path: PathBuf| match path.file_name().and_then(|name| name.to_str()) {
        Some(name) => Ok(name.to_owned()),
        None => Err(Error::file(&path, "the name of this folder is not UTF-8: rename it")),
    };
    with_pictures.map(name).collect()
}
