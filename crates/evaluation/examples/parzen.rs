//! Times the Parzen estimate of `cgan evaluate` on images from .npy files, for `scripts/peers/parzen`.
//!
//!     parzen SAMPLES.npy CHOOSING.npy IMAGES.npy [--threads N]
//!
//! Prints JSON: seconds of the estimate; seconds of the bare product of images and samples by our own
//! kernels, once as it is (`product`), which skips zero pixels, and once of images without zeros (`dense`),
//! which multiplies everything as a GEMM does; and the estimate.

use std::error::Error;
use std::time::Instant;

use evaluation::images::parzen::parzen;
use files::npy;
use kernels::Products;
use kernels::parallel;
use ndarray::{Array2, ArrayView2, Axis, Ix2};

/// Rows of images whose products are held at a time.
const BLOCK: usize = 256;

fn matrix(path: &str) -> Result<Array2<f32>, Box<dyn Error>> {
    Ok(npy::load::<f32>(path.as_ref())?.into_dimensionality::<Ix2>()?)
}

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
        [matrix(files[0])?, matrix(files[1])?, matrix(files[2])?];

    let product = seconds_of_product(images.view(), samples.view());
    let dense = seconds_of_product(images.mapv(|pixel| pixel.max(1e-3)).view(), samples.view());
    let begun = Instant::now();
    let estimate = parzen(samples.view(), choosing.view(), [images.view()]);
    let seconds = begun.elapsed().as_secs_f64();
    let (nats, sigma) = (estimate.nats, estimate.sigma);
    println!(
        "{}",
        serde_json::json!({ "seconds": seconds, "product": product, "dense": dense, "nats": nats, "sigma": sigma })
    );
    Ok(())
}

/// How long images (n, k) times samples (m, k) takes, nothing of it kept.
fn seconds_of_product(images: ArrayView2<f32>, samples: ArrayView2<f32>) -> f64 {
    let mut products = vec![0.0; BLOCK * samples.nrows()];
    let begun = Instant::now();
    parallel::region(|| {
        for images in images.axis_chunks_iter(Axis(0), BLOCK) {
            let products = &mut products[..images.nrows() * samples.nrows()];
            f32::times_transposed(images, samples, products, false);
        }
    });
    begun.elapsed().as_secs_f64()
}
