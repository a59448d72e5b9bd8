//! Axes: from data to pixels, with ticks at numbers that are easy to read.

/// An axis from `low` to `high` in data, `from` to `to` in pixels.
#[derive(Clone, Copy)]
pub(crate) struct Axis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// Whether equal ratios, not equal differences, are equally long; all values are then above 0.
    logarithmic: bool,
}

impl Axis {
    /// An axis of some length, even if `low` and `high` are equal or so close that their difference is lost
    /// by rounding.
    pub(crate) fn new((low, high): (f64, f64), (from, to): (f64, f64)) -> Self {
        let size = low.abs().max(high.abs());
        let pad = if high - low > 1e-9 * size { 0.0 } else { (0.1 * size).max(0.5) };
        Self { low: low - pad, high: high + pad, from, to, logarithmic: false }
    }

    /// A logarithmic axis, of some length even if `low` and `high` are equal. What is not above 0 has no place on it.
    pub(crate) fn logarithmic((low, high): (f64, f64), (from, to): (f64, f64)) -> Self {
        let low = low.max(f64::MIN_POSITIVE);
        let high = high.max(low);
        let pad = if high / low > 1.0 + 1e-9 { 1.0 } else { 2.0 };
        Self { low: low / pad, high: high * pad, from, to, logarithmic: true }
    }

    /// The pixel of a value, at most one length of the axis beyond its ends.
    pub(crate) fn pixel(&self, value: f64) -> f64 {
        let part = if self.logarithmic {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from + part.clamp(-1.0, 2.0) * (self.to - self.from)
    }

    /// About `count` ticks at multiples of 1, 2 or 5 times a power of ten, each with its label. A logarithmic axis has all
    /// of these within it, or, if they are more than `count` and a few, the powers of ten.
    pub(crate) fn ticks(&self, count: usize) -> Vec<(f64, String)> {
        if self.logarithmic {
            return self.logarithmic_ticks(count);
        }
        let step = nice_step((self.high - self.low) / count.max(1) as f64);
        let slack = 1e-9;
        let first = (self.low / step - slack).ceil();
        let last = (self.high / step + slack).floor();
        let number = (last - first).clamp(0.0, 50.0) as usize + 1;
        (0..number).map(|i| (first + i as f64) * step).map(|value| (value, label(value, step))).collect()
    }

    fn logarithmic_ticks(&self, count: usize) -> Vec<(f64, String)> {
        let slack = 1e-9;
        let powers = (self.low.log10().floor() as i32)..=(self.high.log10().ceil() as i32);
        let within = |times: &[i32]| -> Vec<(f64, String)> {
            let values = powers.clone().flat_map(|power| times.iter().map(move |times| (*times, power)));
            values
                .map(|(times, power)| (f64::from(times) * 10f64.powi(power), 10f64.powi(power)))
                .filter(|(value, _)| {
                    *value >= self.low * (1.0 - slack) && *value <= self.high * (1.0 + slack)
                })
                .map(|(value, step)| (value, label(value, step.min(1.0))))
                .collect()
        };
        let all = within(&[1, 2, 5]);
        if all.len() <= 2 * count { all } else { within(&[1]) }
    }
}

/// The range of an axis for `values` without outliers, such as steps: from zero if they start near it, and up
/// to a tick (of about `count`) that is almost reached.
pub(crate) fn whole_range(values: impl IntoIterator<Item = f64>, count: usize) -> Option<(f64, f64)> {
    let (low, high) = values.into_iter().map(|x| (x, x)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    if low == high && low >= 0.0 {
        return Some((0.0, high.max(1.0)));
    }
    let low = if low > 0.0 && low <= 0.1 * high { 0.0 } else { low };
    let step = nice_step((high - low) / count.max(1) as f64);
    let tick = (high / step).ceil() * step;
    Some((low, if tick - high < 0.02 * (high - low) { tick } else { high }))
}

/// The range of a plot of `values`, and whether it leaves out extremes so that the rest remains legible.
pub(crate) fn legible_range(values: impl IntoIterator<Item = f64>) -> Option<((f64, f64), bool)> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let (&least, &greatest) = (sorted.first()?, sorted.last()?);
    let part = |part: f64| sorted[(part * (sorted.len() - 1) as f64).round() as usize];
    // Values within twice the range of the bulk are shown in full.
    let (low, high) = (part(0.01), part(0.99));
    let reach = high - low;
    let (mut low, high) = (least.max(low - reach), greatest.min(high + reach));
    let cut = low > least || high < greatest;
    // From zero, if that costs little of the height.
    if low > 0.0 && low < 0.5 * high {
        low = 0.0;
    }
    let headroom = 0.04 * (high - low);
    let below = if low == 0.0 { 0.0 } else { headroom };
    Some(((low - below, high + headroom), cut))
}

/// The least of 1, 2, 5, 10 times a power of ten that is not less than `rough`.
fn nice_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power >= rough * (1.0 - 1e-9));
    times.unwrap_or(10.0) * power
}

/// A number with as many decimals as `step` has, and its thousands apart.
fn label(value: f64, step: f64) -> String {
    if !(1e-4..1e6).contains(&step) {
        return if value == 0.0 { "0".into() } else { format!("{value:.1e}") };
    }
    let decimals = (-step.log10() - 1e-9).ceil().max(0.0) as usize;
    let plain = format!("{value:.decimals$}");
    let plain = if value == 0.0 { plain.trim_start_matches('-').to_owned() } else { plain };
    typographic(&plain)
}

