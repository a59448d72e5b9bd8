//! Baselines: taggers without adversarial training, on the same features, words and splits.

use autograd::{Parameters, Stream, Tape};
use cgan::config::{GeneratorConfig, GeneratorDropout};
use cgan::optimizer::{OptimizerSettings, Time};
use cgan::optimizers::Adam;
use cgan::{Examples, Generator, Order};
use nalgebra::DMatrix;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use words::neighbours::unit;

use super::measures::measures;
use super::protocol::{Ranking, Tagger, order};
use crate::error::Error;

/// The data that baselines are trained and chosen on.
pub struct Task<'a> {
    /// Scaled features of the training pictures.
    pub train: ArrayView2<'a, f32>,
    /// Their tags, as numbers of the vocabulary.
    pub train_tags: &'a [Vec<u32>],
    /// The vectors of the vocabulary.
    pub vectors: ArrayView2<'a, f32>,
    /// Scaled features of the validation pictures, which choose hyper-parameters.
    pub validation: ArrayView2<'a, f32>,
    /// Their tags.
    pub validation_tags: &'a [Vec<u32>],
}

/// The most frequent tags, for every picture.
pub fn frequency(counts: &[u32], pictures: usize) -> Ranking {
    own_tags_first(counts, &vec![Vec::new(); pictures])
}

/// What no tagger can surpass: each picture's own tags, then all words by frequency.
pub fn own_tags_first(counts: &[u32], own: &[Vec<u32>]) -> Ranking {
    let scores: Array1<f32> = counts.iter().map(|count| *count as f32).collect();
    let rank = |own: &Vec<u32>| {
        let mut votes = vec![0; counts.len()];
        own.iter().for_each(|tag| votes[*tag as usize] = 1);
        order(scores.view(), &votes)
    };
    own.iter().map(rank).collect()
}

/// The tags of the nearest training pictures by cosine, weighted by the cosine. Words that none of them has
/// follow by frequency.
pub struct Nearest {
    train: Array2<f32>,
    k: usize,
}

impl Nearest {
    const CHOICES: [usize; 7] = [1, 2, 5, 10, 20, 50, 100];

    /// Chooses the number of neighbours with the best P@5 on validation data.
    pub fn new(task: &Task) -> Self {
        let mut best = Self { train: unit(task.train.to_owned()), k: 0 };
        let scores = Self::CHOICES.map(|k| {
            best.k = k;
            measures(&best.rank(task, task.validation), task.validation_tags).precision
        });
        best.k = Self::CHOICES[argmax(&scores)];
        best
    }

    /// Ranks the vocabulary for pictures.
    pub fn rank(&self, task: &Task, pictures: ArrayView2<f32>) -> Ranking {
        let cosines = unit(pictures.to_owned()).dot(&self.train.t());
        let mut counts = Array1::<f32>::zeros(task.vectors.nrows());
        task.train_tags.iter().flatten().for_each(|tag| counts[*tag as usize] += 1.0);
        let total = counts.sum().max(1.0);
        let rank = |cosines: ndarray::ArrayView1<f32>| {
            // Less than any weight of a neighbour.
            let mut scores = &counts * (1e-6 / total);
            for picture in order(cosines, &vec![0; cosines.len()]).into_iter().take(self.k) {
                let weight = cosines[picture as usize].max(1e-3);
                task.train_tags[picture as usize].iter().for_each(|tag| scores[*tag as usize] += weight);
            }
            order(scores.view(), &vec![0; scores.len()])
        };
        cosines.rows().into_iter().map(rank).collect()
    }

    /// The chosen number of neighbours.
    pub fn k(&self) -> usize {
        self.k
    }
}

/// Ridge regression from features to word vectors, over all pairs of a picture and a tag.
pub struct Ridge {
    /// (features + 1, width); the last row is the bias, which is not penalised.
    weights: Array2<f32>,
    lambda: f64,
}

impl Ridge {
    const CHOICES: [f64; 7] = [1e1, 1e2, 1e3, 3e3, 1e4, 3e4, 1e5];

