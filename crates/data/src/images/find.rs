//! Finds the set that a path names: IDX files in a folder or below it, one of several in a folder by its name, a `.npz`, a
//! CSV, or pictures by class.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::arrays;
use super::checksums::Checksums;
use super::folders::{ClassFolders, folders_in};
use super::locate::{bare, locate, sets};
use super::set::{ImageSet, Parts, Source, folder_name};
use super::{SAVED, table};
use crate::error::Error;

/// Folders within folders that are searched for IDX files.
const DEPTH: usize = 3;

/// Folders within one that are searched: a folder of a thousand classes is not.
const MOST_FOLDERS: usize = 64;

/// What is read, for messages.
const READ: &str = "IDX files (train-images-idx3-ubyte, train-labels-idx1-ubyte), a .npz with x_train and y_train, a CSV with \
                    label and pixels, or a folder of PNG or JPEG pictures for each class";

/// Reads the set in `path`, whatever it is: see [`load`](super::load). IDX files are checked if there is a `SHA256SUMS`.
///
/// Classes run from the smallest to the greatest label of both files of labels.
///
/// # Errors
/// Whatever [`Error`] lists; nothing of a faulty set is used.
pub fn open(path: &Path) -> Result<ImageSet, Error> {
    if path.is_file() {
        return of_file(path);
    }
    if !path.is_dir() {
        return named(path);
    }
    let source = || Source::Folder(path.to_path_buf());
    if !sets(path)?.is_empty() {
        return of_idx(path, None, source());
    }
    let below = below(path);
    let list = |paths: &[PathBuf]| {
        paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    };
    if below.found.len() > 1 {
        let names = list(&below.found);
        return Err(Error::file(path, format!("sets in several folders: choose one of {names}")));
    }
    if let [only] = &below.found[..] {
        let mut set = of_idx(only, None, source())?;
        set.notes.extend(below.told().map(|told| format!("{}: {told}", set.name)));
        return Ok(set);
    }
    let files = files_of(path)?;
    let ending = |wanted: &str| -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> =
            files.iter().filter(|file| plain_name(file).ends_with(wanted)).cloned().collect();
        // Of a file and its `.gz`, the first.
        found.dedup_by_key(|file| plain_name(file));
        found
    };
    let several = |kind: &str, paths: &[PathBuf]| {
        Error::file(path, format!("several {kind} in the folder: choose one of {}", list(paths)))
    };
    match &ending(".npz")[..] {
        [] => {}
        [only] => return of_file(only),
        all => return Err(several("files .npz", all)),
    }
    let trains = ending("train.csv");
    let chosen = trains.iter().find(|file| plain_name(file) == "train.csv");
    if let Some(train) = chosen.or(trains.first()) {
        if chosen.is_none() && trains.len() > 1 {
            return Err(several("tables to train", &trains));
        }
        let test = plain_name(train).replace("train.csv", "test.csv");
        let test = files.iter().find(|file| plain_name(file) == test);
        return of_tables(train, test.map(PathBuf::as_path), folder_name(path), source());
    }
    if path.join("images.jsonl").exists() {
        return Err(Error::file(
            path,
            "tagged pictures, which `cgan train tags` takes; here images with classes are needed",
        ));
    }
    if let Some(folders) = ClassFolders::find(path)? {
        return ImageSet::of(folder_name(path), source(), folders.read()?);
    }
    let mut more = String::new();
    if let Some(inner) = class_folders_below(path, DEPTH) {
        more.push_str(&format!("; {} has a folder of pictures for each class: name it", inner.display()));
    }
    if let [table, ..] = &ending(".csv")[..] {
        more.push_str(&format!("; if {} is a table of images, name it", table.display()));
    }
    more.extend(below.told().map(|told| format!("; {told}")));
    Err(Error::file(path, format!("no set of images: {}; needed are {READ}{more}", described(path, &files))))
}

/// A file's name in lower case, without `.gz`.
fn plain_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.trim_end_matches(".gz").to_owned()
}

