//! Writing a folder of tagged pictures.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use half::f16;
use ndarray::{Array2, Axis};

use super::found::{Found, read_text};
use crate::error::Error;
use crate::features::{Features, Made, Precision, ids_beside, save_matrix};
use crate::tags::{Picture, TagSet};

/// Writes the folder whole or not at all: the pictures that have features, in their order, with copies of their thumbnails
/// and of a text for the language model. `say` receives lines about pictures that are left out. Features are written in
/// half precision, or in single precision if a number is beyond it.
///
/// # Errors
/// If the folder exists and is not empty, an id comes twice, no picture has features, or the system refuses.
pub fn write(
    mut found: Found,
    features: &Path,
    thumbnails: Option<&Path>,
    text: Option<&Path>,
    out: &Path,
    say: &mut dyn FnMut(&str),
) -> Result<TagSet, Error> {
    let mut odd = (0, "");
    let lines = text.map(|path| read_text(path, &mut odd)).transpose()?;
    if let Some(path) = text.filter(|_| odd.0 > 0) {
        say(&format!("{}: read as {}", path.display(), odd.1));
    }
    let exists = || {
        let why = "it exists and is not empty: a set never overwrites another";
        Error::io(out)(std::io::Error::new(ErrorKind::AlreadyExists, why))
    };
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) || out.is_file() {
        return Err(exists());
    }
    if found.pictures.is_empty() {
        found.left_out.iter().for_each(|(why, count)| say(&format!("left out: {count} pictures: {why}")));
        return Err(Error::Mismatch("no picture is left: a tag needs a letter or a digit".to_owned()));
    }
    let vectors = Features::load(features)?;
    let rows = vectors.rows();
    let example = found.pictures.first().map(|picture| picture.id.clone()).unwrap_or_default();
    let all = std::mem::take(&mut found.pictures);
    let mut chosen = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for picture in all {
        if !seen.insert(picture.id.clone()) {
            return Err(Error::Mismatch(format!("the picture {} comes twice", picture.id)));
        }
        match rows.get(&*picture.id) {
            Some(row) => {
                chosen.push(*row);
                found.pictures.push(picture);
            }
            None => found.leave_out("no features"),
        }
    }
    let pictures = found.pictures;
    found.left_out.iter().for_each(|(why, count)| say(&format!("left out: {count} pictures: {why}")));
    if pictures.is_empty() {
        let ids = ids_beside(features);
        let why = format!(
            "none of the pictures has features there: their list names {example:?}, and {} {:?}",
            ids.display(),
            vectors.ids[0]
        );
        return Err(Error::file(features, why));
    }
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(Error::io(parent))?;
    // Whatever fails, the next try finds the place free.
    let (temporary, part) = files::part(|| tempfile::Builder::new().prefix(".part-").tempdir_in(parent))
        .map_err(|error| Error::io(parent)(error.kind().into()))?;
    let within = |error: Error| match error {
        Error::Io { path, source } => {
            let inner = path.strip_prefix(temporary.path()).map(|inner| out.join(inner));
            Error::Io { path: inner.unwrap_or(path), source }
        }
        other => other,
    };
    let matrix: Array2<f32> = vectors.matrix.select(Axis(0), &chosen);
    fill(temporary.path(), &pictures, &matrix, thumbnails, lines.as_deref()).map_err(within)?;
    Made::save(Made::of(features)?.as_ref(), &temporary.path().join("features.npy")).map_err(within)?;
    open_to_all(temporary.path()).map_err(Error::io(out))?;
    part.placed(|| fs::rename(temporary.path(), out)).map_err(|error| match error.kind() {
        ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists | ErrorKind::NotADirectory => exists(),
        _ => Error::io(out)(error),
    })?;
    let _ = temporary.keep();
    TagSet::open(out)
}

/// Temporary folders are private; the result gets what the umask allows, as any other folder.
fn open_to_all(folder: &Path) -> std::io::Result<()> {
    let sample = folder.join("sample");
    fs::create_dir(&sample)?;
    let permissions = fs::metadata(&sample)?.permissions();
    fs::remove_dir(&sample)?;
    fs::set_permissions(folder, permissions)
}

