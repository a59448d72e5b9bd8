//! The layout of a run directory.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A run's directory, locked while this process trains in it.
#[derive(Debug)]
pub struct RunDirectory {
    path: PathBuf,
    _lock: Option<File>,
}

impl RunDirectory {
    /// Creates a new directory: `out`, which may be an empty one, or the next free `runs/<name>-<n>`.
    ///
    /// # Errors
    /// If `out` exists and is not empty, or nothing can be created there.
    pub fn create(out: Option<&Path>, name: &str) -> Result<Self, Failure> {
        let path = match out {
            Some(path) => {
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent).map_err(|error| Failure::io(parent, &error))?;
                }
                let is_empty = || fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
                match fs::create_dir(path) {
                    Err(error) if error.kind() == ErrorKind::AlreadyExists && is_empty() => {}
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                        return Err(Failure::general(format!(
                            "{} exists: a run never overwrites another",
                            path.display()
                        )));
                    }
                    created => created.map_err(|error| Failure::io(path, &error))?,
                }
                path.to_owned()
            }
            None => {
                let runs = Path::new("runs");
                fs::create_dir_all(runs).map_err(|error| Failure::io(runs, &error))?;
                // Only one of two processes can create a directory: two runs that start together get two
                // numbers.
                let mut number = 1;
                loop {
                    let path = runs.join(format!("{name}-{number}"));
                    match fs::create_dir(&path) {
                        Ok(()) => break path,
                        Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                        Err(error) => return Err(Failure::io(&path, &error)),
                    }
                }
            }
        };
        for inner in ["samples", "checkpoints"] {
            let inner = path.join(inner);
            fs::create_dir(&inner).map_err(|error| Failure::io(&inner, &error))?;
        }
        Self { path, _lock: None }.locked()
    }

    /// Opens a directory to continue training in it.
    ///
    /// # Errors
    /// If it is not a run, or another process trains in it.
    pub fn lock(path: &Path) -> Result<Self, Failure> {
        let directory = Self::open(path)?.locked()?;
        directory.refuse_links()?;
        directory.remove_temporary_files().map_err(|error| Failure::io(path, &error))?;
        Ok(directory)
    }

    /// Opens a directory to read from it.
    ///
    /// # Errors
    /// If it is not a run.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let directory = Self { path: path.to_owned(), _lock: None };
        if !directory.config().is_file() {
            return Err(Failure::general(format!(
                "{}: not a run: there is no config.toml in it",
                path.display()
            )));
        }
        directory.refuse_pipes()?;
        Ok(directory)
    }

    /// A pipe without a writer would be read for ever. A link is followed here, and a broken one is no file.
    fn refuse_pipes(&self) -> Result<(), Failure> {
        for folder in [self.path.clone(), self.path.join("samples"), self.checkpoints()] {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if fs::metadata(&path).is_ok_and(|kind| !kind.is_file() && !kind.is_dir()) {
                    let why = "no plain file, and a run has no other: remove it";
                    return Err(Failure::data(format!("{}: {why}", path.display())));
                }
            }
        }
        Ok(())
    }

    /// A run writes to its own plain files and folders alone: a link could lead it to another file.
    fn refuse_links(&self) -> Result<(), Failure> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |error| Failure::io(&path, &error)
        };
        for folder in [self.path.clone(), self.path.join("samples"), self.checkpoints()] {
            for entry in fs::read_dir(&folder).map_err(io(&folder))? {
                let entry = entry.map_err(io(&folder))?;
                let kind = entry.file_type().map_err(io(&entry.path()))?;
                if !kind.is_file() && !kind.is_dir() {
                    let what = if kind.is_symlink() { "a link" } else { "no plain file" };
                    return Err(Failure::data(format!(
                        "{}: {what}; a run writes to plain files and folders of its own: put the file itself there",
                        entry.path().display()
                    )));
                }
            }
        }
        Ok(())
    }

    /// Removes the temporary files of a process that was killed while it wrote.
    fn remove_temporary_files(&self) -> std::io::Result<()> {
        for inner in [self.path.clone(), self.path.join("samples"), self.checkpoints()] {
            for entry in fs::read_dir(inner)? {
                let entry = entry?;
                let name = entry.file_name();
                // Those of this program, and of the safetensors library.
                let left = [".part-", ".tmp"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix));
                if left && entry.file_type()?.is_file() {
                    fs::remove_file(entry.path())?;
                }
            }
        }
        Ok(())
    }

    fn locked(mut self) -> Result<Self, Failure> {
        let directory = File::open(&self.path).map_err(|error| Failure::io(&self.path, &error))?;
        match directory.try_lock() {
            Ok(()) => self._lock = Some(directory),
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::general(format!(
                    "{}: another process trains in it",
                    self.path.display()
                )));
            }
            // A file system without locks: train without one.
            Err(TryLockError::Error(_)) => {}
        }
        Ok(self)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether any step has been logged.
    pub(super) fn has_rows(&self) -> bool {
        [self.metrics(), self.timing(), self.diagnosis()]
            .iter()
            .any(|path| fs::metadata(path).is_ok_and(|file| file.len() > 0))
    }

    /// The resolved settings.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// Version, processor features and threads.
    pub fn environment(&self) -> PathBuf {
        self.path.join("env.toml")
    }

    /// Losses and related numbers, by step.
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.csv")
    }

    /// Wall-clock time, by epoch.
    pub fn timing(&self) -> PathBuf {
        self.path.join("timing.csv")
    }

    /// Results on validation data, if `log.evaluate_every` asks for them.
    pub fn evaluations(&self) -> PathBuf {
        self.path.join("evaluations.csv")
    }

    /// What goes wrong, by epoch.
    pub fn diagnosis(&self) -> PathBuf {
        self.path.join("diagnosis.csv")
    }

    /// What the run was trained on, in a few numbers.
    pub fn data_facts(&self) -> PathBuf {
        self.path.join("data.toml")
    }

    /// How the run ended.
    pub fn outcome(&self) -> PathBuf {
        self.path.join("outcome.toml")
    }

    /// The page of the run.
    pub fn report(&self) -> PathBuf {
        self.path.join("report.html")
    }

    /// Samples beside their nearest training images, by `cgan evaluate`.
    pub fn nearest(&self) -> PathBuf {
        self.path.join("nearest.png")
    }

    /// Where samples go that are drawn while the run trains.
    fn samples_folder(&self) -> PathBuf {
        self.path.join("samples")
    }

    /// The files of samples with one of these endings that there are, each with its epoch, the first first.
    pub fn sampled(&self, endings: &[&str]) -> Vec<(u64, PathBuf)> {
        let entries = fs::read_dir(self.samples_folder()).into_iter().flatten().flatten();
        let epoch = |path: &Path| -> Option<u64> {
            let ending = path.extension()?.to_str()?;
            endings
                .contains(&ending)
                .then(|| path.file_stem()?.to_str()?.strip_prefix("epoch-")?.parse().ok())?
        };
        let mut found: Vec<_> =
            entries.map(|entry| entry.path()).filter_map(|path| Some((epoch(&path)?, path))).collect();
        found.sort();
        found
    }

    /// The weights that are best by validation, with early stopping.
    pub fn best(&self) -> PathBuf {
        self.path.join("best.safetensors")
    }

    /// Samples drawn with them, as a file of this ending.
    pub fn best_samples(&self, ending: &str) -> PathBuf {
        self.samples_folder().join(format!("best.{ending}"))
    }

    /// The picture of the metrics.
    pub fn curves(&self) -> PathBuf {
        self.path.join("curves.svg")
    }

    /// Samples after so many epochs, as a file of this ending.
    pub fn samples(&self, epoch: u64, ending: &str) -> PathBuf {
        self.samples_folder().join(format!("epoch-{epoch:03}.{ending}"))
    }

    /// Word vectors, tags and scales of a tagging run.
    pub fn preprocessing(&self) -> PathBuf {
        self.path.join("tags.safetensors")
    }

    /// Where checkpoints go.
    pub fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// The weights to sample with.
    pub fn weights(&self) -> PathBuf {
        self.path.join("weights.safetensors")
    }
}

/// Writes a file whole or not at all.
///
/// # Errors
/// If it cannot be written; whatever stood there before is then still there.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    files::write_bytes(path, bytes).map_err(|error| Failure::io(path, &error))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("config.toml"), "").unwrap();
        std::os::unix::fs::symlink("gone", at("timing.csv")).unwrap();
        assert!(RunDirectory::open(folder.path()).is_ok());
        let _pipe = std::os::unix::net::UnixListener::bind(at("metrics.csv")).unwrap();
        let error = RunDirectory::open(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("metrics.csv: no plain file, and a run has no other: remove it"), "{error}");
    }
}
