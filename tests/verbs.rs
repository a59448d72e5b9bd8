//! Every verb does what its help says.

mod common;

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use common::{CLASSES, HEIGHT, Ran, STEPS_PER_EPOCH, Scene, WIDTH, cgan, files};
use experiments::config::{PRESETS, RunConfig};
use ndarray::{Array3, s};
use settings::{lines, node_of};
use toml::Table;

#[test]
fn train_leaves_the_documented_files() {
    let scene = Scene::new();
    let out = Ran::of(&mut scene.train("run", &["run.epochs=3", "log.samples_every=2"])).succeeds();
    let names: Vec<String> = files(&scene.path("run")).into_keys().collect();
    let expected = [
        "checkpoints/step-000000028.safetensors",
        "checkpoints/step-000000030.safetensors",
        "config.toml",
        "curves.svg",
        "data.toml",
        "diagnosis.csv",
        "env.toml",
        "metrics.csv",
        "outcome.toml",
        "report.html",
        // Every second epoch, and the last.
        "samples/epoch-002.png",
        "samples/epoch-003.png",
        "timing.csv",
        "weights.safetensors",
    ];
    assert_eq!(names, expected);
    for name in ["samples/epoch-003.png", "curves.svg", "metrics.csv", "weights.safetensors"] {
        assert!(out.contains(name), "{out}");
    }
    let config: Table = fs::read_to_string(scene.path("run/config.toml")).unwrap().parse().unwrap();
    assert_eq!(config["run"]["data"].as_str(), scene.data().to_str());
    assert_eq!(config["generator"]["z_units"].as_integer(), Some(8));
    let environment: Table = fs::read_to_string(scene.path("run/env.toml")).unwrap().parse().unwrap();
    assert!(environment.contains_key("version") && environment.contains_key("threads"));
}

#[test]
fn a_run_without_a_name_takes_the_next_number() {
    let scene = Scene::new();
    for number in 1..=2 {
        let mut train =
            cgan(["train", "mnist", "--data", "data", "--epochs", "1", "--set", "updates.batch=100"]);
        for setting in [
            "generator.y_units=8",
            "generator.combined.hidden_layer.units=8",
            "discriminator.x.maxout.units=4",
        ] {
            train.args(["--set", setting]);
        }
        let out = Ran::of(train.current_dir(scene.path(""))).succeeds();
        assert!(out.starts_with(&format!("runs/mnist-quick-{number}/report.html  ")), "{out}");
    }
    // The path of the data is absolute: the run goes on from anywhere.
    let run = scene.path("runs/mnist-quick-2");
    Ran::of(cgan(["resume", "--epochs", "2"]).arg(&run).current_dir(scene.data())).succeeds();
    assert!(run.join("samples/epoch-002.png").exists());
}

/// Header and rows of a CSV file; an empty cell is NaN.
fn table(path: &Path) -> (Vec<String>, Vec<Vec<f64>>) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let numbers = |record: csv::StringRecord| {
        record.iter().map(|cell| if cell.is_empty() { f64::NAN } else { cell.parse().unwrap() }).collect()
    };
    (header, reader.records().map(|record| numbers(record.unwrap())).collect())
}

/// Every column of every table that a run leaves stands in its row of docs/FORMATS.md; `dead_*` stands for all that begin so.
fn columns_are_described(run: &Path, task: &str) {
    let formats = include_str!("../docs/FORMATS.md");
    for entry in fs::read_dir(run).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".csv") || name.contains("-validation") {
            continue;
        }
        let begins = [format!("| `{name}` |"), format!("| `{name}`, {task} |")];
        let row = formats.lines().find(|line| begins.iter().any(|begin| line.starts_with(begin)));
        let row = row.unwrap_or_else(|| panic!("{name} has no row in docs/FORMATS.md"));
        for column in csv::Reader::from_path(run.join(&name)).unwrap().headers().unwrap() {
            let groups = column.match_indices('_').map(|(at, _)| format!("{}*", &column[..=at]));
            let mut names = groups.chain([column.to_owned()]);
            assert!(names.any(|name| row.contains(&format!("`{name}`"))), "{name}: {column} is not in {row}");
        }
    }
}

