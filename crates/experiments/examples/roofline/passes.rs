//! The passes of a training step of section 4.1 of the paper: what each must compute, what it must move, and the kernel
//! that does it.
//!
//! A pass reads each of its operands once and writes its result once; what it adds to, it reads as well. These are the
//! fewest bytes that come from beyond the private caches of a core: the weights of a large layer do not fit into them, and
//! between two uses of the others all weights are used. A multiplication and an addition are two operations.
//! Multiplications that are skipped are none.

use std::hint::black_box;

use autograd::{Parameters, Stream, Tape};
use cgan::GanConfig;
use cgan::optimizer::Time;
use data::images::Images;
use kernels::elementwise;
use kernels::maxout::{MaxoutProducts, Winners, best_piece};
use kernels::{Buffer, Operand, Products, stages};
use layers::HiddenConfig;
use ndarray::ArrayView2;

/// Bytes of a number.
const NUMBER: usize = 4;

/// Share of the units that a ReLU lets through, where as many sums are negative as positive.
const POSITIVE: f64 = 0.5;

/// What computes a pass.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Kernel {
    /// The dense product.
    Gemm,
    /// The product of a sparse and a dense matrix, with its lists and its packing.
    Spmm,
    /// The product of which some entries are computed.
    Sddmm,
    /// A loop over entries.
    Map,
    /// What SpMM does beside its sums: its time is part of the passes above.
    PartOfSpmm,
}

impl Kernel {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kernel::Gemm => "GEMM",
            Kernel::Spmm => "SpMM",
            Kernel::Sddmm => "SDDMM",
            Kernel::Map => "entry by entry",
            Kernel::PartOfSpmm => "part of SpMM",
        }
    }
}

/// A pass of a step.
pub(crate) struct Pass {
    pub(crate) name: &'static str,
    pub(crate) kernel: Kernel,
    /// How often a step has it.
    pub(crate) times: usize,
    /// Multiplications and additions. A pass that only compares or moves has one operation an entry.
    pub(crate) operations: f64,
    /// What it must move.
    pub(crate) bytes: f64,
    /// Runs it, on numbers with the share of zeros that they have in a step.
    pub(crate) run: Box<dyn FnMut()>,
}

/// Sizes of both nets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    batch: usize,
    noise: usize,
    /// Hidden units of G on z and on y.
    g: (usize, usize),
    pixels: usize,
    /// Units and pieces of D's layers.
    x: (usize, usize),
    y: (usize, usize),
    joint: (usize, usize),
    /// The share of the units that dropout keeps.
    keep: f64,
    /// Numbers in the parameters of both nets.
    pub(crate) weights: usize,
}

impl Sizes {
    /// Those of a configuration with maxout layers, for these images.
    pub(crate) fn of(config: &GanConfig, images: &Images, weights: usize) -> Self {
        let (g, d) = (&config.generator, &config.discriminator);
        let layer = |layer: HiddenConfig| (layer.units(), layer.pieces());
        Self {
            batch: config.updates.batch,
            noise: g.noise_width,
            g: (g.z_units, g.y_units.unwrap_or(0)),
            pixels: images.pixels_per_image(),
            x: layer(d.x),
            y: d.y.map_or((0, 0), layer),
            joint: layer(d.joint),
            keep: 1.0 - d.dropout.unwrap_or(0.0),
            weights,
        }
    }

    /// What a step reads and writes again and again: weights, velocities and gradients.
    pub(crate) fn bytes(&self) -> usize {
        3 * NUMBER * self.weights
    }

    fn g_hidden(&self) -> usize {
        self.g.0 + self.g.1
    }

    fn d_hidden(&self) -> usize {
        self.x.0 + self.y.0
    }
}

/// The passes of a step with alternating updates: D on real and on fake x and its update; then G with fresh noise through
/// D and its update. Left out are products with labels and with D's output unit, which are a thousandth of all.
pub(crate) fn passes(config: &GanConfig, images: &Images, sizes: Sizes) -> Vec<Pass> {
    let mut passes = generator(sizes);
    passes.extend(discriminator(images, sizes));
    passes.extend(entry_by_entry(config, sizes));
    passes.extend(parts_of_spmm(sizes));
    passes
}

fn floats(count: usize) -> f64 {
    (NUMBER * count) as f64
}

