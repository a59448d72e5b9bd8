//! A run may be killed, stopped, damaged or moved to other cores: it ends in the same bytes, or says why not.

mod common;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::{Duration, Instant};

use common::{
    Numbers, Ran, STEPS_PER_EPOCH, Scene, assert_same_run, checkpoints, copy, files, signal, spawn, wait_for,
};

/// Kills in one run at most; then it may end.
const KILLS: usize = 12;

/// Trains with these settings in peace, and then again and again under `kill -9`.
fn kill_and_resume(settings: &[&str], seed: u64) {
    kill_and_resume_in(&Scene::new(), settings, seed);
}

fn kill_and_resume_in(scene: &Scene, settings: &[&str], seed: u64) {
    let settings = [&["run.epochs=30", "log.samples_every=4"], settings].concat();
    let begun = Instant::now();
    let whole = scene.trained("whole/run", &settings);
    let mut span = begun.elapsed();
    let mut numbers = Numbers(seed);
    for repetition in 0..3 {
        let name = format!("killed-{repetition}/run");
        let mut kills = train_under_kills(scene, &name, &settings, span, &mut numbers);
        while kills < 3 {
            // The first run was slow, perhaps on a busy machine, and the kills came too late.
            span /= 2;
            fs::remove_dir_all(scene.path(&name)).unwrap();
            kills = train_under_kills(scene, &name, &settings, span, &mut numbers);
        }
        assert_same_run(&scene.path(&name), &whole, &format!("{settings:?}, killed {kills} times"));
    }
}

/// Trains to the end, killed at moments that are parts of `span`; returns how often.
fn train_under_kills(
    scene: &Scene,
    name: &str,
    settings: &[&str],
    span: Duration,
    numbers: &mut Numbers,
) -> usize {
    let run = scene.path(name);
    let mut kills = 0;
    for attempt in 0.. {
        let mut child = if run.join("config.toml").exists() {
            // Even if killed before its first checkpoint: it then begins again.
            spawn(&mut scene.resume(name, &[]))
        } else {
            // Killed before it was a run, and that is what it says.
            if run.exists() {
                Ran::of(&mut scene.resume(name, &[])).fails(1);
                fs::remove_dir_all(&run).unwrap();
            }
            spawn(&mut scene.train(name, settings))
        };
        if attempt < KILLS {
            // The first at once, the others anywhere up to a good part of the whole.
            let share = if attempt == 0 { 0.0 } else { 0.35 * numbers.unit() };
            std::thread::sleep(span.mul_f64(share));
            child.kill().unwrap();
        }
        let output = child.wait_with_output().unwrap();
        if output.status.success() {
            break;
        }
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.signal(), Some(9), "{text}");
        // A kill may come between a rename and what follows it, but leaves no damage to pass over.
        assert!(!text.contains("damaged"), "{text}");
        kills += 1;
    }
    kills
}

#[test]
fn a_killed_run_ends_in_the_same_bytes() {
    kill_and_resume(&[], 1);
}

#[test]
fn so_does_one_with_dropout() {
    let dropout = [
        "generator.dropout.rate=0.5",
        "generator.dropout.when_sampling=true",
        "discriminator.dropout=0.5",
        "discriminator.input_dropout=0.2",
        "penalty.r1=none",
    ];
    kill_and_resume(&dropout, 2);
}

#[test]
fn so_does_one_with_sgd_and_schedules() {
    let sgd = [
        "optimizer.sgd.momentum=0.5",
        "schedule.learning_rate=0.05",
        "schedule.decay=1.001",
        "schedule.min_learning_rate=0.001",
        "schedule.warmup_epochs=2",
        "optimizer.sgd={ momentum = 0.5, ramp = { to = 0.7, epochs = 9 } }",
        "updates.max_norm=1.5",
        "updates.ema_decay=none",
    ];
    kill_and_resume(&sgd, 3);
}

#[test]
fn so_does_one_with_simultaneous_updates() {
    let simultaneous =
        ["updates.order=simultaneous", "generator.combined=concatenation", "generator.dropout.rate=0.3"];
    kill_and_resume(&simultaneous, 4);
}

