//! The nearest words by cosine, exactly.
//!
//! Samples for a picture lie near one another, and most words are too far from all of them to matter.
//! Otherwise, products of rounded vectors tell which few words may be among the nearest. Exact cosines are
//! needed of these alone.

use std::sync::OnceLock;

use kernels::Products;
use kernels::parallel;
use kernels::word_vectors::{PANEL, RoundedQueries, RoundedRows};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

use crate::Vectors;

/// Words whose products with the queries are held at a time.
const BLOCK: usize = 1 << 12;
/// Queries at a time.
const QUERIES: usize = 128;
/// Words that a task looks through for all queries.
const PART: usize = PANEL << 10;
/// For fewer queries than this, neither rounding all words nor testing how near one another they are is worth the time;
const FEW: usize = 8;
/// nor are queries that lie farther from their mean: hardly a word could be left out.
const FAR: f64 = 0.3;

/// Vectors of length 1, to be searched.
#[derive(Clone, Debug)]
pub struct Neighbours {
    matrix: Array2<f32>,
    /// The same, once they were needed.
    rounded: OnceLock<RoundedRows>,
}

/// The number of a word, and its cosine with the query.
pub type Near = (u32, f32);

impl Neighbours {
    /// Of all words of `vectors`.
    pub fn new(vectors: &Vectors) -> Self {
        Self { matrix: unit(vectors.matrix().clone()), rounded: OnceLock::new() }
    }

    /// The vectors that are searched, each of length 1 (or 0).
    pub fn matrix(&self) -> &Array2<f32> {
        &self.matrix
    }

    /// The `count` words nearest to each query (n, width), the nearest first; of words as near as one
    /// another, the first in the vocabulary. A query of length 0 is as near to every word.
    ///
    /// # Panics
    /// If the widths differ.
    pub fn nearest(&self, queries: ArrayView2<f32>, count: usize) -> Vec<Vec<Near>> {
        assert_eq!(queries.ncols(), self.matrix.ncols(), "vectors of one width");
        let queries = unit(queries.as_standard_layout().into_owned());
        let count = count.min(self.matrix.nrows());
        let mut found = Vec::with_capacity(queries.nrows());
        for queries in queries.axis_chunks_iter(Axis(0), QUERIES) {
            found.extend(match self.candidates(queries, count) {
                Some(numbers) => {
                    let rows: Vec<usize> = numbers.iter().map(|number| *number as usize).collect();
                    let mut near = search(self.matrix.select(Axis(0), &rows).view(), queries, count);
                    near.iter_mut().flatten().for_each(|near| near.0 = numbers[near.0 as usize]);
                    near
                }
                None if self.worth_rounding(queries, count) => self.screen(queries, count),
                None => search(self.matrix.view(), queries, count),
            });
        }
        found
    }

    /// Whether there is much to leave out: not where many words are wanted, or a query has no direction,
    /// since all words are as near to it.
    fn worth_rounding(&self, queries: ArrayView2<f32>, count: usize) -> bool {
        queries.nrows() >= FEW
            && self.matrix.nrows() > BLOCK
            && (1..=self.matrix.nrows() / 64).contains(&count)
            && queries.rows().into_iter().all(|query| query.dot(&query) > 0.5)
    }

    /// The `count` words nearest to each query: products of rounded vectors leave few to choose from.
    fn screen(&self, queries: ArrayView2<f32>, count: usize) -> Vec<Vec<Near>> {
        let rounded = self.rounded.get_or_init(|| RoundedRows::new(self.matrix.view()));
        let whole = RoundedQueries::new(queries);
        let none = Likely::new(count, 2 * RoundedRows::error(queries.ncols()));
        let words = self.matrix.nrows();
        let mut parts: Vec<_> =
            (0..words).step_by(PART).map(|start| (start, vec![none.clone(); queries.nrows()])).collect();
        parallel::each(&mut parts, PART * queries.len(), |_, (start, likely)| {
            let mut bars = vec![none.bar; likely.len()];
            rounded.above(
                *start,
                PART.min(words - *start),
                &whole,
                &mut bars,
                &mut |query, word, product| likely[query].see(word, product),
            );
        });
        let mut found = vec![Vec::new(); queries.nrows()];
        parallel::each(&mut found, PART, |query, found| {
            let mut all = none.clone();
            for (_, part) in &parts {
                part[query].found.iter().for_each(|(word, product)| {
                    all.see(*word, *product);
                });
            }
            all.prune();
            all.found.sort_unstable_by_key(|(word, _)| *word);
            let mut best = Best::new(count);
            for (word, _) in all.found {
                best.see(word, &[dot(self.matrix.row(word as usize), queries.row(query))]);
            }
            *found = best.sorted();
        });
        found
    }

