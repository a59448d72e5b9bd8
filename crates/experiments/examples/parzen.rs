//! Times the Parzen estimate of `cgan evaluate` on images from .npy files, for `scripts/peers/parzen`.
//!
//!     parzen SAMPLES.npy CHOOSING.npy IMAGES.npy [--threads N]
//!
//! Prints JSON: seconds of the estimate, seconds of the bare product of images and samples by our own kernels, and the
//! estimate.

use std::error::Error;
use std::time::Instant;

use autograd::kernels::parallel;
use autograd::kernels::products::Products;
use experiments::evaluate::parzen::parzen;
use ndarray::{Array2, Axis};
use ndarray_npy::read_npy;

/// Rows of images whose products are held at a time.
const BLOCK: usize = 256;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (files, threads) = match arguments.as_slice() {
        [samples, choosing, images] => ([samples, choosing, images], 0),
        [samples, choosing, images, flag, threads] if flag == "--threads" => {
            ([samples, choosing, images], threads.parse()?)
        }
        _ => return Err("parzen SAMPLES.npy CHOOSING.npy IMAGES.npy [--threads N]".into()),
    };
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let [samples, choosing, images]: [Array2<f32>; 3] =
        [read_npy(files[0])?, read_npy(files[1])?, read_npy(files[2])?];

    let begun = Instant::now();
    let mut products = vec![0.0; BLOCK * samples.nrows()];
    parallel::region(|| {
        for images in images.axis_chunks_iter(Axis(0), BLOCK) {
            f32::times_transposed(
                images,
                samples.view(),
                &mut products[..images.nrows() * samples.nrows()],
                false,
            );
        }
    });
    let product = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let estimate = parzen(samples.view(), choosing.view(), images.view());
    let seconds = begun.elapsed().as_secs_f64();
    let (nats, sigma) = (estimate.nats, estimate.sigma);
    println!(
        "{}",
        serde_json::json!({ "seconds": seconds, "product": product, "nats": nats, "sigma": sigma })
    );
    Ok(())
}
