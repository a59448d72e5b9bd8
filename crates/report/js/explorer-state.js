// What is shown, as the address says it: `#explorer?class=3&walk=40`. Only what differs from the beginning is there.

/** A whole number from `low` to `high`; undefined for any other text. */
export const wholeNumber = (low, high) => (text) => {
  const number = /^-?\d{1,10}$/.test(text) ? Number(text) : NaN;
  return number >= low && number <= high ? number : undefined;
};

/** The seeds of fresh noise. */
export const seedNumber = wholeNumber(0, 2 ** 32 - 1);

/** Noise: `first-3` for one of the `count` samples that the page begins with, `12345-0` for a sample of a seed. */
export const noiseSource = (count) => (text) => {
  const [, group, index] = /^(first|\d{1,10})-(\d{1,4})$/.exec(text) ?? [];
  const known = group === 'first' ? Number(index) < count : seedNumber(group ?? '') !== undefined;
  return known ? text : undefined;
};

/** A group of such noise. */
export const noiseGroup = (text) => (text === 'first' || seedNumber(text) !== undefined ? text : undefined);

/** The state as the part of the address behind `#`: the name of the section alone at the beginning. */
export function addressOf(section, state, beginning) {
  const changed = Object.keys(beginning).filter((key) => state[key] !== beginning[key]);
  if (changed.length === 0) return section;
  return `${section}?${new URLSearchParams(changed.map((key) => [key, String(state[key])]))}`;
}

/**
 * The state that an address asks for, or null if it asks nothing of this section. `rules` makes a value of each key's
 * text; what they refuse stays as at the beginning.
 */
export function stateOf(section, address, beginning, rules) {
  const start = `#${section}?`;
  if (!address.startsWith(start)) return null;
  const asked = new URLSearchParams(address.slice(start.length));
  const value = (key) => (asked.has(key) ? rules[key](asked.get(key)) : undefined) ?? beginning[key];
  return Object.fromEntries(Object.keys(beginning).map((key) => [key, value(key)]));
}