#[test]
fn so_does_one_that_stops_by_validation_data() {
    let settings =
        ["log.evaluate_every=2", "early_stopping.on=validation_parzen", "early_stopping.patience=3"];
    kill_and_resume(&settings, 6);
}

#[test]
fn so_does_one_of_words() {
    let settings =
        ["log.evaluate_every=2", "early_stopping.on=validation_precision", "early_stopping.patience=8"];
    kill_and_resume_in(&Scene::tagged(), &settings, 7);
}

#[test]
fn a_run_of_words_has_the_same_bytes_on_any_number_of_threads() {
    let scene = Scene::tagged();
    let whole = scene.trained("one/run", &["run.epochs=4"]);
    for threads in ["1", "3"] {
        let name = format!("threads-{threads}/run");
        Ran::of(scene.train(&name, &["run.epochs=4"]).args(["--threads", threads])).succeeds();
        assert_same_run(&scene.path(&name), &whole, threads);
    }
}

#[test]
fn so_does_one_with_several_steps_of_the_discriminator() {
    kill_and_resume(&["updates.discriminator_steps=3", "run.epochs=90", "log.samples_every=11"], 5);
}

/// Steps in the last line of metrics.csv.
fn logged(run: &Path) -> u64 {
    let text = fs::read_to_string(run.join("metrics.csv")).unwrap_or_default();
    // Only whole lines: the writer may be at work.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().next_back().and_then(|line| line.split(',').next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn signals_stop_a_run_that_can_go_on() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let scene = Scene::new();
        let run = scene.path("stopped/run");
        // So long that it cannot end by itself before the signal comes.
        let endless = ["run.epochs=100000000", "log.samples_every=1000000", "log.checkpoint_every=1000"];
        let mut stopped = Ran::of_child({
            let child = spawn(&mut scene.train("stopped/run", &endless));
            wait_for("some steps", || logged(&run) > 20);
            signal(&child, name);
            child
        });
        assert_eq!(stopped.code, Some(code), "{stopped:?}");
        // Stopped a second time, after having been resumed.
        for round in 0..2 {
            let hint = format!("cgan resume {}", run.display());
            assert!(stopped.out.contains(&hint), "{stopped:?}");
            let messages = stopped.messages();
            assert!(messages.len() == 1 && messages[0].starts_with("saved at step "), "{stopped:?}");
            let step: u64 = messages[0].rsplit(' ').next().unwrap().parse().unwrap();
            let newest = checkpoints(&run).pop().unwrap();
            assert!(newest.ends_with(format!("step-{step:09}.safetensors")), "{}", newest.display());
            assert!(run.join("weights.safetensors").exists() && run.join("curves.svg").exists());
            if round == 1 {
                break;
            }
            let child = spawn(&mut scene.resume("stopped/run", &[]));
            wait_for("more steps", || logged(&run) > step + 10);
            signal(&child, name);
            stopped = Ran::of_child(child);
            assert_eq!(stopped.code, Some(code), "{stopped:?}");
        }
        let epochs = (logged(&run) / STEPS_PER_EPOCH + 3).to_string();
        Ran::of(&mut scene.resume("stopped/run", &["--epochs", &epochs])).succeeds();
        let whole = scene.trained("whole/run", &[&endless[..], &[&format!("run.epochs={epochs}")]].concat());
        assert_same_run(&run, &whole, name);
    }
}

/// The judge of a data set takes minutes, before the first step.
#[test]
fn a_signal_stops_a_run_whose_judge_is_trained() {
    let scene = Scene::with_images(60_000, (6, 5));
    let cache = scene.path("cache");
    let settings = ["log.evaluate_every=1", "run.epochs=1"];
    let child = spawn(scene.train("run", &settings).env("CGAN_CACHE", &cache));
    // It is made before the training.
    wait_for("the judge's training", || cache.exists());
    signal(&child, "INT");
    let line = Ran::of_child(child).fails(130);
    assert!(line.contains("stopped by signal 2 while a classifier was trained (judge)"), "{line}");
    assert!(files(&cache).is_empty() && checkpoints(&scene.path("run")).is_empty());
    // Nothing is half written: the run starts again, with the judge.
    fs::remove_dir(&cache).unwrap();
    let resumed = spawn(scene.resume("run", &[]).env("CGAN_CACHE", &cache));
    wait_for("the judge's training", || cache.exists());
    signal(&resumed, "TERM");
    let line = Ran::of_child(resumed).fails(143);
    assert!(line.contains("stopped by signal 15"), "{line}");
}

