//! Every loader, each with a folder of small good files.

use std::fs;
use std::io::Write;
use std::path::Path;

use autograd::Parameters;
use cgan::{Discriminator, Generator};
use data::prepare;
use data::tags::Preprocessing;
use experiments::config::RunConfig;
use experiments::run::RunDirectory;
use experiments::run::explorer::explorer;
use experiments::run::weights::{self, Header};
use files::{Tensors, npy};
use flate2::Compression;
use flate2::write::GzEncoder;
use layers::Input;
use ndarray::Array2;
use words::{Tokens, Vectors};

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
    Target { name: "digits-csv", make: make_digits_csv, read: read_images },
    Target { name: "tagged-set", make: make_tagged, read: read_tagged },
    Target { name: "generic-csv", make: make_generic_csv, read: read_generic_csv },
    Target { name: "generic-jsonl", make: make_generic_jsonl, read: read_generic_jsonl },
    Target { name: "openclipart", make: make_openclipart, read: read_openclipart },
    Target { name: "mirflickr", make: make_mirflickr, read: read_mirflickr },
    Target { name: "vectors", make: make_vectors, read: read_vectors },
    Target { name: "corpus", make: make_corpus, read: read_corpus },
    Target { name: "settings", make: make_settings, read: read_settings },
    Target { name: "run", make: make_run, read: read_run },
    Target { name: "preprocessing", make: make_preprocessing, read: read_preprocessing },
];

fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder that can be written");
    fs::write(path, bytes).expect("a folder that can be written");
}

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

/// An IDX file of bytes.
fn idx(shape: &[u32]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, shape.len() as u8];
    shape.iter().for_each(|size| file.extend(size.to_be_bytes()));
    let count = shape.iter().product::<u32>();
    file.extend((0..count).map(|i| if shape.len() == 1 { (i % 3) as u8 } else { (i * 37 % 251) as u8 }));
    file
}

const IDX: [(&str, &[u32]); 4] = [
    ("train-images-idx3-ubyte", &[60, 4, 3]),
    ("train-labels-idx1-ubyte", &[60]),
    ("t10k-images-idx3-ubyte", &[9, 4, 3]),
    ("t10k-labels-idx1-ubyte", &[9]),
];

fn make_idx(folder: &Path) {
    IDX.iter().for_each(|(name, shape)| write(&folder.join(name), idx(shape)));
}

fn make_idx_gzip(folder: &Path) {
    IDX.iter().for_each(|(name, shape)| write(&folder.join(format!("{name}.gz")), gzip(&idx(shape))));
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

fn make_corpus(folder: &Path) {
    write(&folder.join("a.txt"), "the cat saw the dog\nand the dog saw the cat\n".repeat(3));
    write(&folder.join("b.txt"), gzip(b"a compressed line of words\n"));
}

fn read_corpus(folder: &Path) -> Result<(), String> {
    let text = words::corpus::Text::Files(vec![folder.join("a.txt"), folder.join("b.txt")]);
    words::Corpus::read(&text, Tokens::Words, 1, |_| ()).map(drop).map_err(|error| error.to_string())
}

fn quick() -> RunConfig {
    let settings = [
        "generator.noise_width=2",
        "generator.z_units=3",
        "generator.y_units=4",
        "generator.combined.hidden_layer.units=5",
        "discriminator.x={ maxout = { units = 3, pieces = 2 } }",
        "discriminator.y={ maxout = { units = 2, pieces = 2 } }",
        "discriminator.joint={ maxout = { units = 3, pieces = 2 } }",
    ];
    let settings: Vec<String> = settings.map(str::to_owned).to_vec();
    RunConfig::resolve(Some("quick"), "quick", None, &settings).expect("settings of a small net")
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

fn make_run(folder: &Path) {
    let config = quick();
    write(&folder.join("config.toml"), config.to_toml());
    let mut parameters = Parameters::<f32>::new();
    let condition = Input::Labels(3);
    Generator::new(&mut parameters, &config.gan.generator, condition, &[0.5; 12], 1);
    Discriminator::new(&mut parameters, &config.gan.discriminator, condition, (3, 4), 1);
    let header = Header {
        config: config.to_toml(),
        step: 1,
        condition,
        first_label: 0,
        height: 3,
        width: 4,
        absent: Vec::new(),
        data_sha256: None,
    };
    weights::save(&folder.join("weights.safetensors"), &parameters, &header)
        .expect("a folder that can be written");
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
