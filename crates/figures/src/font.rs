//! Ten digits of 5 by 7 dots, enough to caption a row with its class.

/// Dots between the left edges of two digits.
pub(crate) const ADVANCE: usize = WIDTH + 1;
/// Dots a digit is wide.
pub(crate) const WIDTH: usize = 5;
/// Dots a digit is high.
pub(crate) const HEIGHT: usize = 7;

/// One byte a line from the top; bit 4 is the leftmost dot.
const DIGITS: [[u8; HEIGHT]; 10] = [
    [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
    [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
    [0b01110, 0b10001, 0b00001, 0b00010, 0b00100, 0b01000, 0b11111],
    [0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110],
    [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
    [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
    [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
    [0b11111, 0b00001, 0b00010, 0b00100, 0b00100, 0b01000, 0b01000],
    [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
    [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
];

/// Dots the number is wide.
pub(crate) fn width(number: usize) -> usize {
    digits(number).len() * ADVANCE - (ADVANCE - WIDTH)
}

/// The set dots (x, y) of a number, from its top left corner.
pub(crate) fn dots(number: usize) -> impl Iterator<Item = (usize, usize)> {
    digits(number).into_iter().enumerate().flat_map(|(place, digit)| {
        let cells = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
        cells
            .filter(move |&(x, y)| DIGITS[digit][y] >> (WIDTH - 1 - x) & 1 == 1)
            .map(move |(x, y)| (place * ADVANCE + x, y))
    })
}

/// The decimal digits, the most significant first.
fn digits(mut number: usize) -> Vec<usize> {
    let mut reversed = vec![number % 10];
    while number >= 10 {
        number /= 10;
        reversed.push(number % 10);
    }
    reversed.reverse();
    reversed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_a_number_of_two_digits() {
        let mut lines = vec![vec!['.'; width(17)]; HEIGHT];
        for (x, y) in dots(17) {
            lines[y][x] = '#';
        }
        let lines: Vec<String> = lines.into_iter().map(String::from_iter).collect();
        let expected = [
            "..#...#####",
            ".##.......#",
            "..#......#.",
            "..#.....#..",
            "..#.....#..",
            "..#....#...",
            ".###...#...",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn all_digits_differ() {
        for (i, a) in DIGITS.iter().enumerate() {
            assert!(DIGITS[i + 1..].iter().all(|b| a != b), "{i}");
        }
    }
}
