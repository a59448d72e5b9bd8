//! Features of images: a matrix in a NumPy file, and the names of the images.
//!
//! `features.npy` is (images, width), in half, single or double precision; `features.ids` beside it has the
//! name of a row on each line: the image's path within its folder, without the ending.

use std::collections::HashMap;
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

use files::content;
use files::npy::{self, NpyError};
use half::f16;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Features of images.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// A name for each row.
    pub ids: Vec<String>,
    /// (images, width).
    pub matrix: Array2<f32>,
}

/// Endings of the pictures that are read, in lower case.
pub const ENDINGS: [&str; 9] = ["png", "jpg", "jpeg", "jfif", "gif", "bmp", "webp", "tif", "tiff"];

/// How features of pictures were made: in the file `made.json` that belongs to a matrix, in the set that is prepared from it,
/// and in a run that is trained on the set, so that further pictures are treated alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// The file of the net, without its folder.
    pub model: String,
    /// SHA-256 of that file.
    pub model_sha256: String,
    /// The node whose output was taken; `None` for the net's first output.
    pub output: Option<String>,
    /// Pixels of a side.
    pub size: u32,
    /// How a picture became a square, as the command line names it.
    pub fit: String,
    /// What became of bytes, as the command line names it.
    pub normalize: String,
    /// The net took pixel after pixel, not channel after channel.
    pub nhwc: bool,
}

/// The file that says how a matrix was made.
pub fn made_beside(path: &Path) -> PathBuf {
    path.with_extension("made.json")
}

impl Made {
    /// The record of a matrix, if there is one.
    ///
    /// # Errors
    /// If the file cannot be read, or is no record.
    pub fn of(matrix: &Path) -> Result<Option<Self>, Error> {
        let path = made_beside(matrix);
        match content::read(&path, MOST_OF_RECORD) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::unreadable(&path)(error)),
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
                Error::file(
                    &path,
                    format!("does not say how features were made ({error}): remove it, or make them anew"),
                )
            }),
        }
    }

    /// Writes the record of a matrix, or removes that of an older one.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn save(made: Option<&Self>, matrix: &Path) -> Result<(), Error> {
        let path = made_beside(matrix);
        let Some(made) = made else {
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::unreadable(&path)(error)),
                _ => Ok(()),
            };
        };
        let text = serde_json::to_string_pretty(made).expect("strings and numbers") + "\n";
        files::write_bytes(&path, text.as_bytes()).map_err(Error::io(&path))
    }
}

/// How numbers are stored in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Two bytes.
    Half,
    /// Four bytes.
    Single,
}

impl Features {
    /// Reads a matrix and its names.
    ///
    /// # Errors
    /// If a file is missing or not what it should be, or a name comes twice.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let matrix = load_matrix(path)?;
        let names = ids_beside(path);
        let text = content::read(&names, MOST_OF_NAMES).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::file(
                &names,
                format!(
                    "not there: it must have the names of the {} rows of {}, a line each: the picture's path without its ending",
                    matrix.nrows(),
                    path.display()
                ),
            ),
            _ => Error::unreadable(&names)(error),
        })?;
        let ids = names_of(&text);
        if ids.len() != matrix.nrows() {
            let (path, rows) = (path.display(), matrix.nrows());
            return Err(Error::file(&names, format!("{} names for the {rows} rows of {path}", ids.len())));
        }
        let mut seen = HashMap::new();
        for (line, id) in ids.iter().enumerate() {
            if let Some(before) = seen.insert(id, line) {
                let why = format!("lines {} and {}: {id} comes twice", before + 1, line + 1);
                return Err(Error::file(&names, why));
            }
        }
        Ok(Self { ids, matrix })
    }

    /// Writes both files, each whole or not at all.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn save(&self, path: &Path, precision: Precision) -> Result<(), Error> {
        let mut names = self.ids.join("\n");
        names.push('\n');
        let beside = ids_beside(path);
        files::write_bytes(&beside, names.as_bytes()).map_err(Error::io(&beside))?;
        save_matrix(&self.matrix, path, precision)
    }

    /// The row of each name; of a name with the ending of a picture also without it.
    pub fn rows(&self) -> HashMap<String, usize> {
        let with_endings = self.ids.iter().zip(0..).filter_map(|(id, row)| {
            let ending = Path::new(id).extension()?.to_str()?.to_lowercase();
            ENDINGS.contains(&&*ending).then(|| id_of(Path::new(id)))?.map(|id| (id, row))
        });
        with_endings.chain(self.ids.iter().cloned().zip(0..)).collect()
    }
}

