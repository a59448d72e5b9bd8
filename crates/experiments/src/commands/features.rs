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
pub(super) use with_onnx::{features, input, made};

#[cfg(feature = "onnx")]
mod with_onnx {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use data::features::{ENDINGS, Features, Made, Precision, id_of, ids_beside};
    use data::onnx::net::{Input, Net};
    use data::onnx::picture;
    use ndarray::Array2;
    use rayon::prelude::*;

    use super::FeaturesArgs;
    use crate::cli::features::{Fit, NetArgs, Normalize};
    use crate::failure::Failure;
    use crate::terminal::{print, say};

    /// How pictures are given to a net, as `made` says where it is known, else as the arguments say.
    ///
    /// # Errors
    /// An argument that is another than in `made`, or is out of range.
    pub(in crate::commands) fn input(args: &NetArgs, made: Option<&Made>) -> Result<Input, Failure> {
        let fit = args.fit.map(|fit| match fit {
            Fit::Pad => "pad",
            Fit::Stretch => "stretch",
            Fit::Crop => "crop",
        });
        let normalize = match (args.normalize, args.mean.zip(args.std)) {
            (_, Some((mean, deviation))) => {
                if mean.iter().any(|v| !v.is_finite())
                    || deviation.iter().any(|v| !v.is_finite() || *v <= 0.0)
                {
                    return Err(Failure::usage(
                        "--mean and --std: finite numbers, the deviations above 0, are needed",
                    ));
                }
                Some(picture::Normalize::Own(mean, deviation))
            }
            (Some(Normalize::Lite), _) => Some(picture::Normalize::Lite),
            (Some(Normalize::Imagenet), _) => Some(picture::Normalize::Imagenet),
            (Some(Normalize::Caffe), _) => Some(picture::Normalize::Caffe),
            (Some(Normalize::Unit), _) => Some(picture::Normalize::Unit),
            (Some(Normalize::None), _) => Some(picture::Normalize::Raw),
            (None, None) => None,
        };
        let normalize = normalize.map(|normalize| normalize.name());
        let output = args.output.clone();
        let (size, fit, normalize, nhwc, output) = match made {
            None => (
                args.size,
                fit.unwrap_or("pad").to_owned(),
                normalize.unwrap_or_else(|| "lite".to_owned()),
                args.nhwc,
                output,
            ),
            Some(made) => {
                let asked = [
                    ("--size", args.size.map(|size| size.to_string()), made.size.to_string()),
                    ("--fit", fit.map(str::to_owned), made.fit.clone()),
                    ("--normalize", normalize, made.normalize.clone()),
                    ("--output", output, made.output.clone().unwrap_or_else(|| "the first".to_owned())),
                    (
                        "--nhwc",
                        args.nhwc.then(|| "given".to_owned()),
                        if made.nhwc { "given" } else { "not given" }.to_owned(),
                    ),
                ];
                for (flag, asked, made) in asked {
                    if let Some(asked) = asked.filter(|asked| *asked != made) {
                        return Err(Failure::usage(format!(
                            "{flag} {asked}: the run was trained on features that were made with {made}; leave out {flag}"
                        )));
                    }
                }
                (Some(made.size), made.fit.clone(), made.normalize.clone(), made.nhwc, made.output.clone())
            }
        };
        let unknown = |what: &str, value: &str| {
            Failure::data(format!("the record of features has a {what} {value:?} that is unknown"))
        };
        Ok(Input {
            size,
            fit: picture::Fit::named(&fit).ok_or_else(|| unknown("fit", &fit))?,
            normalize: picture::Normalize::named(&normalize)
                .ok_or_else(|| unknown("normalize", &normalize))?,
            planes: !nhwc,
            output,
        })
    }

    /// The record of features that this net makes.
    pub(in crate::commands) fn made(path: &Path, net: &Net) -> Result<Made, Failure> {
        let bytes = fs::read(path).map_err(|error| Failure::io(path, &error))?;
        let input = net.input();
        Ok(Made {
            model: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            model_sha256: files::sha256::hex(bytes),
            output: input.output.clone(),
            size: net.size(),
            fit: input.fit.name().to_owned(),
            normalize: input.normalize.name(),
            nhwc: !input.planes,
        })
    }

    pub(in crate::commands) fn features(args: &FeaturesArgs) -> Result<(), Failure> {
        let (mut pictures, mut others) = (Vec::new(), BTreeMap::new());
        for path in &args.images {
            collect(path, &mut pictures, &mut others)?;
        }
        if !others.is_empty() {
            let others: Vec<String> =
                others.iter().map(|(ending, count)| format!("{count} {ending}")).collect();
            say(format_args!(
                "passed over for their ending: {} (read are .{})",
                others.join(", "),
                ENDINGS.join(", .")
            ));
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
        let net = Net::load(&args.net.model, input(&args.net, None)?)?;
        let made = made(&args.net.model, &net)?;
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
        Made::save(Some(&made), &args.out)?;
        let (out, ids) = (args.out.display(), ids_beside(&args.out));
        print(&format!(
            "{out}, {}: {count} pictures, {width} features each; {skipped} skipped\n",
            ids.display()
        ))
    }

    /// The most that is read of a list of pictures, in bytes.
    const MOST_OF_LIST: u64 = 1 << 28;

    /// Pictures with their names: all of a folder, the lines of a list, or one file. `others` counts files of a folder that are
    /// passed over, by their ending.
    fn collect(
        path: &Path,
        found: &mut Vec<(String, PathBuf)>,
        others: &mut BTreeMap<String, usize>,
    ) -> Result<(), Failure> {
        let io = |error| Failure::io(path, &error);
        if path.is_dir() {
            let files =
                files::folder::files_under(path).map_err(|(path, error)| Failure::io(&path, &error))?;
            for inner in files {
                let ending = inner.extension().map(|ending| ending.to_string_lossy().to_lowercase());
                match ending.filter(|ending| ENDINGS.contains(&&**ending)) {
                    Some(_) => found.push((name(path, &inner)?, inner)),
                    None => {
                        let ending = inner.extension().map(|ending| format!(".{}", ending.to_string_lossy()));
                        *others.entry(ending.unwrap_or_else(|| "without one".to_owned())).or_default() += 1;
                    }
                }
            }
            return Ok(());
        }
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("txt")) {
            let text = files::text::decode(files::content::read(path, MOST_OF_LIST).map_err(io)?).text;
            let folder = path.parent().unwrap_or(Path::new(""));
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let picture = folder.join(line.trim().replace('\\', "/"));
                found.push((name(folder, &picture)?, picture));
            }
            return Ok(());
        }
        fs::metadata(path).map_err(io)?;
        found.push((name(path.parent().unwrap_or(Path::new("")), path)?, path.to_owned()));
        Ok(())
    }

    /// The name of a picture within this root.
    fn name(root: &Path, path: &Path) -> Result<String, Failure> {
        let inner = path.strip_prefix(root).unwrap_or(path);
        id_of(inner)
            .ok_or_else(|| Failure::usage(format!("{}: a path with .. gives no name", path.display())))
    }
}
