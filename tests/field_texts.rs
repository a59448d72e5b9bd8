//! Texts, lists, word vectors, settings and command lines as people have them and other tools write them: each is read, or
//! answered in one line that says what is wrong. A case has a name, its files, the command and what is expected.

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Ran, Scene, cgan, files, signal, spawn, wait_for};

/// A command in a folder with some files, and the answer.
struct Case {
    name: &'static str,
    files: Vec<(&'static str, Vec<u8>)>,
    arguments: &'static str,
    code: i32,
    /// What standard output has.
    out: &'static str,
    /// What standard error has; empty for nothing at all.
    err: &'static str,
}

/// A case whose one file is text.
fn case(
    name: &'static str,
    (file, content): (&'static str, impl Into<Vec<u8>>),
    arguments: &'static str,
    code: i32,
    out: &'static str,
    err: &'static str,
) -> Case {
    Case { name, files: vec![(file, content.into())], arguments, code, out, err }
}

/// Runs each case in a folder of its own, and tells of all that are answered otherwise.
fn check(cases: Vec<Case>) {
    let mut wrong = Vec::new();
    for Case { name, files, arguments, code, out, err } in cases {
        let folder = tempfile::tempdir().unwrap();
        for (file, content) in files {
            fs::write(folder.path().join(file), content).unwrap();
        }
        let ran = Ran::of(cgan([]).args(arguments.split(' ')).current_dir(folder.path()));
        let is_right = ran.code == Some(code)
            && ran.out.contains(out)
            && ran.err.contains(err)
            && (err.is_empty() == ran.err.is_empty())
            && (code == 0
                || (ran.err.lines().last().unwrap_or_default().starts_with("cgan: ") && ran.out.is_empty()));
        if !is_right {
            wrong.push(format!("{name}: {ran:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const WORDS: [(&str, [f32; 3]); 4] = [
    ("king", [1.0, 2.0, 0.5]),
    ("queen", [1.0, 1.5, 0.5]),
    ("man", [-1.0, 2.0, 0.0]),
    ("cat", [0.0, -1.0, 1.0]),
];

fn text(head: &str, end: &str) -> String {
    let line = |(word, [a, b, c]): (&str, [f32; 3])| format!("{word} {a:e} {b:e} {c:e}{end}");
    head.to_owned() + &WORDS.map(line).concat()
}

fn binary(end: &str) -> Vec<u8> {
    let mut bytes = b"4 3\n".to_vec();
    for (word, numbers) in WORDS {
        bytes.extend(word.as_bytes());
        bytes.push(b' ');
        numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        bytes.extend(end.as_bytes());
    }
    bytes
}

fn utf16(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[test]
fn word_vectors_of_other_tools() {
    const NEAR: &str = "words near king -n 1 --vectors v";
    let near = |name, content: Vec<u8>, err| Case {
        name,
        files: vec![("v", content)],
        arguments: NEAR,
        code: 0,
        out: "queen",
        err,
    };
    let refused = |name, content: &[u8], code, err| {
        case(name, ("v.txt", content), "words near king --vectors v.txt", code, "", err)
    };
    check(vec![
        near("GloVe", text("", "\n").into(), ""),
        near("GloVe with a first line, and a name without ending", text("4 3\n", "\n").into(), ""),
        near("Windows line ends", text("4 3\r\n", "\r\n").into(), ""),
        near("UTF-16", utf16(&text("4 3\n", "\n")), "read as UTF-16LE").with("v.TXT"),
        near("word2vec binary with line ends", binary("\n"), ""),
        near("word2vec binary without line ends", binary(""), ""),
        near("binary under the name of a text", binary("\n"), "").with("v.txt"),
        near("text under the name of a binary", text("4 3\n", "\n").into(), "").with("v.bin"),
        near("an ending in capitals", text("4 3\n", "\n").into(), "").with("V.VEC"),
        near(
            "fastText with a count that is too large",
            text("2000000 3\n", "\n").into(),
            "4 words, though its first line says 2000000",
        ),
        near(
            "a count beyond all numbers",
            text("99999999999999999999999 3\n", "\n").into(),
            "4 words, though its first line says 99999999999999999999999",
        ),
        near(
            "mixed widths",
            (text("", "\n") + "dog 1 2\ncow 1 2 3 4\n").into(),
            "passed over 2: 2 without the right numbers",
        ),
        near("a word with a NUL", (text("", "\n") + "a\0b 0 0 1\n").into(), ""),
        near("emoji and text from right to left", (text("", "\n") + "😀 0 0 1\nשלום 0 -1 0\n").into(), ""),
        near("words with quotes", (text("", "\n") + "\"queen\" 0 0 1\n\" 0 0 2\n").into(), ""),
        near("blank lines at the end", (text("", "\n") + "\n\n").into(), ""),
        refused("a pickle of gensim", b"\x80\x04\x95\x10\0", 4, "it is a pickle of Python"),
        refused(
            "a lone word",
            b"king\n",
            4,
            "no line has a word and numbers with blanks or tabs between them",
        ),
        refused("commas between numbers", b"king,1,2\nqueen,2,3\n", 4, "blanks or tabs"),
        refused("an empty file", b"", 4, "v.txt: no vectors: the file is empty"),
        refused("the only word", b"king 1 2 3\n", 0, "v.txt: there is no other word"),
        refused("a zero vector", b"king 0 0 0\nman 1 0 0\n", 4, "the vector of this word is zero"),
        refused(
            "a line of 200,000 numbers",
            format!("king{}\nman{}\n", " 1".repeat(200_000), " 2".repeat(200_000)).as_bytes(),
            0,
            "",
        )
        .answers("man"),
        case(
            "a missing list of words",
            ("x", ""),
            "words near a --vectors v.npy",
            1,
            "",
            "v.npy: there is no such file",
        ),
        case(
            "a folder",
            ("x", ""),
            "words near a --vectors .",
            1,
            "",
            ".: it is a folder, and a file is needed",
        ),
        case("nothing", ("x", ""), "words near a --vectors /dev/null", 4, "", "word vectors are .txt"),
        case(
            "words whose sum is zero",
            ("v.txt", text("", "\n")),
            "words near king --minus king --vectors v.txt",
            4,
            "",
            "the sum of these words is zero",
        ),
        case(
            "an empty list of pairs",
            ("v.txt", text("", "\n")),
            "words evaluate /dev/null --vectors v.txt",
            4,
            "",
            "the file is empty",
        ),
    ]);
}

impl Case {
    /// The same vectors under another name.
    fn with(mut self, file: &'static str) -> Self {
        self.files[0].0 = file;
        self.arguments = match file {
            "v.TXT" => "words near king -n 1 --vectors v.TXT",
            "V.VEC" => "words near king -n 1 --vectors V.VEC",
            "v.bin" => "words near king -n 1 --vectors v.bin",
            "v.txt" => "words near king -n 1 --vectors v.txt",
            other => panic!("{other}"),
        };
        self
    }

    fn answers(mut self, out: &'static str) -> Self {
        self.out = out;
        self
    }
}

/// 20 pictures with features.
fn features() -> Vec<(&'static str, Vec<u8>)> {
    let mut matrix = Vec::new();
    let numbers = ndarray::Array2::from_shape_fn((20, 2), |(i, j)| (i * 2 + j) as f32);
    files::npy::write(&mut matrix, &numbers).unwrap();
    let names: String = (0..20).map(|i| format!("p{i}\r\n")).collect();
    vec![("f.npy", matrix), ("f.ids", format!("\u{feff}{names}\r\n").into_bytes())]
}

#[test]
fn lists_of_tagged_pictures() {
    let list = |name, file: &'static str, content: Vec<u8>, code, out, err| {
        let mut files = features();
        files.push((file, content));
        let arguments = match file {
            "l.csv" => "data prepare generic l.csv --features f.npy --out set",
            "l.tsv" => "data prepare generic l.tsv --features f.npy --out set",
            "l.json" => "data prepare generic l.json --features f.npy --out set",
            other => panic!("{other}"),
        };
        Case { name, files, arguments, code, out, err }
    };
    let rows = |head: &str, row: &str| {
        let lines = (0..20).map(|i| row.replace("N", &i.to_string()));
        std::iter::once(head.to_owned()).chain(lines).map(|line| line + "\n").collect::<String>()
    };
    // 16 pictures train, each with two tags.
    const TWO: &str = "16 to train (32 pairs with a tag)";
    const ONE: &str = "16 to train (16 pairs with a tag)";
    let csv = |name, text: String, out, err| list(name, "l.csv", text.into_bytes(), 0, out, err);
    let refused = |name, file, text: &str, err| list(name, file, text.as_bytes().to_vec(), 4, "", err);
    check(vec![
        csv("semicolons", rows("image,tags", "pN.jpg,cat;red car"), TWO, ""),
        csv(
            "a list of JSON in a cell",
            rows("image,tags", "pN.jpg,\"[\"\"cat\"\", \"\"red car\"\"]\""),
            TWO,
            "",
        ),
        csv("a list of Python in a cell", rows("image,tags", "pN.jpg,\"['cat', 'red car']\""), TWO, ""),
        csv(
            "vertical bars between tags",
            rows("image,tags", "pN.jpg,cat|red car"),
            TWO,
            "vertical bars separate tags",
        ),
        csv(
            "vertical bars between columns",
            rows("image|tags", "pN.jpg|cat;dog"),
            TWO,
            "vertical bars separate its columns",
        ),
        csv("number signs", rows("image,tags", "pN.jpg,#cat #dog"), TWO, "number signs separate tags"),
        csv("blanks between tags", rows("image,tags", "pN.jpg,cat dog"), ONE, "each row has one tag"),
        csv("emoji among tags", rows("image,tags", "pN.jpg,cat;dog;😀"), TWO, ""),
        csv("text from right to left", rows("image,tags", "pN.jpg,שלום;مرحبا"), TWO, ""),
        csv("rows that come twice", rows("image,tags", "pN.jpg,cat;dog\npN.jpg,dog"), TWO, ""),
        csv(
            "pictures without features",
            rows("image,tags", "pN.jpg,cat;dog") + "q.jpg,cat\n",
            TWO,
            "left out: 1 pictures: no features",
        ),
        csv(
            "a stray quote",
            rows("image,tags", "pN.jpg,cat;dog").replace("p3.jpg,", "p3.jpg,\""),
            "pictures 15 to train",
            "left out: 1 pictures: lines that cannot be used (the first: line 5: the quote (\") that opens cell 2 is not closed)",
        ),
        csv("a blank before a quote", rows("image,tags", "pN.jpg, \"cat;dog\""), TWO, ""),
        csv("line ends of old Macs", rows("image,tags", "pN.jpg,cat;dog").replace('\n', "\r"), TWO, ""),
        list("UTF-16", "l.csv", utf16(&rows("image,tags", "pN.jpg,cat;été")), 0, TWO, "read as UTF-16LE"),
        list(
            "tabs",
            "l.tsv",
            rows("image\ttags", "pN.jpg\tcat;dog").into(),
            0,
            TWO,
            "tabs separate its columns",
        ),
        refused(
            "other columns",
            "l.csv",
            "photo_id,user_tags\np1,cat\n",
            "`photo_id`, `user_tags` are there",
        ),
        refused(
            "no heading",
            "l.csv",
            "p1.jpg,cat\np2.jpg,dog\n",
            "line 1: the columns `image` and `tags` are needed",
        ),
        refused(
            "only emoji",
            "l.csv",
            &rows("image,tags", "pN.jpg,😀"),
            "no picture is left: a tag needs a letter or a digit",
        ),
        refused("an empty list", "l.csv", "", "l.csv: no pictures: the file is empty"),
        refused(
            "an object of JSON",
            "l.json",
            "{\"images\": []}",
            "one object is there: the keys `image` and `tags` are needed",
        ),
        refused(
            "JSON that breaks off",
            "l.json",
            "[{\"image\": \"p1\", \"tags\": [\"x\"]},\n{\"image\": ",
            "l.json: line 2: no JSON: EOF while parsing",
        ),
    ]);
}

#[test]
fn settings_files_of_all_kinds() {
    const GRAPH: &str = "graph --config s.toml --out g.svg";
    let read = |name, content: Vec<u8>| case(name, ("s.toml", content), GRAPH, 0, "g.svg", "");
    let refused = |name, content: &str, err| case(name, ("s.toml", content), GRAPH, 2, "", err);
    let plain = "# café\r\n[updates]\r\nbatch = 10\r\n";
    check(vec![
        read("UTF-16", utf16(plain)),
        read("a byte order mark", format!("\u{feff}{plain}").into()),
        read("Latin-1 in a comment", plain.chars().map(|c| c as u8).collect()),
        read("only a comment", b"# nothing\n".to_vec()),
        refused("a wrong value in UTF-16 is found", "[updates]\nbatch = 0\n", "s.toml: updates.batch"),
        refused("an empty file", "", "s.toml: no settings: the file is empty"),
        refused("an unknown key", "[updates]\nbatsh = 3\n", "did you mean updates.batch?"),
        refused(
            "a key without its table",
            "batch = 10\n",
            "there is no setting batch; did you mean updates.batch?",
        ),
        refused("dots in quotes", "\"updates.batch\" = 10\n", "updates.batch: write this key without quotes"),
        refused(
            "a key twice",
            "[updates]\nbatch = 10\nbatch = 20\n",
            "s.toml: line 3: this key or table comes twice",
        ),
        refused(
            "a table twice",
            "[updates]\nbatch = 10\n[updates]\nema_decay = 0.5\n",
            "line 3: this key or table comes twice",
        ),
        refused(
            "a wrong type",
            "[updates]\nbatch = \"ten\"\n",
            "updates.batch: \"ten\" is not a whole number",
        ),
        refused(
            "a table in place of a number",
            "[updates.batch]\nsize = 10\n",
            "a table is not a whole number",
        ),
        refused(
            "a number beyond 64 bits",
            "[run]\nepochs = 99999999999999999999\n",
            "line 2: this number is beyond 64 bits",
        ),
        refused("a date", "[run]\nepochs = 2024-01-01\n", "2024-01-01 is not a whole number"),
        refused("JSON", "{\"run\": {\"epochs\": 1}}", "line 1: this is JSON; settings are TOML"),
        refused("YAML", "run:\n  epochs: 1\n", "line 1: no TOML, which has lines `key = value`"),
        refused(
            "a preset in another case",
            "extends = \"PAPER\"\n",
            "s.toml: extends: there is no preset PAPER; did you mean paper?",
        ),
        refused("a zip", "PK\u{3}\u{4}", "s.toml: no settings: it is a zip archive"),
        case("a folder", ("x", ""), "graph --config .", 2, "", ".: it is a folder, and a file is needed"),
        case(
            "nothing",
            ("x", ""),
            "graph --config /dev/null",
            2,
            "",
            "/dev/null: no settings: the file is empty",
        ),
        case("a preset in capitals", ("x", ""), "graph --preset Quick", 2, "", "did you mean quick?"),
        case(
            "the preset none",
            ("x", ""),
            "train mnist --preset none",
            2,
            "",
            "the preset none gives no setting",
        ),
        case(
            "a flag before its verb",
            ("x", ""),
            "--epochs 3 train mnist",
            2,
            "",
            "--epochs is a flag of train",
        ),
        case(
            "an empty value",
            ("x", ""),
            "train mnist --epochs=",
            2,
            "",
            "--epochs \"\": a whole number is needed",
        ),
        case("the missing verb", ("x", ""), "--threads 2", 2, "", "a verb is missing: one of train, "),
    ]);
}

#[test]
fn a_pipe_serves_as_a_file_of_word_vectors() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let child = spawn(cgan(["words", "near", "king", "-n", "1", "--vectors"]).arg(&pipe));
    fs::write(&pipe, text("4 3\n", "\n")).unwrap();
    assert!(Ran::of_child(child).succeeds().contains("queen"));
}

#[test]
fn odd_surroundings_change_nothing() {
    let plain = Ran::of(&mut cgan(["presets", "quick"])).succeeds();
    let mut bare = cgan(["presets", "quick"]);
    bare.env_clear().env("TERM", "dumb").env("NO_COLOR", "1");
    assert_eq!(Ran::of(&mut bare).succeeds(), plain);
    // A reader that has seen enough, and a full disk.
    for arguments in [&["schema"][..], &["--help"], &["presets", "quick"], &["--version"]] {
        let mut child =
            cgan([]).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(Ran::of_child(child).code, Some(0), "{arguments:?}");
        if Path::new("/dev/full").exists() {
            let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
            let child = cgan([]).args(arguments).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
            let line = Ran::of_child(child).fails(1);
            assert!(line.contains("standard output: no space is left"), "{line}");
        }
    }
}

/// Verbs that save nothing on the way end at once.
#[test]
fn a_signal_ends_every_verb_with_one_line_and_leaves_nothing_half_written() {
    let scene = Scene::with_images(60_000, (6, 5));
    let cache = scene.path("cache");
    let ends = |child: std::process::Child, name: &str, code: i32| {
        let begun = Instant::now();
        signal(&child, name);
        let line = Ran::of_child(child).fails(code);
        assert!(
            line.contains("stopped by signal") && line.contains("nothing is left half written"),
            "{line}"
        );
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    };
    let judge = spawn(cgan(["judge", "--data"]).arg(scene.data()).env("CGAN_CACHE", &cache));
    // It is made before the training.
    wait_for("the judge's training", || cache.exists());
    ends(judge, "INT", 130);
    assert!(files(&cache).is_empty(), "{:?}", files(&cache).keys());

    let run = scene.trained("run", &["run.epochs=1"]);
    fs::remove_dir(&cache).unwrap();
    let before = files(&run);
    let evaluation = spawn(cgan(["evaluate"]).arg(&run).env("CGAN_CACHE", &cache));
    wait_for("the judge's training", || cache.exists());
    ends(evaluation, "TERM", 143);
    assert!(files(&cache).is_empty() && files(&run) == before);

    // A folder that is being filled.
    let pictures = 10_000;
    let list: String = (0..pictures).map(|i| format!("p{i},cat;dog\n")).collect();
    let names: String = (0..pictures).map(|i| format!("p{i}\n")).collect();
    fs::write(scene.path("l.csv"), format!("image,tags\n{list}")).unwrap();
    fs::write(scene.path("f.ids"), names).unwrap();
    files::npy::save(&scene.path("f.npy"), &ndarray::Array2::<f32>::zeros((pictures, 2))).unwrap();
    fs::create_dir(scene.path("small")).unwrap();
    for i in 0..pictures {
        fs::write(scene.path(&format!("small/p{i}.jpg")), "x").unwrap();
    }
    let mut prepare = cgan(["data", "prepare", "generic"]);
    prepare.arg(scene.path("l.csv")).arg("--features").arg(scene.path("f.npy"));
    prepare.arg("--thumbnails").arg(scene.path("small")).arg("--out").arg(scene.path("out/set"));
    let prepare = spawn(&mut prepare);
    let begun = || fs::read_dir(scene.path("out")).is_ok_and(|mut entries| entries.next().is_some());
    wait_for("the folder", begun);
    ends(prepare, "INT", 130);
    assert!(!begun(), "something is left");
}

/// A file that never ends is a pipe whose other end stays open.
#[test]
fn a_signal_ends_every_verb_that_reads() {
    let folder = tempfile::tempdir().unwrap();
    for (file, content) in features().into_iter().chain([("v.txt", text("", "\n").into_bytes())]) {
        fs::write(folder.path().join(file), content).unwrap();
    }
    let pipe = folder.path().join("pipe.csv");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for arguments in [
        "words train pipe.csv --out o.bin",
        "words near king --vectors pipe.csv",
        "words analogy --file pipe.csv --vectors v.txt",
        "words evaluate pipe.csv --vectors v.txt",
        "data prepare generic pipe.csv --features f.npy --out set",
        "graph --config pipe.csv",
        "train mnist --config pipe.csv --out run",
    ] {
        let before = names_but_the_pipe(folder.path());
        let child = spawn(cgan([]).args(arguments.split(' ')).current_dir(folder.path()));
        // Waits for the reader.
        let kept_open = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
        signal(&child, "INT");
        let line = Ran::of_child(child).fails(130);
        assert!(line.contains("stopped by signal 2; nothing is left half written"), "{arguments}: {line}");
        assert_eq!(names_but_the_pipe(folder.path()), before, "{arguments}");
        drop(kept_open);
    }
}

fn names_but_the_pipe(folder: &Path) -> Vec<std::ffi::OsString> {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.retain(|name| name != "pipe.csv");
    names.sort();
    names
}

#[test]
fn a_damaged_checkpoint_of_cached_word_vectors_is_made_anew() {
    let scene = Scene::tagged();
    let cache = scene.path("cache");
    let train = |run: &str| {
        let mut command = scene.train(run, &["tags.word_vectors=embedded", "run.epochs=1"]);
        let ran = Ran::of(command.env("CGAN_CACHE", &cache));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.err
    };
    train("first");
    let first = files(&cache);
    let [name] = &first.keys().collect::<Vec<_>>()[..] else { panic!("{:?}", first.keys()) };
    let vectors = cache.join(name);
    let checkpoint = vectors.with_extension("checkpoint");
    for damage in [&b"not a checkpoint"[..], &first[*name][..200], b""] {
        fs::remove_file(&vectors).unwrap();
        fs::write(&checkpoint, damage).unwrap();
        let err = train(&format!("after-{}", damage.len()));
        assert!(err.contains(".checkpoint: ") && err.contains(": training starts again"), "{err}");
        assert!(files(&cache) == first, "{:?}", files(&cache).keys());
    }
}