/// The name of a picture: its path without the ending and without a root, with slashes between the parts.
/// `None` if the path contains `..`, because the name is used as a path within a folder.
pub fn id_of(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.with_extension("").components() {
        match part {
            Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            Component::ParentDir => return None,
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The most that is read of a file of names, in bytes: 1 GiB.
pub(crate) const MOST_OF_NAMES: u64 = 1 << 30;

/// The most that is read of a record, in bytes.
const MOST_OF_RECORD: u64 = 1 << 20;

/// The names in a `.ids`, a line each, in any encoding and with slashes of any system.
pub(crate) fn names_of(bytes: &[u8]) -> Vec<String> {
    let (text, _) = files::text::decode_bytes(bytes);
    text.trim_end().lines().map(|line| line.trim().replace('\\', "/")).collect()
}

/// The file of names that belongs to a matrix.
pub fn ids_beside(path: &Path) -> PathBuf {
    path.with_extension("ids")
}

/// Reads a matrix of half, single or double precision; every number must be finite.
///
/// # Errors
/// What is wrong, and in which row.
pub fn load_matrix(path: &Path) -> Result<Array2<f32>, Error> {
    matrix_of(files::content::open(path).map_err(Error::unreadable(path))?, path)
}

/// Reads a matrix from any reader; messages name it as `path`.
///
/// # Errors
/// As for [`load_matrix`].
pub fn matrix_of(from: impl Read, path: &Path) -> Result<Array2<f32>, Error> {
    let matrix = npy::read_matrix(from).map_err(|error| match error {
        NpyError::Io(source) => Error::unreadable(path)(source),
        NpyError::NotNpy => match files::content::described_file(path) {
            Some(what) => Error::file(path, format!("not a .npy file: it is {what}")),
            None => Error::file(path, NpyError::NotNpy.to_string()),
        },
        other => Error::file(path, other.to_string()),
    })?;
    if matrix.is_empty() {
        return Err(Error::file(path, "an empty matrix"));
    }
    if let Some(row) = matrix.rows().into_iter().position(|row| row.iter().any(|value| !value.is_finite())) {
        return Err(Error::file(
            path,
            format!("row {}: a number is not finite in single precision", row + 1),
        ));
    }
    Ok(matrix)
}

/// Writes a matrix, whole or not at all.
///
/// # Errors
/// If the system refuses, or a number is beyond half precision.
pub fn save_matrix(matrix: &Array2<f32>, path: &Path, precision: Precision) -> Result<(), Error> {
    let written = match precision {
        Precision::Half => {
            let half = matrix.mapv(f16::from_f32);
            if half.iter().any(|value| !value.is_finite()) {
                return Err(Error::file(path, "a number is beyond half precision"));
            }
            npy::save(path, &half)
        }
        Precision::Single => npy::save(path, matrix),
    };
    written.map_err(Error::io(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn both_precisions_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.npy");
        let features = Features {
            ids: vec!["a/b".into(), "é".into()],
            matrix: array![[0.5, -2.0, 3.25], [0.0, 1.0, 6.0]],
        };
        for precision in [Precision::Half, Precision::Single] {
            features.save(&path, precision).unwrap();
            assert_eq!(Features::load(&path).unwrap(), features);
        }
        let beyond = Features { ids: vec!["a".into()], matrix: array![[1e6]] };
        assert!(beyond.save(&path, Precision::Half).is_err());
    }

    #[test]
    fn a_name_never_leads_out_of_a_folder() {
        let id = |path: &str| id_of(Path::new(path));
        assert_eq!(id("a/b.c.png").as_deref(), Some("a/b.c"));
        assert_eq!(id("/home/x/./a.jpg").as_deref(), Some("home/x/a"));
        assert_eq!((id("../a.png"), id("a/../../b.png"), id("/")), (None, None, None));
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.npy");
        let good = Features { ids: vec!["a".into(), "b".into()], matrix: array![[1.0], [2.0]] };
        let refused = |why: &str| {
            let error = Features::load(&path).unwrap_err().to_string();
            assert!(error.contains(why) && error.lines().count() == 1, "{error}");
        };
        good.save(&path, Precision::Single).unwrap();
        std::fs::write(ids_beside(&path), "a\n").unwrap();
        refused("f.ids: 1 names for the 2 rows");
        std::fs::write(ids_beside(&path), "a\na\n").unwrap();
        refused("lines 1 and 2: a comes twice");
        save_matrix(&array![[1.0], [f32::NAN]], &path, Precision::Single).unwrap();
        refused("row 2: a number is not finite");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 2]).unwrap();
        refused("breaks off");
        std::fs::write(&path, "no").unwrap();
        refused("not a .npy file");
        npy::save(&path, &array![[1i32]]).unwrap();
        refused("<i4");
        npy::save(&path, &array![1f32]).unwrap();
        refused("not a matrix");
        std::fs::remove_file(&path).unwrap();
        refused("f.npy: ");
    }
}