/// A position, such as a step or a part of an epoch, to two decimals at most.
pub fn position(value: f64) -> String {
    let plain = format!("{value:.2}");
    typographic(plain.trim_end_matches('0').trim_end_matches('.'))
}

/// A value with about three significant digits.
pub fn rounded(value: f64) -> String {
    let size = value.abs();
    if size >= 1e6 || (size > 0.0 && size < 5e-4) {
        return typographic(&format!("{value:.1e}"));
    }
    let decimals = if size < 1.0 { 3 } else { (2.0 - size.log10().floor()).max(0.0) as usize };
    typographic(&format!("{value:.decimals$}"))
}

/// A true minus sign, and thin spaces between the thousands of a whole number from 10 000 on.
fn typographic(plain: &str) -> String {
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain), |digits| ("\u{2212}", digits));
    let apart = digits.len() > 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let mut text = sign.to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if apart && index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64) -> Vec<String> {
        Axis::new((low, high), (0.0, 100.0)).ticks(5).into_iter().map(|tick| tick.1).collect()
    }

    #[test]
    fn ticks_are_nice() {
        assert_eq!(labels(0.0, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(0.0, 100.0), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(labels(0.0, 60_000.0), ["0", "20\u{2009}000", "40\u{2009}000", "60\u{2009}000"]);
        assert_eq!(labels(-0.02, 0.013), ["\u{2212}0.02", "\u{2212}0.01", "0.00", "0.01"]);
        assert_eq!(labels(0.0, 2e8), ["0", "5.0e7", "1.0e8", "1.5e8", "2.0e8"]);
    }

    #[test]
    fn an_axis_has_a_length_whatever_the_data() {
        for (low, high) in [(0.0, 0.0), (7.0, 7.0), (1e8, 1e8 + 1e-7), (-3e38, 3e38), (1e-40, 2e-40)] {
            let axis = Axis::new((low, high), (200.0, 0.0));
            let ticks = axis.ticks(5);
            assert!((1..=11).contains(&ticks.len()), "{low} {high}: {ticks:?}");
            for value in [low, high, 1e300, -1e300] {
                assert!((-200.0..=400.0).contains(&axis.pixel(value)), "{low} {high} {value}");
            }
        }
    }

    #[test]
    fn a_logarithmic_axis_has_equal_lengths_for_equal_ratios() {
        let axis = Axis::logarithmic((0.1, 1000.0), (0.0, 400.0));
        for (value, pixel) in [(0.1, 0.0), (1.0, 100.0), (10.0, 200.0), (1000.0, 400.0)] {
            assert!((axis.pixel(value) - pixel).abs() < 1e-9, "{value}");
        }
        // Beyond its ends, and where there is no logarithm, it stays within one length.
        assert_eq!([1e300, 0.0].map(|value| axis.pixel(value)), [800.0, -400.0]);
        let labels = |range, count| -> Vec<String> {
            let axis = Axis::logarithmic(range, (0.0, 100.0));
            axis.ticks(count).into_iter().map(|tick| tick.1).collect()
        };
        assert_eq!(labels((0.2, 5.0), 5), ["0.2", "0.5", "1", "2", "5"]);
        assert_eq!(
            labels((0.001, 20_000.0), 5),
            ["0.001", "0.01", "0.1", "1", "10", "100", "1000", "10\u{2009}000"]
        );
        assert_eq!(labels((3.0, 3.0), 5), ["2", "5"]);
    }

    #[test]
    fn a_range_shows_the_bulk() {
        let bulk = (0..1000).map(|i| 1.0 + f64::from(i) / 1000.0);
        let ((low, high), cut) = legible_range(bulk.clone().chain([1e9])).unwrap();
        assert!(cut && low < 1.0 && (2.0..4.0).contains(&high), "{low} {high}");
        let (range, cut) = legible_range(bulk.map(|value| value - 0.9)).unwrap();
        assert!(!cut && range.0 == 0.0);
        assert_eq!(legible_range([3.0]), Some(((3.0, 3.0), false)));
        assert_eq!(legible_range([]), None);
    }

    #[test]
    fn steps_and_epochs_fill_their_axis() {
        assert_eq!(whole_range([0.02, 50.0, 99.98], 8), Some((0.0, 100.0)));
        assert_eq!(whole_range([40.0, 93.0], 8), Some((40.0, 93.0)));
        assert_eq!(whole_range([0.0], 8), Some((0.0, 1.0)));
        assert_eq!(whole_range([7.0, 7.0], 8), Some((0.0, 7.0)));
        assert_eq!(whole_range([], 8), None);
        assert_eq!([100.0, 0.5, 12_345.0, 0.004].map(position), ["100", "0.5", "12\u{2009}345", "0"]);
    }

    #[test]
    fn values_keep_three_digits() {
        let texts = [0.0, 0.4567, 1.2345, 12.345, 123.45, 12_345.6, -0.5, 3e7, 1e-6].map(rounded);
        let expected =
            ["0.000", "0.457", "1.23", "12.3", "123", "12\u{2009}346", "\u{2212}0.500", "3.0e7", "1.0e-6"];
        assert_eq!(texts, expected);
    }
}