/// Writes the files of a set into a folder.
fn fill(
    out: &Path,
    pictures: &[Picture],
    matrix: &Array2<f32>,
    thumbnails: Option<&Path>,
    text: Option<&str>,
) -> Result<(), Error> {
    let path = out.join("features.npy");
    let beyond_half = matrix.iter().any(|value| !f16::from_f32(*value).is_finite());
    save_matrix(matrix, &path, if beyond_half { Precision::Single } else { Precision::Half })?;
    let write = |path: &Path, bytes: &[u8]| files::write_bytes(path, bytes).map_err(Error::io(path));
    let ids: Vec<&str> = pictures.iter().map(|picture| &*picture.id).collect();
    write(&ids_beside(&path), (ids.join("\n") + "\n").as_bytes())?;
    let line = |picture: &Picture| serde_json::to_string(picture).expect("strings") + "\n";
    write(&out.join("images.jsonl"), pictures.iter().map(line).collect::<String>().as_bytes())?;
    if let Some(text) = text {
        let lines: String = text.lines().map(|line| format!("{line}\n")).collect();
        write(&out.join("text.txt"), lines.as_bytes())?;
    }
    if let Some(from) = thumbnails {
        for picture in pictures {
            copy_thumbnail(from, &out.join("thumbnails"), &picture.id)?;
        }
    }
    Ok(())
}

fn copy_thumbnail(from: &Path, to: &Path, id: &str) -> Result<(), Error> {
    for ending in ["webp", "jpg", "png"] {
        let (from, to) = (from.join(format!("{id}.{ending}")), to.join(format!("{id}.{ending}")));
        if from.exists() {
            let folder = to.parent().unwrap_or(Path::new(""));
            fs::create_dir_all(folder).map_err(Error::io(folder))?;
            fs::copy(&from, &to).map_err(Error::io(&from))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::fixture::picture;

    #[test]
    fn a_failure_leaves_the_place_free_and_large_numbers_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let features = folder.path().join("all.npy");
        let found = || Found { pictures: vec![picture("a", "a")], left_out: vec![] };
        let matrix = ndarray::array![[70_000.0, 2.0]];
        Features { ids: vec!["a".into()], matrix: matrix.clone() }
            .save(&features, Precision::Single)
            .unwrap();
        let out = folder.path().join("set");
        // A thumbnail that cannot be copied.
        fs::create_dir_all(folder.path().join("t/a.png")).unwrap();
        let thumbnails = folder.path().join("t");
        write(found(), &features, Some(&thumbnails), None, &out, &mut |_| ()).unwrap_err();
        assert!(!out.exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "all.npy, all.ids, t");
        fs::create_dir(&out).unwrap();
        let set = write(found(), &features, None, None, &out, &mut |_| ()).unwrap();
        assert_eq!(set.features, matrix);
        let error = write(found(), &features, None, None, &out, &mut |_| ()).unwrap_err().to_string();
        assert!(error.contains("set: it exists and is not empty"), "{error}");
    }

    #[test]
    fn a_folder_is_written_once_and_without_what_has_no_features() {
        let folder = tempfile::tempdir().unwrap();
        let features = folder.path().join("all.npy");
        let matrix = ndarray::array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let ids = ["c", "a/x", "b"].map(str::to_owned).to_vec();
        Features { ids, matrix }.save(&features, Precision::Single).unwrap();
        let found = |ids: &[&str]| Found {
            pictures: ids.iter().map(|id| picture(id, id)).collect(),
            left_out: vec![],
        };
        let out = folder.path().join("new/set");
        let set = write(found(&["a/x", "gone", "c"]), &features, None, None, &out, &mut |_| ()).unwrap();
        assert_eq!(set.features, ndarray::array![[3.0, 4.0], [1.0, 2.0]]);
        assert!(write(found(&["c"]), &features, None, None, &out, &mut |_| ()).is_err());
        let error = write(found(&["c", "c"]), &features, None, None, &folder.path().join("d"), &mut |_| ())
            .unwrap_err()
            .to_string();
        assert!(error.contains("c comes twice"), "{error}");
        let error = write(found(&["y"]), &features, None, None, &folder.path().join("e"), &mut |_| ())
            .unwrap_err()
            .to_string();
        assert!(error.contains("none of the pictures has features"), "{error}");
    }
}