    /// The words that can be among the nearest of queries which lie near one another, as the samples for a
    /// picture do; `None` if too many can. With r the largest distance of a query u from their mean m, u · w
    /// is within r of m · w for every w of length 1. So `count` words have a cosine of at least t - r with
    /// each query, if t is the `count`-th largest m · w, and where m · w < t - 2r, w cannot be one of them.
    fn candidates(&self, queries: ArrayView2<f32>, count: usize) -> Option<Vec<u32>> {
        const ROUNDING: f64 = 1e-4;
        if queries.nrows() < FEW || self.matrix.nrows() <= BLOCK || count == 0 {
            return None;
        }
        let mean = queries.mean_axis(Axis(0))?;
        let distance = |query: ArrayView1<f32>| {
            query.iter().zip(&mean).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
        };
        let reach = queries.rows().into_iter().map(distance).fold(0.0, f64::max);
        if reach > FAR {
            return None;
        }
        let mut cosines = vec![0.0; self.matrix.nrows()];
        parallel::region(|| {
            f32::times_transposed(mean.view().insert_axis(Axis(0)), self.matrix.view(), &mut cosines, false);
        });
        let mut best = Best::new(count);
        best.see(0, &cosines);
        let bar = (f64::from(best.sorted()[count - 1].1) - 2.0 * reach - ROUNDING) as f32;
        let numbers: Vec<u32> =
            (0..).zip(&cosines).filter(|(_, cosine)| **cosine >= bar).map(|(i, _)| i).collect();
        (numbers.len() < self.matrix.nrows() / 4).then_some(numbers)
    }
}

/// The `count` rows nearest to each query, all of length 1, by their place; the rows block by block.
fn search(rows: ArrayView2<f32>, queries: ArrayView2<f32>, count: usize) -> Vec<Vec<Near>> {
    let mut found: Vec<Best> = (0..queries.nrows()).map(|_| Best::new(count)).collect();
    let mut products = vec![0.0; queries.nrows() * BLOCK.min(rows.nrows())];
    parallel::region(|| {
        for (start, block) in (0..).step_by(BLOCK).zip(rows.axis_chunks_iter(Axis(0), BLOCK)) {
            let width = block.nrows();
            let products = &mut products[..queries.nrows() * width];
            f32::times_transposed(queries, block, products, false);
            let products = &*products;
            parallel::each(&mut found, width, |query, best| {
                best.see(start, &products[query * width..][..width]);
            });
        }
    });
    found.into_iter().map(Best::sorted).collect()
}

/// Scales every row to length 1; a row of zeros stays.
pub fn unit(mut matrix: Array2<f32>) -> Array2<f32> {
    for mut row in matrix.rows_mut() {
        let length = row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        if length > 0.0 {
            row.mapv_inplace(|x| (f64::from(x) / length) as f32);
        }
    }
    matrix
}

/// Added up in double precision, eight sums side by side.
fn dot(a: ArrayView1<f32>, b: ArrayView1<f32>) -> f32 {
    let mut sums = [0.0; 8];
    for (i, (a, b)) in a.iter().zip(&b).enumerate() {
        sums[i % 8] += f64::from(*a) * f64::from(*b);
    }
    sums.iter().sum::<f64>() as f32
}