/// A run whose first step takes many seconds: signals are checked between steps.
fn run_within_one_long_step(scene: &Scene) -> std::process::Child {
    let long = [
        "updates.batch=1",
        "updates.discriminator_steps=400000",
        "penalty.r1=none",
        "penalty.r2=none",
        "mismatched_pairs=none",
        "discriminator.augment=none",
    ];
    let child = spawn(&mut scene.train("run", &long));
    wait_for("the first checkpoint", || !checkpoints(&scene.path("run")).is_empty());
    child
}

fn long_step_scene() -> Scene {
    Scene::with_images(600_000, (1, 1))
}

#[test]
fn a_second_signal_stops_it_at_once() {
    let scene = long_step_scene();
    let child = run_within_one_long_step(&scene);
    signal(&child, "INT");
    // The first must have been delivered: two that wait together could be handled side by side.
    let status = format!("/proc/{}/status", child.id());
    let waits = || {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let sets = text
            .lines()
            .filter_map(|line| line.strip_prefix("ShdPnd:").or(line.strip_prefix("SigPnd:")).map(str::trim));
        sets.into_iter().any(|set| u64::from_str_radix(set, 16).unwrap() & (1 << 1) != 0)
    };
    wait_for("the first signal's delivery", || !waits());
    std::thread::sleep(Duration::from_millis(100));
    signal(&child, "TERM");
    let stopped = Ran::of_child(child);
    // The first alone would have ended in 130, after the step.
    assert_eq!(stopped.code, Some(143), "{stopped:?}");
    assert_eq!(stopped.out, "");
}

#[test]
fn a_run_in_training_is_not_touched_by_a_second_process() {
    let scene = long_step_scene();
    let mut child = run_within_one_long_step(&scene);
    let before = files(&scene.path("run"));
    let line = Ran::of(&mut scene.resume("run", &[])).fails(1);
    assert!(line.contains("another process trains in it"), "{line}");
    let line = Ran::of(&mut scene.resume("run", &["--epochs", "5"])).fails(1);
    assert!(line.contains("another process trains in it"), "{line}");
    let line = Ran::of(&mut scene.train("run", &["discriminator.augment=none"])).fails(1);
    assert!(line.contains("never overwrites"), "{line}");
    assert!(files(&scene.path("run")) == before);
    child.kill().unwrap();
    child.wait().unwrap();
    // A killed process holds nothing.
    let mut child = spawn(&mut scene.resume("run", &[]));
    std::thread::sleep(Duration::from_millis(50));
    assert!(child.try_wait().unwrap().is_none());
    child.kill().unwrap();
    let text = child.wait_with_output().unwrap().stderr;
    assert!(text.is_empty(), "{}", String::from_utf8_lossy(&text));
}

/// Ways to damage a file.
fn damages(sound: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let flipped = |at: usize| {
        let mut bytes = sound.to_vec();
        bytes[at] ^= 0x10;
        bytes
    };
    let mut numbers = Numbers(8);
    let garbage = (0..sound.len()).map(|_| numbers.next() as u8).collect();
    vec![
        ("a byte in the middle", flipped(sound.len() / 2)),
        ("a byte of the header", flipped(40)),
        ("a byte of the header's length", flipped(1)),
        ("the last byte", flipped(sound.len() - 1)),
        ("cut in the middle", sound[..sound.len() / 2].to_vec()),
        ("cut by a byte", sound[..sound.len() - 1].to_vec()),
        ("something behind", [sound, b"x"].concat()),
        ("empty", Vec::new()),
        ("garbage", garbage),
    ]
}

