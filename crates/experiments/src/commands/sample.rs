//! `cgan sample`: images from a run's generator.

use std::path::Path;

use figures::Grid;
use ndarray::{Array2, Axis, s};

use crate::cli::SampleArgs;
use crate::failure::Failure;
use crate::run::weights::Weights;
use crate::terminal::print;

/// Images drawn at a time.
const BATCH: usize = 500;

/// Most pixels in memory: 4 GiB.
const MOST_PIXELS: usize = 1 << 30;

/// Columns of a picture of one class.
const COLUMNS: usize = 10;

pub(super) fn sample(args: &SampleArgs) -> Result<(), Failure> {
    let kind = args.out.extension().and_then(|extension| extension.to_str());
    let is_picture = match kind {
        Some("png") => true,
        Some("npy") => false,
        _ => return Err(Failure::usage(format!("--out {}: .png or .npy is needed", args.out.display()))),
    };
    let weights = Weights::load(&args.run)?;
    let (classes, first) = (weights.classes()?, weights.header.first_label);
    let count = args.count as usize;
    let wanted: Vec<usize> = match args.label {
        Some(label) if weights.asked_classes()? < classes => {
            return Err(Failure::usage(format!("--label {label}: these nets have no condition")));
        }
        Some(label) if label >= first && weights.header.absent.contains(&(label - first)) => {
            return Err(Failure::usage(format!(
                "--label {label}: no training image had this label, so there is nothing to draw"
            )));
        }
        Some(label) if (first..first + classes).contains(&label) => vec![label],
        Some(label) => {
            let last = first + classes - 1;
            return Err(Failure::usage(format!("--label {label}: the classes are {first} to {last}")));
        }
        None if weights.asked_classes()? < classes => vec![first],
        None => weights.present_classes()?.into_iter().map(|class| first + class).collect(),
    };
    let images = draw(&weights, &wanted, count, u64::from(args.seed))?;
    if is_picture {
        picture(&weights, &wanted, count, images, &args.out)?;
    } else {
        array(&weights, images, &args.out)?;
    }
    print(&format!("{}\n", args.out.display()))
}

/// `count` images of each class, class by class: (classes · count, pixels). Every class has the same noise.
fn draw(weights: &Weights, wanted: &[usize], count: usize, seed: u64) -> Result<Array2<f32>, Failure> {
    let pixels = weights.header.height * weights.header.width;
    let total = wanted
        .len()
        .checked_mul(count)
        .filter(|total| total.checked_mul(pixels).is_some_and(|all| all <= MOST_PIXELS));
    let total = total.ok_or_else(|| Failure::usage(format!("--count {count}: too many images")))?;
    let mut sampler = weights.sampler(count.min(BATCH), seed)?;
    let mut images = Array2::zeros((total, pixels));
    for (&class, mut images) in wanted.iter().zip(images.axis_chunks_iter_mut(Axis(0), count)) {
        for (draw, mut images) in images.axis_chunks_iter_mut(Axis(0), sampler.batch()).enumerate() {
            let labels = Array2::from_elem((images.nrows(), 1), (class - weights.header.first_label) as f32);
            images.assign(&sampler.sample(weights.parameters(), labels.view(), draw as u64));
        }
    }
    Ok(images)
}

fn picture(
    weights: &Weights,
    wanted: &[usize],
    count: usize,
    images: Array2<f32>,
    out: &Path,
) -> Result<(), Failure> {
    let size = (weights.header.height, weights.header.width);
    if wanted.len() > 1 {
        return Ok(Grid::new(images.view(), wanted.len(), count, size)
            .scale(2)
            .captions(wanted)
            .write(out)?);
    }
    let columns = count.min(COLUMNS);
    let rows = count.div_ceil(columns);
    // The last row may not be full: its remaining places stay black.
    let mut padded = Array2::zeros((rows * columns, images.ncols()));
    padded.slice_mut(s![..count, ..]).assign(&images);
    Ok(Grid::new(padded.view(), rows, columns, size).scale(2).write(out)?)
}

fn array(weights: &Weights, images: Array2<f32>, out: &Path) -> Result<(), Failure> {
    let shape = (images.nrows(), weights.header.height, weights.header.width);
    let images = images.into_shape_with_order(shape).map_err(|error| Failure::general(error.to_string()))?;
    files::npy::save(out, &images).map_err(|error| Failure::io(out, &error))
}
