//! Where in its row each item stands, for edges that are short and, wherever possible, straight.
//!
//! First roughly: the least Σ stiffness · dx² over the links, dx being how far one goes sideways, row by row
//! under the order found and least distances, which pooling neighbours solves exactly. That leaves every
//! edge a little slanted. So items are then joined into upright columns, link by link where there is room,
//! and columns move as one to where Σ stiffness · |dx| is least: at a weighted median.

use super::rows::Rows;

/// Room between neighbours in a row; edges need less between themselves.
const GAP: f64 = 28.0;
const GAP_OF_EDGES: f64 = 10.0;
/// The pictures are small, and stand still long before.
const ROUNDS: usize = 60;
/// How much wider a picture may become for one straight edge more.
const NEARLY: f64 = 30.0;
/// What counts as no distance.
const NOTHING: f64 = 1e-6;

/// The axis of each item; nothing reaches to the left of 0.
pub(super) fn across(rows: &Rows) -> Vec<f64> {
    let mut x = vec![0.0; rows.items.len()];
    for row in &rows.rows {
        let offsets = offsets(rows, row);
        let middle = offsets.last().copied().unwrap_or(0.0) / 2.0;
        row.iter().zip(&offsets).for_each(|(&item, offset)| x[item] = offset - middle);
    }
    for round in 0..ROUNDS {
        for step in 0..rows.rows.len() {
            let row = &rows.rows[if round % 2 == 0 { step } else { rows.rows.len() - 1 - step }];
            settle(rows, row, &mut x);
        }
    }
    Columns::new(rows, &mut x).straighten();
    let left = x.iter().zip(&rows.items).map(|(x, item)| x - item.left).fold(f64::INFINITY, f64::min);
    x.iter_mut().for_each(|x| *x -= left);
    x
}

/// The least distance of two neighbours.
fn distance(rows: &Rows, left: usize, right: usize) -> f64 {
    let edges = left.min(right) >= rows.blocks;
    rows.items[left].right + if edges { GAP_OF_EDGES } else { GAP } + rows.items[right].left
}

/// Least distances of a row's items from its first.
fn offsets(rows: &Rows, row: &[usize]) -> Vec<f64> {
    let mut offsets = vec![0.0; row.len()];
    for i in 1..row.len() {
        offsets[i] = offsets[i - 1] + distance(rows, row[i - 1], row[i]);
    }
    offsets
}

/// Moves one row to where its links, the other rows held fixed, want it.
fn settle(rows: &Rows, row: &[usize], x: &mut [f64]) {
    let offsets = offsets(rows, row);
    // Runs of items that stand as close as may be: how many, their weight, and the mean of what they want.
    let mut runs: Vec<(usize, f64, f64)> = Vec::new();
    for (&item, offset) in row.iter().zip(&offsets) {
        // A touch of inertia holds what has no links.
        let (mut weight, mut sum) = (1e-4, 1e-4 * x[item]);
        for (other, stiffness) in rows.links_of(item) {
            weight += stiffness;
            sum += stiffness * x[other];
        }
        let mut run = (1, weight, sum / weight - offset);
        while let Some((count, weight, wanted)) = runs.pop_if(|last| last.2 >= run.2) {
            let total = weight + run.1;
            run = (count + run.0, total, (wanted * weight + run.2 * run.1) / total);
        }
        runs.push(run);
    }
    let starts = runs.iter().flat_map(|&(count, _, start)| std::iter::repeat_n(start, count));
    row.iter().zip(offsets).zip(starts).for_each(|((&item, offset), start)| x[item] = start + offset);
}

/// Items on one upright line each.
struct Columns<'a> {
    rows: &'a Rows,
    x: &'a mut [f64],
    column_of: Vec<usize>,
    members: Vec<Vec<usize>>,
    /// The neighbours of each item in its row.
    left: Vec<Option<usize>>,
    right: Vec<Option<usize>>,
    row_of: Vec<usize>,
}

impl<'a> Columns<'a> {
    /// Each item on its own.
    fn new(rows: &'a Rows, x: &'a mut [f64]) -> Self {
        let count = x.len();
        let (mut left, mut right, mut row_of) = (vec![None; count], vec![None; count], vec![0; count]);
        for (index, row) in rows.rows.iter().enumerate() {
            row.iter().for_each(|&item| row_of[item] = index);
            for pair in row.windows(2) {
                (right[pair[0]], left[pair[1]]) = (Some(pair[1]), Some(pair[0]));
            }
        }
        let members = (0..count).map(|item| vec![item]).collect();
        Self { rows, x, column_of: (0..count).collect(), members, left, right, row_of }
    }