#[test]
fn a_damaged_checkpoint_is_named_and_the_one_before_serves() {
    let scene = Scene::new();
    let short = scene.trained("short/run", &["run.epochs=3"]);
    let whole = scene.trained("whole/run", &["run.epochs=5"]);
    let sound = fs::read(checkpoints(&short).pop().unwrap()).unwrap();
    for (index, (what, bytes)) in damages(&sound).into_iter().enumerate() {
        let name = format!("damaged-{index}/run");
        let run = scene.path(&name);
        copy(&short, &run);
        let [older, newest] = &checkpoints(&run)[..] else { panic!("two checkpoints are kept") };
        fs::write(newest, &bytes).unwrap();
        let resumed = Ran::of(&mut scene.resume(&name, &["--epochs", "5"]));
        let messages = resumed.messages();
        let named = newest.display().to_string();
        assert!(messages.len() == 1 && messages[0].contains(&named), "{what}: {resumed:?}");
        assert!(messages[0].contains("using the one before"), "{what}: {resumed:?}");
        resumed.succeeds();
        assert_same_run(&run, &whole, what);

        // Both: nothing to go on from, and nothing is made worse.
        fs::remove_dir_all(&run).unwrap();
        copy(&short, &run);
        fs::write(newest, &bytes).unwrap();
        fs::write(older, &bytes).unwrap();
        let before = files(&run);
        let line = Ran::of(&mut scene.resume(&name, &["--epochs", "5"])).fails(4);
        assert!(line.contains(&named), "{what}: {line}");
        assert!(files(&run) == before, "{what}");
    }
}

#[test]
fn a_run_without_checkpoints_says_so() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    checkpoints(&run).into_iter().for_each(|path| fs::remove_file(path).unwrap());
    let line = Ran::of(&mut scene.resume("run", &[])).fails(4);
    assert!(line.contains("no checkpoint"), "{line}");
}

#[test]
fn a_checkpoint_of_other_nets_changes_nothing() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    let config = fs::read_to_string(run.join("config.toml")).unwrap();
    let adam = config.find("[optimizer.adam]").map(|at| &config[at..]).unwrap();
    let adam = adam.split("\n\n").next().unwrap();
    let edits = [
        ("z_units = 8", "z_units = 16"),
        ("noise_width = 6", "noise_width = 7"),
        ("[generator.combined.hidden_layer]\nunits = 12", "[generator.combined.hidden_layer]\nunits = 13"),
        (adam, "[optimizer.sgd]\nmomentum = 0.5"),
        ("ema_decay = 0.99\n", ""),
    ];
    for (from, to) in edits {
        let edited = config.replacen(from, to, 1);
        assert_ne!(edited, config, "{from}");
        fs::write(run.join("config.toml"), edited).unwrap();
        let before = files(&run);
        let line = Ran::of(&mut scene.resume("run", &["--epochs", "2"])).fails(4);
        assert!(line.contains("of other nets"), "{line}");
        assert!(files(&run) == before, "{to}");
    }
    // Back to what it was: nothing was lost.
    fs::write(run.join("config.toml"), &config).unwrap();
    Ran::of(&mut scene.resume("run", &["--epochs", "2"])).succeeds();
}

#[test]
fn a_table_shorter_than_the_checkpoint_knows_is_refused() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=2"]);
    let metrics = fs::read(run.join("metrics.csv")).unwrap();
    fs::write(run.join("metrics.csv"), &metrics[..metrics.len() - 1]).unwrap();
    let before = files(&run);
    let line = Ran::of(&mut scene.resume("run", &[])).fails(4);
    assert!(line.contains("metrics.csv"), "{line}");
    assert!(files(&run) == before);
}

