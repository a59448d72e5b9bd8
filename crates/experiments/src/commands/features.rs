//! `cgan features`: vectors of pictures by an ONNX net.

use crate::cli::features::FeaturesArgs;
#[cfg(not(feature = "onnx"))]
use crate::failure::Failure;

#[cfg(not(feature = "onnx"))]
pub(super) fn features(_: &FeaturesArgs) -> Result<(), Failure> {
    Err(without_onnx())
}

/// The failure of a build without the cargo feature.
#[cfg(not(feature = "onnx"))]
pub(super) fn without_onnx() -> Failure {
    Failure::usage("this program was built without `onnx`: cargo build --release --features onnx")
}

#[cfg(feature = "onnx")]
pub(super) use with_onnx::{features, input};

#[cfg(feature = "onnx")]
mod with_onnx {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use data::features::{Features, Precision, id_of, ids_beside};
    use data::onnx::net::{Input, Net};
    use data::onnx::picture;
    use ndarray::Array2;
    use rayon::prelude::*;

    use super::FeaturesArgs;
    use crate::cli::features::{Fit, NetArgs, Normalize};
    use crate::failure::Failure;
    use crate::terminal::{print, say};

    /// Endings of the files that are read in a folder.
    const ENDINGS: [&str; 7] = ["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif"];

    pub(in crate::commands) fn input(args: &NetArgs) -> Input {
        let fit = match args.fit {
            Fit::Pad => picture::Fit::Pad,
            Fit::Stretch => picture::Fit::Stretch,
            Fit::Crop => picture::Fit::Crop,
        };
        let normalize = match args.normalize {
            Normalize::Lite => picture::Normalize::Lite,
            Normalize::Imagenet => picture::Normalize::Imagenet,
            Normalize::Caffe => picture::Normalize::Caffe,
            Normalize::Unit => picture::Normalize::Unit,
        };
        Input { size: args.size, fit, normalize, planes: !args.nhwc, output: args.output.clone() }
    }

    pub(in crate::commands) fn features(args: &FeaturesArgs) -> Result<(), Failure> {
        let mut pictures = Vec::new();
        for path in &args.images {
            collect(path, path, &mut pictures)?;
        }
        pictures.sort();
        if let Some(pair) = pictures.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let (a, b) = (pair[0].1.display(), pair[1].1.display());
            return Err(Failure::usage(format!("{a} and {b} would have the same name, {}", pair[0].0)));
        }
        if pictures.is_empty() {
            return Err(Failure::usage(
                "no pictures: files, folders or a .txt file with a list of them are needed",
            ));
        }
        let net = Net::load(&args.net.model, input(&args.net))?;
        let (done, total) = (AtomicUsize::new(0), pictures.len());
        let rows: Vec<Result<Vec<f32>, String>> = pictures
            .par_iter()
            .map(|(id, path)| {
                let row = picture::read(path).and_then(|image| {
                    if let Some(folder) = &args.thumbnails {
                        let to = folder.join(format!("{id}.jpg"));
                        if fs::canonicalize(&to)
                            .is_ok_and(|to| fs::canonicalize(path).is_ok_and(|path| path == to))
                        {
                            return Err("its thumbnail would overwrite it".to_owned());
                        }
                        picture::write_thumbnail(&image, &to, args.thumbnail_size)?;
                    }
                    net.features(&image)
                });
                let done = 1 + done.fetch_add(1, Ordering::Relaxed);
                if done.is_multiple_of(500) && done < total {
                    say(format_args!("{done} of {total} pictures"));
                }
                row
            })
            .collect();
        let (mut ids, mut values, mut skipped, mut width) = (Vec::new(), Vec::new(), 0, 0);
        for ((id, path), row) in pictures.into_iter().zip(rows) {
            match row {
                Ok(row) => {
                    width = row.len();
                    values.extend(row);
                    ids.push(id);
                }
                Err(why) => {
                    skipped += 1;
                    say(format_args!("{}: skipped: {why}", path.display()));
                }
            }
        }
        if ids.is_empty() {
            return Err(Failure::data(format!("none of {total} pictures could be used")));
        }
        let count = ids.len();
        let matrix = Array2::from_shape_vec((count, width), values).expect("rows of one net");
        let precision = if args.half { Precision::Half } else { Precision::Single };
        Features { ids, matrix }.save(&args.out, precision)?;
        let (out, ids) = (args.out.display(), ids_beside(&args.out));
        print(&format!(
            "{out}, {}: {count} pictures, {width} features each; {skipped} skipped\n",
            ids.display()
        ))
    }

    /// Pictures with their names: all of a folder, the lines of a list, or one file.
    fn collect(root: &Path, path: &Path, found: &mut Vec<(String, PathBuf)>) -> Result<(), Failure> {
        let io = |error| Failure::io(path, &error);
        if path.is_dir() {
            for entry in fs::read_dir(path).map_err(io)? {
                let inner = entry.map_err(io)?.path();
                let ending = inner.extension().map(|ending| ending.to_string_lossy().to_lowercase());
                if inner.is_dir() || ending.is_some_and(|ending| ENDINGS.contains(&&*ending)) {
                    collect(root, &inner, found)?;
                }
            }
            return Ok(());
        }
        if path.extension().is_some_and(|ending| ending == "txt") {
            let text = fs::read_to_string(path).map_err(io)?;
            let folder = path.parent().unwrap_or(Path::new(""));
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let picture = folder.join(line.trim());
                found.push((name(folder, &picture)?, picture));
            }
            return Ok(());
        }
        fs::metadata(path).map_err(io)?;
        let root = if root == path { path.parent().unwrap_or(Path::new("")) } else { root };
        found.push((name(root, path)?, path.to_owned()));
        Ok(())
    }

    /// The name of a picture within this root.
    fn name(root: &Path, path: &Path) -> Result<String, Failure> {
        let inner = path.strip_prefix(root).unwrap_or(path);
        id_of(inner)
            .ok_or_else(|| Failure::usage(format!("{}: a path with .. gives no name", path.display())))
    }
}