#[test]
fn metrics_have_a_row_at_every_step_asked_for() {
    let scene = Scene::new();
    let mut penalties = HashMap::new();
    for every in [1, 3, 10] {
        let run =
            scene.trained(&format!("run-{every}"), &["run.epochs=3", &format!("log.metrics_every={every}")]);
        let (header, rows) = table(&run.join("metrics.csv"));
        let columns = [
            "step",
            "epoch",
            "d_loss",
            "g_loss",
            "d_real",
            "d_fake",
            "gradient_penalty",
            "learning_rate",
            "momentum",
            "d_gradient_norm",
            "g_gradient_norm",
        ];
        assert_eq!(header, columns);
        let last = 3 * STEPS_PER_EPOCH;
        let steps: Vec<f64> = (1..=last).filter(|step| step % every == 0).map(|step| step as f64).collect();
        assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), steps);
        for row in &rows {
            assert_eq!(row[1], row[0] / STEPS_PER_EPOCH as f64);
            // Adam has no momentum.
            assert!(row.iter().enumerate().all(|(i, value)| value.is_finite() != (i == 8)), "{row:?}");
            // Losses and norms are positive; the two means are probabilities.
            assert!(row[2..6].iter().chain(&row[9..]).all(|value| *value > 0.0), "{row:?}");
            // The rate rises from zero.
            assert_eq!(row[7] > 0.0, row[0] > 1.0, "{row:?}");
            // Every fourth update has the penalty, from the first on; a row has the last one.
            let last = (row[0] as u64 - 1) / 4;
            let seen = penalties.entry(last).or_insert(row[6]);
            assert!(row[6] > 0.0 && *seen == row[6], "{row:?}");
            assert!(row[4] < 1.0 && row[5] < 1.0, "{row:?}");
        }

        let (header, rows) = table(&run.join("timing.csv"));
        assert_eq!(header, ["epoch", "step", "seconds", "steps_per_second", "images_per_second"]);
        let epochs: Vec<_> = rows.iter().map(|row| (row[0], row[1])).collect();
        assert_eq!(epochs, [(1.0, 10.0), (2.0, 20.0), (3.0, 30.0)]);
        assert!(rows.iter().flatten().all(|value| *value > 0.0), "{rows:?}");
    }
}

/// Width, height, and the tones of a picture.
fn picture(path: &Path) -> (usize, usize, Vec<u8>) {
    let file = std::io::BufReader::new(fs::File::open(path).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut tones = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut tones).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::Eight));
    (info.width as usize, info.height as usize, tones)
}

#[test]
fn sample_draws_pictures_and_arrays() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=2"]);
    let sample = |from: &Path, out: &str, more: &[&str]| {
        let out = scene.path(out);
        Ran::of(cgan(["sample"]).arg(from).arg("--out").arg(&out).args(more)).succeeds();
        out
    };
    let array = |out: &str, more: &[&str]| -> Array3<f32> {
        let array = files::npy::load::<f32>(sample(&run, out, more).as_ref()).unwrap();
        array.into_dimensionality().unwrap()
    };

    let all = array("all.npy", &[]);
    assert_eq!(all.dim(), (10 * CLASSES, HEIGHT, WIDTH));
    assert!(all.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
    assert_ne!(all.slice(s![0, .., ..]), all.slice(s![1, .., ..]), "one image for all noise");
    for class in 0..CLASSES {
        let one = array("one.npy", &["--label", &class.to_string()]);
        assert_eq!(one, all.slice(s![10 * class..10 * (class + 1), .., ..]), "class {class}");
    }
    let few = array("few.npy", &["--label", "2", "--count", "3"]);
    assert_eq!(few, all.slice(s![20..23, .., ..]));
    // More than are drawn at a time.
    let many = array("many.npy", &["--label", "1", "--count", "1234"]);
    assert_eq!(many.dim(), (1234, HEIGHT, WIDTH));
    assert_ne!(many.slice(s![0, .., ..]), many.slice(s![500, .., ..]), "the noise repeats");
    assert_eq!(array("same.npy", &["--seed", "1"]), all);
    assert_ne!(array("other.npy", &["--seed", "2"]), all);

    let (width, height, tones) = picture(&sample(&run, "all.png", &[]));
    assert!(width >= 10 * 2 * WIDTH && height >= CLASSES * 2 * HEIGHT && tones.iter().any(|tone| *tone > 0));
    let (_, one_row, _) = picture(&sample(&run, "one.png", &["--label", "3"]));
    let (_, three_rows, _) = picture(&sample(&run, "three.png", &["--label", "3", "--count", "25"]));
    assert!(one_row < three_rows && three_rows < 3 * one_row + 2 && one_row >= 2 * HEIGHT);

    // From the file alone, wherever it lies.
    let moved = scene.path("moved.safetensors");
    fs::copy(run.join("weights.safetensors"), &moved).unwrap();
    let from_file = sample(&moved, "from-file.png", &[]);
    assert!(fs::read(from_file).unwrap() == fs::read(scene.path("all.png")).unwrap());
}

