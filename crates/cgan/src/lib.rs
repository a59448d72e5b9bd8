//! Conditional generative adversarial nets (Mirza and Osindero 2014), from the value function to the update.
//!
//!   min_G max_D V(D, G) = E_x[log D(x|y)] + E_z[log(1 - D(G(z|y)|y))]
//!
//! [`Generator`] and [`Discriminator`] are the two nets, [`objective`] their losses, [`Optimizer`] what moves
//! them, and [`Trainer::step`] the algorithm itself. Nothing here knows of digits or tags: x is a vector, and
//! the condition y is a label or a vector.

pub mod check;
pub mod checkpoint;
pub mod config;
mod critic;
mod discriminator;
mod error;
mod examples;
mod generator;
mod noise;
pub mod objective;
mod optimizer;
mod recording;
mod sampler;
mod trainer;
pub mod weights;

pub use config::GanConfig;
pub use critic::Critic;
pub use discriminator::Discriminator;
pub use error::Error;
pub use examples::{Choices, Examples, Order};
pub use generator::Generator;
pub use noise::Noise;
pub use optimizer::{Optimizer, Schedule};
pub use sampler::Sampler;
pub use trainer::{Metrics, Trainer};
