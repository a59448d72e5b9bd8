//! Every loader, each with a folder of small good files.
//!
//! Not here, since a damaged file makes them train anew: the judge and its yardsticks in the cache. Their own tests damage
//! them.

use std::fs;
use std::io::Write;
use std::path::Path;

use data::prepare;
use data::tags::Preprocessing;
use experiments::config::RunConfig;
use experiments::run::RunDirectory;
use experiments::run::explorer::explorer;
use files::{Tensors, npy};
use flate2::Compression;
use flate2::write::GzEncoder;
use ndarray::{Array1, Array2, Array3};
use words::{Tokens, Vectors};

use crate::good::{IDX, idx, make_idx, make_run, quick, write};
use crate::trained;

/// A loader.
#[derive(Clone, Copy)]
pub struct Target {
    /// What the command line calls it.
    pub name: &'static str,
    /// Writes good files into an empty folder.
    pub make: fn(&Path),
    /// Reads the folder; the message of a refusal.
    pub read: fn(&Path) -> Result<(), String>,
}

/// All loaders.
pub const TARGETS: &[Target] = &[
    Target { name: "npy", make: make_npy, read: read_npy },
    Target { name: "safetensors", make: make_safetensors, read: read_safetensors },
    Target { name: "idx", make: make_idx, read: read_images },
    Target { name: "idx-gzip", make: make_idx_gzip, read: read_images },
    Target { name: "class-folders", make: make_class_folders, read: read_images },
    Target { name: "class-folders-jpeg", make: make_jpeg_folders, read: read_images },
    Target { name: "qmnist", make: make_qmnist, read: read_images },
    Target { name: "idx-sums", make: make_idx_sums, read: read_images },
    Target { name: "npz", make: make_npz, read: read_images },
    Target { name: "digits-csv", make: make_digits_csv, read: read_images },
    Target { name: "tagged-set", make: make_tagged, read: read_tagged },
    Target { name: "features", make: make_features, read: read_features },
    Target { name: "generic-csv", make: make_generic_csv, read: read_generic_csv },
    Target { name: "generic-jsonl", make: make_generic_jsonl, read: read_generic_jsonl },
    Target { name: "generic-json", make: make_generic_json, read: read_generic_json },
    Target { name: "openclipart", make: make_openclipart, read: read_openclipart },
    Target { name: "mirflickr", make: make_mirflickr, read: read_mirflickr },
    Target { name: "vectors", make: make_vectors, read: read_vectors },
    Target { name: "word-lists", make: make_word_lists, read: read_word_lists },
    Target { name: "corpus", make: make_corpus, read: read_corpus },
    Target { name: "settings", make: make_settings, read: read_settings },
    Target { name: "run", make: make_run, read: read_run },
    Target { name: "preprocessing", make: make_preprocessing, read: read_preprocessing },
    Target { name: "report", make: trained::make_report, read: trained::read_report },
    Target { name: "checkpoint", make: trained::make_checkpoint, read: trained::read_checkpoint },
    Target {
        name: "words-checkpoint",
        make: trained::make_words_checkpoint,
        read: trained::read_words_checkpoint,
    },
];