#[test]
fn classes_are_numbered_as_in_the_files() {
    let scene = Scene::new();
    for name in [common::TRAIN_LABELS, common::TEST_LABELS] {
        let path = scene.data().join(name);
        let mut labels = fs::read(&path).unwrap();
        labels[8..].iter_mut().for_each(|label| *label += 1);
        fs::write(path, labels).unwrap();
    }
    let run = scene.trained("run", &["run.epochs=1"]);
    let sample = |label: &str| {
        Ran::of(cgan(["sample", "--label", label]).arg(&run).arg("--out").arg(scene.path("x.npy")))
    };
    let line = sample("0").fails(2);
    assert!(line.contains("1 to 4"), "{line}");
    sample("4").succeeds();
}

/// A preset's length is a matter of steps; epochs that are given are meant as they stand.
#[test]
fn a_small_set_is_trained_for_more_epochs() {
    let scene = Scene::new();
    let ran = Ran::of(&mut scene.train("run", &["run.min_steps=111", "log.samples_every=3"]));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("data: an epoch has 10 steps here: 12 epochs instead of 9, "), "{ran:?}");
    let config = RunConfig::load(&scene.path("run/config.toml")).unwrap();
    assert_eq!((config.run.epochs, config.run.min_steps, config.log.samples_every), (12, None, 4));
    assert_eq!(table(&scene.path("run/timing.csv")).1.len(), 12);
    let ran = Ran::of(&mut scene.train("long", &["run.epochs=1", "run.min_steps=111"]));
    assert!(ran.code == Some(0) && ran.err.contains("12 epochs instead of 1"), "{ran:?}");

    // A run's own settings hold both, where its set is large enough; what is given later counts.
    let ran = Ran::of(&mut scene.train("whole", &["run.epochs=2", "run.min_steps=20"]));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut again = cgan(["train", "mnist", "--epochs", "1", "--config"]);
    Ran::of(again.arg(scene.path("whole/config.toml")).arg("--out").arg(scene.path("short"))).succeeds();
    let config = RunConfig::load(&scene.path("short/config.toml")).unwrap();
    assert_eq!((config.run.epochs, config.run.min_steps), (1, None));
}

/// What is kept of the real images changes no figure; if it is damaged, it is made anew.
#[test]
fn measures_of_real_images_are_kept() {
    let scene = Scene::new();
    let (run, cache) = (scene.trained("run", &["run.epochs=1"]), scene.path("cache"));
    let evaluate = |more: &[&str]| {
        let mut command = cgan(["evaluate", "--alone", "--json"]);
        Ran::of(command.arg(&run).args(more).env("CGAN_CACHE", &cache))
    };
    let first = evaluate(&[]).succeeds();
    let kept = || {
        let names = files(&cache).into_keys().filter(|name| name.ends_with(".real.json"));
        names.map(|name| cache.join(name)).collect::<Vec<_>>()
    };
    let [file] = &kept()[..] else { panic!("{:?}", kept()) };
    let whole = fs::read(file).unwrap();
    assert_eq!(evaluate(&[]).succeeds(), first);
    fs::write(file, &whole[..whole.len() / 2]).unwrap();
    let again = evaluate(&["--threads", "1"]);
    assert!(again.err.contains(".real.json: damaged: measured anew"), "{again:?}");
    assert_eq!((again.out, fs::read(file).unwrap()), (first, whole));
    evaluate(&["--split", "validation"]).succeeds();
    assert_eq!(kept().len(), 2);
}