/// Words that may be among the `count` nearest: of which the rounded product is no more than `slack` below
/// the `count`-th largest so far, `slack` being the most by which two such products can be in the wrong
/// order.
#[derive(Clone)]
struct Likely {
    count: usize,
    slack: i32,
    found: Vec<(u32, i32)>,
    /// What is not above it cannot be among them.
    bar: i32,
    /// How many there may be before they are pruned.
    room: usize,
}

impl Likely {
    fn new(count: usize, slack: i32) -> Self {
        Self { count, slack, found: Vec::new(), bar: i32::MIN, room: 4 * count }
    }

    /// Takes a word if its product is above the bar, and returns the bar.
    fn see(&mut self, word: u32, product: i32) -> i32 {
        if product > self.bar {
            self.found.push((word, product));
            if self.found.len() > self.room {
                self.prune();
            }
        }
        self.bar
    }

    fn prune(&mut self) {
        if self.found.len() > self.count {
            let (_, last, _) = self.found.select_nth_unstable_by(self.count - 1, |a, b| b.1.cmp(&a.1));
            self.bar = last.1 - self.slack - 1;
            self.found.retain(|(_, product)| *product > self.bar);
            self.room = (4 * self.count).max(2 * self.found.len());
        }
    }
}

/// The best so far: unsorted, pruned when there are twice as many as wanted.
struct Best {
    count: usize,
    found: Vec<Near>,
    /// What is below it cannot be among them.
    bar: f32,
}

impl Best {
    fn new(count: usize) -> Self {
        Self { count, found: Vec::with_capacity(2 * count), bar: f32::NEG_INFINITY }
    }

    fn see(&mut self, start: u32, cosines: &[f32]) {
        if self.count == 0 {
            return;
        }
        // Eight at a time: nearly all are below the bar.
        for (chunk, number) in cosines.chunks(8).zip((start..).step_by(8)) {
            if chunk.iter().fold(false, |any, cosine| any | (*cosine > self.bar)) {
                for (cosine, number) in chunk.iter().zip(number..) {
                    // Not "at least": of equals, the first stays.
                    if *cosine > self.bar {
                        self.found.push((number, *cosine));
                        if self.found.len() == 2 * self.count {
                            self.prune();
                        }
                    }
                }
            }
        }
    }

    fn prune(&mut self) {
        let order = |a: &Near, b: &Near| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        self.found.select_nth_unstable_by(self.count - 1, order);
        self.found.truncate(self.count);
        self.bar = self.found[self.count - 1].1;
    }

