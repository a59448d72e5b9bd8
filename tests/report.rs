//! The page of a run: of any run that there may be, and in a browser.

mod common;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Ran, Scene, TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES, TRAIN_LABELS, cgan, idx};

/// Where the page's script and its tests are.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../report/js");

/// The page that `cgan report` writes of these runs.
fn report(runs: &[&Path], out: &Path) -> String {
    let mut command = cgan(["report"]);
    let printed = Ran::of(command.args(runs).arg("--out").arg(out)).succeeds();
    assert_eq!(printed.trim(), out.to_str().unwrap());
    fs::read_to_string(out).unwrap()
}

/// What every page must be.
#[track_caller]
fn assert_sound(page: &str) {
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    // All but the page's own script and style, which are the same on every page.
    let (_, page) = page.split_once("</style>").unwrap();
    let (page, _) = page.split_once("<script type=\"module\">").unwrap();
    for wrong in
        ["\"NaN", " NaN", ">NaN", "inf<", "http://", "https://", "style=\"", " onclick", "alert(1)</script"]
    {
        let around = |at: usize| page[at.saturating_sub(80)..].chars().take(120).collect::<String>();
        assert!(!page.contains(wrong), "{wrong}: {:?}", page.find(wrong).map(around));
    }
}

/// Sets a data set of `classes` classes of `size` in the scene's place of data.
fn replace_data(scene: &Scene, classes: u8, size: (usize, usize), each: usize) {
    let files = [
        (TRAIN_IMAGES, TRAIN_LABELS, each * usize::from(classes)),
        (TEST_IMAGES, TEST_LABELS, usize::from(classes)),
    ];
    for (images, labels, count) in files {
        let classes: Vec<u8> = (0..count).map(|index| (index % usize::from(classes)) as u8).collect();
        let pixels: Vec<u8> = (0..count * size.0 * size.1).map(|i| (i * 37 % 251) as u8).collect();
        let shape = [count, size.0, size.1].map(|size| size as u32);
        fs::write(scene.data().join(images), idx(&shape, &pixels)).unwrap();
        fs::write(scene.data().join(labels), idx(&[count as u32], &classes)).unwrap();
    }
}

