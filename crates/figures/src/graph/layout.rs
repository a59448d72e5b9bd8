//! Where blocks stand in a layered drawing (after Sugiyama, Tagawa and Toda 1981): rows by longest paths,
//! then the order within each row, then positions.

use super::rows::{Extent, Rows};
use super::{order, place};

/// Least room between rows, and what a slanted edge adds to it for each unit that it goes sideways.
const ROW_GAP: f64 = 26.0;
const SLANT: f64 = 0.07;
/// Most room between rows.
const WIDEST_GAP: f64 = 52.0;
/// Distance between the ends of edges at one block.
const PORT: f64 = 16.0;
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

/// Lays out blocks, whose edges lead from smaller to larger indices.
pub(super) fn layout(blocks: &[Extent], edges: &[(usize, usize)]) -> Layout {
    let (mut rows, chains) = Rows::new(blocks, edges);
    order::reduce_crossings(&mut rows);
    let x = place::across(&rows);
    spread_ports(&mut rows, &x);
    finish(&rows, &x, &chains)
}

/// Gives the edges that end at one block an end each, in the order in which they come. A straight one
/// keeps the middle.
fn spread_ports(rows: &mut Rows, x: &[f64]) {
    for block in 0..rows.blocks {
        let mut ends = rows.above[block].clone();
        ends.sort_by(|&a, &b| x[rows.links[a].upper].total_cmp(&x[rows.links[b].upper]));
        let last = ends.len().saturating_sub(1) as f64;
        let straight = |&link: &usize| (x[rows.links[link].upper] - x[block]).abs() < 0.5;
        let middle = match ends.iter().filter(|link| straight(link)).count() {
            1 => ends.iter().position(straight).map_or(0.0, |index| index as f64),
            _ => last / 2.0,
        };
        // The box is as wide on its left as on its right, where nothing stands beside it.
        let step = PORT.min(0.7 * rows.items[block].right / middle.max(last - middle).max(1.0));
        for (index, link) in ends.into_iter().enumerate() {
            rows.links[link].port = (index as f64 - middle) * step;
        }
    }
}

fn finish(rows: &Rows, x: &[f64], chains: &[Vec<usize>]) -> Layout {
    let mut bands = vec![(0.0, 0.0); rows.items.len()];
    let mut bottom = 0.0;
    for row in &rows.rows {
        let links = row.iter().flat_map(|&item| &rows.above[item]).map(|&link| &rows.links[link]);
        let slant = links.map(|link| (x[link.upper] - x[link.lower] - link.port).abs()).fold(0.0, f64::max);
        let top = if bottom > 0.0 { bottom + (ROW_GAP + SLANT * slant).min(WIDEST_GAP) } else { 0.0 };
        bottom = top + row.iter().map(|&item| rows.items[item].height).fold(0.0, f64::max);
        row.iter().for_each(|&item| bands[item] = (top, bottom));
    }
    let pass = |item: usize, port: f64| Pass { x: x[item] + port, top: bands[item].0, bottom: bands[item].1 };
    let route = |chain: &Vec<usize>| {
        let links = || chain.iter().map(|&link| &rows.links[link]);
        let start = links().next().map(|link| pass(link.upper, 0.0));
        start.into_iter().chain(links().map(|link| pass(link.lower, link.port))).collect()
    };
    Layout {
        width: x.iter().zip(&rows.items).map(|(x, item)| x + item.right).fold(0.0, f64::max),
        height: bottom,
        centres: (0..rows.blocks).map(|b| (x[b], (bands[b].0 + bands[b].1) / 2.0)).collect(),
        routes: chains.iter().map(route).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: Extent = Extent { left: 80.0, right: 30.0, height: 40.0 };

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
