//! Conditional generative adversarial nets (Mirza and Osindero 2014), from the value function to the update.
//!
//!   min_G max_D V(D, G) = E_x[log D(x|y)] + E_z[log(1 - D(G(z|y)|y))]
//!
//! | module | what it holds |
//! |---|---|
//! | [`config`] | settings of the nets and of their training |
//! | [`objectives`] | what each player minimises, one objective per file |
//! | [`penalties`] | penalties on D's gradient, one per file |
//! | [`optimizers`], [`schedule`] | what moves the weights, one optimiser per file; learning rates |
//! | [`Generator`], [`Discriminator`] | the two nets |
//! | [`Trainer`] | the algorithm: [`Trainer::step`] |
//! | [`Sampler`], [`DiscriminatorEvaluator`] | G and D in use |
//! | [`checkpoint`] | everything that training continues from, in a file |
//!
//! x is a vector and the condition y a label or a vector: this crate knows neither digits nor tags.

mod aux_classifier;
mod between;
pub mod check;
pub mod checkpoint;
pub mod config;
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
mod rules;
mod sampler;
pub mod schedule;
mod trainer;
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
