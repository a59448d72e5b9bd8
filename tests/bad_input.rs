//! Whatever is wrong with what the program is given, or with where it writes: one clear line, and an exit
//! code.

mod common;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{
    Numbers, Ran, Scene, TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES, TRAIN_LABELS, assert_same_run, cgan,
    checkpoints, copy, files, idx, signal, spawn, wait_for,
};
use flate2::Compression;
use flate2::write::GzEncoder;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The program's one line about a data set that `spoil` has spoilt, from every verb that reads data.
fn refused(spoil: impl FnOnce(&Path)) -> String {
    let scene = Scene::new();
    spoil(&scene.data());
    let line = Ran::of(&mut scene.train("run", &[])).fails(4);
    assert!(!scene.path("run").exists(), "a run was begun without data");
    assert_eq!(Ran::of(cgan(["data"]).arg(scene.data())).fails(4), line);
    let picture = scene.path("graph.svg");
    let mut graph = cgan(["graph", "--data"]);
    graph.arg(scene.data()).arg("--out").arg(&picture);
    assert_eq!(Ran::of(&mut graph).fails(4), line);
    assert!(!picture.exists());
    line
}

/// A fault of each layer; the tests of the crate `data` have every fault of a file, of a folder and of a set.
#[test]
fn faulty_data_is_refused_with_the_file_and_the_place() {
    let lines = [
        (refused(|data| fs::remove_file(data.join(TEST_LABELS)).unwrap()), TEST_LABELS, "no file"),
        (refused(|data| fs::remove_dir_all(data).unwrap()), "data", "cannot be read"),
        (
            refused(|data| {
                let bomb = [idx(&[120, 6, 5], &[]), vec![0; 64 << 20]].concat();
                fs::remove_file(data.join(TRAIN_IMAGES)).unwrap();
                fs::write(data.join(format!("{TRAIN_IMAGES}.gz")), gzip(&bomb)).unwrap();
            }),
            "ubyte.gz",
            "byte 3616: continues after the 3600 bytes",
        ),
        (
            refused(|data| fs::write(data.join(TEST_LABELS), idx(&[23], &[0; 23])).unwrap()),
            TEST_LABELS,
            "23 labels for the 24 images",
        ),
        (
            refused(|data| {
                fs::write(data.join("SHA256SUMS"), format!("{}  {TEST_IMAGES}\n", "0a".repeat(32))).unwrap();
            }),
            TEST_IMAGES,
            "SHA-256 is ",
        ),
    ];
    for (line, name, what) in lines {
        assert!(line.contains(name) && line.contains(what), "{line}: no {name} or {what}");
    }
}

#[test]
fn data_that_goes_bad_under_a_run_does_not_harm_it() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    let before = files(&run);
    let labels = scene.data().join(TRAIN_LABELS);
    let sound = fs::read(&labels).unwrap();
    fs::write(&labels, &sound[..50]).unwrap();
    let line = Ran::of(&mut scene.resume("run", &["--epochs", "2"])).fails(4);
    assert!(line.contains(TRAIN_LABELS), "{line}");
    assert!(files(&run) == before);
    fs::write(&labels, sound).unwrap();
    Ran::of(&mut scene.resume("run", &["--epochs", "2"])).succeeds();
}

