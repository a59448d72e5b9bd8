//! The order within each row that lets few edges cross.

use super::rows::Rows;

const STARTS: usize = 16;
const ROUNDS: usize = 16;

/// Sorts each row by the barycentres of its neighbours in the row before, downwards and upwards in turn, and
/// swaps neighbours where that helps; the order with the fewest crossings stays. What this finds depends on
/// where it starts: once from the order of the blocks, then from walks through the graph.
pub(super) fn reduce_crossings(rows: &mut Rows) {
    let mut best = (crossings(rows), rows.rows.clone());
    for start in 0..STARTS {
        if start > 0 {
            walk(rows, start);
        }
        for round in 0..ROUNDS {
            let now = crossings(rows);
            if now < best.0 {
                best = (now, rows.rows.clone());
            }
            if best.0 == 0 {
                break;
            }
            let mut positions = rows.positions();
            sort(rows, &mut positions, (round + start).is_multiple_of(2));
            swap_neighbours(rows, &mut positions);
        }
    }
    rows.rows = best.1;
    // The mirror image crosses as little; what was recorded first is to stand on the left.
    let pairs =
        || rows.rows.iter().flat_map(|row| row.windows(2)).filter(|pair| pair[0].max(pair[1]) < rows.blocks);
    if 2 * pairs().filter(|pair| pair[0] > pair[1]).count() > pairs().count() {
        rows.rows.iter_mut().for_each(|row| row.reverse());
    }
}

/// Orders each row as a walk along the links meets its items: what hangs together comes to stand together.
fn walk(rows: &mut Rows, start: usize) {
    let count = rows.items.len();
    let (mut met, mut order) = (vec![false; count], Vec::new());
    for root in (0..count).map(|item| (item + start * count / STARTS) % count) {
        let mut stack = vec![root];
        while let Some(item) = stack.pop() {
            if !std::mem::replace(&mut met[item], true) {
                order.push(item);
                let upwards = start.is_multiple_of(2);
                stack.extend(rows.neighbours(item, upwards).chain(rows.neighbours(item, !upwards)));
            }
        }
    }
    let mut rank = vec![0; count];
    order.into_iter().enumerate().for_each(|(index, item)| rank[item] = index);
    rows.rows.iter_mut().for_each(|row| row.sort_by_key(|&item| rank[item]));
}

fn sort(rows: &mut Rows, positions: &mut [usize], downwards: bool) {
    for step in 0..rows.rows.len() {
        let index = if downwards { step } else { rows.rows.len() - 1 - step };
        let mut row = std::mem::take(&mut rows.rows[index]);
        let keys: Vec<f64> = row.iter().map(|&item| barycentre(rows, positions, item, downwards)).collect();
        row.sort_by(|&a, &b| keys[positions[a]].total_cmp(&keys[positions[b]]));
        row.iter().enumerate().for_each(|(position, &item)| positions[item] = position);
        rows.rows[index] = row;
    }
}

/// The mean position of an item's neighbours in the row above or below; its own if it has none there.
fn barycentre(rows: &Rows, positions: &[usize], item: usize, above: bool) -> f64 {
    let (count, sum) = rows
        .neighbours(item, above)
        .fold((0.0, 0.0), |(count, sum), other| (count + 1.0, sum + positions[other] as f64));
    if count > 0.0 { sum / count } else { positions[item] as f64 }
}

/// Exchanges neighbours as long as that saves crossings, a bounded number of times over.
fn swap_neighbours(rows: &mut Rows, positions: &mut [usize]) {
    for _ in 0..ROUNDS {
        let mut better = false;
        for index in 0..rows.rows.len() {
            for left in 1..rows.rows[index].len() {
                let [a, b] = [rows.rows[index][left - 1], rows.rows[index][left]];
                if crossings_of(rows, positions, b, a) < crossings_of(rows, positions, a, b) {
                    rows.rows[index].swap(left - 1, left);
                    positions.swap(a, b);
                    better = true;
                }
            }
        }
        if !better {
            break;
        }
    }
}

/// How often the edges of two neighbours cross each other if `a` stands on the left.
fn crossings_of(rows: &Rows, positions: &[usize], a: usize, b: usize) -> usize {
    let on_side = |above: bool| -> usize {
        let of_b = |of_a| rows.neighbours(b, above).filter(move |&of_b| positions[of_a] > positions[of_b]);
        rows.neighbours(a, above).map(|of_a| of_b(of_a).count()).sum()
    };
    on_side(true) + on_side(false)
}

/// How often edges cross in the whole picture.
fn crossings(rows: &Rows) -> usize {
    let positions = rows.positions();
    let mut count = 0;
    for row in &rows.rows {
        // The upper ends of the row's edges, from left to right: each pair out of order is a crossing.
        let mut ends: Vec<usize> = Vec::new();
        for &item in row {
            let already = ends.len();
            for upper in rows.neighbours(item, true).map(|upper| positions[upper]) {
                count += ends[..already].iter().filter(|&&end| end > upper).count();
                ends.push(upper);
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::rows::Extent;

    fn fewest(blocks: usize, edges: &[(usize, usize)]) -> (usize, usize) {
        let (mut rows, _) = Rows::new(&vec![Extent::default(); blocks], edges);
        let before = crossings(&rows);
        reduce_crossings(&mut rows);
        (before, crossings(&rows))
    }

    #[test]
    fn needless_crossings_go() {
        assert_eq!(fewest(6, &[(0, 5), (1, 4), (2, 3)]), (3, 0));
        // Every one of three with every one of three: nine crossings, whatever the order.
        let all: Vec<_> = (0..3).flat_map(|a| (3..6).map(move |b| (a, b))).collect();
        assert_eq!(fewest(6, &all), (9, 9));
        // A tree whose leaves come in an unlucky order.
        assert_eq!(fewest(7, &[(0, 5), (1, 4), (2, 5), (3, 4), (4, 6), (5, 6)]).1, 0);
    }
}
