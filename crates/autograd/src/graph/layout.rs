//! Where blocks stand in a layered picture (after Sugiyama, Tagawa and Toda 1981): rows by longest paths,
//! then the order within each row, then positions.
//!
//! An edge that passes rows on its way takes a place in each, as if it had a narrow block there. Between two
//! rows there is nothing but edges, so no edge runs through a block.

use super::{order, place};

/// Least room between rows, and what a slanted edge adds to it for each unit that it goes sideways.
const ROW_GAP: f64 = 26.0;
const SLANT: f64 = 0.07;
/// Most room between rows.
const WIDEST_GAP: f64 = 52.0;
/// Distance between the ends of edges at one block.
const PORT: f64 = 16.0;
/// Half the width of an edge's place in a row.
const HALF_EDGE: f64 = 2.0;

/// The room that a block takes on either side of its axis, which its edges enter and leave.
#[derive(Clone, Copy, Default)]
pub(super) struct Extent {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) height: f64,
}

/// Where an edge passes a row: at `x`, from `top` to `bottom`.
pub(super) struct Pass {
    pub(super) x: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The middle of each block's axis.
    pub(super) centres: Vec<(f64, f64)>,
    /// The rows that each edge passes, those of its two blocks included.
    pub(super) routes: Vec<Vec<Pass>>,
}

/// A piece of an edge, from one row to the next.
pub(super) struct Link {
    pub(super) upper: usize,
    pub(super) lower: usize,
    /// Where it ends, from the lower item's axis.
    pub(super) port: f64,
    /// How dear it is to be slanted: a long edge should not meander.
    pub(super) stiffness: f64,
}

/// The picture in the making. Items are the blocks, and after them the places of edges.
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

/// Lays out blocks, whose edges lead from smaller to larger indices.
pub(super) fn layout(blocks: &[Extent], edges: &[(usize, usize)]) -> Layout {
    let (mut rows, chains) = Rows::new(blocks, edges);
    order::reduce_crossings(&mut rows);
    let x = place::across(&rows);
    rows.spread_ports(&x);
    rows.finish(&x, &chains)
}

/// The row of each block: as near to its users as it can be, in the shortest picture. So the two passes
/// through a net that end in one loss come to stand side by side.
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

    /// Gives the edges that end at one block an end each, in the order in which they come. A straight one
    /// keeps the middle.
    fn spread_ports(&mut self, x: &[f64]) {
        for block in 0..self.blocks {
            let mut ends = self.above[block].clone();
            ends.sort_by(|&a, &b| x[self.links[a].upper].total_cmp(&x[self.links[b].upper]));
            let last = ends.len().saturating_sub(1) as f64;
            let straight = |&link: &usize| (x[self.links[link].upper] - x[block]).abs() < 0.5;
            let middle = match ends.iter().filter(|link| straight(link)).count() {
                1 => ends.iter().position(straight).map_or(0.0, |index| index as f64),
                _ => last / 2.0,
            };
            // The box is as wide on its left as on its right, where nothing stands beside it.
            let step = PORT.min(0.7 * self.items[block].right / middle.max(last - middle).max(1.0));
            for (index, link) in ends.into_iter().enumerate() {
                self.links[link].port = (index as f64 - middle) * step;
            }
        }
    }

    fn finish(&self, x: &[f64], chains: &[Vec<usize>]) -> Layout {
        let mut bands = vec![(0.0, 0.0); self.items.len()];
        let mut bottom = 0.0;
        for row in &self.rows {
            let links = row.iter().flat_map(|&item| &self.above[item]).map(|&link| &self.links[link]);
            let slant =
                links.map(|link| (x[link.upper] - x[link.lower] - link.port).abs()).fold(0.0, f64::max);
            let top = if bottom > 0.0 { bottom + (ROW_GAP + SLANT * slant).min(WIDEST_GAP) } else { 0.0 };
            bottom = top + row.iter().map(|&item| self.items[item].height).fold(0.0, f64::max);
            row.iter().for_each(|&item| bands[item] = (top, bottom));
        }
        let pass =
            |item: usize, port: f64| Pass { x: x[item] + port, top: bands[item].0, bottom: bands[item].1 };
        let route = |chain: &Vec<usize>| {
            let links = || chain.iter().map(|&link| &self.links[link]);
            let start = links().next().map(|link| pass(link.upper, 0.0));
            start.into_iter().chain(links().map(|link| pass(link.lower, link.port))).collect()
        };
        Layout {
            width: x.iter().zip(&self.items).map(|(x, item)| x + item.right).fold(0.0, f64::max),
            height: bottom,
            centres: (0..self.blocks).map(|b| (x[b], (bands[b].0 + bands[b].1) / 2.0)).collect(),
            routes: chains.iter().map(route).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: Extent = Extent { left: 80.0, right: 30.0, height: 40.0 };

    #[test]
    fn rows_are_as_late_as_the_shortest_picture_allows() {
        // A chain of four, a late entry to its end, a sink beside it, and a block on its own.
        assert_eq!(row_of(7, &[(0, 1), (1, 2), (2, 4), (3, 4), (1, 5)]), [0, 1, 2, 2, 3, 2, 0]);
    }

    #[test]
    fn a_chain_is_a_straight_line() {
        let Layout { centres, routes, .. } = layout(&[BLOCK; 3], &[(0, 1), (1, 2)]);
        assert!(centres.iter().all(|centre| (centre.0 - 80.0).abs() < 0.5), "{centres:?}");
        assert!(routes.iter().all(|route| route.len() == 2 && route[0].bottom < route[1].top));
    }

    #[test]
    fn long_edges_keep_clear_of_blocks() {
        // A wide net whose every edge of 3 rows passes others' blocks.
        let edges: Vec<_> =
            (0..40).flat_map(|i| [1, 3, 8].map(|d| (i, i + d))).filter(|e| e.1 < 40).collect();
        let Layout { centres, routes, width, height } = layout(&[BLOCK; 40], &edges);
        assert_eq!(routes.len(), edges.len());
        for (route, &(from, to)) in routes.iter().zip(&edges) {
            assert_eq!(route[0].x, centres[from].0);
            assert!((route[route.len() - 1].x - centres[to].0).abs() < 30.0);
            for (pass, (x, y)) in
                route[1..route.len() - 1].iter().flat_map(|p| centres.iter().map(move |c| (p, *c)))
            {
                let same_row = (pass.top..pass.bottom).contains(&y);
                assert!(!same_row || pass.x < x - 80.0 || pass.x > x + 30.0, "{} in {x}", pass.x);
            }
        }
        for (i, a) in centres.iter().enumerate() {
            assert!(a.0 >= 79.9 && a.0 + 30.0 <= width + 0.1 && a.1 - 20.0 >= 0.0 && a.1 + 20.0 <= height);
            for b in &centres[..i] {
                assert!((a.0 - b.0).abs() >= 110.0 || (a.1 - b.1).abs() >= 40.0, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn nothing_has_no_size() {
        let Layout { width, height, centres, routes } = layout(&[], &[]);
        assert!(width == 0.0 && height == 0.0 && centres.is_empty() && routes.is_empty());
    }
}
