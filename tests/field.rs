//! What people really have: data of other programs, other data than a run's, and habits of other tools.

mod common;

use std::fs;
use std::path::Path;

use common::{
    HEIGHT, Ran, Scene, TEST_IMAGES, TEST_LABELS, TRAIN_LABELS, WIDTH, assert_same_run, cgan, checkpoints,
    copy, idx, write_set,
};

/// `cgan evaluate --alone` with more arguments.
fn evaluate(run: &Path, more: &[&str]) -> Ran {
    let mut command = cgan(["evaluate"]);
    Ran::of(command.arg(run).arg("--alone").args(more))
}

#[test]
fn results_on_other_data_do_not_replace_a_run_s_own() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    evaluate(&run, &[]).succeeds();
    let own = fs::read_to_string(run.join("evaluation.csv")).unwrap();
    assert!(own.lines().next().unwrap().ends_with(",data,real_images"), "{own}");
    assert!(own.lines().nth(1).unwrap().ends_with(",data,24"), "{own}");
    let other = scene.path("other");
    write_set(&other, 60, (HEIGHT, WIDTH));
    let text = evaluate(&run, &["--data", other.to_str().unwrap()]).succeeds();
    assert!(text.contains("Against the 24 test images of other."), "{text}");
    assert!(text.contains("The run was trained on other data: data."), "{text}");
    assert_eq!(fs::read_to_string(run.join("evaluation.csv")).unwrap(), own);
    assert!(fs::read_to_string(run.join("evaluation-on-other.csv")).unwrap().contains(",other,24"));

    // A file of weights knows what it was trained on.
    let weights = run.join("weights.safetensors");
    let line = evaluate(&weights, &[]).fails(4);
    assert!(line.contains("images of 28x28") || line.contains("trained on other data"), "{line}");
    evaluate(&weights, &["--data", scene.data().to_str().unwrap()]).succeeds();
    // Other data in the place of a run's.
    fs::remove_dir_all(scene.data()).unwrap();
    fs::rename(&other, scene.data()).unwrap();
    let line = evaluate(&run, &[]).fails(4);
    assert!(line.contains("are not the data that it was trained on") && line.contains("--data"), "{line}");
}

#[test]
fn classes_that_nobody_has_are_named_and_not_drawn() {
    let scene = Scene::new();
    let labels =
        |count: usize| idx(&[count as u32], &(0..count).map(|i| [0, 1, 7][i % 3]).collect::<Vec<u8>>());
    fs::write(scene.data().join(TRAIN_LABELS), labels(120)).unwrap();
    fs::write(scene.data().join(TEST_LABELS), labels(24)).unwrap();
    let named = "data: no training image has the label 2, 3, 4, 5, 6";
    let ran = Ran::of(&mut scene.train("run", &["run.epochs=1"]));
    assert_eq!(ran.messages(), [named]);
    let run = scene.path("run");
    let ran = Ran::of(cgan(["data"]).arg(scene.data()));
    assert!(ran.err.contains(named), "{ran:?}");
    let line =
        Ran::of(cgan(["sample", "--label", "4"]).arg(&run).arg("--out").arg(scene.path("4.png"))).fails(2);
    assert!(line.contains("--label 4: no training image had this label"), "{line}");
    let array = scene.path("all.npy");
    Ran::of(cgan(["sample", "--count", "2"]).arg(&run).arg("--out").arg(&array)).succeeds();
    assert_eq!(files::npy::load::<f32>(&array).unwrap().shape(), [6, HEIGHT, WIDTH]);
    evaluate(&run, &[]).succeeds();
    let confusion = fs::read_to_string(run.join("confusion.csv")).unwrap();
    let drawn: Vec<usize> = confusion
        .lines()
        .skip(1)
        .map(|row| row.split(',').skip(1).map(|n| n.parse::<usize>().unwrap()).sum())
        .collect();
    assert_eq!(drawn, [1000, 1000, 0, 0, 0, 0, 0, 1000]);
}