#[test]
fn wrong_settings_are_refused_with_the_key() {
    let scene = Scene::new();
    for (setting, parts) in [
        ("schedule.learning_rat=0.1", &["schedule.learning_rat", "did you mean schedule.learning_rate?"][..]),
        ("shedule.decay=2", &["did you mean schedule.decay?"]),
        ("generator.z_units=many", &["generator.z_units", "many"]),
        ("updates.batch=-1", &["updates.batch", "-1"]),
        ("updates.batch=0", &["updates.batch"]),
        ("updates.batch=101", &["updates.batch", "100"]),
        ("discriminator.dropout=1", &["discriminator.dropout", "(0, 1)"]),
        ("schedule.learning_rate=nan", &["schedule.learning_rate"]),
        ("optimizer.adagrad.epsilon=1", &["adagrad", "adam"]),
        ("run.seed=-4", &["run.seed"]),
        ("run.epochs=0", &["run.epochs"]),
        ("log.checkpoint_every=0", &["log.checkpoint_every"]),
        ("generator=3", &["generator", "table of settings"]),
        ("nonsense", &["key=value"]),
        ("", &["key=value"]),
        ("=", &["--set ="]),
    ] {
        let line = Ran::of(&mut scene.train("run", &[setting])).fails(2);
        assert!(parts.iter().all(|part| line.contains(part)), "{setting}: {line}");
        assert!(!scene.path("run").exists(), "{setting}: a run was begun");
    }

    let preset = Ran::of(scene.train("run", &[]).args(["--preset", "papr"])).fails(2);
    assert!(preset.contains("papr") && preset.contains("did you mean paper?"), "{preset}");
    let preset = Ran::of(&mut cgan(["presets", "kwick"])).fails(2);
    assert!(preset.contains("did you mean quick?"), "{preset}");

    let file = scene.path("my.toml");
    let with_file = |text: &str| {
        fs::write(&file, text).unwrap();
        let line = Ran::of(scene.train("run", &[]).arg("--config").arg(&file)).fails(2);
        assert!(line.contains("my.toml"), "{line}");
        line
    };
    assert!(with_file("[updates]\nbatches = 3\n").contains("did you mean updates.batch?"));
    assert!(with_file("[updates]\nbatch = \"many\"\n").contains("updates.batch"));
    assert!(with_file("[updates]\n\nbatch = = 3\n").contains("line 3"));
    fs::write(&file, b"\xff\xfe").unwrap();
    Ran::of(scene.train("run", &[]).arg("--config").arg(&file)).fails(2);
    Ran::of(scene.train("run", &[]).arg("--config").arg(scene.path("none.toml"))).fails(2);
    assert!(!scene.path("run").exists());
}

#[test]
fn wrong_flags_are_refused_with_the_usage() {
    for arguments in [
        &["train"][..],
        &["train", "mnst"],
        &["train", "mnist", "--sed", "1"],
        &["train", "mnist", "--seed", "-1"],
        &["train", "mnist", "--seed", "4294967296"],
        &["train", "mnist", "--epochs", "many"],
        &["--threads", "0", "check"],
        &["check", "--threads", "two"],
        &["resume"],
        &["sample", "run"],
        &["sample", "run", "--count", "0", "--out", "x.png"],
        &["completions", "tcsh"],
        &["lab", "--list", "--out", "folder"],
        &["lab", "--seed", "-1"],
        &["lab", "--wrong", "very"],
        &["conjure"],
        &[],
    ] {
        let ran = Ran::of(cgan([]).args(arguments));
        assert!(
            ran.code == Some(2) && ran.err.contains("--help") | ran.err.contains("Usage"),
            "{arguments:?}: {ran:?}"
        );
        assert_eq!(ran.out, "");
    }
}

#[test]
fn sizes_beyond_all_memory_are_refused() {
    let scene = Scene::new();
    for setting in [
        "generator.z_units=1000000000000",
        "generator.y_units=1000000000000000000",
        "generator.noise_width=4000000000000000000",
        "generator.combined.hidden_layer.units=1000000000000",
        "discriminator.x.maxout.units=4611686018427387904",
        "discriminator.joint.pieces=1000000000000",
        "log.sample_columns=1000000000000",
    ] {
        let ran = Ran::of(&mut scene.train("run", &[setting]));
        let key = setting.split('=').next().unwrap();
        let key = key.strip_suffix(".units").or(key.strip_suffix(".pieces")).unwrap_or(key);
        let line = ran.fails(2);
        // D's layers may be named as a whole.
        assert!(line.contains(key) || line.contains(setting.split('=').next().unwrap()), "{line}");
        assert!(!scene.path("run").exists(), "{setting}: a run was begun");
    }
}