#[test]
fn train_writes_a_page_that_says_what_the_run_is() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=3", "log.evaluate_every=1"]);
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    assert_sound(&page);
    for part in [
        "Training is finished: 3 epochs.",
        "100 training images of 6 x 5 pixels, 4 classes",
        "cgan train mnist --preset",
        "--data data",
        "id=\"samples\"",
        "id=\"curves\"",
        "What people ask",
        "epoch 3</figcaption>",
        "Parzen estimate on validation images",
        "cgan evaluate run",
        "generator.z_units",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // The path of the data is private.
    assert!(!page.contains(scene.data().to_str().unwrap()));
    let evaluated = Ran::of(cgan(["evaluate"]).arg(&run)).succeeds();
    assert!(!evaluated.is_empty());
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    assert_sound(&page);
    for part in [
        "<tr class=\"own\"><th scope=\"row\">this run</th>",
        "Asked and seen",
        "How wide the Gaussians are",
        "Copies?",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn every_run_has_a_page_however_it_went() {
    let scene = Scene::new();
    let page = scene.path("page.html");
    let of = |run: &Path| {
        let html = report(&[run], &page);
        assert_sound(&html);
        html
    };

    let one = scene.trained("one-epoch", &["run.epochs=1"]);
    assert!(of(&one).contains("Training is finished: 1 epochs."));

    Ran::of(&mut scene.train(
        "diverged",
        &["run.epochs=5", "schedule.learning_rate=1e30", "objective=wasserstein", "penalty.r1.weight=10"],
    ))
    .fails(3);
    assert!(of(&scene.path("diverged")).contains("Training diverged at epoch"));

    // As a kill leaves it: without a word of how it ended, a row half written, its weights missing.
    let killed = scene.trained("killed", &["run.epochs=4"]);
    fs::remove_file(killed.join("outcome.toml")).unwrap();
    fs::remove_file(killed.join("weights.safetensors")).unwrap();
    fs::remove_file(killed.join("samples/epoch-004.png")).unwrap();
    let metrics = fs::read(killed.join("metrics.csv")).unwrap();
    fs::write(killed.join("metrics.csv"), &metrics[..2 * metrics.len() / 3]).unwrap();
    assert!(of(&killed).contains("it got to epoch 2"), "{}", of(&killed));

    // Everything but the settings is gone or damaged.
    let bare = scene.trained("bare", &["run.epochs=1"]);
    for name in ["data.toml", "env.toml", "timing.csv", "diagnosis.csv"] {
        fs::remove_file(bare.join(name)).unwrap();
    }
    fs::remove_dir_all(bare.join("samples")).unwrap();
    fs::write(bare.join("metrics.csv"), b"\xff\xfe,,\n\n1").unwrap();
    fs::write(bare.join("evaluation.csv"), "name,parzen_nats\nrun\n").unwrap();
    fs::write(bare.join("outcome.toml"), "outcome = 7").unwrap();
    assert!(of(&bare).contains("Left out: "));

    // A folder that cannot be written takes its page elsewhere.
    let fixed = scene.trained("read-only", &["run.epochs=1"]);
    fs::remove_file(fixed.join("report.html")).unwrap();
    fs::set_permissions(&fixed, fs::Permissions::from_mode(0o555)).unwrap();
    of(&fixed);
    fs::set_permissions(&fixed, fs::Permissions::from_mode(0o755)).unwrap();

    let message = Ran::of(cgan(["report"]).arg(scene.path("none"))).fails(1);
    assert!(message.contains("not a run"), "{message}");
}

#[test]
fn a_page_that_cannot_be_written_ends_no_run() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    fs::remove_file(run.join("report.html")).unwrap();
    fs::create_dir(run.join("report.html")).unwrap();
    let ran = Ran::of(&mut scene.resume("run", &["--epochs", "2"]));
    assert!(ran.err.contains("the page of the run was not written: "), "{ran:?}");
    ran.succeeds();
    assert!(run.join("samples/epoch-002.png").exists());
}

#[test]
fn few_and_many_classes_and_large_images_have_a_page() {
    for (classes, size, each) in [(1, (6, 5), 60), (200, (6, 5), 2), (4, (64, 64), 30)] {
        let scene = Scene::new();
        replace_data(&scene, classes, size, each);
        let run = scene.trained("run", &["run.epochs=2"]);
        let page = fs::read_to_string(run.join("report.html")).unwrap();
        assert_sound(&page);
        assert!(page.contains(&format!("{classes} classes")) && page.len() < 4_500_000, "{}", page.len());
    }
}

#[test]
fn a_million_rows_are_thinned_and_no_peak_is_lost() {
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=1"]);
    let text = fs::read_to_string(run.join("metrics.csv")).unwrap();
    let header = text.lines().next().unwrap();
    let row = |step: usize| {
        let loss = if step == 654_321 { 77.125 } else { 1.25 + (step % 7) as f64 / 64.0 };
        format!("{step},{},{loss},0.7,0.5,0.5,0,0.1,,1,1\n", step as f64 / 10_000.0)
    };
    let rows = (1..=1_000_000).fold(format!("{header}\n"), |mut text, step| {
        let _ = text.write_str(&row(step));
        text
    });
    fs::write(run.join("metrics.csv"), rows).unwrap();
    let page = report(&[&run], &scene.path("page.html"));
    assert_sound(&page);
    assert!(page.contains("77.125") && page.len() < 1_200_000, "{}", page.len());
}

#[test]
fn several_runs_stand_side_by_side() {
    let scene = Scene::new();
    let a = scene.trained("run-a", &["run.epochs=2"]);
    let b = scene.trained("run-b", &["run.epochs=2", "schedule.learning_rate=0.001", "run.seed=2"]);
    let page = report(&[&a, &b], &scene.path("both.html"));
    assert_sound(&page);
    for part in
        ["run-a, run-b</h1>", "<code>schedule.learning_rate</code></th><td>", "Samples of run-b", "G loss"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<code>updates.batch</code>"), "the same in both");
}

#[test]
fn measures_of_one_column_but_two_kinds_stand_apart() {
    let (digits, tags) = (Scene::new(), Scene::tagged());
    let digits = digits.trained("digits", &["run.epochs=1"]);
    let tags = tags.trained("tags", &["run.epochs=1"]);
    for (run, share) in [(&digits, 0.75), (&tags, 0.25)] {
        fs::write(run.join("evaluation.csv"), format!("name,precision,step\nrun,{share},\n")).unwrap();
    }
    let scene = Scene::new();
    for runs in [[&digits, &tags], [&tags, &digits]] {
        let page = report(&runs.map(|run| run.as_path()), &scene.path("both.html"));
        let row = |name: &str| {
            let from = page.split_once(&format!("<th scope=\"row\">{name}</th>")).unwrap().1;
            from.split_once("</tr>").unwrap().0.to_owned()
        };
        assert!(
            row("precision").contains("0.750") && !row("precision").contains("0.250"),
            "{}",
            row("precision")
        );
        assert!(row("P@5").contains("0.250") && !row("P@5").contains("0.750"), "{}", row("P@5"));
    }
}

#[test]
fn text_from_data_is_text() {
    // A name of a folder, and a row of a table, that would be markup.
    let scene = Scene::new();
    let hostile = "<img src=x onerror=alert(1)><script>alert(1)</script>";
    let run = scene.trained(&hostile.replace('/', "\u{2215}"), &["run.epochs=1"]);
    fs::write(
        run.join("evaluation.csv"),
        format!("name,parzen_nats,accuracy\n{hostile},1,1\nrun,{hostile},0.5\n"),
    )
    .unwrap();
    fs::write(run.join("confusion.csv"), format!("asked,seen_0,{hostile}\n{hostile},1,2\n1,{hostile},2\n"))
        .unwrap();
    fs::write(run.join("outcome.toml"), format!("outcome = \"diverged\"\nmessage = '{hostile}'\n")).unwrap();
    fs::write(run.join("samples/epoch-001.png"), hostile).unwrap();
    let page = report(&[&run], &scene.path("page.html"));
    assert!(!page.contains("<img src=x") && !page.contains("<script>alert"), "markup from data");
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;"));
}

#[test]
fn a_run_of_words_has_a_page_with_its_words() {
    let scene = Scene::tagged();
    let run = scene.trained("run", &["run.epochs=3", "log.samples_every=1"]);
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    assert_sound(&page);
    for part in ["words of people", "epoch 3", "G draws word vectors given a picture"] {
        assert!(page.contains(part), "{part}");
    }
    Ran::of(cgan(["evaluate"]).arg(&run)).succeeds();
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    assert_sound(&page);
    for part in ["Table 2 of the paper", "P@5", "MiAP"] {
        assert!(page.contains(part), "{part}");
    }
}

/// The browser, Node.js and the packages of the tests in `crates/report/js`, if they are all here.
fn browser() -> Result<PathBuf, &'static str> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let find = |names: &[&str]| {
        std::env::split_paths(&path)
            .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
            .find(|file| file.is_file())
    };
    if find(&["node"]).is_none() {
        return Err("there is no Node.js");
    }
    if !Path::new(SCRIPTS).join("node_modules/puppeteer-core").is_dir() {
        return Err("its packages are missing: (cd crates/report/js && npm ci)");
    }
    find(&["chromium", "chromium-browser", "google-chrome", "chrome"]).ok_or("there is no Chromium")
}