#[test]
fn evaluate_measures_a_run_beside_yardsticks() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=2"]);
    let evaluate = |more: &[&str]| Ran::of(cgan(["evaluate"]).arg(&run).args(more)).succeeds();
    let text = evaluate(&[]);
    for row in ["mean image", "class means", "25 real images a class", "class PCA, 80", "k-means", "run "] {
        assert!(text.contains(row), "{row}: {text}");
    }
    let csv = fs::read_to_string(run.join("evaluation.csv")).unwrap();
    assert!(csv.starts_with("name,samples,parzen_nats,") && csv.contains("\nrun,4000,"), "{csv}");
    assert_eq!(table(&run.join("parzen.csv")).1.len(), 10);
    let listed: serde_json::Value =
        serde_json::from_str(&Ran::of(&mut cgan(["measures", "mnist", "--json"])).succeeds()).unwrap();
    let columns =
        listed.as_array().unwrap().iter().flat_map(|measure| [&measure["column"], &measure["error_column"]]);
    let columns: Vec<&str> = columns.filter_map(|column| column.as_str()).collect();
    assert_eq!(
        csv.lines().next().unwrap(),
        format!("name,samples,{},step,data,real_images", columns.join(","))
    );
    let told = Ran::of(&mut cgan(["measures", "mnist"])).succeeds();
    assert!(columns.iter().all(|column| column.ends_with("_error") || told.contains(column)), "{told}");
    let confusion = table(&run.join("confusion.csv")).1;
    assert_eq!(confusion.len(), CLASSES);
    // Each row starts with its class; a thousand samples of it follow.
    assert!(confusion.iter().all(|row| row[1..].iter().sum::<f64>() == 1000.0), "{confusion:?}");

    // The same to the last digit, whatever the number of threads, and from the weights alone.
    let json = evaluate(&["--json", "--alone"]);
    assert_eq!(json, evaluate(&["--json", "--alone", "--threads", "1"]));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let (own, accuracy) =
        (&value["rows"][0], confusion.iter().enumerate().map(|(class, row)| row[1 + class]));
    assert_eq!(own["accuracy"].as_f64().unwrap(), accuracy.sum::<f64>() / (1000 * CLASSES) as f64);
    assert!(own["frechet"].as_f64().unwrap() > own["frechet_floor"].as_f64().unwrap());
    let weights = run.join("weights.safetensors");
    let from_weights =
        Ran::of(cgan(["evaluate", "--json", "--alone", "--data"]).arg(scene.data()).arg(weights));
    let from_weights: serde_json::Value = serde_json::from_str(&from_weights.succeeds()).unwrap();
    assert_eq!(from_weights["rows"][0]["parzen_nats"], own["parzen_nats"]);
    assert_eq!(own["parzen_curve"].as_array().unwrap().len(), 10);

    // What samples teach: beside real images and yardsticks, which the cache keeps.
    let first = evaluate(&["--classification"]);
    let csv = fs::read_to_string(run.join("classification.csv")).unwrap();
    assert!(
        csv.starts_with("name,images,validation,test,step\nreal training images,")
            && csv.lines().count() == 5
            && csv.ends_with(",20\n")
    );
    columns_are_described(&run, "images");
    for row in ["real training images", "class PCA, 10", "k-means", "run, "] {
        assert!(first.contains(row), "{row}: {first}");
    }
    assert_eq!(evaluate(&["--classification"]), first);

    evaluate(&["--split", "validation"]);
    assert!(run.join("evaluation-validation.csv").exists());
    // Digits of another size, in other classes.
    let message =
        Ran::of(cgan(["evaluate", "--data"]).arg(Scene::with_images(60, (3, 3)).data()).arg(&run)).fails(4);
    assert!(message.contains("3x3") && message.contains("6x5"), "{message}");
}

#[test]
fn judge_is_trained_once_for_a_data_set() {
    let (scene, cache) = (Scene::new(), tempfile::tempdir().unwrap());
    let judge =
        || cgan(["judge", "--data"]).arg(scene.data()).env("CGAN_CACHE", cache.path()).output().unwrap();
    let (first, second) = (judge(), judge());
    assert!(first.status.success() && first.stdout == second.stdout, "{first:?} {second:?}");
    assert!(first.stderr.starts_with(b"judge: ") && second.stderr.is_empty(), "{second:?}");
    // A damaged one is made again.
    for path in files(cache.path()).into_keys() {
        let path = cache.path().join(path);
        fs::write(&path, &fs::read(&path).unwrap()[..50]).unwrap();
    }
    let third = judge();
    assert!(third.status.success() && third.stdout == first.stdout, "{third:?}");
}

#[test]
fn a_run_stops_where_validation_data_say_so() {
    let scene = Scene::new();
    // Nothing is learned at this rate, so the first evaluation stays the best but for chance.
    let settings = [
        "run.epochs=40",
        "log.evaluate_every=2",
        "early_stopping.on=validation_parzen",
        "early_stopping.patience=2",
        "schedule.learning_rate=1e-30",
        "updates.ema_decay=none",
    ];
    let out = Ran::of(&mut scene.train("run", &settings));
    assert!(out.err.contains("early_stopping.patience"), "{out:?}");
    assert!(out.succeeds().contains("samples/best.png"));
    let run = scene.path("run");
    let (heading, rows) = table(&run.join("evaluations.csv"));
    assert_eq!(heading[5..], ["accuracy", "spread"]);
    // The first is the best; the same again is not better.
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), [2.0, 4.0, 6.0]);
    assert!(rows.iter().all(|row| row[2] == rows[0][2]));
    assert_eq!(
        fs::read(run.join("best.safetensors")).unwrap(),
        fs::read(run.join("weights.safetensors")).unwrap()
    );
    let message = Ran::of(
        &mut scene.train("other", &["early_stopping.on=validation_parzen", "early_stopping.patience=1"]),
    )
    .fails(2);
    assert!(message.contains("log.evaluate_every"), "{message}");
}

