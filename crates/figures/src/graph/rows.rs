//! The rows of a layered drawing: which row each block stands in, and the links between neighbouring rows.
//!
//! An edge that passes rows on its way takes a place in each, as if it had a narrow block there. Between two
//! rows there is nothing but edges, so no edge runs through a block.

/// Half the width of an edge's place in a row.
const HALF_EDGE: f64 = 2.0;

/// The room that a block takes on either side of its axis, which its edges enter and leave.
#[derive(Clone, Copy, Default)]
pub(super) struct Extent {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) height: f64,
}

/// A piece of an edge, from one row to the next.
pub(super) struct Link {
    pub(super) upper: usize,
    pub(super) lower: usize,
    /// Where it ends, from the lower item's axis.
    pub(super) port: f64,
    /// The cost of slanting it: a long edge should stay straight.
    pub(super) stiffness: f64,
}

/// The drawing under construction. Items are the blocks, followed by the places of edges.
pub(super) struct Rows {
    pub(super) items: Vec<Extent>,
    pub(super) blocks: usize,
    pub(super) links: Vec<Link>,
    /// The links that end, and those that start, at each item.
    pub(super) above: Vec<Vec<usize>>,
    pub(super) below: Vec<Vec<usize>>,
    /// The items of each row, from left to right.
    pub(super) rows: Vec<Vec<usize>>,
}

/// The row of each block: as near to its users as possible, in the shortest drawing. So the two passes
/// through a net that end in one loss stand side by side.
fn row_of(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut earliest = vec![0; count];
    let mut sorted = edges.to_vec();
    sorted.sort_by_key(|edge| edge.1);
    for &(from, to) in &sorted {
        earliest[to] = earliest[to].max(earliest[from] + 1);
    }
    let mut latest: Vec<Option<usize>> = vec![None; count];
    sorted.sort_by_key(|edge| std::cmp::Reverse(edge.0));
    for &(from, to) in &sorted {
        let limit = latest[to].unwrap_or(earliest[to]) - 1;
        latest[from] = Some(latest[from].map_or(limit, |row| row.min(limit)));
    }
    latest.into_iter().zip(earliest).map(|(latest, earliest)| latest.unwrap_or(earliest)).collect()
}

impl Rows {
    /// The rows in the order of the blocks, and the links of each edge.
    pub(super) fn new(blocks: &[Extent], edges: &[(usize, usize)]) -> (Self, Vec<Vec<usize>>) {
        let row_of = row_of(blocks.len(), edges);
        let mut rows = vec![Vec::new(); row_of.iter().max().map_or(0, |last| last + 1)];
        (0..blocks.len()).for_each(|block| rows[row_of[block]].push(block));
        let mut items = blocks.to_vec();
        let mut links: Vec<Link> = Vec::new();
        let mut chain = |&(from, to): &(usize, usize)| {
            let (first, mut upper) = (links.len(), from);
            for (row, members) in rows.iter_mut().enumerate().take(row_of[to] + 1).skip(row_of[from] + 1) {
                let last = row == row_of[to];
                let lower = if last { to } else { items.len() };
                if !last {
                    members.push(lower);
                    items.push(Extent { left: HALF_EDGE, right: HALF_EDGE, height: 0.0 });
                }
                let ends = usize::from(upper < blocks.len()) + usize::from(last);
                links.push(Link { upper, lower, port: 0.0, stiffness: [8.0, 2.0, 1.0][ends] });
                upper = lower;
            }
            (first..links.len()).collect()
        };
        let chains = edges.iter().map(&mut chain).collect();
        let (mut above, mut below) = (vec![Vec::new(); items.len()], vec![Vec::new(); items.len()]);
        for (index, link) in links.iter().enumerate() {
            above[link.lower].push(index);
            below[link.upper].push(index);
        }
        (Self { items, blocks: blocks.len(), links, above, below, rows }, chains)
    }

    /// The items to which an item is linked in the row above, or in that below.
    pub(super) fn neighbours(&self, item: usize, above: bool) -> impl Iterator<Item = usize> {
        let links = if above { &self.above[item] } else { &self.below[item] };
        links.iter().map(move |&link| if above { self.links[link].upper } else { self.links[link].lower })
    }

    /// The items to which an item is linked, each with the stiffness of the link.
    pub(super) fn links_of(&self, item: usize) -> impl Iterator<Item = (usize, f64)> {
        let links = self.above[item].iter().chain(&self.below[item]).map(|&link| &self.links[link]);
        links.map(move |link| (link.upper + link.lower - item, link.stiffness))
    }

    /// Where each item stands in its row.
    pub(super) fn positions(&self) -> Vec<usize> {
        let mut positions = vec![0; self.items.len()];
        for row in &self.rows {
            row.iter().enumerate().for_each(|(position, &item)| positions[item] = position);
        }
        positions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_late_as_the_shortest_picture_allows() {
        // A chain of four, a late entry to its end, a sink beside it, and a block on its own.
        assert_eq!(row_of(7, &[(0, 1), (1, 2), (2, 4), (3, 4), (1, 5)]), [0, 1, 2, 2, 3, 2, 0]);
    }
}
