//! Writing a folder of tagged pictures.

use std::fs;
use std::path::Path;

use ndarray::{Array2, Axis};

use super::found::Found;
use crate::error::Error;
use crate::features::{Features, Precision, ids_beside, save_matrix};
use crate::tags::{Picture, TagSet, lines_of};

/// Writes the folder: the pictures that have features, in their order, with copies of their thumbnails and of
/// a text for the language model. `say` receives lines about pictures that are left out.
///
/// # Errors
/// If the folder exists, an id comes twice, no picture has features, the text is not UTF-8, or the system
/// refuses.
pub fn write(
    mut found: Found,
    features: &Path,
    thumbnails: Option<&Path>,
    text: Option<&Path>,
    out: &Path,
    say: &mut dyn FnMut(&str),
) -> Result<TagSet, Error> {
    let text = text.map(|path| {
        let bytes = fs::read(path).map_err(Error::io(path))?;
        lines_of(bytes, path)
    });
    let text = text.transpose()?;
    let vectors = Features::load(features)?;
    let rows = vectors.rows();
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
        return Err(Error::file(features, "none of the pictures has features there"));
    }
    if let Some(parent) = out.parent() {
        fs::create_dir_all(parent).map_err(Error::io(parent))?;
    }
    fs::create_dir(out).map_err(Error::io(out))?;
    let matrix: Array2<f32> = vectors.matrix.select(Axis(0), &chosen);
    let path = out.join("features.npy");
    save_matrix(&matrix, &path, Precision::Half)?;
    let write = |path: &Path, bytes: &[u8]| files::write_bytes(path, bytes).map_err(Error::io(path));
    let ids: Vec<&str> = pictures.iter().map(|picture| &*picture.id).collect();
    write(&ids_beside(&path), (ids.join("\n") + "\n").as_bytes())?;
    let line = |picture: &Picture| serde_json::to_string(picture).expect("strings") + "\n";
    write(&out.join("images.jsonl"), pictures.iter().map(line).collect::<String>().as_bytes())?;
    if let Some(lines) = text {
        write(&out.join("text.txt"), (lines.join("\n") + "\n").as_bytes())?;
    }
    if let Some(from) = thumbnails {
        for picture in &pictures {
            copy_thumbnail(from, &out.join("thumbnails"), &picture.id)?;
        }
    }
    TagSet::open(out)
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
