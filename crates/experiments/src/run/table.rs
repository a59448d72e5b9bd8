//! `metrics.csv`, `timing.csv`, `evaluations.csv` and `diagnosis.csv`: tables that grow row by row, and are cut to the length
//! that a checkpoint saved.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Seek, SeekFrom};
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
    /// The columns of a file that is continued, until the first new row has been compared with them.
    columns: Option<String>,
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

    /// Opens a table cut to its first `bytes`, or creates it. An empty table gets its header with its first row. Another
    /// program may have written the others, so the columns of the first new row are compared.
    pub(super) fn resume(path: PathBuf, bytes: u64) -> Result<Self, Failure> {
        Self::check(&path, bytes)?;
        let open = || -> std::io::Result<(File, Option<String>)> {
            let mut file =
                OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
            file.set_len(bytes)?;
            let mut columns = String::new();
            BufReader::new(&file).read_line(&mut columns)?;
            file.seek(SeekFrom::End(0))?;
            Ok((file, (bytes > 0).then(|| columns.trim_end().to_owned())))
        };
        let (file, columns) = open().map_err(|error| Failure::io(&path, &error))?;
        let writer = csv::WriterBuilder::new().has_headers(bytes == 0).from_writer(file);
        Ok(Self { path, writer, columns })
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
    ///
    /// # Errors
    /// If it cannot be written, or the file has other columns.
    pub(crate) fn push(&mut self, row: &impl Serialize) -> Result<(), Failure> {
        if let Some(columns) = self.columns.take() {
            let new = columns_of(row).map_err(|error| Failure::io(&self.path, &error))?;
            if new != columns {
                let path = self.path.display();
                return Err(Failure::data(format!(
                    "{path}: its columns are {columns}, and this program writes {new}; continue the run with the program that \
                     began it, or begin a new one"
                )));
            }
        }
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

/// The header that a row has.
fn columns_of(row: &impl Serialize) -> std::io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.serialize(row)?;
    let written = writer.into_inner().map_err(|error| error.into_error())?;
    let text = String::from_utf8(written).map_err(std::io::Error::other)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_other_columns_is_not_continued() {
        #[derive(Serialize)]
        struct Old {
            step: u64,
        }
        #[derive(Serialize)]
        struct New {
            step: u64,
            loss: f64,
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        let bytes = {
            let mut table = Table::resume(path.clone(), 0).unwrap();
            table.push(&Old { step: 1 }).unwrap();
            table.sync().unwrap()
        };
        let failure =
            Table::resume(path.clone(), bytes).unwrap().push(&New { step: 2, loss: 0.5 }).unwrap_err();
        assert!(
            failure.to_string().contains("its columns are step, and this program writes step,loss"),
            "{failure}"
        );
        let mut table = Table::resume(path.clone(), bytes).unwrap();
        table.push(&Old { step: 2 }).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "step\n1\n2\n");
    }
}