    fn sorted(mut self) -> Vec<Near> {
        self.found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        self.found.truncate(self.count);
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_sorting_everything() {
        for (words, width, count) in [(1, 3, 5), (40, 8, 7), (9000, 16, 20), (5000, 5, 1)] {
            let number = |i: usize, j: usize| ((i * 7919 + j * 104_729) % 1009) as f32 / 504.0 - 1.0;
            let matrix = Array2::from_shape_fn((words, width), |(i, j)| number(i, j));
            let names = (0..words).map(|i| format!("w{i}")).collect();
            let vectors = Vectors::new(names, matrix.clone()).unwrap();
            let queries = Array2::from_shape_fn((131, width), |(i, j)| number(i + 17, j * 3 + 1));
            let found = Neighbours::new(&vectors).nearest(queries.view(), count);
            for (query, found) in queries.rows().into_iter().zip(&found) {
                let cosine = |row: ndarray::ArrayView1<f32>| {
                    let double = |a: &f32, b: &f32| f64::from(*a) * f64::from(*b);
                    let dot = |a: ndarray::ArrayView1<f32>, b: ndarray::ArrayView1<f32>| -> f64 {
                        a.iter().zip(b.iter()).map(|(a, b)| double(a, b)).sum()
                    };
                    dot(row, query) / (dot(row, row) * dot(query, query)).sqrt()
                };
                let mut want: Vec<f64> = matrix.rows().into_iter().map(cosine).collect();
                for (number, found) in found {
                    assert!((want[*number as usize] - f64::from(*found)).abs() < 1e-5);
                }
                want.sort_by(|a, b| b.total_cmp(a));
                assert_eq!(found.len(), count.min(words));
                for ((_, found), want) in found.iter().zip(want) {
                    assert!((f64::from(*found) - want).abs() < 1e-5);
                }
            }
        }
    }

    #[test]
    fn leaving_out_what_cannot_be_near_changes_nothing() {
        let number = |i: usize, j: usize| ((i * 7919 + j * 104_729) % 1009) as f32 / 504.0 - 1.0;
        let mut matrix = Array2::from_shape_fn((6000, 24), |(i, j)| number(i, j));
        // Words that are as near as one another, and one without a direction.
        for copy in [11, 4000, 5999] {
            let row = matrix.row(3).to_owned();
            matrix.row_mut(copy).assign(&row);
        }
        matrix.row_mut(17).fill(0.0);
        let neighbours =
            Neighbours::new(&Vectors::new((0..6000).map(|i| format!("w{i}")).collect(), matrix).unwrap());
        for (spread, prunes) in [(0.0, true), (0.02, true), (0.05, true), (2.0, false)] {
            let row = neighbours.matrix.row(3);
            let queries =
                Array2::from_shape_fn((60, 24), |(i, j)| row[j] + spread * number(i + 31, 3 * j + 1) / 5.0);
            let queries = unit(queries);
            assert_eq!(neighbours.candidates(queries.view(), 20).is_some(), prunes, "{spread}");
            let all = search(neighbours.matrix.view(), queries.view(), 20);
            for (got, want) in neighbours.nearest(queries.view(), 20).iter().zip(&all) {
                assert_eq!(got.len(), 20);
                for (got, want) in got.iter().zip(want) {
                    assert!(got.0 == want.0 && (got.1 - want.1).abs() < 1e-6, "{got:?}, not {want:?}");
                }
            }
        }
    }

    #[test]
    fn rounding_loses_no_word() {
        let number = |i: usize, j: usize| ((i * 7919 + j * 104_729) % 1009) as f32 / 504.0 - 1.0;
        let mut matrix = Array2::from_shape_fn((PART + 4000, 30), |(i, j)| number(i, j));
        // As near as one another: more words than `count`, some of them in another part; and some that
        // differ by less than rounding can tell. (Rows repeat after 1,009, too.)
        for copy in 0..60 {
            let row = matrix.row(3).to_owned();
            matrix.row_mut(100 + 300 * copy).assign(&row);
            matrix.row_mut(101 + 300 * copy).assign(&row);
            matrix[[101 + 300 * copy, 7]] += 1e-6 * copy as f32;
        }
        matrix.row_mut(17).fill(0.0);
        let names = (0..matrix.nrows()).map(|i| format!("w{i}")).collect();
        let neighbours = Neighbours::new(&Vectors::new(names, matrix).unwrap());
        let mut queries = unit(Array2::from_shape_fn((FEW + 5, 30), |(i, j)| number(i + 31, 3 * j + 1)));
        queries.row_mut(2).assign(&neighbours.matrix.row(3));
        for count in [1, 20, 100] {
            assert!(neighbours.worth_rounding(queries.view(), count));
            for (got, query) in neighbours.screen(queries.view(), count).iter().zip(queries.rows()) {
                let mut want: Vec<Near> =
                    (0..).zip(neighbours.matrix.rows()).map(|(i, word)| (i, dot(word, query))).collect();
                want.sort_by(|a, b| b.1.total_cmp(&a.1));
                assert!(got == &want[..count], "{got:?}, not {:?}", &want[..count]);
            }
        }
        let mut without = queries;
        without.row_mut(1).fill(0.0);
        assert!(!neighbours.worth_rounding(without.view(), 20), "a query without a direction");
    }

    #[test]
    fn of_equals_the_first_comes_first() {
        let words = (0..20).map(|i| format!("w{i}")).collect();
        let vectors = Vectors::new(words, Array2::ones((20, 2))).unwrap();
        let found = &Neighbours::new(&vectors).nearest(Array2::ones((1, 2)).view(), 3)[0];
        assert_eq!(found.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [0, 1, 2]);
    }
}