#[test]
fn the_pages_work_in_a_browser() {
    let browser = match browser() {
        Ok(browser) => browser,
        Err(why) => {
            // Past the test harness, which shows no output of a test that passes.
            let line = format!("left out: the test of the pages in a browser, since {why}\n");
            std::io::stderr().write_all(line.as_bytes()).unwrap();
            return;
        }
    };
    let scene = Scene::new();
    let run = scene.trained("run", &["run.epochs=6", "log.samples_every=1", "log.evaluate_every=2"]);
    Ran::of(cgan(["evaluate", "--alone"]).arg(&run)).succeeds();
    let other = scene.trained("other", &["run.epochs=4", "run.seed=2"]);
    let both = scene.path("both.html");
    report(&[&run, &other], &both);
    let noisy = [
        "run.epochs=4",
        "log.samples_every=1",
        "generator.dropout.rate=0.5",
        "generator.dropout.when_sampling=true",
    ];
    let noisy = scene.trained("noisy", &noisy);
    let sampled = [&run, &noisy].map(|run| {
        let array = run.with_extension("npy");
        Ran::of(cgan(["sample"]).arg(run).arg("--out").arg(&array)).succeeds();
        format!("{}\t{}", run.join("report.html").display(), array.display())
    });
    let both_nets = scene.path("both-nets.html");
    let with_discriminator = &mut cgan(["report", "--with-discriminator"]);
    Ran::of(with_discriminator.arg(&noisy).arg("--out").arg(&both_nets)).succeeds();
    let words = Scene::tagged();
    let tags = words.trained("tags", &["run.epochs=3", "log.samples_every=1"]);
    Ran::of(cgan(["lab", "mixture", "--out"]).arg(scene.path("lab"))).succeeds();
    let book = scene.path("book.html");
    Ran::of(cgan(["book", "--out"]).arg(&book)).succeeds();
    let mixture = scene.path("lab/mixture.html");
    let pages = [run.join("report.html"), both, both_nets, tags.join("report.html"), mixture, book];
    let pages: Vec<String> = pages.iter().map(|page| page.to_str().unwrap().to_owned()).collect();
    let output = Command::new("node")
        .args(["--test", "test/browser.test.js"])
        .current_dir(SCRIPTS)
        .env("CGAN_PAGES", pages.join("\n"))
        .env("CGAN_SAMPLED", sampled.join("\n"))
        .env("CGAN_BROWSER", browser)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