#[test]
fn a_set_without_test_images_trains_and_is_not_evaluated() {
    let scene = Scene::new();
    for name in [TEST_IMAGES, TEST_LABELS] {
        fs::remove_file(scene.data().join(name)).unwrap();
    }
    let ran = Ran::of(&mut scene.train("run", &["run.epochs=1"]));
    assert!(ran.code == Some(0) && ran.messages()[0].contains("no test images"), "{ran:?}");
    let ran = evaluate(&scene.path("run"), &[]);
    assert!(ran.code == Some(4) && ran.err.contains("it has no t10k-images-idx3-ubyte"), "{ran:?}");
}

#[test]
fn a_printed_command_works_when_it_is_pasted() {
    let scene = Scene::new();
    let out = Ran::of(&mut scene.train("my run $1", &["run.epochs=1"])).succeeds();
    let hint = out.lines().find(|line| line.contains(" sample ")).unwrap();
    let shell =
        std::process::Command::new("sh").args(["-c", hint]).current_dir(scene.path(".")).output().unwrap();
    assert!(shell.status.success() && scene.path("digits.png").exists(), "{hint}: {shell:?}");
}

#[test]
fn a_run_whose_data_have_moved_goes_on_with_their_new_place() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    let moved = scene.path("moved");
    fs::rename(scene.data(), &moved).unwrap();
    let line = Ran::of(&mut scene.resume("run", &["--epochs", "2"])).fails(4);
    assert!(line.contains("data: cannot be read") && line.contains("resume RUN --data DIR"), "{line}");
    let other = scene.path("other");
    write_set(&other, 60, (HEIGHT, WIDTH));
    let line = Ran::of(&mut scene.resume("run", &["--data", other.to_str().unwrap()])).fails(4);
    assert!(line.contains("other has changed since the run began"), "{line}");
    Ran::of(&mut scene.resume("run", &["--epochs", "2", "--data", moved.to_str().unwrap()])).succeeds();
    // The new place is kept.
    Ran::of(&mut scene.resume("run", &["--epochs", "3"])).succeeds();
    evaluate(&run, &[]).succeeds();
}

#[test]
fn edited_settings_are_refused_but_for_what_is_logged() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    let config = fs::read_to_string(run.join("config.toml")).unwrap();
    for (from, to, what) in [
        ("batch = 10", "batch = 20", "updates.batch is 20, but the run was begun with 10"),
        ("\nlearning_rate = ", "\nlearning_rate = 1", "schedule.learning_rate is 1"),
    ] {
        let edited = config.replacen(from, to, 1);
        assert_ne!(edited, config, "{from}");
        fs::write(run.join("config.toml"), edited).unwrap();
        let line = Ran::of(&mut scene.resume("run", &["--epochs", "2"])).fails(4);
        assert!(line.contains(what) && line.contains("put it back"), "{line}");
    }
    fs::write(run.join("config.toml"), config.replacen("checkpoint_every = 7", "checkpoint_every = 5", 1))
        .unwrap();
    Ran::of(&mut scene.resume("run", &["--epochs", "2"])).succeeds();
}

/// A process is killed at epoch 4 after a checkpoint in epoch 2, and the run goes on to epoch 3 only.
#[test]
fn nothing_stays_of_steps_that_were_discarded() {
    let scene = Scene::new();
    let short = scene.trained("short/run", &["run.epochs=3"]);
    let run = scene.trained("run", &["run.epochs=3"]);
    // As if the run had gone on: the files of epoch 4, beside the checkpoint of step 21.
    let long = scene.trained("long/run", &["run.epochs=4"]);
    for name in ["metrics.csv", "timing.csv", "diagnosis.csv", "weights.safetensors", "samples/epoch-004.png"]
    {
        fs::copy(long.join(name), run.join(name)).unwrap();
    }
    // Where samples are drawn at every few epochs, there are gaps between them.
    fs::copy(long.join("samples/epoch-004.png"), run.join("samples/epoch-009.png")).unwrap();
    fs::remove_file(checkpoints(&run).pop().unwrap()).unwrap();
    let mut child = common::spawn(&mut scene.resume("run", &[]));
    child.wait().unwrap();
    assert!(!run.join("samples/epoch-004.png").exists());
    // The settings name the folder of the run nowhere, so that two runs in two folders are the same.
    assert_same_run(&run, &short, "resumed to fewer epochs");
}

