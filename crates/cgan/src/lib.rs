//! Conditional generative adversarial nets (Mirza and Osindero 2014), from the value function to the update.
//!
//!   min_G max_D V(D, G) = E_x[log D(x|y)] + E_z[log(1 - D(G(z|y)|y))]
//!
//! Every formula with its code and a check: the book, `docs/book`, or `cgan book`.
//!
//! ```
//! use cgan::{Examples, GanConfig, Trainer};
//! use layers::Input;
//! use ndarray::{ArrayViewMut2, array};
//!
//! /// x is a number near 2 under condition 0, near -2 under condition 1.
//! struct Numbers;
//!
//! impl Examples<f32> for Numbers {
//!     fn len(&self) -> usize {
//!         100
//!     }
//!     fn size(&self) -> (usize, usize) {
//!         (1, 1)
//!     }
//!     fn condition(&self) -> Input {
//!         Input::Labels(2)
//!     }
//!     fn mean(&self) -> Vec<f32> {
//!         vec![0.0]
//!     }
//!     fn fill(&self, _: u64, indices: &[u32], mut x: ArrayViewMut2<f32>, mut y: ArrayViewMut2<f32>) {
//!         for (row, index) in indices.iter().enumerate() {
//!             let label = (index % 2) as f32;
//!             (x[[row, 0]], y[[row, 0]]) = (2.0 - 4.0 * label + 0.001 * *index as f32, label);
//!         }
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config: GanConfig = r#"
//!     objective = { non_saturating = {} }
//!     penalty = { r1 = { weight = 1.0 } }
//!     updates = { order = "alternating", discriminator_steps = 1, batch = 50 }
//!     optimizer = { adam = { beta1 = 0.5, beta2 = 0.99, epsilon = 1e-8 } }
//!     schedule = { learning_rate = 0.01 }
//!     [generator]
//!     noise = "gaussian"
//!     noise_width = 2
//!     z_units = 8
//!     y_units = 8
//!     combined = "concatenation"
//!     output = "linear"
//!     init = { z = "he_uniform", y = "he_uniform", output = "lecun_uniform", output_bias = "zeros" }
//!     [discriminator]
//!     x = { relu = { units = 8 } }
//!     y = { relu = { units = 8 } }
//!     joint = { maxout = { units = 8, pieces = 3 } }
//!     init = { x = "he_uniform", y = "he_uniform", joint = "lecun_uniform", output = "lecun_uniform" }
//!     "#
//! .parse()?;
//! let mut trainer = Trainer::new(&config, &Numbers, 1)?;
//! for _ in 0..500 {
//!     trainer.step(&Numbers)?;
//! }
//! let mut sampler = trainer.sampler(2)?;
//! let samples = sampler.sample(trainer.parameters(), array![[0.0], [1.0]].view(), 0);
//! assert!(samples[[0, 0]] > 0.0 && samples[[1, 0]] < 0.0, "G follows the condition: {samples}");
//! # Ok(())
//! # }
//! ```
//!
//! `examples/cgan.rs` learns points in the plane.
//!
//! | module | what it holds |
//! |---|---|
//! | [`config`] | settings of the nets and of their training |
//! | [`objectives`] | what each player minimises, one objective per file |
//! | [`penalties`] | penalties on D's gradient, one per file |
//! | [`augmentations`] | random changes of D's images, one per file |
//! | [`optimizers`], [`schedule`] | what moves the weights, one optimiser per file; learning rates |
//! | [`Generator`], [`Discriminator`] | the two nets |
//! | [`Trainer`] | the algorithm: [`Trainer::step`] |
//! | [`Sampler`], [`DiscriminatorEvaluator`] | G and D in use |
//! | [`diagnosis`] | what G does with its inputs, and which units are dead |
//! | [`checkpoint`] | everything that training continues from, in a file |
//!
//! x is a vector and the condition y a label or a vector: this crate knows neither digits nor tags.

pub mod augmentation;
pub mod augmentations;
mod aux_classifier;
mod between;
pub mod check;
pub mod checkpoint;
pub mod config;
pub mod diagnosis;
mod discriminator;
mod ema;
mod error;
mod evaluator;
mod examples;
mod generator;
mod max_norm;
mod noise;
pub mod objective;
pub mod objectives;
pub mod optimizer;
pub mod optimizers;
pub mod penalties;
pub mod penalty;
mod player;
mod players;
mod resample;
mod rules;
mod sampler;
pub mod schedule;
mod trainer;
mod translation;
pub mod weights;

pub use config::GanConfig;
pub use discriminator::Discriminator;
pub use error::Error;
pub use evaluator::DiscriminatorEvaluator;
pub use examples::{Examples, Order, Vocabulary};
pub use generator::Generator;
pub use noise::Noise;
pub use sampler::Sampler;
pub use trainer::{Metrics, Trainer};
pub use translation::translate_image;
