//! PNG pictures in a folder for each class, as torchvision's `ImageFolder` reads them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::idx::{LIMIT, Pictures};
use super::set::Half;
use crate::error::Error;

/// The folders of a set, with the names of its classes.
#[derive(Debug)]
pub(super) struct ClassFolders {
    train: PathBuf,
    test: Option<PathBuf>,
    /// Sorted: numbers by their value.
    pub(super) classes: Vec<String>,
}

impl ClassFolders {
    /// The folders in `dir`, if there are any: a folder of PNGs for each class, in `dir` itself or in `train` and `test`.
    pub(super) fn find(dir: &Path) -> Option<Self> {
        let sub = |names: &[&str]| {
            names.iter().map(|name| dir.join(name)).find(|path| !classes_of(path).is_empty())
        };
        let (train, test) = match sub(&["train", "training"]) {
            Some(train) => (train, sub(&["test", "testing", "val", "valid", "validation"])),
            None => (dir.to_owned(), None),
        };
        let names: BTreeSet<String> =
            classes_of(&train).into_iter().chain(test.iter().flat_map(|test| classes_of(test))).collect();
        let mut classes: Vec<String> = names.into_iter().collect();
        classes.sort_by_key(|name| (name.parse::<u8>().ok(), name.clone()));
        (!classes.is_empty()).then_some(Self { train, test, classes })
    }

    /// Whether the names of the classes are their numbers.
    pub(super) fn are_numbers(&self) -> bool {
        self.classes.iter().all(|name| name.parse::<u8>().is_ok())
    }

    /// The number of a class.
    pub(super) fn number(&self, place: usize) -> Option<u8> {
        if self.are_numbers() { self.classes[place].parse().ok() } else { u8::try_from(place).ok() }
    }

    pub(super) fn read(&self) -> Result<(Half, Option<Half>), Error> {
        let half = |dir: &Path| self.half(dir);
        Ok((half(&self.train)?, self.test.as_deref().map(half).transpose()?))
    }

    fn half(&self, dir: &Path) -> Result<Half, Error> {
        let mut images = Pictures { count: 0, height: 0, width: 0, pixels: Vec::new() };
        let mut labels = Vec::new();
        for (place, class) in self.classes.iter().enumerate() {
            let folder = dir.join(class);
            if !folder.is_dir() {
                continue;
            }
            let label = self.number(place).ok_or_else(|| Error::file(dir, "more than 256 classes"))?;
            let found = files::folder::files_under(&folder);
            for path in
                found.map_err(|(path, source)| Error::Io { path, source })?.iter().filter(|path| is_png(path))
            {
                let (height, width, pixels) = grey(path).map_err(|why| Error::file(path, why))?;
                if images.count == 0 {
                    (images.height, images.width) = (height, width);
                }
                if (images.height, images.width) != (height, width) {
                    let why = format!(
                        "{height}x{width} pixels, where the pictures before have {}x{} (height x width): all of a set have one size",
                        images.height, images.width
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

fn is_png(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"))
}

/// The names of the folders in `dir` that have PNGs.
fn classes_of(dir: &Path) -> Vec<String> {
    let folders = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let with_pictures = folders.filter(|path| {
        let files = || std::fs::read_dir(path).into_iter().flatten().flatten();
        path.is_dir() && files().any(|file| is_png(&file.path()))
    });
    let names = with_pictures.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
    names.filter(|name| !name.starts_with('.')).collect()
}

/// A picture in grey: height, width and its pixels. Colours become their luminance (ITU-R BT.601), transparent pixels are put
/// on black, the background of a set.
fn grey(path: &Path) -> Result<(usize, usize, Vec<u8>), String> {
    let file = BufReader::new(File::open(path).map_err(|error| error.to_string())?);
    // A header is not trusted.
    let mut decoder = png::Decoder::new_with_limits(file, png::Limits { bytes: 1 << 26 });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let broken = |error: png::DecodingError| format!("a PNG picture that cannot be read: {error}");
    let mut reader = decoder.read_info().map_err(broken)?;
    let (height, width) = (reader.info().height as usize, reader.info().width as usize);
    let size =
        reader.output_buffer_size().filter(|size| *size <= 1 << 26).ok_or("a picture of more than 64 MiB")?;
    let mut bytes = vec![0; size];
    let info = reader.next_frame(&mut bytes).map_err(broken)?;
    let channels = info.color_type.samples();
    let luminance = |rgb: &[u8]| {
        let [r, g, b] = [rgb[0], rgb[1], rgb[2]].map(u32::from);
        (299 * r + 587 * g + 114 * b + 500) / 1000
    };
    let on_black = |value: u32, alpha: u8| ((value * u32::from(alpha) + 127) / 255) as u8;
    let pixel = |pixel: &[u8]| match *pixel {
        [value] => value,
        [value, alpha] => on_black(u32::from(value), alpha),
        [_, _, _] => on_black(luminance(pixel), 255),
        _ => on_black(luminance(pixel), pixel[3]),
    };
    Ok((height, width, bytes[..info.buffer_size()].chunks_exact(channels).map(pixel).collect()))
}