fn generator(sizes: Sizes) -> Vec<Pass> {
    let Sizes { batch, noise, pixels, .. } = sizes;
    let (z_units, units) = (sizes.g.0, sizes.g_hidden());
    let share = POSITIVE * sizes.keep;
    let products = |a: usize, b: usize| (2 * batch * a * b) as f64;
    let (of_z, of_output) = (products(noise, z_units), share * products(units, pixels));
    let (z, w_z) = (Operand::random(batch, noise, 1.0), Operand::random(z_units, noise, 1.0));
    let mut y_z = Buffer::zeros(batch * z_units);
    let dy_z = Operand::random(batch, z_units, share);
    let mut dw_z = Buffer::zeros(z_units * noise);
    // Column by column, since what it is multiplied by is sparse.
    let (hidden, w) = (Operand::random(batch, units, share), Operand::random(units, pixels, 1.0));
    let (h, w_again, dy) = (hidden.clone(), w.clone(), Operand::random(batch, pixels, 1.0));
    let (mut y, mut dw, mut dh) =
        (Buffer::zeros(batch * pixels), Buffer::zeros(units * pixels), Buffer::zeros(batch * units));
    let (z_again, samples, dy_again) = (z.clone(), hidden.clone(), dy.clone());
    vec![
        Pass {
            name: "G: z",
            kernel: Kernel::Gemm,
            times: 2,
            operations: of_z,
            bytes: floats(batch * noise + z_units * noise + 2 * batch * z_units),
            run: Box::new(move || f32::times_transposed(z.view(), w_z.view(), black_box(&mut y_z), true)),
        },
        Pass {
            name: "G: output",
            kernel: Kernel::Spmm,
            times: 2,
            operations: of_output,
            bytes: floats(batch * units + units * pixels + 2 * batch * pixels),
            run: Box::new(move || f32::times(hidden.view(), w.view(), black_box(&mut y), true)),
        },
        Pass {
            name: "G: output, dW",
            kernel: Kernel::Spmm,
            times: 1,
            operations: of_output,
            bytes: floats(batch * units + batch * pixels + units * pixels),
            run: Box::new(move || f32::transposed_times(h.view(), dy.view(), black_box(&mut dw), false)),
        },
        Pass {
            name: "G: output, dx",
            kernel: Kernel::Sddmm,
            times: 1,
            operations: of_output,
            bytes: floats(2 * batch * units + batch * pixels + units * pixels),
            run: Box::new(move || {
                let (dy, w) = (dy_again.view(), w_again.view());
                f32::times_transposed_sampled(samples.view(), dy, w, black_box(&mut dh), false);
            }),
        },
        Pass {
            name: "G: z, dW",
            kernel: Kernel::Spmm,
            times: 1,
            operations: share * of_z,
            bytes: floats(batch * z_units + batch * noise + z_units * noise),
            run: Box::new(move || {
                f32::transposed_times(dy_z.view(), z_again.view(), black_box(&mut dw_z), false);
            }),
        },
    ]
}

/// A maxout layer of D with dropout, of some inputs.
#[derive(Clone)]
struct Layer {
    x: Operand,
    w: Operand,
    bias: Vec<f32>,
    /// (batch, units): 0 where dropout drops a unit.
    mask: Operand,
    /// (batch, units), row by row.
    winners: Vec<u8>,
    pieces: usize,
}

impl Layer {
    fn new(x: Operand, (units, pieces): (usize, usize), keep: f64) -> Self {
        let (batch, fan_in) = x.view().dim();
        let winners = (0..batch * units).map(|i| ((7 * i + i / units) % pieces) as u8).collect();
        Self {
            w: Operand::random(units * pieces, fan_in, 1.0),
            bias: vec![0.1; units * pieces],
            mask: Operand::random(batch, units, keep),
            winners,
            pieces,
            x,
        }
    }

    fn units(&self) -> usize {
        self.mask.view().ncols()
    }

    /// The best piece of each unit that dropout keeps. The factors of `kernel` have the share `computed` of the
    /// multiplications of the dense product.
    fn forward(self, name: &'static str, kernel: Kernel, times: usize, computed: f64) -> Pass {
        let (x, w, units) = (self.x.values().len(), self.w.values().len(), self.units());
        let (mut y, mut winners) = (Buffer::zeros(self.mask.values().len()), self.winners.clone());
        Pass {
            name,
            kernel,
            times,
            operations: computed * (2 * self.x.view().nrows() * w) as f64,
            // A byte for each winner.
            bytes: floats(x + w + 2 * y.len()) + y.len() as f64,
            run: Box::new(move || {
                let (x, w, mask) = (self.x.view(), self.w.view(), Some(self.mask.values()));
                f32::by_pieces(x, w, self.pieces, mask, &mut y, &mut winners, |_, range, block, y, won| {
                    best_piece(block, &self.bias[range.start..], units, y, won);
                });
                black_box(&mut y);
            }),
        }
    }

