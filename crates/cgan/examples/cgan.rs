//! A conditional GAN learns four clouds of points in the plane: given the number of a cloud, G draws points of it.

use cgan::{Error, Examples, GanConfig, Trainer};
use layers::Input;
use ndarray::{Array2, ArrayViewMut2};

const CONFIG: &str = r#"
    mismatched_pairs = { weight = 0.5 }
    objective = { non_saturating = {} }
    penalty = { r1 = { weight = 0.3 } }
    updates = { order = "alternating", discriminator_steps = 1, batch = 100, ema_decay = 0.995 }
    optimizer = { adam = { beta1 = 0.5, beta2 = 0.99, epsilon = 1e-8 } }
    schedule = { learning_rate = 2e-3, decay = 1.001 }
    [generator]
    noise = "gaussian"
    noise_width = 4
    z_units = 32
    y_units = 32
    combined = { hidden_layer = { units = 64, init = "he_uniform" } }
    output = "linear"
    init = { z = "he_uniform", y = { uniform = 0.5 }, output = "lecun_uniform", output_bias = "zeros" }
    [discriminator]
    x = { maxout = { units = 32, pieces = 3 } }
    y = { maxout = { units = 16, pieces = 3 } }
    joint = { maxout = { units = 32, pieces = 3 } }
    init = { x = "he_uniform", y = { uniform = 0.5 }, joint = "lecun_uniform", output = "lecun_uniform" }
"#;

/// Points x evenly inside a circle of radius 0.5 around one of four centres; y is the number of the centre.
struct Clouds;

impl Clouds {
    fn centre(cloud: usize) -> [f32; 2] {
        [[1.5, 0.0], [0.0, 1.5], [-1.5, 0.0], [0.0, -1.5]][cloud]
    }
}

impl Examples<f32> for Clouds {
    fn len(&self) -> usize {
        4000
    }

    fn size(&self) -> (usize, usize) {
        (1, 2)
    }

    fn condition(&self) -> Input {
        Input::Labels(4)
    }

    fn mean(&self) -> Vec<f32> {
        vec![0.0; 2]
    }

    fn fill(&self, _: u64, indices: &[u32], mut x: ArrayViewMut2<f32>, mut y: ArrayViewMut2<f32>) {
        for (row, &index) in indices.iter().enumerate() {
            let (cloud, number) = (index as usize % 4, (index / 4) as f32);
            // A sunflower: equal areas outwards, the golden angle around.
            let (radius, angle) = (0.5 * (number / 1000.0).sqrt(), 2.399_963 * number);
            let [right, up] = Self::centre(cloud);
            (x[[row, 0]], x[[row, 1]]) = (right + radius * angle.cos(), up + radius * angle.sin());
            y[[row, 0]] = cloud as f32;
        }
    }
}

fn main() -> Result<(), Error> {
    let config: GanConfig = CONFIG.parse().expect("a valid configuration");
    let mut trainer = Trainer::new(&config, &Clouds, 1)?;
    for step in 1..=2000 {
        let metrics = trainer.step(&Clouds)?;
        if step % 500 == 0 {
            println!("step {step}: D(x|y) = {:.3}, D(G(z|y)|y) = {:.3}", metrics.d_real, metrics.d_fake);
        }
    }

    // What it learned: where the samples of each cloud lie, and how widely. G's last weights still move around those that the
    // game settles at; their mean over the last steps does not.
    let (mut sampler, parameters) = (trainer.sampler(500)?, trainer.ema_parameters());
    for cloud in 0..4 {
        let conditions = Array2::from_elem((500, 1), cloud as f32);
        let samples = sampler.sample(&parameters, conditions.view(), cloud as u64);
        let centre = ndarray::arr1(&Clouds::centre(cloud));
        let distances = (&samples - &centre).map_axis(ndarray::Axis(1), |d| d.dot(&d).sqrt());
        let inside = distances.iter().filter(|distance| **distance < 0.6).count();
        let mean = distances.mean().expect("500 samples");
        println!("cloud {cloud}: {inside} of 500 samples inside, mean distance {mean:.3} (data: 0.333)");
        assert!(inside > 450 && (0.15..0.5).contains(&mean), "G should have learned cloud {cloud}");
    }
    Ok(())
}