#[test]
fn more_epochs_than_can_be_counted_are_refused_or_never_end() {
    let scene = Scene::new();
    // The greatest number that TOML holds; times the steps of an epoch it overflows.
    let epochs = i64::MAX.to_string();
    let rarely = ["log.samples_every=1000000", "log.checkpoint_every=1000"];
    let mut child = spawn(scene.train("run", &rarely).args(["--epochs", &epochs]));
    wait_for("a beginning, or an end", || {
        !checkpoints(&scene.path("run")).is_empty() || child.try_wait().unwrap().is_some()
    });
    signal(&child, "TERM");
    let ran = Ran::of_child(child);
    assert!([Some(2), Some(143)].contains(&ran.code), "{ran:?}");
}

#[test]
fn a_run_never_overwrites_anything() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    let before = files(&run);
    let line = Ran::of(&mut scene.train("run", &[])).fails(1);
    assert!(line.contains("run") && line.contains("never overwrites"), "{line}");
    assert!(files(&run) == before);

    fs::create_dir(scene.path("full")).unwrap();
    fs::write(scene.path("full/file"), "mine").unwrap();
    Ran::of(&mut scene.train("full", &[])).fails(1);
    fs::write(scene.path("file"), "mine").unwrap();
    Ran::of(&mut scene.train("file", &[])).fails(1);
    assert_eq!(fs::read_to_string(scene.path("file")).unwrap(), "mine");
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    // A file where a folder is needed: as good as a folder that is read-only, and it binds root, too.
    fs::write(scene.path("file"), "mine").unwrap();
    for name in ["file/run", "file/deeper/run"] {
        let line = Ran::of(&mut scene.train(name, &[])).fails(1);
        assert!(line.contains(&scene.path("file").display().to_string()), "{line}");
    }
    for name in ["file/x.png", "file/x.npy", "none/x.png", "none/x.npy"] {
        let line = Ran::of(cgan(["sample"]).arg(&run).arg("--out").arg(scene.path(name))).fails(1);
        assert!(line.contains(&scene.path(name).display().to_string()), "{line}");
    }
    for name in ["file/x.svg", "none/x.dot"] {
        let mut graph = cgan(["graph", "--data"]);
        let line = Ran::of(graph.arg(scene.data()).arg("--out").arg(scene.path(name))).fails(1);
        assert!(line.contains(&scene.path(name).display().to_string()), "{line}");
    }
    // A folder in the place of a file.
    for name in ["metrics.csv", "timing.csv", "weights.safetensors", "samples/epoch-002.png", "curves.svg"] {
        let spoilt = format!("without-{}", name.replace('/', "-"));
        copy(&run, &scene.path(&spoilt));
        let path = scene.path(&spoilt).join(name);
        let _ = fs::remove_file(&path);
        fs::create_dir(&path).unwrap();
        let line = Ran::of(&mut scene.resume(&spoilt, &["--epochs", "2"])).fails(1);
        assert!(line.contains(&path.display().to_string()), "{line}");
        assert_whole(&scene.path(&spoilt));
    }
    assert_eq!(fs::read_to_string(scene.path("file")).unwrap(), "mine");
    assert!(!scene.path("none").exists());
}

/// The same command with a limit on the size of any file it writes, in blocks of 512 bytes: what a full disk
/// does to it, where no disk can be filled.
fn limited(command: &Command, blocks: u64) -> Command {
    let mut limited = Command::new("sh");
    limited.args(["-c", &format!("ulimit -c 0; ulimit -f {blocks}; exec \"$0\" \"$@\"")]);
    limited.arg(command.get_program()).args(command.get_args()).env_remove("RUST_BACKTRACE");
    limited
}

fn blocks(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len() / 512
}