    fn winners(&self) -> Winners<'_, f32> {
        Winners { values: self.mask.view(), winners: &self.winners, pieces: self.pieces }
    }

    /// Multiplications and additions of either gradient: one for each unit that dropout keeps, of one piece.
    fn operations_back(&self, keep: f64) -> f64 {
        keep * (2 * self.mask.values().len() * self.x.view().ncols()) as f64
    }

    /// The gradient of the weights: of real x, and added to it that of fakes.
    fn weight_gradient(self, name: &'static str, keep: f64) -> Pass {
        let mut dw = Buffer::zeros(self.w.values().len());
        let mut add = false;
        Pass {
            name,
            kernel: Kernel::Spmm,
            times: 2,
            operations: self.operations_back(keep),
            bytes: floats(self.mask.values().len() + self.x.values().len() + dw.len() + dw.len() / 2)
                + self.mask.values().len() as f64,
            run: Box::new(move || {
                f32::winners_transposed_times(self.winners(), self.x.view(), black_box(&mut dw), add);
                add = !add;
            }),
        }
    }

    fn input_gradient(self, name: &'static str, times: usize, keep: f64) -> Pass {
        let mut dx = Buffer::zeros(self.x.values().len());
        Pass {
            name,
            kernel: Kernel::Spmm,
            times,
            operations: self.operations_back(keep),
            bytes: floats(self.mask.values().len() + self.w.values().len() + dx.len())
                + self.mask.values().len() as f64,
            run: Box::new(move || {
                f32::winners_times(self.winners(), self.w.view(), black_box(&mut dx), false);
            }),
        }
    }
}

fn share_of_non_zeros(x: ArrayView2<f32>) -> f64 {
    x.iter().filter(|x| **x != 0.0).count() as f64 / x.len() as f64
}

fn discriminator(images: &Images, sizes: Sizes) -> Vec<Pass> {
    let Sizes { batch, pixels, keep, .. } = sizes;
    let real = images.rows(0..batch);
    let pixels_drawn = share_of_non_zeros(real.view());
    let of_real = Layer::new(Operand::of(real.view()), sizes.x, keep);
    let of_fake = Layer::new(Operand::random(batch, pixels, 1.0), sizes.x, keep);
    // Both branches side by side, after dropout.
    let joint = Layer::new(Operand::random(batch, sizes.d_hidden(), keep), sizes.joint, keep);
    vec![
        of_real.clone().forward("D: real x", Kernel::Spmm, 1, pixels_drawn),
        of_fake.clone().forward("D: fake x", Kernel::Sddmm, 2, keep),
        joint.clone().forward("D: joint", Kernel::Sddmm, 3, keep),
        joint.clone().weight_gradient("D: joint, dW", keep),
        joint.input_gradient("D: joint, dx", 3, keep),
        of_real.weight_gradient("D: x, dW", keep),
        of_fake.input_gradient("D: fake x, dx", 1, keep),
    ]
}

fn entry_by_entry(config: &GanConfig, sizes: Sizes) -> Vec<Pass> {
    let Sizes { batch, pixels, weights, keep, .. } = sizes;
    let (g, d) = (sizes.g_hidden(), sizes.d_hidden());
    // One evaluation of G and one of D on real and fake x, and one of both for G.
    let masks = 2 * g + 3 * (d + sizes.joint.0);
    let (mut tape, parameters) = (Tape::<f32>::new(), Parameters::new());
    let drawn = tape.mask((batch, masks), keep, Stream::new(1, "roofline"));
    let drawn = drawn.expect("a share of units that are kept");
    let mut draw = 0;
    let logits = Operand::random(batch, pixels, 1.0);
    let mut x = Buffer::zeros(batch * pixels);
    // Of G: ReLU, the two branches side by side, dropout, and the same three back; of D on three batches: the two
    // branches side by side, dropout of three layers, and the same back.
    let maps = 2 * sizes.g.0 + sizes.g.1 + 4 * g + 3 * g + 3 * 2 * (2 * d + sizes.joint.0);
    let [a, b] = [Operand::random(batch, maps, 1.0), Operand::random(batch, maps, keep)];
    let mut products = Buffer::zeros(batch * maps);
    let [mut w, mut gradient] = [weights, weights].map(Buffer::zeros);
    gradient.fill(1e-6);
    let mut optimizer = config.optimizer.instance::<f32>(weights);
    vec![
        Pass {
            name: "momentum update",
            kernel: Kernel::Map,
            times: 1,
            // v = m v - r g, w = w + v, and the sum that shows whether a weight is not finite.
            operations: 6.0 * weights as f64,
            bytes: floats(5 * weights),
            run: Box::new(move || {
                black_box(optimizer.update(&mut w, &gradient, 1e-3, Time { updates: 0, epochs: 0.0 }));
            }),
        },
        Pass {
            name: "masks",
            kernel: Kernel::Map,
            times: 1,
            operations: (batch * masks) as f64,
            bytes: floats(batch * masks),
            run: Box::new(move || {
                draw += 1;
                tape.forward(&parameters, ..=drawn, draw);
            }),
        },
        Pass {
            name: "sigmoid",
            kernel: Kernel::Map,
            times: 2,
            // The exponential has twenty, the sum and the quotient are two.
            operations: 22.0 * (batch * pixels) as f64,
            bytes: floats(2 * batch * pixels),
            run: Box::new(move || {
                elementwise::map(logits.values(), black_box(&mut x), false, elementwise::sigmoid::<f32>);
            }),
        },
        Pass {
            name: "ReLU, dropout, copies",
            kernel: Kernel::Map,
            times: 1,
            operations: (batch * maps) as f64,
            bytes: floats(3 * batch * maps),
            run: Box::new(move || {
                let (a, b) = (a.values(), b.values());
                elementwise::zip(a, b, black_box(&mut products), false, |a: f32, b: f32| a * b);
            }),
        },
    ]
}

