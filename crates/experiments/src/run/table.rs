//! `metrics.csv`, `timing.csv`, `evaluations.csv` and `diagnosis.csv`: tables that grow row by row, and are cut to the length
//! that a checkpoint saved.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use cgan::Metrics;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// A row of `metrics.csv`; without wall-clock times, so that equal runs have equal files.
#[derive(Serialize)]
pub(super) struct MetricsRow {
    step: u64,
    epoch: f64,
    d_loss: f64,
    g_loss: f64,
    d_real: f64,
    d_fake: f64,
    gradient_penalty: f64,
    learning_rate: f64,
    momentum: Option<f64>,
    d_gradient_norm: f64,
    g_gradient_norm: f64,
}

impl MetricsRow {
    /// The results of the last step; `penalty` is that of the last step that had one, and `norms` are of D's and G's gradients.
    pub(super) fn new(step: u64, epoch: f64, metrics: &Metrics, penalty: f64, norms: (f64, f64)) -> Self {
        Self {
            step,
            epoch,
            d_loss: metrics.d_loss,
            g_loss: metrics.g_loss,
            d_real: metrics.d_real,
            d_fake: metrics.d_fake,
            gradient_penalty: penalty,
            learning_rate: metrics.learning_rate,
            momentum: metrics.momentum,
            d_gradient_norm: norms.0,
            g_gradient_norm: norms.1,
        }
    }
}

/// A row of `timing.csv`, an epoch each.
#[derive(Serialize)]
pub(super) struct TimingRow {
    pub(super) epoch: u64,
    pub(super) step: u64,
    pub(super) seconds: f64,
    pub(super) steps_per_second: f64,
    pub(super) images_per_second: f64,
}

/// A CSV file with one header line.
pub(crate) struct Table {
    path: PathBuf,
    writer: csv::Writer<File>,
}

impl Table {
    /// Fails if the file at `path` is shorter than `bytes`.
    pub(super) fn check(path: &Path, bytes: u64) -> Result<(), Failure> {
        let length = match std::fs::metadata(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Failure::io(path, &error)),
            file => file.map_or(0, |file| file.len()),
        };
        if length < bytes {
            let path = path.display();
            return Err(Failure::data(format!("{path}: {length} bytes, where the checkpoint wrote {bytes}")));
        }
        Ok(())
    }

    /// Opens a table cut to its first `bytes`, or creates it. An empty table gets its header with its first
    /// row.
    pub(super) fn resume(path: PathBuf, bytes: u64) -> Result<Self, Failure> {
        Self::check(&path, bytes)?;
        let open = || -> std::io::Result<File> {
            let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
            file.set_len(bytes)?;
            file.seek(SeekFrom::End(0))?;
            Ok(file)
        };
        let file = open().map_err(|error| Failure::io(&path, &error))?;
        let writer = csv::WriterBuilder::new().has_headers(bytes == 0).from_writer(file);
        Ok(Self { path, writer })
    }

    /// The rows in the first `bytes` of a table.
    pub(super) fn rows<R: DeserializeOwned>(path: &Path, bytes: u64) -> Result<Vec<R>, Failure> {
        Self::check(path, bytes)?;
        if bytes == 0 {
            return Ok(Vec::new());
        }
        let text = std::fs::read(path).map_err(|error| Failure::io(path, &error))?;
        let rows: Result<Vec<R>, csv::Error> =
            csv::Reader::from_reader(&text[..bytes as usize]).deserialize().collect();
        rows.map_err(|error| Failure::data(format!("{}: {error}", path.display())))
    }

    /// Appends a row, and hands it to the system, for programs that read along.
    pub(crate) fn push(&mut self, row: &impl Serialize) -> Result<(), Failure> {
        let result =
            self.writer.serialize(row).map_err(std::io::Error::from).and_then(|()| self.writer.flush());
        result.map_err(|error| Failure::io(&self.path, &error))
    }

    /// Waits until the rows are on the disk; returns the length of the file.
    pub(super) fn sync(&mut self) -> Result<u64, Failure> {
        let mut sync = || -> std::io::Result<u64> {
            self.writer.flush()?;
            self.writer.get_ref().sync_data()?;
            Ok(self.writer.get_ref().metadata()?.len())
        };
        sync().map_err(|error| Failure::io(&self.path, &error))
    }

    /// Its file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}