#[test]
fn nets_without_a_condition_are_trained_drawn_and_diagnosed() {
    let scene = Scene::new();
    let settings = [
        "run.epochs=2",
        "generator.y_units=none",
        "generator.init.y=none",
        "discriminator.y=none",
        "discriminator.init.y=none",
        "mismatched_pairs=none",
    ];
    let run = scene.trained("run", &settings);
    let (heading, rows) = table(&run.join("diagnosis.csv"));
    assert_eq!(heading[2], "condition_share");
    assert!(rows.len() == 2 && rows.iter().all(|row| row[2] == 0.0), "{rows:?}");
    let weights = run.join("weights.safetensors");
    assert!(!String::from_utf8_lossy(&fs::read(&weights).unwrap()).contains("generator.y.weight"));
    let out = scene.path("all.png");
    let (run, out) = (run.to_str().unwrap(), out.to_str().unwrap());
    let refused = Ran::of(&mut cgan(["sample", run, "--out", out, "--label", "1"])).fails(2);
    assert!(refused.contains("no condition"), "{refused}");
    Ran::of(&mut cgan(["sample", run, "--out", out])).succeeds();
}

#[test]
fn check_has_a_row_for_every_operation() {
    let out = Ran::of(&mut cgan(["check"])).succeeds();
    for (operation, cases) in autograd::ops::cases() {
        assert!(!cases.is_empty(), "{operation} is not checked");
        for case in cases {
            let row = out.lines().find(|line| line.trim_start().starts_with(case.name));
            assert!(row.is_some_and(|row| row.ends_with("ok")), "{operation}: {row:?}");
        }
    }
    assert!(!out.contains("WRONG"), "{out}");
    assert!(out.lines().count() > autograd::ops::cases().len() + 2);
    // Only what is asked for, with the chapter that derives it.
    let out = Ran::of(&mut cgan(["check", "Maxout"])).succeeds();
    assert!(out.contains("chapter 9") && !out.contains("tanh"), "{out}");
    let refused = Ran::of(&mut cgan(["check", "nosuch"])).fails(2);
    assert!(refused.contains("nosuch"), "{refused}");
}

#[test]
fn lab_prints_predictions_beside_measurements() {
    let quick = ["lab", "optimal-discriminator", "generator-losses"];
    let out = Ran::of(&mut cgan(quick)).succeeds();
    assert!(out.contains("D(x|y) = p / (p + q)") && !out.contains("WRONG"), "{out}");
    let rows = out.lines().filter(|line| line.ends_with("  ok")).count();
    assert!(out.ends_with(&format!("\n{rows} measurements are as predicted\n")) && rows > 5, "{out}");
    assert_eq!(out, Ran::of(cgan(quick).args(["--seed", "1", "--threads", "1"])).succeeds());
    assert_ne!(out, Ran::of(cgan(quick).args(["--seed", "2"])).succeeds());
}

#[test]
fn lab_fails_where_a_prediction_is_wrong() {
    let mut wrong = cgan(["lab", "optimal-discriminator", "label-smoothing", "--wrong", "0.00001"]);
    let ran = Ran::of(&mut wrong);
    assert!(ran.out.contains("  WRONG\n") && !ran.out.contains("  ok\n"), "{ran:?}");
    let line = ran.fails(1);
    assert!(line.ends_with(": optimal-discriminator (2), label-smoothing (9)"), "{line}");
}

#[test]
fn lab_lists_its_experiments_and_refuses_others() {
    let list = Ran::of(&mut cgan(["lab", "--list"])).succeeds();
    let names: Vec<&str> = list.lines().filter_map(|line| line.split(' ').next()).collect();
    let known: Vec<&str> = lab::EXPERIMENTS.iter().map(|experiment| experiment.name).collect();
    assert_eq!(names, known);
    for experiment in lab::EXPERIMENTS {
        assert!(list.contains(experiment.theorem) && list.contains(experiment.source), "{list}");
    }
    assert_eq!(Ran::of(&mut cgan(["lab", "frechet", "--list"])).succeeds().lines().count(), 1);
    let line = Ran::of(&mut cgan(["lab", "condition", "conditions"])).fails(2);
    assert!(line.contains("no experiment conditions;"), "{line}");
    assert!(known.iter().all(|name| line.contains(name)), "{line}");
}

