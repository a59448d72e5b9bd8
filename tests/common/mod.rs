//! What the end-to-end tests share: a small data set, a small net, and the program itself.
#![allow(dead_code, reason = "each test program uses its own part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub(crate) const CLASSES: usize = 4;
pub(crate) const HEIGHT: usize = 6;
pub(crate) const WIDTH: usize = 5;

/// Of 120 training images a sixth is put aside, so a batch of 10 makes 10 steps an epoch.
pub(crate) const STEPS_PER_EPOCH: u64 = 10;

/// All that a net of the small set needs: every way of logging happens at a step of its own.
const SMALL: &[&str] = &[
    "run.min_steps=none",
    "generator.noise_width=6",
    "generator.z_units=8",
    "generator.y_units=9",
    "generator.combined.hidden_layer.units=12",
    "discriminator.x={ maxout = { units = 10, pieces = 3 } }",
    "discriminator.y={ maxout = { units = 5, pieces = 2 } }",
    "discriminator.joint={ maxout = { units = 7, pieces = 2 } }",
    "updates.order=alternating",
    "updates.batch=10",
    "updates.ema_decay=0.99",
    "log.metrics_every=3",
    "log.sample_columns=3",
    "log.checkpoint_every=7",
];

/// The same for the second experiment: 40 training pictures with 3 tags each make 12 batches an epoch.
const SMALL_TAGS: &[&str] = &[
    "tags.min_count=1",
    "generator.noise_width=6",
    "generator.z_units=8",
    "generator.y_units=9",
    "discriminator.x.relu.units=10",
    "discriminator.y.relu.units=5",
    "discriminator.joint={ maxout = { units = 7, pieces = 2 } }",
    "updates.order=alternating",
    "updates.batch=10",
    "updates.ema_decay=0.99",
    "log.metrics_every=3",
    "log.checkpoint_every=7",
];

/// A temporary folder with a data set in it.
pub(crate) struct Scene {
    folder: TempDir,
    experiment: &'static str,
}

impl Scene {
    /// 120 images of 6 x 5 pixels in 4 classes, and 24 to test.
    pub(crate) fn new() -> Self {
        Self::with_images(120, (HEIGHT, WIDTH))
    }

    /// A set of `train` images of `size`.
    pub(crate) fn with_images(train: usize, size: (usize, usize)) -> Self {
        let scene = Self { folder: tempfile::tempdir().unwrap(), experiment: "mnist" };
        write_set(&scene.data(), train, size);
        scene
    }

    /// 60 tagged pictures, and a file of word vectors.
    pub(crate) fn tagged() -> Self {
        let scene = Self { folder: tempfile::tempdir().unwrap(), experiment: "tags" };
        write_tagged(&scene.data(), &scene.path("words.txt"));
        scene
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Trains the small net into the folder `run`, with these settings over it.
    pub(crate) fn train(&self, run: &str, settings: &[&str]) -> Command {
        self.train_on(&self.data(), run, settings)
    }

    /// The same on other data.
    pub(crate) fn train_on(&self, data: &Path, run: &str, settings: &[&str]) -> Command {
        let out = self.path(run);
        let mut command = cgan(["train", self.experiment, "--data"]);
        command.arg(data).arg("--out").arg(out);
        let mut small = SMALL;
        if self.experiment == "tags" {
            small = SMALL_TAGS;
            command.args(["--set", &format!("tags.word_vectors={}", self.path("words.txt").display())]);
        }
        for setting in small.iter().chain(settings) {
            command.args(["--set", setting]);
        }
        command
    }

    /// The same to its end, as some tests only start from there.
    pub(crate) fn trained(&self, run: &str, settings: &[&str]) -> PathBuf {
        Ran::of(&mut self.train(run, settings)).succeeds();
        self.path(run)
    }

    pub(crate) fn resume(&self, run: &str, more: &[&str]) -> Command {
        let mut command = cgan(["resume"]);
        command.arg(self.path(run)).args(more);
        command
    }
}

/// Pictures of 12 kinds in turn, each with the tags of its kind: of 60 the first 40 train, then 10 validate.
fn write_tagged(folder: &Path, words: &Path) {
    const KINDS: usize = 12;
    const WIDTH: usize = 7;
    fs::create_dir_all(folder).unwrap();
    let number = |i: usize, j: usize| ((i * 7919 + j * 104_729) % 1009) as f32 / 504.0 - 1.0;
    let vectors = (0..KINDS + 3).map(|i| {
        let numbers: Vec<String> = (0..5).map(|j| number(i, j).to_string()).collect();
        format!("w{i} {}\n", numbers.join(" "))
    });
    fs::write(words, vectors.collect::<String>()).unwrap();
    let line = |i: usize| {
        let split = if i < 40 {
            "train"
        } else if i < 50 {
            "validation"
        } else {
            "test"
        };
        let tags = [i % KINDS, (i + 1) % KINDS, (i + 2) % KINDS].map(|tag| format!("\"w{tag}\"")).join(", ");
        format!("{{\"id\": \"p{i}\", \"tags\": [{tags}], \"split\": \"{split}\"}}\n")
    };
    fs::write(folder.join("images.jsonl"), (0..60).map(line).collect::<String>()).unwrap();
    let matrix =
        ndarray::Array2::from_shape_fn((60, WIDTH), |(i, j)| number(i % KINDS, j + 9) + 0.05 * number(i, j));
    files::npy::save(&folder.join("features.npy"), &matrix).unwrap();
}

/// The program, before its arguments are complete.
pub(crate) fn cgan<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cgan"));
    // A backtrace would be more lines than one.
    command.args(arguments).stdin(Stdio::null()).env_remove("RUST_BACKTRACE");
    // Judges of the tests' own data are shared by the tests, and not left in the user's folder.
    command.env("CGAN_CACHE", concat!(env!("CARGO_TARGET_TMPDIR"), "/judges"));
    command
}

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::from(command.output().unwrap())
    }

    pub(crate) fn of_child(child: Child) -> Self {
        Self::from(child.wait_with_output().unwrap())
    }

    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ran = Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        assert!(!ran.err.contains("panicked"), "{ran:?}");
        ran
    }

    /// Returns standard output.
    #[track_caller]
    pub(crate) fn succeeds(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }

    /// Returns the one line that says why; the lines of finished epochs and diagnoses do not count.
    #[track_caller]
    pub(crate) fn fails(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        let lines = self.messages();
        assert!(lines.len() == 1 && lines[0].starts_with("cgan: "), "{self:?}");
        lines[0].to_owned()
    }

    /// The lines of standard error that are neither about a finished epoch nor a diagnosis.
    pub(crate) fn messages(&self) -> Vec<&str> {
        let expected = |line: &str| ["epoch ", "diagnosis: "].iter().any(|start| line.starts_with(start));
        self.err.lines().filter(|line| !expected(line)).collect()
    }
}