    /// Chooses the λ with the best P@5 on validation data.
    ///
    /// # Errors
    /// If the normal equations have no solution.
    pub fn new(task: &Task, tagger: &Tagger) -> Result<Self, Error> {
        let width = task.train.ncols();
        // A picture has a pair for each tag; together they equal one pair with the mean as target and this
        // weight.
        let weights: Vec<f64> = task.train_tags.iter().map(|tags| tags.len() as f64).collect();
        let x = DMatrix::from_fn(task.train.nrows(), width + 1, |i, j| {
            let value = if j == width { 1.0 } else { f64::from(task.train[[i, j]]) };
            value * weights[i].sqrt()
        });
        let y = DMatrix::from_fn(task.train.nrows(), task.vectors.ncols(), |i, j| {
            let sum: f64 =
                task.train_tags[i].iter().map(|tag| f64::from(task.vectors[[*tag as usize, j]])).sum();
            sum / weights[i].max(1.0).sqrt()
        });
        let (square, target) = (x.tr_mul(&x), x.tr_mul(&y));
        let mut best: Option<(f64, Self)> = None;
        for lambda in Self::CHOICES {
            let mut shrunk = square.clone();
            (0..width).for_each(|i| shrunk[(i, i)] += lambda);
            let solved = shrunk.cholesky().map(|factor| factor.solve(&target));
            let solved = solved.ok_or(Error::Degenerate("ridge regression: the features are degenerate"))?;
            let weights = Array2::from_shape_fn(solved.shape(), |(i, j)| solved[(i, j)] as f32);
            let ridge = Self { weights, lambda };
            let rankings = tagger.by_cosine(ridge.predict(task.validation));
            let score = measures(&rankings, task.validation_tags).precision;
            if best.as_ref().is_none_or(|(before, _)| score > *before) {
                best = Some((score, ridge));
            }
        }
        Ok(best.expect("several choices").1)
    }

    /// A word vector for each picture.
    pub fn predict(&self, pictures: ArrayView2<f32>) -> Array2<f32> {
        let width = pictures.ncols();
        pictures.dot(&self.weights.slice(ndarray::s![..width, ..])) + self.weights.row(width)
    }

    /// The chosen λ.
    pub fn lambda(&self) -> f64 {
        self.lambda
    }
}

/// The generator trained by least squares instead of a discriminator: minimises E |G(z|y) - x|². The epoch
/// with the best P@5 on validation data is used.
pub struct LeastSquares {
    generator: Generator,
    parameters: Parameters<f32>,
    condition: layers::Input,
    epochs: u64,
}

impl LeastSquares {
    const EPOCHS: u64 = 30;
    const BATCH: usize = 100;
    const RATE: f64 = 5e-4;

    /// Trains on the pairs.
    ///
    /// # Errors
    /// If the net cannot be recorded.
    pub fn new(
        pairs: &dyn Examples<f32>,
        config: &GeneratorConfig,
        task: &Task,
        tagger: &Tagger,
    ) -> Result<Self, Error> {
        const SEED: u64 = 1;
        let batch = Self::BATCH.min(pairs.len());
        if batch == 0 {
            return Err(Error::Empty(
                "least squares: no training picture has a tag with a vector".to_owned(),
            ));
        }
        let mean = pairs.mean();
        let (condition, width) = (pairs.condition(), mean.len());
        let mut config = config.clone();
        // Without dropout, least squares overfits the training pictures.
        config.dropout = Some(GeneratorDropout { rate: 0.5, when_sampling: false });
        let mut parameters = Parameters::new();
        let generator = Generator::new(&mut parameters, &config, condition, &mean, SEED);
        let mut tape = Tape::new();
        let z = tape.input("z", (batch, config.noise_width));
        let y = tape.input("y", (batch, condition.columns()));
        let branch = generator.record_condition(&mut tape, &parameters, y)?;
        let made = generator.record(&mut tape, &parameters, z, branch)?;
        let leaves: Vec<_> = parameters.ids().map(|id| tape.parameter(&parameters, id)).collect();
        let sweep = tape.sweep(made, &leaves)?;
        let mut optimizer = Adam::default().instance(parameters.values().len());
        let mut gradients = parameters.zeros_like();
        let (noise, mut order) = (Stream::new(SEED, "noise"), Order::new(SEED, pairs.len(), batch));
        let mut x = Array2::<f32>::zeros((batch, width));
        let mut best: Option<(f64, Self)> = None;
        for step in 0..Self::EPOCHS * order.batches() {
            pairs.fill(step, order.batch(step), x.view_mut(), tape.value_mut(y));
            config.noise.fill(&noise, step, tape.value_mut(z));
            tape.forward(&parameters, .., step);
            // The derivative of the mean over the batch of |G - x|² by each entry.
            let gradient = (&tape.value(made) - &x) * (2.0 / batch as f32);
            let gradient = gradient.as_slice().expect("standard layout");
            tape.backward_from(gradient, &sweep, &parameters, &mut gradients);
            let time = Time { updates: step, epochs: step as f64 / order.batches() as f64 };
            optimizer.update(parameters.values_mut(), gradients.values(), Self::RATE, time);
            if (step + 1).is_multiple_of(order.batches()) {
                let epochs = (step + 1) / order.batches();
                let net =
                    Self { generator: generator.clone(), parameters: parameters.clone(), condition, epochs };
                let rankings = tagger.by_cosine(net.predict(task.validation)?);
                let score = measures(&rankings, task.validation_tags).precision;
                if best.as_ref().is_none_or(|(before, _)| score > *before) {
                    best = Some((score, net));
                }
            }
        }
        Ok(best.expect("several epochs").1)
    }