#[test]
fn lab_writes_numbers_and_pictures() {
    let scene = Scene::new();
    let out = scene.path("lab/new");
    let lab =
        |out: &Path| Ran::of(cgan(["lab", "optimal-discriminator", "generator-losses", "--out"]).arg(out));
    let text = lab(&out).succeeds();
    let names: Vec<String> = files(&out).into_keys().collect();
    let expected = [
        "generator-losses-best-discriminator.csv",
        "generator-losses.csv",
        "generator-losses.svg",
        "optimal-discriminator.csv",
        "optimal-discriminator.svg",
    ];
    assert_eq!(names, expected);
    assert!(names.iter().all(|name| text.contains(name)), "{text}");
    let csv = fs::read_to_string(out.join("optimal-discriminator.csv")).unwrap();
    assert!(csv.starts_with("objective,y,x,p,q,prediction,d\nminimax,0,0,"), "{csv}");
    // A file where the folder should be.
    let line = lab(&out.join("generator-losses.csv")).fails(1);
    assert!(line.contains("generator-losses.csv"), "{line}");
}

#[test]
fn graph_draws_both_nets() {
    let scene = Scene::new();
    let graph = |name: &str, more: &[&str]| {
        let out = scene.path(name);
        let mut graph = cgan(["graph", "--data"]);
        let said = Ran::of(graph.arg(scene.data()).arg("--out").arg(&out).args(more)).succeeds();
        assert_eq!(said, format!("{}\n", out.display()));
        fs::read_to_string(out).unwrap()
    };
    let svg = graph("graph.svg", &[]);
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{}", &svg[..200]);
    let dot = graph("graph.dot", &[]);
    assert!(dot.starts_with("digraph") && dot.trim_end().ends_with('}'), "{}", &dot[..200]);
    for text in [&svg, &dot] {
        for what in ["G(z|y)", "loss", "penalty", "maxout"] {
            assert!(text.contains(what), "no {what}");
        }
    }
    assert!(
        !graph("plain.dot", &["--set", "penalty.r1=none", "--set", "penalty.r2=none"]).contains("penalty")
    );
}