/// A small matrix without a pattern.
fn matrix(rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_fn((rows, columns), |(i, j)| ((i * 31 + j * 17) % 23) as f32 / 11.0 - 1.0)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn make_npy(folder: &Path) {
    npy::save(&folder.join("a.npy"), &matrix(5, 7)).expect("a folder that can be written");
    npy::save(&folder.join("b.npy"), &matrix(1, 1)).expect("a folder that can be written");
}

fn read_npy(folder: &Path) -> Result<(), String> {
    for name in ["a.npy", "b.npy"] {
        let bytes = fs::read(folder.join(name)).map_err(|error| error.to_string())?;
        npy::read_floats(&bytes[..]).map(drop).map_err(|error| error.to_string())?;
        npy::read_matrix(&bytes[..]).map(drop).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn make_safetensors(folder: &Path) {
    let vectors =
        Vectors::new(vec!["a".into(), "b".into(), "c".into()], matrix(3, 4)).expect("words and vectors");
    vectors.save(&folder.join("v.safetensors")).expect("a folder that can be written");
}

fn read_safetensors(folder: &Path) -> Result<(), String> {
    let bytes = fs::read(folder.join("v.safetensors")).map_err(|error| error.to_string())?;
    Tensors::parse(&bytes).map(drop).map_err(|error| error.to_string())
}

fn make_idx_gzip(folder: &Path) {
    IDX.iter().for_each(|(name, shape)| write(&folder.join(format!("{name}.gz")), gzip(&idx(shape))));
}

/// Labels as rows of eight numbers, of which the first is the class.
fn make_qmnist(folder: &Path) {
    let labels = |count: u32| {
        let mut file = vec![0, 0, 12, 2];
        [count, 8].iter().for_each(|size| file.extend(size.to_be_bytes()));
        (0..8 * count).for_each(|i| file.extend((if i % 8 == 0 { i / 8 % 3 } else { i }).to_be_bytes()));
        file
    };
    for (images, labels_name, shape) in [
        ("qmnist-train-images-idx3-ubyte", "qmnist-train-labels-idx2-int", [20, 4, 3]),
        ("qmnist-test-images-idx3-ubyte", "qmnist-test-labels-idx2-int", [9, 4, 3]),
    ] {
        write(&folder.join(images), idx(&shape));
        write(&folder.join(labels_name), labels(shape[0]));
    }
}

fn make_idx_sums(folder: &Path) {
    make_idx(folder);
    let sums: Vec<String> = IDX
        .iter()
        .map(|(name, shape)| {
            let mut sum = files::Sha256::new();
            sum.update(idx(shape));
            format!("{}  {name}\n", sum.hex())
        })
        .collect();
    write(&folder.join("SHA256SUMS"), sums.concat());
}

fn make_npz(folder: &Path) {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut put = |name: &str, bytes: Vec<u8>| {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("memory");
        archive.write_all(&bytes).expect("memory");
    };
    for (part, count) in [("train", 12), ("test", 6)] {
        let (mut images, mut labels) = (Vec::new(), Vec::new());
        let pixels = Array3::from_shape_fn((count, 4, 3), |(i, j, k)| (20 * i + 3 * j + k) as u8);
        npy::write(&mut images, &pixels).expect("memory");
        npy::write(&mut labels, &Array1::from_shape_fn(count, |i| (i % 2) as i64)).expect("memory");
        put(&format!("x_{part}.npy"), images);
        put(&format!("y_{part}.npy"), labels);
    }
    write(&folder.join("set.npz"), archive.finish().expect("memory").into_inner());
}

fn make_jpeg_folders(folder: &Path) {
    let pictures = [
        &include_bytes!("../../data/tests/pictures/colour.jpg")[..],
        include_bytes!("../../data/tests/pictures/grey.jpg"),
        include_bytes!("../../data/tests/pictures/progressive.jpg"),
    ];
    for (class, name) in ["cat", "dog"].iter().enumerate() {
        for picture in 0..4 {
            write(&folder.join(name).join(format!("{picture}.jpg")), pictures[(class + picture) % 3]);
        }
    }
}

fn make_class_folders(folder: &Path) {
    for (class, name) in ["cat", "dog"].iter().enumerate() {
        for picture in 0..4 {
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, 4, 3);
            encoder.set_color(png::ColorType::Grayscale);
            encoder.set_depth(png::BitDepth::Eight);
            let mut writer = encoder.write_header().expect("memory");
            let pixels: Vec<u8> = (0..12).map(|i| (i * 19 + 7 * picture + class) as u8).collect();
            writer.write_image_data(&pixels).expect("memory");
            writer.finish().expect("memory");
            write(&folder.join(name).join(format!("{picture}.png")), &bytes);
        }
    }
}

fn make_digits_csv(folder: &Path) {
    let mut text = "label".to_owned();
    (0..4).for_each(|i| text.push_str(&format!(",pixel{i}")));
    (0..30).for_each(|i| text.push_str(&format!("\n{},0,{},255,7", i % 3, i)));
    write(&folder.join("train.csv"), text);
}

fn read_images(folder: &Path) -> Result<(), String> {
    data::images::load(&folder.to_string_lossy()).map(drop).map_err(|error| error.to_string())
}

fn make_tagged(folder: &Path) {
    let line = |i: usize| {
        format!("{{\"id\": \"p{i}\", \"tags\": [\"red\", \"t{}\"], \"split\": \"train\"}}\n", i % 3)
    };
    write(&folder.join("images.jsonl"), (0..6).map(line).collect::<String>());
    npy::save(&folder.join("features.npy"), &matrix(6, 4)).expect("a folder that can be written");
    write(&folder.join("features.ids"), (0..6).map(|i| format!("p{i}\n")).collect::<String>());
    write(&folder.join("text.txt"), "a red picture\nof a cat\n");
}

fn read_tagged(folder: &Path) -> Result<(), String> {
    data::tags::load(&folder.to_string_lossy()).map(drop).map_err(|error| error.to_string())
}

fn make_features(folder: &Path) {
    npy::save(&folder.join("f.npy"), &matrix(6, 4)).expect("a folder that can be written");
    write(&folder.join("f.ids"), (0..6).map(|i| format!("pictures\\p{i}.jpg\r\n")).collect::<String>());
    write(
        &folder.join("f.made.json"),
        "{\"model\": \"n.onnx\", \"model_sha256\": \"ab\", \"output\": \"o\", \"size\": 224, \"fit\": \"pad\", \
         \"normalize\": \"lite\", \"nhwc\": false}",
    );
}

fn read_features(folder: &Path) -> Result<(), String> {
    let read = data::features::Features::load(&folder.join("f.npy"));
    read.map(drop).map_err(|error| error.to_string())
}

fn make_generic_csv(folder: &Path) {
    write(
        &folder.join("list.csv"),
        "image,tags,split\na.png,red cat,train\nb.png,\"blue, dog\",test\nc.png,green,\n",
    );
}

fn read_generic_csv(folder: &Path) -> Result<(), String> {
    prepare::generic(&folder.join("list.csv"), &mut |_| ()).map(drop).map_err(|error| error.to_string())
}

fn make_generic_jsonl(folder: &Path) {
    write(
        &folder.join("list.jsonl"),
        "{\"image\": \"a.png\", \"tags\": [\"red\", \"cat\"]}\n{\"image\": \"b.png\", \"tags\": [\"dog\"], \"split\": \"test\"}\n",
    );
}

fn read_generic_jsonl(folder: &Path) -> Result<(), String> {
    prepare::generic(&folder.join("list.jsonl"), &mut |_| ()).map(drop).map_err(|error| error.to_string())
}

fn make_generic_json(folder: &Path) {
    write(
        &folder.join("a.json"),
        "[{\"image\": \"a.png\", \"tags\": [\"red\"]}, {\"image\": 2, \"tags\": \"a; b\"}]",
    );
    write(&folder.join("b.json"), "{\"images\": [{\"image\": \"a.png\", \"tags\": [\"red\", \"cat\"]}]}");
    write(&folder.join("c.json"), "{\"a.png\": [\"red\", \"cat\"], \"b.png\": {\"tags\": \"dog\"}}");
}

fn read_generic_json(folder: &Path) -> Result<(), String> {
    let mut last = Ok(());
    for name in ["a.json", "b.json", "c.json"] {
        let read = prepare::generic(&folder.join(name), &mut |_| ());
        last = last.and(read.map(drop).map_err(|error| error.to_string()));
    }
    last
}

fn make_openclipart(folder: &Path) {
    let svg = |tag: &str| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
             xmlns:cc=\"http://web.resource.org/cc/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><metadata><rdf:RDF><cc:Work>\
             <dc:title>A {tag}</dc:title><dc:subject><rdf:Bag><rdf:li>{tag}</rdf:li><rdf:li>animal</rdf:li></rdf:Bag></dc:subject>\
             </cc:Work></rdf:RDF></metadata></svg>"
        )
    };
    ["cat", "dog", "bird"]
        .iter()
        .for_each(|tag| write(&folder.join("svg").join(format!("{tag}.svg")), svg(tag)));
}