#[cfg(unix)]
#[test]
fn a_run_does_not_write_through_links() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    let precious = scene.path("precious.csv");
    fs::write(&precious, "a long text that must stay").unwrap();
    let kept = scene.path("kept");
    copy(&run, &kept);
    for name in ["metrics.csv", "samples/epoch-001.png"] {
        fs::remove_file(run.join(name)).unwrap();
        std::os::unix::fs::symlink(&precious, run.join(name)).unwrap();
        let line = Ran::of(&mut scene.resume("run", &["--epochs", "2"])).fails(4);
        assert!(line.contains(name) && line.contains("a link"), "{line}");
        fs::remove_file(run.join(name)).unwrap();
        fs::copy(kept.join(name), run.join(name)).unwrap();
    }
    assert_eq!(fs::read_to_string(&precious).unwrap(), "a long text that must stay");
    Ran::of(&mut scene.resume("run", &["--epochs", "2"])).succeeds();
    fs::create_dir(scene.path("empty")).unwrap();
    scene.trained("empty", &["run.epochs=1"]);
}

#[test]
fn weights_that_cannot_be_sampled_say_what_to_use() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    let sample = |path: &Path, code: i32| {
        Ran::of(cgan(["sample"]).arg(path).arg("--out").arg(scene.path("x.png"))).fails(code)
    };
    let line = sample(&checkpoints(&run)[0], 4);
    assert!(line.contains("a checkpoint") && line.contains("weights.safetensors"), "{line}");
    // A flipped bit of a weight.
    let weights = run.join("weights.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    let last = bytes.len() - 4;
    bytes[last] ^= 1;
    fs::write(&weights, bytes).unwrap();
    let ran = Ran::of(cgan(["sample"]).arg(&run).arg("--out").arg(scene.path("x.png")));
    assert!(
        ran.code == Some(0) && ran.err.contains("is damaged, or was changed by another program"),
        "{ran:?}"
    );
    fs::write(&weights, "version https://git-lfs.github.com/spec/v1\n").unwrap();
    let line = sample(&run, 4);
    assert!(line.contains("it is a Git LFS pointer"), "{line}");
    fs::remove_file(&weights).unwrap();
    let line = sample(&run, 1);
    assert!(line.contains("the run has no weights yet"), "{line}");
}

/// What is missing is named, and what to use instead.
#[test]
fn files_and_folders_that_are_missing_are_named() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    let sample = |from: &Path, to: &Path| Ran::of(cgan(["sample"]).arg(from).arg("--out").arg(to)).fails(1);
    let line = sample(&run.join("best.safetensors"), &scene.path("x.png"));
    assert!(line.contains("without log.evaluate_every: use "), "{line}");
    let line = sample(&scene.path("none"), &scene.path("x.png"));
    assert!(line.contains("none: there is no such file or folder"), "{line}");
    let missing = scene.path("missing");
    for line in [
        Ran::of(cgan(["graph", "--out"]).arg(missing.join("g.svg"))).fails(1),
        Ran::of(cgan(["words", "near", "a", "--vectors"]).arg(missing.join("v.txt"))).fails(1),
    ] {
        assert!(line.contains(&format!("there is no folder {}", missing.display())), "{line}");
    }
}

/// Escape sequences in words and paths of others do not reach a terminal.
#[test]
fn control_characters_of_others_are_shown_and_not_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    let vectors = folder.path().join("v.txt");
    fs::write(&vectors, "a 1 0\nb\u{1b}[2J 1 0.1\nc 0 1\n").unwrap();
    let near = Ran::of(cgan(["words", "near", "a", "--vectors"]).arg(&vectors)).succeeds();
    assert!(near.contains(r"b\u001b[2J") && !near.contains('\u{1b}'), "{near:?}");
    let missing = folder.path().join("none\u{1b}[31m.txt");
    let line = Ran::of(cgan(["words", "near", "a", "--vectors"]).arg(&missing)).fails(1);
    assert!(line.contains(r"none\u001b[31m.txt") && !line.contains('\u{1b}'), "{line:?}");
}