#[test]
fn data_tells_of_what_there_is() {
    let out = Ran::of(&mut cgan(["data"])).succeeds();
    for part in ["mnist", "50000 to train, 10000 to validate, 10000 to test", "28 x 28", "SHA-256", "licence"]
    {
        assert!(out.contains(part), "{out}");
    }
    let sums = out.split_whitespace().filter(|w| w.len() == 64 && w.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_eq!(sums.count(), 4, "{out}");

    let scene = Scene::new();
    let out = Ran::of(cgan(["data"]).arg(scene.data())).succeeds();
    for part in ["100 to train, 20 to validate, 24 to test", "6 x 5", "4 (0 to 3)"] {
        assert!(out.contains(part), "{out}");
    }
}

#[test]
fn presets_are_listed_and_printed() {
    let out = Ran::of(&mut cgan(["presets"])).succeeds();
    assert_eq!(out.lines().count(), PRESETS.len());
    for (preset, line) in PRESETS.iter().zip(out.lines()) {
        let what = line.strip_prefix(preset.name).unwrap_or_else(|| panic!("{line}"));
        assert!(what.trim().len() > 10, "{line}");
        let text = Ran::of(&mut cgan(["presets", preset.name])).succeeds();
        let values = text.lines().filter(|line| line.contains(" = ")).skip(1);
        let with_source = values.clone().filter(|line| line.contains(" # ")).count();
        assert!(with_source + 3 > values.count(), "{text}");
        // What is printed can be edited and given back.
        let of_words = preset.name.starts_with("tags");
        let scene = if of_words { Scene::tagged() } else { Scene::new() };
        let file = scene.path("my.toml");
        fs::write(&file, &text).unwrap();
        let mut graph = cgan(["graph", "--config"]);
        graph.arg(&file).arg("--data").arg(scene.data()).arg("--out").arg(scene.path("graph.dot"));
        if of_words {
            let words = format!("tags.word_vectors={}", scene.path("words.txt").display());
            graph.args(["--set", &words, "--set", "tags.min_count=1", "--set", "updates.batch=10"]);
        }
        Ran::of(&mut graph).succeeds();
    }
}

/// Verbs that help and completions must have.
const VERBS: [&str; 12] = [
    "train",
    "resume",
    "sample",
    "evaluate",
    "judge",
    "check",
    "lab",
    "book",
    "graph",
    "data",
    "presets",
    "completions",
];

#[test]
fn completions_are_scripts_of_each_shell() {
    for (shell, part) in [("bash", "complete -F"), ("zsh", "#compdef cgan"), ("fish", "complete -c cgan")] {
        let out = Ran::of(&mut cgan(["completions", shell])).succeeds();
        assert!(out.contains(part), "{shell}");
        for verb in VERBS {
            assert!(out.contains(verb), "{shell}: no {verb}");
        }
    }
}

#[test]
fn help_tells_the_values_of_the_paper() {
    let out = Ran::of(&mut cgan(["--help"])).succeeds();
    for verb in VERBS.into_iter().chain(["--threads"]) {
        assert!(out.contains(verb), "no {verb}");
    }
    let out = Ran::of(&mut cgan(["train", "--help"])).succeeds();
    assert!(out.contains("| the paper's."), "{out}");
    for verb in VERBS {
        assert!(Ran::of(&mut cgan([verb, "-h"])).succeeds().contains("Usage: cgan"), "{verb}");
    }
    let version = Ran::of(&mut cgan(["--version"])).succeeds();
    assert_eq!(version.trim_end(), format!("cgan {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn help_lists_every_setting_with_its_default_and_the_paper_s_value() {
    let help = Ran::of(&mut cgan(["train", "--help"])).succeeds();
    let known = lines(&node_of::<RunConfig>());
    assert!(known.len() > 80);
    for line in &known {
        let start = format!("{}: ", line.key);
        assert!(help.lines().any(|text| text.trim_start().starts_with(&start)), "no {}", line.key);
        assert!(!line.help.is_empty(), "{} has no help", line.key);
    }
    // Folded to the width of a terminal.
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("in 1 to 32768 [100 | 100]"), "updates.batch: {words}");
    assert!(
        words.contains("a number above 0 [0.0036 | 0.1 (digits); open (tags)]"),
        "schedule.learning_rate: {words}"
    );
}

#[test]
fn presets_differ_by_what_the_difference_says() {
    let out = Ran::of(&mut cgan(["presets", "--diff", "original", "paper-trained"])).succeeds();
    let rows: Vec<Vec<&str>> = out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["setting", "original", "paper-trained", "source"]);
    assert!(rows.iter().any(|row| row[..3] == ["discriminator.dropout", "0.5", "0.4"]), "{out}");
    assert_eq!(rows.len(), 13, "{out}");
    let out = Ran::of(&mut cgan(["presets", "--diff", "paper", "best"])).succeeds();
    assert!(out.contains("optimizer.adam.beta2") && out.contains("LeCun et al. 1998"), "{out}");
    assert!(!out.contains("noise_width"), "{out}");
    assert!(
        Ran::of(&mut cgan(["presets", "--diff", "paper", "bst"])).fails(2).contains("did you mean best?")
    );
}

#[test]
fn the_schema_is_that_of_a_settings_file() {
    let schema: serde_json::Value = serde_json::from_str(&Ran::of(&mut cgan(["schema"])).succeeds()).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    let learning_rate = &schema["properties"]["schedule"]["properties"]["learning_rate"];
    assert_eq!(learning_rate["exclusiveMinimum"], 0.0);
    assert_eq!(learning_rate["paper"], "0.1 (digits); open (tags)");
    assert!(schema["properties"]["extends"]["enum"].as_array().unwrap().iter().any(|name| name == "best"));
}

#[test]
fn a_run_of_words_is_trained_and_evaluated_beside_baselines() {
    let scene = Scene::tagged();
    let out =
        Ran::of(&mut scene.train("run", &["run.epochs=40", "log.evaluate_every=10", "early_stopping=none"]))
            .succeeds();
    assert!(out.contains("samples/epoch-040.html") && out.contains("evaluate"), "{out}");
    let run = scene.path("run");
    let page = fs::read_to_string(run.join("samples/epoch-040.html")).unwrap();
    assert!(page.contains("<td>p40</td>") && !page.contains("<td>p30</td>"), "{page}");
    let (heading, rows) = table(&run.join("evaluations.csv"));
    assert_eq!((&*heading[2], rows.len()), ("validation_precision", 4));

    let text = Ran::of(cgan(["evaluate"]).arg(&run)).succeeds();
    for part in [
        "10 test pictures of data, 12 words",
        "own tags",
        "frequent",
        "nearest pictures",
        "ridge",
        "least squares",
        "votes",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let json = Ran::of(cgan(["evaluate", "--json", "--split", "validation"]).arg(&run)).succeeds();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rows = json["rows"].as_array().unwrap();
    let precision = |row: &serde_json::Value| row["precision"].as_f64().unwrap();
    // The features determine the kind of a picture, so every tagger finds the tags.
    let [own, frequency, nearest, ridge, .., votes, _] = &rows[..] else { panic!("{json}") };
    assert!(precision(nearest) > 0.5 && precision(ridge) > 2.0 * precision(frequency), "{json}");
    assert!(rows.iter().all(|row| precision(row) <= precision(own)) && own["miap"] == 1.0, "{json}");
    assert!(votes["diversity"].as_f64().unwrap() > 0.0, "{json}");
    for name in ["evaluation.csv", "table2.csv", "table2.html", "table2-validation.html"] {
        assert!(run.join(name).exists(), "{name}");
    }
    columns_are_described(&run, "tags");
    let table = fs::read_to_string(run.join("table2.csv")).unwrap();
    assert!(table.starts_with("picture,own,generated\np50,w2 w3 w4,"), "{table}");
    let all = Ran::of(cgan(["evaluate", "--alone", "--all-words"]).arg(&run)).succeeds();
    assert!(all.contains("15 words"), "{all}");
    // What belongs to images is refused in one line, and the other way round.
    let line = Ran::of(cgan(["sample", "--out", "x.png"]).arg(&run)).fails(2);
    assert!(line.contains("conditioned on vectors"), "{line}");
}

#[test]
fn words_are_learned_and_looked_at() {
    let scene = Scene::tagged();
    let corpus = scene.path("corpus.txt");
    let lines =
        ["the cat chased the dog", "the dog chased the cat", "red and blue paint", "blue and red paint"];
    fs::write(&corpus, (lines.join("\n") + "\n").repeat(200)).unwrap();
    let out = scene.path("v.txt");
    let train = || {
        let mut command = cgan(["words", "train", "--width", "16", "--subsample", "0", "--epochs", "3"]);
        command.arg(&corpus).arg("-o").arg(&out);
        command
    };
    Ran::of(&mut train()).succeeds();
    let first = fs::read(&out).unwrap();
    assert!(first.starts_with(b"8 16\n"));
    Ran::of(train().args(["--threads", "1"])).succeeds();
    assert_eq!(fs::read(&out).unwrap(), first, "threads change nothing");
    let near = Ran::of(cgan(["words", "near", "cat", "-n", "2", "--vectors"]).arg(&out)).succeeds();
    assert_eq!(near.lines().count(), 2);
    let pairs = scene.path("pairs.tsv");
    fs::write(&pairs, "cat\tdog\t9\ncat\tred\t1\nred\tblue\t8\ncat\tpear\t2\n").unwrap();
    let text = Ran::of(cgan(["words", "evaluate", "--vectors"]).arg(&out).arg(&pairs)).succeeds();
    assert!(text.contains("     3      4"), "{text}");
    let questions = scene.path("questions.txt");
    fs::write(&questions, ": animals\ncat dog red blue\n").unwrap();
    let text =
        Ran::of(cgan(["words", "analogy", "--vectors"]).arg(&out).arg("--file").arg(&questions)).succeeds();
    assert!(text.contains("1 questions in all"), "{text}");
    let line = Ran::of(cgan(["words", "near", "zebra", "--vectors"]).arg(&out)).fails(2);
    assert!(line.contains("there is no word zebra"), "{line}");
}

#[test]
fn tagged_pictures_are_prepared_and_told_of() {
    let scene = Scene::tagged();
    let told = Ran::of(cgan(["data"]).arg(scene.data())).succeeds();
    assert!(told.contains("40 to train (120 pairs with a tag), 10 to validate, 10 to test"), "{told}");
    let list = scene.path("list.csv");
    fs::write(&list, "image,tags\np1.jpg,a;b\np2.jpg,\np99.jpg,c\n").unwrap();
    let features = scene.data().join("features.npy");
    fs::write(features.with_extension("ids"), (0..60).map(|i| format!("p{i}\n")).collect::<String>())
        .unwrap();
    let (out, text) = (scene.path("made"), scene.path("text.txt"));
    let prepare = || {
        let mut command = cgan(["data", "prepare", "generic"]);
        command.arg(&list).arg("--features").arg(&features).arg("--text").arg(&text).arg("--out").arg(&out);
        command
    };
    assert!(Ran::of(&mut prepare()).fails(4).contains("text.txt"), "what is missing is named");
    assert!(!out.exists(), "and nothing is begun");
    fs::write(&text, "a b\nc").unwrap();
    let ran = Ran::of(&mut prepare());
    assert_eq!(ran.messages().len(), 2, "{ran:?}");
    ran.succeeds();
    assert_eq!(fs::read_to_string(out.join("text.txt")).unwrap(), "a b\nc\n");
    let again = Ran::of(&mut prepare());
    assert_eq!(again.code, Some(1), "a folder is never overwritten");
    assert!(again.err.lines().last().unwrap().contains("made"), "{again:?}");
}