#[test]
fn a_disk_that_fills_up_loses_nothing() {
    // What grows beyond the limit first: the table by step, or that by epoch.
    for (what, settings) in [
        (
            "metrics.csv",
            &["run.epochs=80", "log.metrics_every=1", "log.samples_every=1000", "log.checkpoint_every=50"][..],
        ),
        ("diagnosis.csv", &["run.epochs=300", "log.metrics_every=1000", "log.samples_every=1000"]),
    ] {
        let scene = Scene::new();
        let whole = scene.trained("whole/run", settings);
        let limit = blocks(checkpoints(&whole).last().unwrap()) + 2;
        assert!(blocks(&whole.join(what)) > limit, "the limit would not be met");
        let run = scene.path("run/run");
        let line = Ran::of(&mut limited(&scene.train("run/run", settings), limit)).fails(1);
        assert!(line.contains(what) && line.contains("larger than files may be"), "{line}");
        let saved = checkpoints(&run);
        assert!(!saved.is_empty());

        // Again, from where it stopped: the same line, and still nothing lost.
        let again = Ran::of(&mut limited(&scene.resume("run/run", &[]), limit)).fails(1);
        assert_eq!(again, line);
        assert_whole(&run);
        Ran::of(&mut scene.resume("run/run", &[])).succeeds();
        assert_same_run(&run, &whole, what);
    }
}

#[test]
fn a_disk_too_full_for_a_checkpoint_or_a_picture_says_which() {
    let scene = Scene::new();
    let settings = ["run.epochs=2"];
    let whole = scene.trained("whole/run", &settings);
    let checkpoint = blocks(checkpoints(&whole).last().unwrap());
    // With no block at all not even the settings can be written.
    for (limit, what) in [(0, "config.toml"), (checkpoint - 1, "step-000000000.safetensors")] {
        let name = format!("full-{limit}");
        let line = Ran::of(&mut limited(&scene.train(&name, &settings), limit)).fails(1);
        assert!(line.contains(what) && line.contains("larger than files may be"), "{line}");
        assert_whole(&scene.path(&name));
    }

    // A run that fills the disk when it is resumed keeps its checkpoints.
    let run = scene.path("run/run");
    copy(&whole, &run);
    let before = files(&run.join("checkpoints"));
    let line = Ran::of(&mut limited(&scene.resume("run/run", &["--epochs", "4"]), checkpoint - 1)).fails(1);
    assert!(line.contains("step-") && line.contains("larger than files may be"), "{line}");
    assert!(files(&run.join("checkpoints")) == before);
    Ran::of(&mut scene.resume("run/run", &[])).succeeds();
    let longer = scene.trained("longer/run", &["run.epochs=4"]);
    assert_same_run(&run, &longer, "resumed on a full disk");

    for (out, limit) in [("x.png", 0), ("x.npy", 1)] {
        let out = scene.path(out);
        let mut sample = cgan(["sample"]);
        let line = Ran::of(&mut limited(sample.arg(&whole).arg("--out").arg(&out), limit)).fails(1);
        assert!(line.contains(&out.display().to_string()), "{line}");
        assert!(!out.exists());
    }
    let left: Vec<_> =
        fs::read_dir(scene.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_str().unwrap().starts_with('.')), "{left:?}");
}

/// No temporary file was left in a run directory.
fn assert_whole(run: &Path) {
    let hidden = |name: &String| name.rsplit('/').next().unwrap().starts_with('.');
    let parts: Vec<_> = files(run).into_keys().filter(hidden).collect();
    assert!(parts.is_empty(), "{parts:?}");
}

#[test]
fn standard_output_that_is_full_is_a_failure() {
    let full = Path::new("/dev/full");
    if full.exists() {
        let full = fs::OpenOptions::new().write(true).open(full).unwrap();
        let child =
            cgan(["presets", "paper"]).stdout(full).stderr(std::process::Stdio::piped()).spawn().unwrap();
        let line = Ran::of_child(child).fails(1);
        assert!(line.contains("standard output"), "{line}");
    }
}