    /// The direction of a word vector for each picture: the sum of a few samples, which are nearly equal.
    ///
    /// # Errors
    /// If the net cannot be recorded.
    pub fn predict(&self, pictures: ArrayView2<f32>) -> Result<Array2<f32>, Error> {
        const DRAWS: u64 = 4;
        let mut sampler =
            cgan::Sampler::new(&self.generator, &self.parameters, self.condition, Self::BATCH, 1)?;
        let mut sums = Array2::zeros((pictures.nrows(), sampler.width()));
        for draw in 0..DRAWS {
            let parts = pictures
                .axis_chunks_iter(Axis(0), Self::BATCH)
                .zip(sums.axis_chunks_iter_mut(Axis(0), Self::BATCH));
            for (pictures, mut sums) in parts {
                sums += &sampler.sample(&self.parameters, pictures, draw);
            }
        }
        Ok(sums)
    }

    /// The chosen number of epochs.
    pub fn epochs(&self) -> u64 {
        self.epochs
    }
}

fn argmax(scores: &[f64]) -> usize {
    (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]).then(b.cmp(a))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use words::Vectors;

    /// Feature j on means tag j.
    fn task<'a>(train: &'a Array2<f32>, tags: &'a [Vec<u32>], vectors: &'a Array2<f32>) -> Task<'a> {
        Task {
            train: train.view(),
            train_tags: tags,
            vectors: vectors.view(),
            validation: train.view(),
            validation_tags: tags,
        }
    }

    #[test]
    fn each_baseline_finds_what_is_plain_to_see() {
        let train =
            Array2::from_shape_fn((40, 6), |(i, j)| f32::from(i % 4 == j) + 0.01 * ((i * 7 + j) % 5) as f32);
        let tags: Vec<Vec<u32>> = (0..40).map(|i| vec![i % 4]).collect();
        let vectors =
            array![[1.0, 0.0, 0.0, 0.1], [0.0, 1.0, 0.0, 0.1], [0.0, 0.0, 1.0, 0.1], [-1.0, -1.0, -1.0, 0.1]];
        let task = task(&train, &tags, &vectors);
        let tagger =
            Tagger::new(&Vectors::new((0..4).map(|i| format!("w{i}")).collect(), vectors.clone()).unwrap());
        let ridge = Ridge::new(&task, &tagger).unwrap();
        let nearest = Nearest::new(&task);
        for rankings in [tagger.by_cosine(ridge.predict(train.view())), nearest.rank(&task, train.view())] {
            for (ranking, tags) in rankings.iter().zip(&tags) {
                assert_eq!(ranking[0], tags[0]);
            }
        }
        assert!(nearest.k() >= 1 && ridge.lambda() >= 10.0);
        assert_eq!(frequency(&[3, 9, 5], 2), vec![vec![1, 2, 0]; 2]);
        assert_eq!(own_tags_first(&[3, 9, 5], &[vec![0], vec![0, 2]]), [[0, 1, 2], [2, 0, 1]]);
    }

    #[test]
    fn ridge_solves_the_normal_equations() {
        // One feature, one-dimensional vectors: closed form with the mean taken out and λ on the slope alone.
        let train = array![[1.0], [2.0], [4.0f32]];
        let tags = vec![vec![0], vec![1, 1], vec![2]];
        let vectors = array![[1.0f32], [3.0], [-2.0]];
        let tagger =
            Tagger::new(&Vectors::new(vec!["a".into(), "b".into(), "c".into()], vectors.clone()).unwrap());
        let ridge = Ridge::new(&task(&train, &tags, &vectors), &tagger).unwrap();
        let (x, y) = ([1.0, 2.0, 2.0, 4.0], [1.0, 3.0, 3.0, -2.0]);
        let mean = |v: [f64; 4]| v.iter().sum::<f64>() / 4.0;
        let (mx, my) = (mean(x), mean(y));
        let xy: f64 = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum();
        let xx: f64 = x.iter().map(|x| (x - mx).powi(2)).sum();
        let slope = xy / (xx + ridge.lambda());
        let got = ridge.predict(array![[3.0f32]].view())[[0, 0]];
        assert!((f64::from(got) - (my + slope * (3.0 - mx))).abs() < 1e-5, "{got}");
    }
}
