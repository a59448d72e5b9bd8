// Axes: ranges and ticks at numbers that are easy to read, as in the figures that are drawn without a script.

/** The least of 1, 2, 5, 10 times a power of ten that is not less than `rough`. */
function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((times) => times * power >= rough * (1 - 1e-9)) ?? 10);
}

/** About `count` ticks between two values, each with its label. */
export function ticks([low, high], count) {
  const step = niceStep((high - low) / count);
  const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i <= Math.floor(high / step + 1e-9); i += 1) {
    const plain = step >= 1e6 || step < 1e-4 ? (i * step).toExponential(1) : (i * step).toFixed(decimals);
    found.push({ value: i * step, label: minus(i === 0 ? '0' : plain) });
  }
  return found;
}

/** The ticks of a logarithmic axis from `low` to `high`, both logarithms: powers of ten, or else 1, 2 and 5 times them. */
export function logTicks([low, high]) {
  const times = high - low > 2 ? [1] : [1, 2, 5];
  const found = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power += 1) {
    for (const time of times) {
      const value = Math.log10(time) + power;
      if (value >= low - 1e-9 && value <= high + 1e-9) {
        found.push({ value, label: minus(String(Number((time * 10 ** power).toPrecision(3)))) });
      }
    }
  }
  return found;
}

/** The range of values that shows the bulk of them: extremes beyond twice its size are left out. */
export function legibleRange(values) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return [0, 1];
  const part = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const reach = part(0.99) - part(0.01);
  const low = Math.max(sorted[0], part(0.01) - reach);
  const high = Math.min(sorted[sorted.length - 1], part(0.99) + reach);
  const room = high > low ? 0.04 * (high - low) : Math.max(0.1 * Math.abs(high), 0.5);
  return [low - room, high + room];
}

/** A number with about three significant digits. */
export function short(value) {
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 5e-4)) return minus(value.toExponential(1));
  const digits = size < 1 ? 3 : Math.max(0, 2 - Math.floor(Math.log10(size)));
  return minus(value.toFixed(digits));
}

/** With a true minus sign. */
function minus(text) {
  return text.replace('-', '\u2212');
}
