//! Sets of images as people keep them: how each is made, and what the program says of it.

mod common;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use common::{Numbers, Ran, Scene, TRAIN_IMAGES, cgan, idx, write_set};

/// What the program does with a set.
enum Want {
    /// Reads this many images to train, to validate and to test, and says a line with each of these, and no other.
    Reads([usize; 3], &'static [&'static str]),
    /// Refuses it in one line with these parts.
    Refuses(&'static [&'static str]),
}
use Want::{Reads, Refuses};

/// A set: its name, how its folder is filled, the path below that folder which is given, and what is wanted.
type Case = (&'static str, fn(&Path), &'static str, Want);

const NO_TEST: &str = "no test images: it can be trained on";
const NAMES: &str = "classes by name: 0 is cat, 1 is dog, 2 is eel";

/// Makes each set, looks at it and, if it can be read, trains on it.
#[track_caller]
fn hold(cases: Vec<Case>) {
    let scene = Scene::new();
    let mut wrong = Vec::new();
    for (name, make, given, want) in cases {
        let folder = scene.path("sets").join(name);
        fs::create_dir_all(&folder).unwrap();
        make(&folder);
        let data = if given.is_empty() { folder } else { folder.join(given) };
        let looked = Ran::of(cgan(["data"]).arg(&data));
        let mut ran = vec![looked];
        let is_right = |ran: &Ran| match &want {
            Refuses(parts) => {
                ran.code == Some(4)
                    && ran.messages().len() == 1
                    && parts.iter().all(|part| ran.err.contains(part))
            }
            Reads(_, lines) => {
                let told = ran.messages();
                ran.code == Some(0)
                    && told.len() == lines.len()
                    && lines.iter().all(|line| told.iter().any(|told| told.contains(line)))
            }
        };
        let mut is_fine = is_right(&ran[0]);
        if let Reads([train, validation, test], _) = &want {
            let counts = format!("{train} to train, {validation} to validate, {test} to test");
            is_fine &= ran[0].out.contains(&counts);
        }
        let run = format!("runs/{name}");
        ran.push(Ran::of(&mut scene.train_on(&data, &run, &["run.epochs=1", "updates.batch=5"])));
        is_fine &= is_right(&ran[1]) && scene.path(&run).exists() == matches!(want, Reads(..));
        if !is_fine {
            wrong.push(format!("{name}: {ran:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `count` images of `side` x `side` pixels.
fn pixels(count: usize, side: usize) -> Vec<u8> {
    let mut numbers = Numbers(5);
    (0..count * side * side).map(|_| (numbers.next() >> 56) as u8).collect()
}

/// A table of 24 images of 4 x 4 pixels in three classes, with `cell` for each value.
fn rows(separator: &str, cell: fn(u8) -> String) -> String {
    let pixels = pixels(24, 4);
    let row = |(index, row): (usize, &[u8])| {
        let values = std::iter::once((index % 3) as u8).chain(row.iter().copied());
        values.map(cell).collect::<Vec<_>>().join(separator) + "\r\n"
    };
    pixels.chunks(16).enumerate().map(row).collect()
}

fn plain(value: u8) -> String {
    value.to_string()
}

fn heading(classes: &str, separator: &str) -> String {
    let pixels = (0..16).map(|pixel| format!("{separator}pixel{pixel}"));
    format!("{classes}{}\r\n", pixels.collect::<String>())
}

fn table(separator: &str) -> String {
    heading("label", separator) + &rows(separator, plain)
}

#[test]
fn tables_of_other_programs() {
    hold(vec![
        (
            "semicolons, and a byte order mark",
            |at| fs::write(at.join("train.csv"), "\u{feff}".to_owned() + &table(";")).unwrap(),
            "",
            Reads([20, 4, 0], &["semicolons separate its columns", NO_TEST]),
        ),
        (
            "tabs, with a table to test",
            |at| {
                fs::write(at.join("train.csv"), table("\t")).unwrap();
                fs::write(at.join("test.csv"), table("\t")).unwrap();
            },
            "",
            Reads([20, 4, 24], &["to test: tabs separate its columns", "test.csv: tabs separate"]),
        ),
        (
            "a line sep= before the heading",
            |at| fs::write(at.join("train.csv"), "sep=;\r\n".to_owned() + &table(";")).unwrap(),
            "",
            Reads([20, 4, 0], &["semicolons separate its columns", NO_TEST]),
        ),
        (
            "UTF-16 of a spreadsheet",
            |at| {
                let text = "\u{feff}".to_owned() + &table("\t");
                let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                fs::write(at.join("train.csv"), bytes).unwrap();
            },
            "",
            Reads([20, 4, 0], &["tabs separate its columns", NO_TEST]),
        ),
        (
            "no heading",
            |at| {
                fs::write(at.join("mnist_train.csv"), rows(",", plain)).unwrap();
                fs::write(at.join("mnist_test.csv"), rows(",", plain)).unwrap();
            },
            "",
            Reads(
                [20, 4, 24],
                &["no heading: no heading: the first column is taken", "mnist_test.csv: no heading"],
            ),
        ),
        (
            "two tables to train",
            |at| ["a", "b"].iter().for_each(|n| fs::write(at.join(format!("{n}_train.csv")), "").unwrap()),
            "",
            Refuses(&["several tables to train in the folder: choose one of", "a_train.csv", "b_train.csv"]),
        ),
        (
            "a table of any name",
            |at| fs::write(at.join("digits.csv"), heading("class", ",") + &rows(",", plain)).unwrap(),
            "",
            Refuses(&["holds 1 .csv", "digits.csv is a table of images, name it"]),
        ),
        (
            "a column class",
            |at| fs::write(at.join("digits.csv"), heading("class", ",") + &rows(",", plain)).unwrap(),
            "digits.csv",
            Reads([20, 4, 0], &[NO_TEST]),
        ),
        (
            "numbers of rows in front",
            |at| {
                let table = table(",");
                let numbered = |(row, line): (usize, &str)| match row {
                    0 => format!(",{line}\n"),
                    row => format!("{},{line}\n", row - 1),
                };
                let text: String = table.lines().enumerate().map(numbered).collect();
                fs::write(at.join("train.csv"), text).unwrap();
            },
            "",
            Reads([20, 4, 0], &["columns without a name, as of row numbers, are passed over: 1", NO_TEST]),
        ),
        (
            "whole numbers with a point",
            |at| {
                let text = heading("label", ",") + &rows(",", |value| format!("{value}.0"));
                fs::write(at.join("train.csv"), text).unwrap();
            },
            "",
            Reads([20, 4, 0], &[NO_TEST]),
        ),
        (
            "pixels from 0 to 1",
            |at| {
                let text = heading("label", ",") + &rows(",", |value| format!("{}.5", value / 99));
                fs::write(at.join("train.csv"), text).unwrap();
            },
            "",
            Refuses(&["train.csv: line 2: column label: \"0.5\" is not a whole number"]),
        ),
        (
            "names of classes in a table",
            |at| fs::write(at.join("train.csv"), table(",").replace("\n2,", "\nboot,")).unwrap(),
            "",
            Refuses(&["line 4: column label: \"boot\"", "factorize()[0]"]),
        ),
    ]);
}

/// A PNG of 8 x 8 pixels.
fn png(path: &Path, colours: png::ColorType, depth: png::BitDepth, data: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut encoder = png::Encoder::new(File::create(path).unwrap(), 8, 8);
    encoder.set_color(colours);
    encoder.set_depth(depth);
    if colours == png::ColorType::Indexed {
        encoder.set_palette((0..=255).flat_map(|grey: u8| [grey; 3]).collect::<Vec<u8>>());
    }
    encoder.write_header().unwrap().write_image_data(data).unwrap();
}

/// `each` grey PNGs in each of three folders.
fn classes(at: &Path, each: usize) {
    of_kind(at, each, png::ColorType::Grayscale, png::BitDepth::Eight, 1);
}

/// The same of another kind, whose rows have `wide` times 8 bytes.
fn of_kind(at: &Path, each: usize, colours: png::ColorType, depth: png::BitDepth, wide: usize) {
    let pixels = pixels(8 * 8 * each * 3, 1).repeat(8);
    for (number, class) in ["cat", "dog", "eel"].iter().enumerate() {
        for index in 0..each {
            let start = 64 * (number * each + index);
            let bytes = if depth == png::BitDepth::One { 8 } else { 64 * wide };
            png(&at.join(class).join(format!("{index}.png")), colours, depth, &pixels[start..][..bytes]);
        }
    }
}

/// Writes a picture of the tests of the crate that reads them into each of three folders.
fn pictures(at: &Path, name: &str, bytes: &[u8]) {
    for class in ["cat", "dog", "eel"] {
        fs::create_dir_all(at.join(class)).unwrap();
        (0..6).for_each(|index| fs::write(at.join(class).join(format!("{index}{name}")), bytes).unwrap());
    }
}

macro_rules! picture {
    ($name:literal) => {
        include_bytes!(concat!("../crates/data/tests/pictures/", $name))
    };
}

#[test]
fn folders_of_classes() {
    hold(vec![
        (
            "test and val",
            |at| {
                classes(&at.join("train"), 6);
                classes(&at.join("val"), 2);
                classes(&at.join("test"), 3);
            },
            "",
            Reads([18, 6, 9], &[NAMES]),
        ),
        (
            "val alone, with capitals",
            |at| {
                classes(&at.join("Train"), 6);
                classes(&at.join("Val"), 2);
            },
            "",
            Reads([15, 3, 6], &["no folder test: the pictures in Val are the test images", NAMES]),
        ),
        (
            "two names for the split to test",
            |at| {
                classes(&at.join("train"), 6);
                classes(&at.join("test"), 2);
                classes(&at.join("testing"), 3);
            },
            "",
            Reads([15, 3, 6], &["the folder testing is not used: test is", NAMES]),
        ),
        (
            "pictures without classes",
            |at| {
                for split in ["train", "test"] {
                    let grey = (png::ColorType::Grayscale, png::BitDepth::Eight);
                    (0..8).for_each(|i| {
                        png(&at.join(split).join(format!("cat.{i}.png")), grey.0, grey.1, &[9; 64]);
                    });
                }
            },
            "",
            Refuses(&["train: pictures without a folder for each class"]),
        ),
        (
            "one folder too high",
            |at| classes(&at.join("mnist_png/training"), 6),
            "",
            Refuses(&[
                "the folder holds 1 folder;",
                "mnist_png has a folder of pictures for each class: name it",
            ]),
        ),
        (
            "an empty class",
            |at| {
                classes(at, 6);
                fs::create_dir(at.join("ant")).unwrap();
            },
            "",
            Reads([15, 3, 0], &["no picture directly in the folder ant: it is passed over", NAMES, NO_TEST]),
        ),
        (
            "blanks and letters of any script",
            |at| {
                classes(at, 6);
                fs::rename(at.join("cat"), at.join("großer Hund")).unwrap();
                fs::rename(at.join("dog"), at.join("日本 2")).unwrap();
            },
            "",
            Reads([15, 3, 0], &["0 is eel, 1 is großer Hund, 2 is 日本 2", NO_TEST]),
        ),
        (
            "files that other programs leave",
            |at| {
                classes(at, 6);
                for name in ["Thumbs.db", ".DS_Store", "desktop.ini", "._0.png"] {
                    fs::write(at.join("cat").join(name), "x").unwrap();
                }
                fs::create_dir_all(at.join("__MACOSX/cat")).unwrap();
                fs::write(at.join("__MACOSX/cat/._0.png"), "x").unwrap();
            },
            "",
            Reads([15, 3, 0], &["folder __MACOSX: it is passed over", NAMES, NO_TEST]),
        ),
        (
            "pictures of kinds that are not read",
            |at| {
                classes(at, 6);
                for name in ["0.bmp", "1.BMP", "notes.txt", "README"] {
                    fs::write(at.join("dog").join(name), "x").unwrap();
                }
            },
            "",
            Reads([15, 3, 0], &["passed over for their ending: 2 .bmp, 1 .txt, 1 no ending", NAMES, NO_TEST]),
        ),
        (
            "WebP",
            |at| pictures(at, ".webp", b"RIFF\0\0\0\0WEBPVP8 "),
            "",
            Refuses(&["3 folders with pictures such as cat/", "mogrify -format png"]),
        ),
        ("JPEG", |at| pictures(at, ".JPG", picture!("colour.jpg")), "", Reads([15, 3, 0], &[NAMES, NO_TEST])),
        (
            "progressive JPEG",
            |at| pictures(at, ".jpeg", picture!("progressive.jpg")),
            "",
            Reads([15, 3, 0], &[NAMES, NO_TEST]),
        ),
        (
            "JPEG with the ending of PNG",
            |at| pictures(at, ".png", picture!("grey.jpg")),
            "",
            Reads([15, 3, 0], &[NAMES, NO_TEST]),
        ),
        (
            "JPEG in CMYK",
            |at| pictures(at, ".jpg", picture!("cmyk.jpg")),
            "",
            Refuses(&["cat/0.jpg: a JPEG picture in CMYK", "save it as RGB or grey"]),
        ),
        (
            "half a JPEG",
            |at| pictures(at, ".jpg", &picture!("grey.jpg")[..300]),
            "",
            Refuses(&["cat/0.jpg: a JPEG picture that breaks off"]),
        ),
        (
            "a failed download",
            |at| pictures(at, ".jpg", b"<!doctype html><html>"),
            "",
            Refuses(&["cat/0.jpg: no PNG or JPEG picture: it is an HTML page"]),
        ),
        (
            "interlaced PNG",
            |at| pictures(at, ".png", picture!("interlaced.png")),
            "",
            Reads([15, 3, 0], &[NAMES, NO_TEST]),
        ),
        (
            "PNG of 1 bit",
            |at| of_kind(at, 6, png::ColorType::Grayscale, png::BitDepth::One, 1),
            "",
            Reads([15, 3, 0], &[NAMES, NO_TEST]),
        ),
        (
            "PNG with a palette",
            |at| of_kind(at, 6, png::ColorType::Indexed, png::BitDepth::Eight, 1),
            "",
            Reads([15, 3, 0], &[NAMES, NO_TEST]),
        ),
        (
            "PNG with alpha",
            |at| of_kind(at, 6, png::ColorType::Rgba, png::BitDepth::Eight, 4),
            "",
            Reads([15, 3, 0], &[NAMES, NO_TEST]),
        ),
        (
            "PNG of 16 bits",
            |at| of_kind(at, 6, png::ColorType::Grayscale, png::BitDepth::Sixteen, 2),
            "",
            Reads([15, 3, 0], &[NAMES, NO_TEST]),
        ),
        (
            "PNG of 16 bits that holds 8",
            |at| {
                for class in ["cat", "dog", "eel"] {
                    (0..6).for_each(|index| {
                        let path = at.join(class).join(format!("{index}.png"));
                        let sixteen = png::BitDepth::Sixteen;
                        png(&path, png::ColorType::Grayscale, sixteen, &[0, 40 * index].repeat(64));
                    });
                }
            },
            "",
            Reads([15, 3, 0], &["all training pixels are 0; of 16-bit pictures the upper 8", NAMES, NO_TEST]),
        ),
        (
            "pictures of two sizes",
            |at| {
                classes(at, 6);
                let mut encoder = png::Encoder::new(File::create(at.join("dog/9.png")).unwrap(), 8, 9);
                encoder.set_color(png::ColorType::Grayscale);
                encoder.write_header().unwrap().write_image_data(&[1; 72]).unwrap();
            },
            "",
            Refuses(&["dog/9.png: 9x8 pixels", "8x8 (height x width)", "mogrify -resize 8x8!"]),
        ),
    ]);
}

/// An array as NumPy writes it: its type, its shape and its bytes.
fn npy(kind: &str, shape: &[usize], bytes: &[u8]) -> Vec<u8> {
    let shape: String = shape.iter().map(|size| format!("{size}, ")).collect();
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
    header += &" ".repeat(63 - (10 + header.len()) % 64);
    let length = (header.len() + 1) as u16;
    [&b"\x93NUMPY\x01\x00"[..], &length.to_le_bytes(), header.as_bytes(), b"\n", bytes].concat()
}

fn npz(path: &Path, arrays: &[(&str, Vec<u8>)]) {
    let mut archive = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in arrays {
        archive.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

/// 24 images of this shape.
fn images(shape: &[usize]) -> Vec<u8> {
    npy("|u1", shape, &pixels(shape.iter().product(), 1))
}

/// The classes of `count` images.
fn labels(count: usize) -> Vec<u8> {
    let bytes: Vec<u8> = (0..count).flat_map(|index| (index as i64 % 3).to_le_bytes()).collect();
    npy("<i8", &[count], &bytes)
}

/// A file with these images, and classes.
fn with_images(at: &Path, images: Vec<u8>) {
    npz(&at.join("set.npz"), &[("x_train", images), ("y_train", labels(24))]);
}

/// A file with images, and these classes.
fn with_labels(at: &Path, labels: Vec<u8>) {
    npz(&at.join("set.npz"), &[("x_train", images(&[24, 8, 8])), ("y_train", labels)]);
}

#[test]
fn arrays_of_numpy() {
    hold(vec![
        (
            "images to validate",
            |at| {
                let parts = [("train", 24), ("val", 6), ("test", 9)].map(|(split, count)| {
                    let (images, labels) = (images(&[count, 8, 8]), labels(count));
                    [(format!("{split}_images"), images), (format!("{split}_labels"), labels)]
                });
                let parts = parts.as_flattened().iter();
                let parts: Vec<_> = parts.map(|(name, bytes)| (&**name, bytes.clone())).collect();
                npz(&at.join("set.npz"), &parts);
            },
            "",
            Reads([24, 6, 9], &[]),
        ),
        (
            "names with capitals, and an array more",
            |at| {
                let arrays = [("X_train", images(&[24, 8, 8])), ("Y_train", labels(24)), ("ids", labels(24))];
                npz(&at.join("set.npz"), &arrays);
            },
            "",
            Reads([20, 4, 0], &["arrays that are not used: ids", NO_TEST]),
        ),
        (
            "images and labels alone",
            |at| {
                npz(&at.join("set.npz"), &[("images", images(&[24, 8, 8])), ("labels", labels(24))]);
            },
            "",
            Reads([20, 4, 0], &[NO_TEST]),
        ),
        (
            "arrays without names",
            |at| npz(&at.join("set.npz"), &[("arr_0", images(&[24, 8, 8]))]),
            "",
            Refuses(&["these are there: arr_0", "numpy.savez('set.npz', x_train=x, y_train=y)"]),
        ),
        ("channels first", |at| with_images(at, images(&[24, 1, 8, 8])), "", Reads([20, 4, 0], &[NO_TEST])),
        ("channels last", |at| with_images(at, images(&[24, 8, 8, 1])), "", Reads([20, 4, 0], &[NO_TEST])),
        (
            "colours first",
            |at| with_images(at, images(&[24, 3, 8, 8])),
            "",
            Refuses(&["set.npz: x_train: an array of shape [24, 3, 8, 8]", "x.mean(axis=1)"]),
        ),
        (
            "colours last",
            |at| with_images(at, images(&[24, 8, 8, 3])),
            "",
            Refuses(&["set.npz: x_train: an array of shape [24, 8, 8, 3]", "x.mean(axis=3)"]),
        ),
        (
            "rows of pixels",
            |at| with_images(at, images(&[24, 64])),
            "",
            Refuses(&["not rows of pixels; in NumPy: x.reshape(-1, 8, 8)"]),
        ),
        (
            "floating-point pixels",
            |at| with_images(at, npy("<f4", &[24, 8, 8], &pixels(24 * 4, 8))),
            "",
            Refuses(&["set.npz: x_train: numbers of type <f4", "(x * 255).round().astype('uint8')"]),
        ),
        (
            "true and false",
            |at| with_images(at, npy("|b1", &[24, 8, 8], &[1; 24 * 64])),
            "",
            Refuses(&["numbers of type |b1", "x.astype('uint8') * 255"]),
        ),
        (
            "pixels of 16 bits",
            |at| with_images(at, npy("<u2", &[24, 8, 8], &pixels(24 * 2, 8))),
            "",
            Refuses(&["numbers of type <u2", "(x >> 8).astype('uint8')"]),
        ),
        (
            "pixels from 0 to 16",
            |at| {
                let pixels: Vec<u8> = pixels(24, 8).iter().map(|pixel| pixel / 16).collect();
                with_images(at, npy("|u1", &[24, 8, 8], &pixels));
            },
            "",
            Reads([20, 4, 0], &["no training pixel is above 15 of 255", NO_TEST]),
        ),
        (
            "one-hot classes",
            |at| with_labels(at, npy("|u1", &[24, 3], &[1; 72])),
            "",
            Refuses(&["y_train: an array of shape [24, 3]", "(one-hot): y.argmax(axis=1)"]),
        ),
        (
            "names of classes in an array",
            |at| with_labels(at, npy("<U3", &[24], &[b'a'; 24 * 12])),
            "",
            Refuses(&["y_train: names of type <U3", "numpy.unique(y, return_inverse=True)[1]"]),
        ),
        (
            "fewer classes than images",
            |at| with_labels(at, labels(23)),
            "",
            Refuses(&["y_train: 23 labels for the 24 images of"]),
        ),
        (
            "several files",
            |at| ["a", "b"].iter().for_each(|name| npz(&at.join(format!("{name}.npz")), &[])),
            "",
            Refuses(&["several files .npz in the folder: choose one of", "a.npz, ", "b.npz"]),
        ),
        (
            "arrays in files of their own",
            |at| fs::write(at.join("x_train.npy"), images(&[24, 8, 8])).unwrap(),
            "",
            Refuses(&["x_train.npy is an array of NumPy", "numpy.savez('set.npz', x_train=x, y_train=y)"]),
        ),
    ]);
}

/// The usual four files, as IDX.
fn usual(at: &Path) {
    write_set(&at.join("data"), 60, (8, 8));
}

/// Writes images of another type in the place of those to train.
fn with_type(at: &Path, bytes: Vec<u8>) {
    usual(at);
    fs::write(at.join("data").join(TRAIN_IMAGES), bytes).unwrap();
}

#[test]
fn idx_files_and_what_lies_around_them() {
    hold(vec![
        (
            "files of file managers",
            |at| {
                usual(at);
                for name in ["Thumbs.db", ".DS_Store", "._train-images-idx3-ubyte", "readme.txt"] {
                    fs::write(at.join("data").join(name), "x").unwrap();
                }
            },
            "data",
            Reads([50, 10, 24], &[]),
        ),
        (
            "bytes after the end",
            |at| {
                usual(at);
                let path = at.join("data").join(TRAIN_IMAGES);
                let bytes = fs::read(&path).unwrap();
                fs::write(path, [&bytes[..], b"zz"].concat()).unwrap();
            },
            "data",
            Refuses(&["train-images-idx3-ubyte: byte 3856: continues after the 3840 bytes"]),
        ),
        (
            "floating-point IDX",
            |at| with_type(at, [&[0, 0, 13, 3][..], &[0; 40]].concat()),
            "data",
            Refuses(&[
                "train-images-idx3-ubyte: an IDX file of single-precision numbers",
                "(x * 255).round().astype('uint8'); then numpy.savez('set.npz'",
            ]),
        ),
        (
            "IDX in colour",
            |at| with_type(at, idx(&[60, 8, 8, 3], &[0; 60 * 64 * 3])),
            "data",
            Refuses(&["train-images-idx3-ubyte: an IDX file of 4 dimensions: colour", "x.mean(axis=3)"]),
        ),
        (
            "more folders than are searched",
            |at| {
                (0..70).for_each(|number| fs::create_dir(at.join(format!("f{number:02}"))).unwrap());
                write_set(&at.join("f69/data"), 60, (8, 8));
            },
            "",
            Refuses(&["the folder holds 70 folders", "of the 70 folders in", "the first 64 were searched"]),
        ),
        (
            "an archive that is not unpacked",
            |at| fs::write(at.join("archive.zip"), b"PK\x03\x04").unwrap(),
            "",
            Refuses(&["holds 1 .zip (archive.zip is a zip archive: unpack it)"]),
        ),
        (
            "an archive within gzip",
            |at| fs::write(at.join("set.tar.gz"), b"\x1f\x8b\x08").unwrap(),
            "",
            Refuses(&["(set.tar.gz is a gzip file: unpack it)"]),
        ),
        (
            "pickles",
            |at| fs::write(at.join("data_batch_1"), b"\x80\x02}").unwrap(),
            "",
            Refuses(&["(data_batch_1 is a pickle of Python, which is not read"]),
        ),
        (
            "a MATLAB file",
            |at| fs::write(at.join("train_32x32.mat"), b"MATLAB 5.0 MAT-file, Platform: X").unwrap(),
            "train_32x32.mat",
            Refuses(&["train_32x32.mat: no set of images: it is a MATLAB file", "scipy.io.loadmat"]),
        ),
        ("a set that is missing", |_| (), "gone", Refuses(&["gone: cannot be read: there is no such file"])),
    ]);
}

#[cfg(unix)]
#[test]
fn links_and_folders_that_cannot_be_written() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    hold(vec![
        (
            "a link to a set",
            |at| {
                usual(at);
                symlink("data", at.join("link")).unwrap();
            },
            "link",
            Reads([50, 10, 24], &[]),
        ),
        (
            "a link that leads nowhere",
            |at| symlink("nowhere", at.join("link")).unwrap(),
            "link",
            Refuses(&["link: cannot be read: there is no such file"]),
        ),
        (
            "a link to a parent in a class",
            |at| {
                classes(at, 6);
                symlink("..", at.join("cat/up")).unwrap();
                fs::remove_dir_all(at.join("dog")).unwrap();
                fs::remove_dir_all(at.join("eel")).unwrap();
            },
            "",
            Reads([5, 1, 0], &["0 is cat", NO_TEST]),
        ),
        (
            "a folder that is read-only",
            |at| {
                usual(at);
                fs::set_permissions(at.join("data"), fs::Permissions::from_mode(0o555)).unwrap();
            },
            "data",
            Reads([50, 10, 24], &[]),
        ),
        (
            "a name that is not UTF-8",
            |at| {
                classes(at, 6);
                let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
                fs::rename(at.join("cat"), at.join(name)).unwrap();
            },
            "",
            Refuses(&["the name of this folder is not UTF-8: rename it"]),
        ),
    ]);
}

/// A missing set is bad data, whatever its kind.
#[test]
fn a_missing_set_of_any_kind_has_one_exit_code() {
    let scene = Scene::tagged();
    let gone = scene.path("gone");
    for experiment in ["mnist", "tags"] {
        let line = Ran::of(cgan(["train", experiment, "--data"]).arg(&gone)).fails(4);
        assert!(line.contains("gone: cannot be read: there is no"), "{line}");
    }
}

/// Figures stay in a run while it trains on; the page says of which weights they are.
#[test]
fn figures_of_earlier_weights_are_told() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    Ran::of(cgan(["evaluate", "--alone"]).arg(&run)).succeeds();
    let csv = fs::read_to_string(run.join("evaluation.csv")).unwrap();
    assert!(csv.lines().next().unwrap().contains(",step,data,"), "{csv}");
    assert!(csv.lines().last().unwrap().contains(",10,data,24"), "{csv}");
    let page = || fs::read_to_string(run.join("report.html")).unwrap();
    assert!(!page().contains("Measured at step"));
    Ran::of(&mut scene.resume("run", &["--epochs", "2"])).succeeds();
    assert!(page().contains("Measured at step 10; the weights of this run are of step 20."));
    Ran::of(cgan(["evaluate", "--alone"]).arg(&run)).succeeds();
    assert!(!page().contains("Measured at step"));
}

#[test]
fn yardsticks_of_another_judge_are_measured_anew_with_a_line() {
    let scene = Scene::new();
    let cache = scene.path("cache");
    let judge = || Ran::of(cgan(["judge", "--data"]).arg(scene.data()).env("CGAN_CACHE", &cache));
    judge().succeeds();
    let entries = fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path());
    let kept = entries.into_iter().find(|path| path.to_str().unwrap().ends_with(".yardsticks.json")).unwrap();
    let text = fs::read_to_string(&kept).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    json["judge_sha256"] = "0".repeat(64).into();
    let json = json.to_string();
    fs::write(&kept, format!("{json}\n{}\n", files::sha256::hex(&json))).unwrap();
    let ran = judge();
    assert!(ran.code == Some(0) && ran.err.contains(".json: of another judge: measured anew"), "{ran:?}");
    let ran = judge();
    assert!(ran.code == Some(0) && !ran.err.contains("another judge"), "{ran:?}");
    assert_eq!(fs::read_to_string(&kept).unwrap(), text);
}
