//! How a file is damaged.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use rand::Rng;

/// Bytes that stand at the edges of what parsers expect.
const EDGES: [&[u8]; 24] = [
    b"\0",
    b"\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\x80",
    b"-1",
    b"0",
    b"18446744073709551615",
    b"9223372036854775808",
    b"1e309",
    b"nan",
    b"-inf",
    b"\n",
    b"\r\n",
    b"\t",
    b"\"",
    b"{",
    b"[",
    b"<",
    b",",
    b"\xef\xbb\xbf",
    b"\x1f\x8b",
    b"\xed\xa0\x80",
];

/// Damages one of the files, from one to four times, and returns which.
pub(crate) fn damaged(files: &[PathBuf], random: &mut impl Rng) -> PathBuf {
    let file = files[random.random_range(0..files.len())].clone();
    let other = &files[random.random_range(0..files.len())];
    let mut bytes = fs::read(&file).expect("a file that was just written");
    let others = fs::read(other).expect("a file that was just written");
    for _ in 0..random.random_range(1..=4) {
        damage(&mut bytes, &others, random);
    }
    fs::write(&file, bytes).expect("a folder that can be written");
    file
}

fn damage(bytes: &mut Vec<u8>, other: &[u8], random: &mut impl Rng) {
    let part = part_of(bytes.len(), random);
    match random.random_range(0..8) {
        0 => bytes.truncate(part.start),
        1 => drop(bytes.drain(part)),
        2 => {
            let copy = bytes[part.clone()].to_vec();
            drop(bytes.splice(part.end..part.end, copy));
        }
        3 => {
            let from = part_of(other.len(), random);
            drop(bytes.splice(part, other[from].iter().copied()));
        }
        4 => {
            let edge = EDGES[random.random_range(0..EDGES.len())];
            let end = part.end.min(part.start + edge.len());
            drop(bytes.splice(part.start..end, edge.iter().copied()));
        }
        5 => {
            let edge = EDGES[random.random_range(0..EDGES.len())];
            let repeated = edge.repeat(random.random_range(1..200));
            drop(bytes.splice(part.start..part.start, repeated));
        }
        6 => bytes[part].iter_mut().for_each(|byte| *byte = random.random()),
        _ => {
            if let Some(byte) = bytes.get_mut(part.start) {
                *byte ^= 1 << random.random_range(0..8);
            }
        }
    }
}

/// A part of so many bytes: mostly a short one.
fn part_of(length: usize, random: &mut impl Rng) -> Range<usize> {
    let start = random.random_range(0..=length);
    let most = if random.random_ratio(1, 4) { length - start } else { (length - start).min(8) };
    start..start + random.random_range(0..=most)
}