#[test]
fn a_finished_run_can_be_resumed_and_extended() {
    let scene = Scene::new();
    let run = scene.trained("short/run", &["run.epochs=3"]);
    let before = files(&run);
    Ran::of(&mut scene.resume("short/run", &[])).succeeds();
    let after = files(&run);
    assert!(after.keys().eq(before.keys()), "{:?}", after.keys());
    // The header of a checkpoint is a map: its order is not fixed.
    let changed: Vec<_> =
        before.iter().filter(|(name, bytes)| after[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(changed.is_empty(), "{changed:?}");

    Ran::of(&mut scene.resume("short/run", &["--epochs", "6"])).succeeds();
    let whole = scene.trained("whole/run", &["run.epochs=6"]);
    assert_same_run(&run, &whole, "extended");
}

#[test]
fn what_a_kill_left_half_written_is_swept_away() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    // The names under which files are written before they are renamed.
    for name in [".part-a1B2c3", "samples/.part-a1B2c3", "checkpoints/.part-a1B2c3", "checkpoints/.tmpa1B2c3"]
    {
        fs::write(run.join(name), "half").unwrap();
    }
    Ran::of(&mut scene.resume("run", &["--epochs", "2"])).succeeds();
    let left: Vec<_> = files(&run).into_keys().filter(|name| name.contains("a1B2c3")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn threads_change_no_byte() {
    // Wide enough that every kernel shares out its rows.
    let wide = [
        "run.epochs=2",
        "updates.batch=50",
        "generator.noise_width=40",
        "generator.z_units=100",
        "generator.y_units=500",
        "generator.combined.hidden_layer.units=900",
        "generator.dropout.rate=0.5",
        "discriminator.x={ maxout = { units = 200, pieces = 5 } }",
        "discriminator.y={ maxout = { units = 50, pieces = 5 } }",
        "discriminator.joint={ maxout = { units = 240, pieces = 4 } }",
        "discriminator.dropout=0.5",
        "log.metrics_every=1",
        "log.checkpoint_every=1000",
    ];
    let scene = Scene::new();
    let train = |threads: &str| {
        let name = format!("threads-{threads}/run");
        Ran::of(scene.train(&name, &wide).args(["--threads", threads])).succeeds();
        scene.path(&name)
    };
    let alone = train("1");
    for threads in ["2", "3", "4", "8"] {
        assert_same_run(&train(threads), &alone, &format!("{threads} threads"));
    }
}

#[test]
fn divergence_is_named_and_the_checkpoint_kept() {
    let cases: [&[&str]; 3] = [
        &["optimizer.sgd.momentum=0.5", "schedule.learning_rate=1e30"],
        &["optimizer.sgd.momentum=0.5", "schedule.learning_rate=1e300", "updates.order=simultaneous"],
        &["schedule.learning_rate=1e30", "penalty.r1=none"],
    ];
    for settings in cases {
        let scene = Scene::new();
        let line = Ran::of(&mut scene.train("run", settings)).fails(3);
        let said = line.strip_prefix("cgan: diverged at step ").unwrap_or_else(|| panic!("{line}"));
        let what = said.split_once(": ").and_then(|(_, what)| what.split_once(" is not finite")).unwrap().0;
        let named = ["loss", "penalty", "gradient", "generator.", "discriminator."];
        assert!(named.iter().any(|name| what.contains(name)), "{line}");
        let run = scene.path("run");
        let kept = checkpoints(&run);
        assert!(!kept.is_empty());
        let bytes = fs::read(kept.last().unwrap()).unwrap();
        // From there it goes the same way.
        let again = Ran::of(&mut scene.resume("run", &[])).fails(3);
        assert_eq!(again, line);
        assert!(checkpoints(&run) == kept && fs::read(kept.last().unwrap()).unwrap() == bytes);
    }
}

#[test]
fn changed_data_are_noticed_and_nothing_is_touched() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    let images = scene.data().join(common::TRAIN_IMAGES);
    let mut bytes = fs::read(&images).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    bytes[100] ^= 1;
    fs::write(&images, bytes).unwrap();
    let before = files(&run);
    let line = Ran::of(&mut scene.resume("run", &["--epochs", "3"])).fails(4);
    assert!(line.contains("has changed since the run began"), "{line}");
    assert!(files(&run) == before);
}

#[test]
fn nobody_need_be_listening() {
    let scene = Scene::new();
    let deaf = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status =
        scene.train("run", &["run.epochs=3"]).stdout(std::process::Stdio::null()).stderr(deaf).status();
    assert!(status.unwrap().success());
    assert!(scene.path("run").join("samples/epoch-003.png").exists());
}

#[test]
fn a_damaged_checkpoint_does_not_cost_a_sound_one() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=3"]);
    let [older, newest] = &checkpoints(&run)[..] else { panic!("two are kept") };
    fs::write(newest, b"damaged").unwrap();
    Ran::of(&mut scene.resume("run", &["--epochs", "3"])).succeeds();
    // The same step was computed again, over the damaged file; the one before is still there.
    assert_eq!(checkpoints(&run), [older.clone(), newest.clone()]);
    let again = Ran::of(&mut scene.resume("run", &["--epochs", "3"]));
    again.succeeds();
}