/// The set of IDX files in a folder: the only one, or that of the name.
fn of_idx(dir: &Path, chosen: Option<&str>, source: Source) -> Result<ImageSet, Error> {
    let files = locate(dir, chosen)?;
    let sums = Checksums::of_folder(dir)?;
    let name = match bare(&files.prefix) {
        // The folder that torchvision makes within the one of the set's name.
        "" => {
            match (folder_name(dir), dir.canonicalize().ok().and_then(|dir| Some(folder_name(dir.parent()?))))
            {
                (name, Some(parent)) if name == "raw" => parent,
                (name, _) => name,
            }
        }
        prefix => prefix.to_owned(),
    };
    ImageSet::read(name, source, &files, &sums)
}

/// A path that is not there: the name of one of several sets in its folder.
fn named(path: &Path) -> Result<ImageSet, Error> {
    let not_there = || {
        let source = fs::metadata(path).err().unwrap_or_else(|| std::io::ErrorKind::NotFound.into());
        Error::Unreadable { path: path.to_path_buf(), source }
    };
    if path.starts_with("~") || path.components().any(|part| part.as_os_str() == "~") {
        return Err(Error::file(
            path,
            "not there: a shell puts your home in place of ~ only at the start and outside quotes",
        ));
    }
    let (Some(dir), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(not_there());
    };
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    let sets = if dir.is_dir() { sets(dir)? } else { vec![] };
    match sets.iter().any(|set| set == name) {
        true => of_idx(dir, Some(name), Source::Folder(path.to_path_buf())),
        false if sets.iter().any(|set| !set.is_empty()) => {
            Err(Error::file(path, format!("not there; {} has the sets {}", dir.display(), sets.join(", "))))
        }
        false => Err(not_there()),
    }
}

fn of_file(path: &Path) -> Result<ImageSet, Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.split('.').next().unwrap_or_default().to_owned();
    let source = Source::Folder(path.to_path_buf());
    let lower = name.to_lowercase();
    if lower.trim_end_matches(".gz").ends_with(".csv") {
        return of_tables(path, None, stem, source);
    }
    if lower.ends_with(".npz") {
        return ImageSet::of(stem, source, arrays::read(path)?);
    }
    let what = files::content::described_file(path);
    let what = what.map_or("a file".to_owned(), |what| format!("it is {what}"));
    Err(Error::file(path, format!("no set of images: {what}; needed is a folder with {READ}")))
}

/// A set of tables. A test table without labels is of no use.
fn of_tables(train: &Path, test: Option<&Path>, name: String, source: Source) -> Result<ImageSet, Error> {
    let unlabelled = || Error::file(train, "no column `label`: these images have no classes to learn");
    let (half, mut notes) = table::read(train)?.ok_or_else(unlabelled)?;
    let test_half = match test {
        None => None,
        Some(path) => {
            let read = table::read(path)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            match &read {
                None => notes.push(format!("{name} has no labels: it is not used")),
                Some((_, of_test)) => notes.extend(of_test.iter().map(|note| format!("{name}: {note}"))),
            }
            read.map(|(half, _)| half)
        }
    };
    ImageSet::of(name, source, Parts { train: half, validation: None, test: test_half, notes })
}

/// What a search in the folders within one has found.
#[derive(Default)]
struct Below {
    /// Folders that have IDX files.
    found: Vec<PathBuf>,
    /// The first folder that has more folders than are searched, and their number.
    cut: Option<(PathBuf, usize)>,
}

impl Below {
    /// A line about folders that were not searched.
    fn told(&self) -> Option<String> {
        self.cut.as_ref().map(|(dir, count)| {
            format!(
                "of the {count} folders in {} the first {MOST_FOLDERS} were searched for IDX files: name one",
                dir.display()
            )
        })
    }
}

/// The folders below `dir` that have IDX files.
fn below(dir: &Path) -> Below {
    fn search(dir: &Path, depth: usize, below: &mut Below) {
        let mut folders = folders_in(dir);
        folders.retain(|path| !path.is_symlink());
        if folders.len() > MOST_FOLDERS && below.cut.is_none() {
            below.cut = Some((dir.to_owned(), folders.len()));
        }
        for folder in folders.into_iter().take(MOST_FOLDERS) {
            if sets(&folder).is_ok_and(|sets| !sets.is_empty()) {
                below.found.push(folder);
            } else if depth > 1 {
                search(&folder, depth - 1, below);
            }
        }
    }
    let mut below = Below::default();
    search(dir, DEPTH, &mut below);
    below
}

