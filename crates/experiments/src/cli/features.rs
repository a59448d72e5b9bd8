//! `cgan features`.

use std::path::PathBuf;

use clap::Args;

/// How a picture of any size becomes a square.
#[cfg(feature = "onnx")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Fit {
    /// All of it, on white
    Pad,
    /// All of it, its sides stretched or shrunk
    Stretch,
    /// The middle: the shorter side becomes 8/7 of the square's, which is then cut out
    Crop,
}

/// What becomes of bytes: (byte - shift) / scale, channel by channel.
#[cfg(feature = "onnx")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Normalize {
    /// (v - 127) / 128: EfficientNet-lite
    Lite,
    /// v / 255 with the mean and deviation of ImageNet taken out: most nets from PyTorch
    Imagenet,
    /// Blue first, the mean of ImageNet taken out, not scaled: AlexNet and VGG from Caffe
    Caffe,
    /// v / 255
    Unit,
    /// v, from 0 to 255: nets that scale their input themselves
    None,
}

/// Three numbers with commas between them.
#[cfg(feature = "onnx")]
fn triple(text: &str) -> Result<[f32; 3], String> {
    let numbers: Option<Vec<f32>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    numbers
        .and_then(|numbers| <[f32; 3]>::try_from(numbers).ok())
        .ok_or_else(|| "three numbers with commas between them are needed, such as 0.5,0.5,0.5".to_owned())
}

/// A net and how pictures are given to it.
#[derive(Debug, Args)]
pub struct NetArgs {
    /// The net, an ONNX file
    #[arg(long, value_name = "NET.onnx")]
    pub model: PathBuf,
    /// The node whose output is taken [default: the net's first output]
    #[arg(long, value_name = "NAME")]
    pub output: Option<String>,
    /// Pixels of a side of the input [default: what the net states, or 224; of `tag`: as the run's features were made]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub size: Option<u32>,
    /// How a picture becomes a square [default: pad; of `tag`: as the run's features were made]
    #[cfg(feature = "onnx")]
    #[arg(long, value_enum)]
    pub fit: Option<Fit>,
    /// What becomes of bytes [default: lite; of `tag`: as the run's features were made]
    #[cfg(feature = "onnx")]
    #[arg(long, value_enum)]
    pub normalize: Option<Normalize>,
    /// Means of red, green and blue from 0 to 1, which are subtracted from v / 255; with --std in place of --normalize
    #[cfg(feature = "onnx")]
    #[arg(
        long,
        value_name = "R,G,B",
        value_parser = triple,
        requires = "std",
        conflicts_with = "normalize"
    )]
    pub mean: Option<[f32; 3]>,
    /// Deviations of red, green and blue, by which that is divided
    #[cfg(feature = "onnx")]
    #[arg(long, value_name = "R,G,B", value_parser = triple, requires = "mean")]
    pub std: Option<[f32; 3]>,
    /// The net takes pixel after pixel, not channel after channel
    #[arg(long)]
    pub nhwc: bool,
}

/// Arguments of `tag`.
#[derive(Debug, Args)]
pub struct TagArgs {
    /// The run folder
    pub run: PathBuf,
    /// Picture files
    #[arg(required = true)]
    pub images: Vec<PathBuf>,
    /// The net whose features the run was trained on.
    #[command(flatten)]
    pub net: NetArgs,
    /// Rank all words, as the paper does, and not only those that are tags
    #[arg(long)]
    pub all_words: bool,
}

/// Arguments of `features`.
#[derive(Debug, Args)]
pub struct FeaturesArgs {
    /// Pictures, folders of them, or .txt files with a path a line
    #[arg(required = true)]
    pub images: Vec<PathBuf>,
    /// The net.
    #[command(flatten)]
    pub net: NetArgs,
    /// Where to: a .npy, with the pictures' names in the .ids beside it
    #[arg(short, long, value_name = "FILE.npy", default_value = "features.npy")]
    pub out: PathBuf,
    /// Half precision
    #[arg(long)]
    pub half: bool,
    /// A folder for small pictures (.jpg), which the pages of `evaluate` show
    #[arg(long, value_name = "DIR")]
    pub thumbnails: Option<PathBuf>,
    /// Pixels of a small picture's longer side
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub thumbnail_size: u32,
}