#[test]
fn what_is_no_run_cannot_be_resumed() {
    let scene = Scene::new();
    for name in ["none", "data", &format!("data/{TRAIN_IMAGES}")] {
        let line = Ran::of(&mut scene.resume(name, &[])).fails(1);
        assert!(line.contains("not a run"), "{line}");
    }
    let run = scene.trained("run", &["run.epochs=1"]);
    for text in ["", "[run]\n", "what?", "\u{0}"] {
        fs::write(run.join("config.toml"), text).unwrap();
        let line = Ran::of(&mut scene.resume("run", &[])).fails(4);
        assert!(line.contains("config.toml"), "{line}");
    }
}

#[test]
fn weights_that_cannot_be_used_are_refused() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    let out = scene.path("x.png");
    let sample = |from: &Path| {
        let ran = Ran::of(cgan(["sample"]).arg(from).arg("--out").arg(&out));
        assert!(!out.exists(), "{ran:?}");
        ran
    };
    let line = sample(&scene.path("none")).fails(1);
    assert!(line.contains("none"), "{line}");
    let line = sample(&scene.data()).fails(1);
    assert!(line.contains("weights.safetensors"), "{line}");

    let sound = fs::read(run.join("weights.safetensors")).unwrap();
    let spoilt = scene.path("spoilt.safetensors");
    let replaced = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = sound.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        [&sound[..at], to.as_bytes(), &sound[at + to.len()..]].concat()
    };
    let mut numbers = Numbers(2);
    let mut cases: Vec<(String, Vec<u8>)> = [0, 1, 7, 8, 9, 100, sound.len() / 2, sound.len() - 1]
        .map(|n| (format!("cut to {n}"), sound[..n].to_vec()))
        .into();
    cases.extend([
        ("a surplus".to_owned(), [&sound[..], b"x"].concat()),
        ("garbage".to_owned(), (0..3000).map(|_| numbers.next() as u8).collect()),
        ("a picture".to_owned(), fs::read(run.join("samples/epoch-001.png")).unwrap()),
        ("a checkpoint".to_owned(), fs::read(checkpoints(&run).pop().unwrap()).unwrap()),
        ("other units".to_owned(), replaced("z_units = 8", "z_units = 9")),
        ("other classes".to_owned(), replaced(r#"{\"Labels\":4}"#, r#"{\"Labels\":5}"#)),
        ("no classes".to_owned(), replaced(r#"{\"Labels\":4}"#, r#"{\"Labels\":0}"#)),
        ("other pixels".to_owned(), replaced(r#"\"height\":6"#, r#"\"height\":7"#)),
        ("no pixels".to_owned(), replaced(r#"\"height\":6"#, r#"\"height\":0"#)),
        ("a setting out of range".to_owned(), replaced("batch = 10", "batch = 00")),
        ("another tensor".to_owned(), replaced("generator.z.weight", "generator.q.weight")),
        (
            "other numbers".to_owned(),
            replaced(r#"generator.z.bias":{"dtype":"F32""#, r#"generator.z.bias":{"dtype":"I32""#),
        ),
    ]);
    for (what, bytes) in cases {
        fs::write(&spoilt, bytes).unwrap();
        let line = sample(&spoilt).fails(4);
        assert!(line.contains("spoilt.safetensors"), "{what}: {line}");
    }

    // A small file that describes nets of gigabytes: compared before memory is taken.
    let grown = |from: &str, to: &str| {
        let at = sound.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        let header = u64::from_le_bytes(sound[..8].try_into().unwrap()) + (to.len() - from.len()) as u64;
        [&header.to_le_bytes(), &sound[8..at], to.as_bytes(), &sound[at + from.len()..]].concat()
    };
    for (from, to) in [
        ("z_units = 8", "z_units = 32768"),
        ("noise_width = 6", "noise_width = 32768"),
        (r#"{\"Labels\":4}"#, r#"{\"Labels\":4000000000000000000}"#),
    ] {
        fs::write(&spoilt, grown(from, to)).unwrap();
        let line = sample(&spoilt).fails(4);
        assert!(line.contains("by its configuration G has "), "{to}: {line}");
    }
}

#[test]
fn samples_that_cannot_be_drawn_are_refused() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    let sample = |out: &str, more: &[&str]| {
        let out: PathBuf = scene.path(out);
        let line = Ran::of(cgan(["sample"]).arg(&run).arg("--out").arg(&out).args(more)).fails(2);
        assert!(!out.exists(), "{line}");
        line
    };
    let line = sample("x.png", &["--label", "4"]);
    assert!(line.contains("--label 4") && line.contains("0 to 3"), "{line}");
    for out in ["x.jpg", "x", "png", "x.PNG.txt"] {
        let line = sample(out, &[]);
        assert!(line.contains(".png or .npy"), "{line}");
    }
    // Terabytes of images.
    let line = sample("x.npy", &["--count", "4294967295"]);
    assert!(line.contains("--count"), "{line}");
    let graph = scene.path("x.pdf");
    let line = Ran::of(cgan(["graph", "--data"]).arg(scene.data()).arg("--out").arg(&graph)).fails(2);
    assert!(line.contains(".svg or .dot"), "{line}");
}

#[test]
fn faulty_tagged_pictures_are_refused_before_a_run_begins() {
    let change = |name: &'static str, change: fn(String) -> String| {
        let scene = Scene::tagged();
        let path = scene.path(name);
        fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
        let line = Ran::of(&mut scene.train("run", &[])).fails(4);
        assert!(!scene.path("run").exists(), "a run was begun without data");
        line
    };
    let lines = [
        (change("data/images.jsonl", |text| text.replacen("p3\"", "p2\"", 1)), "line 4: p2 is in line 3"),
        (change("data/images.jsonl", |text| text.replacen("train", "trial", 1)), "line 1: unknown variant"),
        (change("data/images.jsonl", |text| text + "{}\n"), "line 61: missing field"),
        (
            change("words.txt", |text| text.replace(' ', " x")),
            "no word vectors: no line has a word and numbers",
        ),
        (change("words.txt", |text| text.replace('w', "v")), "0 tags have a word vector"),
    ];
    for (line, what) in lines {
        assert!(line.contains(what), "{line} lacks {what}");
    }
    let scene = Scene::tagged();
    fs::remove_file(scene.data().join("features.npy")).unwrap();
    let line = Ran::of(&mut scene.train("run", &[])).fails(4);
    assert!(line.contains("features.npy: cannot be read: there is no such file"), "{line}");
}

#[test]
fn settings_of_the_other_experiment_are_refused() {
    let scene = Scene::tagged();
    let fails = |command: &mut Command, what: &str| {
        let line = Ran::of(command).fails(2);
        assert!(line.contains(what), "{line}");
    };
    fails(
        scene.train("run", &[]).args(["--preset", "quick"]),
        "tags: this table belongs to the experiment tags",
    );
    fails(&mut cgan(["train", "mnist", "--preset", "tags-best"]), "train tags");
    fails(
        &mut scene.train("run", &["early_stopping.on=validation_parzen"]),
        "the experiment tags does not measure this",
    );
    fails(&mut scene.train("run", &["tags.min_count=0"]), "tags.min_count");
    fails(&mut scene.train("run", &["tags.whiten=-1"]), "tags.whiten");
    fails(cgan(["words", "train", "--width", "0"]).arg(scene.path("words.txt")), "width");
    let line = Ran::of(cgan(["words", "train", "-o", "x.txt"]).arg(scene.path("none.txt"))).fails(1);
    assert!(line.contains("none.txt"), "{line}");
}