/// Starts the program with its output kept for [`Ran::of_child`].
pub(crate) fn spawn(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for what another process does; a minute is far more than it takes.
#[track_caller]
pub(crate) fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Sends a signal by its name, such as INT.
pub(crate) fn signal(child: &Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success(), "{kill}");
}

/// Every file under `folder`, by its path from there.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// The run's checkpoints, the newest last.
pub(crate) fn checkpoints(run: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(run.join("checkpoints")) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let named = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("step-");
    let mut paths: Vec<PathBuf> = paths.filter(named).collect();
    paths.sort();
    paths
}

/// Asserts that two runs left the same bytes. Checkpoints, timing.csv and report.html hold wall-clock time, env.toml the
/// number of threads; a killed save may leave a hidden part of a file.
#[track_caller]
pub(crate) fn assert_same_run(got: &Path, want: &Path, what: &str) {
    let results = |run| -> BTreeMap<String, Vec<u8>> {
        let own = |name: &str| {
            name.starts_with("checkpoints/")
                || ["timing.csv", "env.toml", "report.html"].contains(&name)
                || name.rsplit('/').next().unwrap().starts_with('.')
        };
        files(run).into_iter().filter(|(name, _)| !own(name)).collect()
    };
    let (got, want) = (results(got), results(want));
    assert!(got.keys().eq(want.keys()), "{what}: {:?} are not {:?}", got.keys(), want.keys());
    // Not `assert_eq!`, which would print every byte.
    let different: Vec<_> = got.iter().filter(|(name, bytes)| want[*name] != **bytes).collect();
    let names: Vec<_> = different.iter().map(|(name, _)| name).collect();
    assert!(different.is_empty(), "{what}: {names:?} differ");
    let rows =
        |files: &BTreeMap<String, Vec<u8>>| files["metrics.csv"].iter().filter(|b| **b == b'\n').count();
    assert!(rows(&got) > 1 && got.contains_key("weights.safetensors"), "{what}: nothing was compared");
}

/// Numbers without a pattern, the same at every run of the tests: splitmix64.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// An IDX file of unsigned bytes.
pub(crate) fn idx(shape: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, shape.len() as u8];
    shape.iter().for_each(|size| file.extend(size.to_be_bytes()));
    file.extend(bytes);
    file
}

pub(crate) const TRAIN_IMAGES: &str = "train-images-idx3-ubyte";
pub(crate) const TRAIN_LABELS: &str = "train-labels-idx1-ubyte";
pub(crate) const TEST_IMAGES: &str = "t10k-images-idx3-ubyte";
pub(crate) const TEST_LABELS: &str = "t10k-labels-idx1-ubyte";

/// Writes a set of random images, each brighter in the rows of its class.
pub(crate) fn write_set(folder: &Path, train: usize, (height, width): (usize, usize)) {
    fs::create_dir(folder).unwrap();
    let mut numbers = Numbers(3);
    for (images, labels, count) in [(TRAIN_IMAGES, TRAIN_LABELS, train), (TEST_IMAGES, TEST_LABELS, 24)] {
        let classes: Vec<u8> = (0..count).map(|index| (index % CLASSES) as u8).collect();
        let mut pixels = Vec::with_capacity(count * height * width);
        for &class in &classes {
            for row in 0..height {
                let light = if row % CLASSES == usize::from(class) { 128 } else { 0 };
                pixels.extend((0..width).map(|_| light + (numbers.next() >> 57) as u8));
            }
        }
        let shape = [count, height, width].map(|size| size as u32);
        fs::write(folder.join(images), idx(&shape, &pixels)).unwrap();
        fs::write(folder.join(labels), idx(&[count as u32], &classes)).unwrap();
    }
}