    fn straighten(mut self) {
        let mut links: Vec<usize> = (0..self.rows.links.len()).collect();
        for _ in 0..ROUNDS {
            // The stiffest first, and of these the nearest to being straight.
            let slant = |link: usize| {
                let link = &self.rows.links[link];
                (self.x[link.upper] - self.x[link.lower]).abs() / link.stiffness.powi(2)
            };
            links.sort_by(|&a, &b| slant(a).total_cmp(&slant(b)));
            let joined = links.iter().filter(|&&link| self.join(link)).count();
            let moved: f64 = (0..self.members.len()).map(|column| self.relax(column)).sum();
            if joined == 0 && moved < NOTHING {
                break;
            }
        }
    }

    /// How far a column may go to the left and to the right while all others stay.
    fn room(&self, column: usize) -> (f64, f64) {
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        for &item in &self.members[column] {
            if let Some(left) = self.left[item] {
                low = low.max(self.x[left] + distance(self.rows, left, item) - self.x[item]);
            }
            if let Some(right) = self.right[item] {
                high = high.min(self.x[right] - distance(self.rows, item, right) - self.x[item]);
            }
        }
        (low.min(0.0), high.max(0.0))
    }

    /// Makes one column of the two that a link leads between, where there is room for that.
    fn join(&mut self, link: usize) -> bool {
        let link = &self.rows.links[link];
        let (a, b) = (self.column_of[link.upper], self.column_of[link.lower]);
        let shares_row =
            |item: &usize| self.members[b].iter().any(|other| self.row_of[*other] == self.row_of[*item]);
        if a == b || self.members[a].iter().any(shares_row) {
            return false;
        }
        // The longer column moves less.
        let (long_a, long_b) = (self.members[a].len() as f64, self.members[b].len() as f64);
        let apart = self.x[link.lower] - self.x[link.upper];
        let (room_a, room_b) = (self.room(a), self.room(b));
        let move_a = (apart * long_b / (long_a + long_b)).clamp(room_a.0, room_a.1);
        let move_b = (move_a - apart).clamp(room_b.0, room_b.1);
        let move_a = apart + move_b;
        if (room_a.0 - NOTHING..room_a.1 + NOTHING).contains(&move_a) {
            self.shift(a, move_a);
            self.shift(b, move_b);
        } else if apart.abs() > NEARLY || !(self.push(a, apart) || self.push(b, -apart)) {
            return false;
        }
        let members = std::mem::take(&mut self.members[b]);
        members.iter().for_each(|&item| self.column_of[item] = a);
        self.members[a].extend(members);
        true
    }

    /// Moves a column, and by as much whatever stands beyond where it goes: these keep their distances.
    /// `false` if something stands in between.
    fn push(&mut self, column: usize, by: f64) -> bool {
        let goal = self.x[self.members[column][0]] + by;
        let beyond = |x: f64| if by > 0.0 { x > goal + NOTHING } else { x < goal - NOTHING };
        let clear = self.members[column].iter().all(|&item| {
            let (next, gap) = match (by > 0.0, self.left[item], self.right[item]) {
                (true, _, Some(next)) => (next, distance(self.rows, item, next)),
                (false, Some(next), _) => (next, distance(self.rows, next, item)),
                _ => return true,
            };
            beyond(self.x[next]) || (self.x[next] - goal).abs() >= gap - NOTHING
        });
        if clear {
            self.x.iter_mut().filter(|x| beyond(**x)).for_each(|x| *x += by);
            self.shift(column, by);
        }
        clear
    }

    /// Moves a column to the weighted median of what its links want, as far as there is room. Returns how
    /// far.
    fn relax(&mut self, column: usize) -> f64 {
        let mut wishes: Vec<(f64, f64)> = Vec::new();
        for &item in &self.members[column] {
            let others = self.rows.links_of(item).filter(|&(other, _)| self.column_of[other] != column);
            wishes.extend(others.map(|(other, stiffness)| (self.x[other] - self.x[item], stiffness)));
        }
        wishes.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut rest = wishes.iter().map(|wish| wish.1).sum::<f64>() / 2.0;
        let median = wishes.iter().find(|wish| {
            rest -= wish.1;
            rest <= NOTHING
        });
        let (low, high) = self.room(column);
        let shift = median.map_or(0.0, |wish| wish.0.clamp(low, high));
        self.shift(column, shift);
        shift.abs()
    }

    fn shift(&mut self, column: usize, by: f64) {
        self.members[column].iter().for_each(|&item| self.x[item] += by);
    }
}