/// Of the product of G's hidden units and its output's weights.
fn parts_of_spmm(sizes: Sizes) -> Vec<Pass> {
    let (units, share) = (sizes.g_hidden(), POSITIVE * sizes.keep);
    let (hidden, w) = (Operand::random(sizes.batch, units, share), Operand::random(units, sizes.pixels, 1.0));
    let (entries, pixels) = (hidden.values().len(), sizes.pixels);
    vec![
        Pass {
            name: "lists",
            kernel: Kernel::PartOfSpmm,
            times: 1,
            operations: entries as f64,
            // A place and a value for each that is not zero.
            bytes: (1.0 + 2.0 * share) * floats(entries),
            run: Box::new(move || {
                black_box(stages::list_non_zeros(hidden.view(), pixels));
            }),
        },
        Pass {
            name: "packing",
            kernel: Kernel::PartOfSpmm,
            times: 1,
            operations: w.values().len() as f64,
            // What is packed stays in the nearest cache.
            bytes: floats(w.values().len()),
            run: Box::new(move || {
                black_box(stages::pack(w.view()));
            }),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nets::Net;
    use crate::{all_weights, digits};
    use cgan::config::UpdateOrder;

    fn all() -> Vec<Pass> {
        let (config, images) = (Net::Mnist.config(UpdateOrder::Alternating, 0.5).unwrap(), digits().unwrap());
        let sizes = Sizes::of(&config, &images, all_weights(&config, &images).unwrap());
        assert_eq!(sizes.weights, 972_784 + 1_224_351);
        passes(&config, &images, sizes)
    }

    /// By hand, from the layers of the paper: batches of 100; G: z 100 to 200, 1200 to 784; D: 784 to 240 x 5, 290 to
    /// 240 x 4. Half of the units are dropped, and half of G's are negative.
    #[test]
    fn a_step_has_the_multiplications_of_its_layers() {
        let (g_output, d_x, joint) = (100 * 1200 * 784 / 4, 100 * 784 * 1200 / 2, 100 * 290 * 960 / 2);
        let (d_back, joint_back) = (100 * 120 * 784, 100 * 120 * 290);
        let want = [
            (Kernel::Gemm, 2 * 100 * 100 * 200),
            (Kernel::Sddmm, g_output + 2 * d_x + 3 * joint),
            // Without D on real x, whose zeros the images decide.
            (Kernel::Spmm, 3 * g_output + 3 * d_back + 5 * joint_back + 100 * 100 * 200 / 4),
        ];
        let passes = all();
        for (kernel, products) in want {
            let of_kernel = passes.iter().filter(|pass| pass.kernel == kernel && pass.name != "D: real x");
            let found: f64 = of_kernel.map(|pass| pass.times as f64 * pass.operations / 2.0).sum();
            assert!((found / products as f64 - 1.0).abs() < 1e-9, "{kernel:?}: {found} {products}");
        }
        let real = passes.iter().find(|pass| pass.name == "D: real x").unwrap();
        let drawn = real.operations / (2 * 100 * 784 * 1200) as f64;
        assert!((0.15..0.25).contains(&drawn), "a fifth of the pixels of a digit are drawn: {drawn}");
    }

    #[test]
    fn a_pass_moves_its_operands_once() {
        let passes = all();
        let bytes = |name: &str| passes.iter().find(|pass| pass.name == name).unwrap().bytes;
        assert_eq!(bytes("momentum update"), (5 * 4 * (972_784 + 1_224_351)) as f64);
        assert_eq!(bytes("G: output, dW"), (4 * (100 * 1200 + 100 * 784 + 1200 * 784)) as f64);
        assert_eq!(bytes("D: fake x"), (4 * (100 * 784 + 1200 * 784 + 2 * 100 * 240) + 100 * 240) as f64);
    }

    #[test]
    fn every_pass_runs() {
        all().iter_mut().for_each(|pass| (pass.run)());
    }
}