fn read_openclipart(folder: &Path) -> Result<(), String> {
    prepare::openclipart(&folder.join("svg"), &mut |_| ()).map(drop).map_err(|error| error.to_string())
}

fn make_mirflickr(folder: &Path) {
    (1..5).for_each(|i| write(&folder.join(format!("set/meta/tags/tags{i}.txt")), format!("red\ncat{i}\n")));
    write(&folder.join("annotations/sky.txt"), "1\n3\n");
}

fn read_mirflickr(folder: &Path) -> Result<(), String> {
    let (set, annotations) = (folder.join("set"), folder.join("annotations"));
    prepare::mirflickr(&set, Some(&annotations), 10, &mut |_| ()).map(drop).map_err(|error| error.to_string())
}

fn make_vectors(folder: &Path) {
    let vectors =
        Vectors::new(vec!["a".into(), "b".into(), "c".into()], matrix(3, 4)).expect("words and vectors");
    for ending in ["txt", "bin", "safetensors", "npy"] {
        vectors.save(&folder.join(format!("v.{ending}"))).expect("a folder that can be written");
    }
}

fn read_vectors(folder: &Path) -> Result<(), String> {
    let mut last = Ok(());
    for ending in ["txt", "bin", "safetensors", "npy"] {
        let read = Vectors::load(&folder.join(format!("v.{ending}")), &mut |_| ());
        last = last.and(read.map(drop).map_err(|error| error.to_string()));
    }
    last
}