/// The first folder below `dir` that has a folder of pictures for each class.
fn class_folders_below(dir: &Path, depth: usize) -> Option<PathBuf> {
    let mut inner = folders_in(dir);
    inner.retain(|path| !path.is_symlink());
    inner.truncate(MOST_FOLDERS);
    let here = inner.iter().find(|inner| matches!(ClassFolders::find(inner), Ok(Some(_)))).cloned();
    here.or_else(|| {
        let deeper = depth.checked_sub(1).filter(|depth| *depth > 0)?;
        inner.iter().find_map(|inner| class_folders_below(inner, deeper))
    })
}

fn files_of(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let fail = |source| Error::Unreadable { path: dir.to_path_buf(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.is_file() && !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// What a folder holds, for a message.
fn described(dir: &Path, files: &[PathBuf]) -> String {
    let folders = folders_in(dir).len();
    if dir.join("config.toml").exists() && dir.join("checkpoints").is_dir() {
        return "it is a run, not its data".to_owned();
    }
    let mut endings: BTreeMap<String, usize> = BTreeMap::new();
    for file in files {
        let ending = files::folder::ending(file);
        *endings.entry(ending).or_default() += 1;
    }
    let mut parts: Vec<String> =
        endings.iter().take(4).map(|(ending, count)| format!("{count} {ending}")).collect();
    parts.extend((folders > 0).then(|| format!("{folders} folder{}", if folders == 1 { "" } else { "s" })));
    let known = files.iter().find_map(|file| {
        let name = file.file_name()?.to_string_lossy();
        let more = match files::content::described_file(file)? {
            what @ "a gzip file" => format!("{what}: unpack it"),
            what if what.ends_with("(.npy)") => {
                format!("{what}: put images and classes into one file: {SAVED}")
            }
            what => what.to_owned(),
        };
        Some(format!("{name} is {more}"))
    });
    let others = match (other_pictures(dir), known) {
        (Some(name), _) => format!(
            " with pictures such as {name}: in folders of classes PNG and JPEG are read here; convert them, for example by \
             ImageMagick: mogrify -format png FOLDER/*"
        ),
        (None, Some(known)) => format!(" ({known})"),
        (None, None) => String::new(),
    };
    match parts.is_empty() {
        true => "the folder is empty".to_owned(),
        false => format!("the folder holds {}{others}", parts.join(", ")),
    }
}

/// A picture that is not read, in a folder of what may be a class.
fn other_pictures(dir: &Path) -> Option<String> {
    let entries = |dir: &Path| fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_other = |path: &PathBuf| {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        path.is_file()
            && ["webp", "gif", "bmp", "tif", "tiff", "heic", "avif", "pgm", "ppm"]
                .iter()
                .any(|o| ending == *o)
    };
    let first = folders_in(dir).iter().take(MOST_FOLDERS).find_map(|class| entries(class).find(is_other))?;
    Some(first.strip_prefix(dir).unwrap_or(&first).display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::test_files::Sample;
    use std::io::Write;

    /// Copies the files of a sample into a folder.
    fn copy(sample: &Sample, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for file in files_of(sample.write().path()).unwrap() {
            fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
        }
    }

    #[test]
    fn a_set_is_found_below_and_chosen_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let mut sample = Sample::new(60, 20, (2, 3), 0, 4);
        copy(&sample, &at("root/MNIST/raw"));
        for path in ["root", "root/MNIST", "root/MNIST/raw"] {
            let set = open(&at(path)).unwrap();
            assert_eq!((&*set.name, set.source), ("MNIST", Source::Folder(at(path))));
        }
        copy(&sample, &at("root/Fashion/raw"));
        let error = open(&at("root")).unwrap_err().to_string();
        assert!(error.contains("choose one of ") && error.contains("root/Fashion/raw"), "{error}");
        for (prefix, classes) in [("emnist-letters-", 26), ("emnist-digits-", 10)] {
            sample = Sample::new(60, 20, (2, 3), 0, classes);
            sample.prefix = prefix;
            copy(&sample, &at("gzip"));
        }
        let set = open(&at("gzip/emnist-digits")).unwrap();
        assert_eq!((&*set.name, set.train.classes), ("emnist-digits", 10));
        for (path, why) in [
            ("gzip", "more than one set in the folder (emnist-digits-*, emnist-letters-*): choose one"),
            ("gzip/kmnist", "not there; "),
            ("~/gzip", "only at the start and outside quotes"),
            ("gone", "cannot be read"),
        ] {
            let error = open(&at(path)).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn arrays_of_keras_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mnist.npz");
        let x = ndarray::Array3::from_shape_fn((12, 2, 3), |(i, j, k)| (20 * i + 3 * j + k) as u8);
        let bytes = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = Vec::new();
            write(&mut bytes);
            bytes
        };
        let put = |arrays: &[(&str, Vec<u8>)]| {
            let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
            for (name, bytes) in arrays {
                archive.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
                archive.write_all(bytes).unwrap();
            }
            archive.finish().unwrap();
        };
        let y = ndarray::Array1::from_iter((0..12).map(|i| i64::from(i % 2)));
        let images = bytes(&|to| files::npy::write(to, &x).unwrap());
        let labels = bytes(&|to| files::npy::write(to, &y).unwrap());
        put(&[
            ("x_train", images.clone()),
            ("y_train", labels.clone()),
            ("x_test", images.clone()),
            ("y_test", labels.clone()),
        ]);
        // Also from the folder that it is alone in.
        for place in [&*path, dir.path()] {
            let set = open(place).unwrap();
            assert_eq!((set.train.len(), set.validation.len(), set.test.len()), (10, 2, 12));
            assert_eq!((set.train.image(3), set.train.label(3)), (vec![60, 61, 62, 63, 64, 65], 1));
        }
        put(&[("x_train", images.clone()), ("y_train", labels.clone())]);
        assert!(open(&path).unwrap().test.is_empty());
        let floats = bytes(&|to| files::npy::write(to, &x.mapv(f32::from)).unwrap());
        let colours = bytes(&|to| {
            files::npy::write(to, &x.clone().into_shape_with_order((3, 2, 4, 3)).unwrap()).unwrap()
        });
        for (arrays, why) in [
            (vec![("x", images.clone())], "x_train and y_train are needed, and these are there: x"),
            (
                vec![("x_train", floats), ("y_train", labels.clone())],
                "x_train: numbers of type <f4: bytes are needed, 0 to 255; floating-point pixels",
            ),
            (
                vec![("x_train", colours), ("y_train", labels.clone())],
                "shape [3, 2, 4, 3]: colour images are not read; in NumPy they become grey by x.mean(axis=3)",
            ),
            (
                vec![("x_train", images.clone()), ("y_train", images.clone())],
                "y_train: an array of shape [12, 2, 3]",
            ),
        ] {
            put(&arrays);
            let error = open(&path).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        fs::write(&path, "no").unwrap();
        assert!(open(&path).unwrap_err().to_string().contains("mnist.npz: no zip archive"));
    }

    #[test]
    fn a_table_of_pixels_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("train.csv");
        let rows: String = (0..12).map(|i| format!("{},{i},0,255,9\n", i % 3)).collect();
        fs::write(&path, format!("label,pixel0,pixel1,pixel2,pixel3\n{rows}")).unwrap();
        fs::write(dir.path().join("test.csv"), "pixel0,pixel1,pixel2,pixel3\n1,2,3,4\n").unwrap();
        for place in [&*path, dir.path()] {
            let set = open(place).unwrap();
            assert_eq!((set.train.len(), set.validation.len(), set.test.len()), (10, 2, 0));
            assert_eq!(
                (set.train.image(4), set.train.label(4), set.train.height),
                (vec![4, 0, 255, 9], 1, 2)
            );
        }
        for (text, why) in [
            ("", "an empty table"),
            ("\n\n", "an empty table"),
            ("a,b\n1,2\n", "line 1: no column `label`"),
            ("label,p0,p1\n1,2,3\n", "line 1: 2 columns of pixels: images are square"),
            ("label,p0\n1,2\n0,256\n", "line 3: column p0: \"256\" is not a whole number from 0 to 255"),
            ("label,p0\n1,2\n0\n", "line 3: 1 cells, where the heading has 2"),
            ("label,p0\n", "no images"),
        ] {
            fs::write(&path, text).unwrap();
            let error = open(&path).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains("train.csv"), "{error}");
        }
    }

    /// Writes a PNG of one colour.
    fn png(path: &Path, size: u32, kind: png::ColorType, pixel: &[u8]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut encoder = png::Encoder::new(fs::File::create(path).unwrap(), size, size);
        encoder.set_color(kind);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&pixel.repeat((size * size) as usize)).unwrap();
    }

    #[test]
    fn pictures_in_a_folder_for_each_class_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: String| dir.path().join(name);
        let grey = png::ColorType::Grayscale;
        for number in 0..6 {
            png(&at(format!("set/dog/{number}.png")), 3, grey, &[10 + number]);
            png(&at(format!("set/cat/{number}.PNG")), 3, png::ColorType::Rgb, &[255, 0, 0]);
        }
        let set = open(&at("set".into())).unwrap();
        assert_eq!((set.train.len(), set.validation.len(), set.train.classes), (10, 2, 2));
        // cat is class 0; red has a luminance of 76.
        assert_eq!((set.train.image(0), set.train.label(0)), (vec![76; 9], 0));
        assert_eq!(
            (set.validation.label(0), set.validation.label(1), set.validation.image(1)[0]),
            (0, 1, 15)
        );
        assert!(set.notes.iter().any(|note| note.contains("0 is cat, 1 is dog")), "{:?}", set.notes);
        for number in 0..6 {
            png(&at(format!("two/train/7/{number}.png")), 2, grey, &[1]);
            png(&at(format!("two/test/5/{number}.png")), 2, png::ColorType::GrayscaleAlpha, &[200, 0]);
        }
        let set = open(&at("two".into())).unwrap();
        assert_eq!(
            (set.train.first_label, set.train.classes, set.test.len(), set.absent.clone()),
            (5, 3, 6, vec![0, 1])
        );
        assert_eq!(set.test.image(0), [0; 4]);
        for number in 0..6 {
            png(&at(format!("above/data/flowers/rose/{number}.png")), 2, grey, &[1]);
        }
        let error = open(&at("above".into())).unwrap_err().to_string();
        assert!(
            error.contains("above/data/flowers has a folder of pictures for each class: name it"),
            "{error}"
        );
        png(&at("set/dog/9.png".into()), 4, grey, &[1]);
        let error = open(&at("set".into())).unwrap_err().to_string();
        assert!(error.contains("dog/9.png: 4x4 pixels, where the pictures before have 3x3"), "{error}");
        for (bytes, why) in [
            (&b"no"[..], "cat/0.PNG: no PNG or JPEG picture"),
            (b"\x89PNG\r\n\x1a\n", "cat/0.PNG: a PNG picture that cannot be read: "),
            (b"GIF89a", "cat/0.PNG: no PNG or JPEG picture: it is a GIF"),
            (b"\xff\xd8\xff\xe0", "cat/0.PNG: a JPEG picture that breaks off"),
            (b"", "cat/0.PNG: an empty file"),
        ] {
            fs::write(at("set/cat/0.PNG".into()), bytes).unwrap();
            let error = open(&at("set".into())).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_folder_of_something_else_is_described() {
        let dir = tempfile::tempdir().unwrap();
        let why = || open(dir.path()).unwrap_err().to_string();
        assert!(why().contains("the folder is empty; needed are IDX files"), "{}", why());
        fs::write(dir.path().join("a.jpg"), "").unwrap();
        assert!(why().contains("the folder holds 1 .jpg;"), "{}", why());
        fs::create_dir(dir.path().join("cat")).unwrap();
        fs::write(dir.path().join("cat/1.WebP"), "").unwrap();
        assert!(
            why().contains("1 folder with pictures such as cat/1.WebP: in folders of classes PNG and JPEG"),
            "{}",
            why()
        );
        fs::write(dir.path().join("images.jsonl"), "").unwrap();
        assert!(why().contains("tagged pictures, which `cgan train tags` takes"), "{}", why());
        let error = open(&dir.path().join("a.jpg")).unwrap_err().to_string();
        assert!(error.contains("no set of images: a file; needed is a folder"), "{error}");
    }
}
