//! Good files that several targets share.

use std::fs;
use std::path::Path;

use autograd::Parameters;
use cgan::{Discriminator, Generator};
use experiments::config::RunConfig;
use experiments::run::weights::{self, Header};
use layers::Input;

pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder that can be written");
    fs::write(path, bytes).expect("a folder that can be written");
}

/// An IDX file of bytes.
pub(crate) fn idx(shape: &[u32]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, shape.len() as u8];
    shape.iter().for_each(|size| file.extend(size.to_be_bytes()));
    let count = shape.iter().product::<u32>();
    file.extend((0..count).map(|i| if shape.len() == 1 { (i % 3) as u8 } else { (i * 37 % 251) as u8 }));
    file
}

/// The files of a small set of images, and their shapes.
pub(crate) const IDX: [(&str, &[u32]); 4] = [
    ("train-images-idx3-ubyte", &[60, 4, 3]),
    ("train-labels-idx1-ubyte", &[60]),
    ("t10k-images-idx3-ubyte", &[9, 4, 3]),
    ("t10k-labels-idx1-ubyte", &[9]),
];

pub(crate) fn make_idx(folder: &Path) {
    IDX.iter().for_each(|(name, shape)| write(&folder.join(name), idx(shape)));
}

/// Settings of a small net.
pub(crate) fn quick() -> RunConfig {
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

pub(crate) fn make_run(folder: &Path) {
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
