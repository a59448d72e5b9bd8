// From samples to tags, as the paper describes it and crates/evaluation/src/tagging/protocol.rs does it: each sample votes
// for the words nearest to it by cosine, and the words with the most votes are the tags.

/** A vector of the same direction and of length 1; of no length, as it is. */
export function unitVector(x) {
  const length = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
  return length > 0 ? x.map((value) => value / length) : x;
}

/** The products of each word's vector with one vector. `words` lie row by row. */
function productsOf(words, x) {
  const width = x.length;
  const products = new Float32Array(words.length / width);
  for (let word = 0, row = 0; word < products.length; word++, row += width) {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += words[row + k] * x[k];
    products[word] = sum;
  }
  return products;
}

/** The numbers of the `count` largest values, the largest first; of equals, the first. */
export function largest(values, count) {
  const best = [];
  for (let i = 0; i < values.length; i++) {
    if (best.length === count && values[i] <= values[best[count - 1]]) continue;
    let place = best.length;
    while (place > 0 && values[i] > values[best[place - 1]]) place--;
    best.splice(place, 0, i);
    if (best.length > count) best.pop();
  }
  return best;
}

/**
 * Ranks words by the votes of samples; words with equal votes by the sum of their cosines. `words` are vectors of length
 * 1, row by row. Gives the first `tags` words, each with its votes, and the samples' diversity: 1 minus the mean cosine
 * of two samples.
 */
export function taggedBy(samples, words, votes, tags) {
  const units = samples.map(unitVector);
  const sum = units.reduce((sum, unit) => sum.map((value, i) => value + unit[i]), new Float64Array(units[0].length));
  const cosines = productsOf(words, sum);
  const counts = new Uint32Array(cosines.length);
  for (const unit of units) for (const word of largest(productsOf(words, unit), votes)) counts[word]++;
  const order = Array.from(counts.keys());
  order.sort((a, b) => counts[b] - counts[a] || cosines[b] - cosines[a] || a - b);
  const n = units.length;
  const square = sum.reduce((total, value) => total + value * value, 0);
  return {
    tags: order.slice(0, tags).map((word) => ({ word, votes: counts[word] })),
    diversity: n > 1 ? 1 - (square - n) / (n * (n - 1)) : 0,
  };
}
