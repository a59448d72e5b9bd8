//! The entries of a product that are asked for.
//!
//! Where a unit is silent, no gradient passes, and where dropout empties it, its value does not matter: of a product
//! only the entries at live units are needed. Unit by unit, the rows that are live for it are picked, and a tile is
//! some of these by all pieces of the unit, as dot products.

use super::dense::tile_of_dots;
use super::lanes::{Isa, Lanes, dispatch};

/// Rows that are picked at once.
const PICKS: usize = 128;

/// Most of a slice of the depth: the pieces of a unit stay in the nearest cache, and some hundred rows of x in the next.
const SLICE: usize = 832;

/// The products of some rows of x with the pieces of some units of w, of rows and units where `live` is not zero.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// (rows, depth).
    pub(super) x: &'a [f32],
    /// From the first unit's row of the first piece: the others follow it, and the pieces begin `apart` entries from
    /// each other.
    pub(super) w: &'a [f32],
    pub(super) apart: usize,
    /// From the first row and unit; rows begin `stride` entries apart.
    pub(super) live: &'a [f32],
    pub(super) stride: usize,
    pub(super) units: usize,
    pub(super) pieces: usize,
    pub(super) depth: usize,
}

impl Asked<'_> {
    /// to[i stride + p units + j] += Σ_l x_il w_jl, with w_j of piece p, for all units j and the rows i that are live
    /// for them.
    ///
    /// # Safety
    /// `to` is valid where the formula points.
    ///
    /// # Panics
    /// If anything is shorter than it says.
    pub(super) unsafe fn add_to(self, isa: Isa, to: *mut f32, stride: usize) {
        let Self { x, w, apart, live, units, pieces, depth, .. } = self;
        if units == 0 || pieces == 0 || depth == 0 || x.is_empty() {
            return;
        }
        let rows = x.len() / depth;
        assert!(w.len() >= (pieces - 1) * apart + units * depth, "all pieces of all units");
        assert!(live.len() >= (rows - 1) * self.stride + units, "all rows and units");
        let slice = depth.div_ceil(depth.div_ceil(SLICE)).next_multiple_of(16);
        for first in (0..rows).step_by(PICKS) {
            for start in (0..depth).step_by(slice) {
                for unit in 0..units {
                    let (mut picks, mut count) = ([0; PICKS], 0);
                    for row in first..rows.min(first + PICKS) {
                        // Written in any case, and kept if it is live: no branch.
                        picks[count] = row as u32;
                        count += usize::from(live[row * self.stride + unit] != 0.0);
                    }
                    // SAFETY: picks are rows of x, and the sizes were checked; the rest is the caller's promise.
                    unsafe {
                        let (x, w) = (x.as_ptr().add(start), w.as_ptr().add(unit * depth + start));
                        let (picks, length) = (&picks[..count], slice.min(depth - start));
                        unit_dots(
                            isa,
                            x,
                            picks,
                            w,
                            apart,
                            pieces,
                            units,
                            length,
                            depth,
                            to.add(unit),
                            stride,
                        );
                    }
                }
            }
        }
    }
}

dispatch! {
    /// to[i stride + p apart_to] += x_i · w_p for the rows i that are picked and all pieces p.
    ///
    /// # Safety
    /// x is valid for the picked rows, `depth` apart, w for the pieces, `apart` apart, all `length` long; `to` is valid
    /// where the formula points.
    unit_dots => of_unit(
        x: *const f32, picks: &[u32], w: *const f32, apart: usize, pieces: usize, apart_to: usize, length: usize,
        depth: usize, to: *mut f32, stride: usize,
    ), 1 x 1, 1 x 1, 1 x 1
}

#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn of_unit<V: Lanes, const M: usize, const N: usize>(
    x: *const f32,
    picks: &[u32],
    w: *const f32,
    apart: usize,
    pieces: usize,
    apart_to: usize,
    length: usize,
    depth: usize,
    to: *mut f32,
    stride: usize,
) {
    let mut first = 0;
    // SAFETY: rows, pieces and lengths are the caller's.
    unsafe {
        while first < pieces {
            let (w, to) = (w.add(first * apart), to.add(first * apart_to));
            // As many sums as there are registers for.
            first += match pieces - first {
                1 => tiles::<V, 8, 4, 1>(x, picks, w, apart, apart_to, length, depth, to, stride),
                2 => tiles::<V, 4, 2, 2>(x, picks, w, apart, apart_to, length, depth, to, stride),
                3 => tiles::<V, 4, 2, 3>(x, picks, w, apart, apart_to, length, depth, to, stride),
                5 => tiles::<V, 2, 1, 5>(x, picks, w, apart, apart_to, length, depth, to, stride),
                _ => tiles::<V, 3, 1, 4>(x, picks, w, apart, apart_to, length, depth, to, stride),
            };
        }
    }
}

/// The picked rows, M at once, by P pieces; returns P. Of the last rows, up to `HALF` are a smaller tile.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn tiles<V: Lanes, const M: usize, const HALF: usize, const P: usize>(
    x: *const f32,
    mut picks: &[u32],
    w: *const f32,
    apart: usize,
    apart_to: usize,
    length: usize,
    depth: usize,
    to: *mut f32,
    stride: usize,
) -> usize {
    // SAFETY: as in `of_unit`.
    unsafe {
        let w: [*const f32; P] = std::array::from_fn(|p| w.add(p * apart));
        while !picks.is_empty() {
            let (tile, rest) = picks.split_at(picks.len().min(M));
            if tile.len() > HALF {
                tile_of_picks::<V, M, P>(x, tile, w, apart_to, length, depth, to, stride);
            } else {
                tile_of_picks::<V, HALF, P>(x, tile, w, apart_to, length, depth, to, stride);
            }
            picks = rest;
        }
    }
    P
}

/// At most M picked rows by P pieces. Where there are fewer, the last is there again: more sums at once hide the latency
/// of a multiplication, and one alone would wait for it.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn tile_of_picks<V: Lanes, const M: usize, const P: usize>(
    x: *const f32,
    picks: &[u32],
    w: [*const f32; P],
    apart_to: usize,
    length: usize,
    depth: usize,
    to: *mut f32,
    stride: usize,
) {
    // SAFETY: as in `of_unit`; there is a pick.
    unsafe {
        let rows = std::array::from_fn(|i| x.add(picks[i.min(picks.len() - 1)] as usize * depth));
        let sums: [[f32; P]; M] = tile_of_dots::<V, M, P>(rows, w, length);
        for (row, sums) in picks.iter().zip(sums) {
            for (p, sum) in sums.into_iter().enumerate() {
                *to.add(*row as usize * stride + p * apart_to) += sum;
            }
        }
    }
}
