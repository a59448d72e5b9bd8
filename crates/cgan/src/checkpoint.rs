//! Checkpoints: everything from which a run continues to the same bits, in one safetensors file.
//!
//! A file is written under a temporary name, synced, renamed, and its folder synced, so that a kill at any
//! moment leaves either the old state or the new. Its metadata holds a SHA-256 of the step, the notes and all
//! tensors. The last two files are kept: if the newest is damaged, the one before it is used.
//!
//! `parameters/generator.z.weight`.. are the parameters, each with its dimensions; `generator.ema`,
//! `discriminator.velocity`.. are the other buffers of [`Trainer::state`], flat, in the order of their weights in memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use files::{Sha256, Tensor, Tensors, tensors};
use serde::{Deserialize, Serialize};

use crate::{Error, Trainer, weights};

/// Version of the tensors' names and of their order. Files before version 2 have no such number.
const FORMAT: u32 = 2;

/// Number of files that are kept.
const KEPT: usize = 2;

/// What the caller saves beside the nets, such as a position in a file.
pub type Notes = BTreeMap<String, String>;

/// The only entry of the file's metadata; one, because a safetensors map has no fixed order.
#[derive(Serialize, Deserialize)]
struct Header {
    #[serde(default)]
    format: u32,
    step: u64,
    sha256: String,
    notes: Notes,
}

/// A run's folder of checkpoints.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// The result of [`Store::load`].
#[derive(Debug)]
pub struct Loaded {
    /// The notes saved with the state.
    pub notes: Notes,
    /// One line for each newer file that could not be used.
    pub passed_over: Vec<String>,
}

impl Store {
    /// The store in `folder`, which must exist.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Saves the trainer's state and removes all but the last two files. Returns the file.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written; what was saved before is then still there.
    pub fn save(&self, trainer: &Trainer<f32>, notes: &Notes) -> Result<PathBuf, Error> {
        let path = self.folder.join(format!("step-{:09}.safetensors", trainer.steps()));
        let named = named_tensors(trainer);
        let sha256 = digest(trainer.steps(), notes, named.iter().map(|(name, t)| (name.as_str(), t.bytes())));
        let header = Header { format: FORMAT, step: trainer.steps(), sha256, notes: notes.clone() };
        let header = serde_json::to_string(&header).expect("strings and a number");
        tensors::write(&path, named, Some(("checkpoint", header)))
            .map_err(|source| Error::Io { path: path.clone(), source })?;
        // Files of later steps were passed over, or belong to a future that will be computed again.
        let (earlier, later): (Vec<_>, Vec<_>) =
            self.files()?.into_iter().partition(|(step, _)| *step <= trainer.steps());
        let old = earlier.into_iter().rev().skip(KEPT).chain(later);
        for (_, old) in old {
            fs::remove_file(&old).map_err(|source| Error::Io { path: old, source })?;
        }
        Ok(path)
    }

    /// Restores the newest undamaged state. Without any file the trainer stays as it is.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if every file is damaged, with the reason of the newest.
    pub fn load(&self, trainer: &mut Trainer<f32>) -> Result<Loaded, Error> {
        let mut passed_over = Vec::new();
        let mut newest_error = None;
        for (_, path) in self.files()?.into_iter().rev() {
            match read(&path, trainer) {
                Ok(notes) => return Ok(Loaded { notes, passed_over }),
                Err(error) => {
                    passed_over.push(error.to_string());
                    newest_error.get_or_insert(error);
                }
            }
        }
        newest_error.map_or(Ok(Loaded { notes: Notes::new(), passed_over }), Err)
    }

    /// Steps and files from the oldest to the newest; temporary files of an interrupted save are left out.
    fn files(&self) -> Result<Vec<(u64, PathBuf)>, Error> {
        let io = |source| Error::Io { path: self.folder.clone(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let step = name.strip_prefix("step-").and_then(|name| name.strip_suffix(".safetensors"));
            if let Some(step) = step.and_then(|step| step.parse().ok()) {
                files.push((step, path));
            }
        }
        files.sort();
        Ok(files)
    }
}

/// The name of the buffer that is cut into the tensors of its parameters.
const PARAMETERS: &str = "parameters";

/// Every buffer of the trainer: the parameters one by one, the others whole.
fn named_tensors(trainer: &Trainer<f32>) -> Vec<(String, Tensor<'_>)> {
    let parameters = weights::tensors(trainer.parameters());
    let mut named: Vec<_> =
        parameters.into_iter().map(|(name, tensor)| (format!("{PARAMETERS}/{name}"), tensor)).collect();
    for (name, buffer) in trainer.state() {
        if name != PARAMETERS {
            named.push((name, Tensor::f32(&[buffer.len()], buffer)));
        }
    }
    named
}

/// SHA-256 of the step, the notes, and each tensor's name and bytes in the order of the names.
fn digest<'a>(step: u64, notes: &Notes, tensors: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let sorted: BTreeMap<&str, &[u8]> = tensors.collect();
    let mut hash = Sha256::new();
    hash.update(step.to_le_bytes());
    hash.update(serde_json::to_string(notes).expect("strings"));
    for (name, bytes) in sorted {
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    hash.hex()
}

/// Reads a file and checks all of it before the trainer changes.
fn read(path: &Path, trainer: &mut Trainer<f32>) -> Result<Notes, Error> {
    let damaged = |reason: String| Error::Checkpoint { path: path.to_owned(), reason };
    let bytes = fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    let file = Tensors::parse(&bytes).map_err(|error| damaged(error.to_string()))?;
    let header: Header =
        file.entry("checkpoint").map_err(|_| damaged("is not a checkpoint of this program".to_owned()))?;
    if header.format != FORMAT {
        return Err(damaged(format!(
            "is of another version of this program (format {}, not {FORMAT}): start the run anew",
            header.format.max(1)
        )));
    }
    let found = digest(header.step, &header.notes, file.iter());
    if found != header.sha256 {
        return Err(damaged(format!(
            "is damaged: SHA-256 {found}, where {} is recorded in it",
            header.sha256
        )));
    }
    let expected = named_tensors(trainer);
    for (name, tensor) in &expected {
        let _ =
            file.f32(name, tensor.dims()).map_err(|error| damaged(format!("is of other nets: {error}")))?;
    }
    if file.len() != expected.len() {
        return Err(damaged(format!("is of other nets: {} tensors, not {}", file.len(), expected.len())));
    }
    let mut parameters = trainer.parameters().clone();
    for id in parameters.ids() {
        let entry = parameters.entry(id);
        let name = format!("{PARAMETERS}/{}", entry.name);
        let values = file.f32(&name, &entry.dims).map_err(|error| damaged(error.to_string()))?;
        parameters.set_rows(id, values);
    }
    trainer.restore(header.step, |name, buffer| {
        if name == PARAMETERS {
            buffer.copy_from_slice(parameters.values());
            return Ok(());
        }
        let values = file.f32(name, &[buffer.len()]).map_err(|error| damaged(error.to_string()))?;
        buffer.iter_mut().zip(values).for_each(|(slot, value)| *slot = value);
        Ok::<_, Error>(())
    })?;
    Ok(header.notes)
}