fn make_word_lists(folder: &Path) {
    write(&folder.join("pairs.tsv"), "# a comment\nword1\tword2\tscore\na\tb\t3.5\nb\tc\t1\na\tc\t0.25\n");
    write(&folder.join("questions.txt"), ": first\na b c a\nA B C D\n: second\nb a c b\n");
}

fn read_word_lists(folder: &Path) -> Result<(), String> {
    let vectors = Vectors::new(vec!["a".into(), "b".into(), "c".into()], matrix(3, 4))?;
    let text = |name: &str| {
        let bytes = files::content::read(&folder.join(name), 1 << 28).map_err(|error| error.to_string())?;
        Ok::<_, String>(files::text::decode(bytes).text)
    };
    words::evaluation::analogies(&vectors, &text("questions.txt")?);
    let pairs = words::evaluation::pairs(&text("pairs.tsv")?, None)?;
    words::evaluation::similarity(&vectors, &pairs.rows);
    Ok(())
}

fn make_corpus(folder: &Path) {
    write(&folder.join("a.txt"), "the cat saw the dog\nand the dog saw the cat\n".repeat(3));
    write(&folder.join("b.txt"), gzip(b"a compressed line of words\n"));
}

fn read_corpus(folder: &Path) -> Result<(), String> {
    let text = words::corpus::Text::Files(vec![folder.join("a.txt"), folder.join("b.txt")]);
    words::Corpus::read(&text, Tokens::Words, 1, |_| ()).map(drop).map_err(|error| error.to_string())
}

fn make_settings(folder: &Path) {
    write(&folder.join("config.toml"), quick().to_toml());
    write(
        &folder.join("over.toml"),
        "extends = \"best\"\n\n[penalty.r1]\nweight = 0.5\n[generator.init]\nz = \"he_uniform\"\n",
    );
}

fn read_settings(folder: &Path) -> Result<(), String> {
    let whole = RunConfig::load(&folder.join("config.toml")).map(drop).map_err(|error| error.to_string());
    let over = RunConfig::resolve(None, "quick", Some(&folder.join("over.toml")), &[]);
    whole.and(over.map(drop).map_err(|error| error.to_string()))
}

/// What `cgan report` reads to draw with the nets.
fn read_run(folder: &Path) -> Result<(), String> {
    let run = RunDirectory::open(folder).map_err(|error| error.to_string())?;
    explorer(&run, true).map(drop).map_err(|error| error.to_string())
}

fn make_preprocessing(folder: &Path) {
    let fitted = Preprocessing {
        vectors: Vectors::new((0..12).map(|i| format!("w{i}")).collect(), matrix(12, 3))
            .expect("words and vectors"),
        tags: (0..11).collect(),
        counts: vec![2; 11],
        mean: matrix(1, 4).row(0).to_owned(),
        scale: matrix(1, 4).row(0).mapv(f32::abs),
        made: None,
    };
    fitted.save(&folder.join("tags.safetensors")).expect("a folder that can be written");
}

fn read_preprocessing(folder: &Path) -> Result<(), String> {
    Preprocessing::load(&folder.join("tags.safetensors")).map(drop).map_err(|error| error.to_string())
}
