// The noise that the explorer draws with: the program's own, which the page begins with, or fresh noise of a seed.

import { bitRows, singleValues } from './numbers.js';
import { freshMask, freshNoise } from './noise.js';

/** Makes z and mask (null without dropout when sampling) of a source such as `first-3` or `12345-0`. */
export function noisesOf(start, net) {
  const values = singleValues(start.z);
  const width = values.length / start.count;
  const units = net.masked.reduce((sum, units) => sum + units, 0);
  const masks = start.masks && bitRows(start.masks, units);
  return (source) => {
    const [group, number] = source.split('-');
    const index = Number(number);
    if (group === 'first') {
      return { z: values.subarray(index * width, (index + 1) * width), mask: masks && masks[index] };
    }
    const seed = Number(group);
    const z = freshNoise(net.noise, width, seed, index);
    return { z, mask: masks && freshMask(units, net.keep, seed, index) };
  };
}

/** A seed that was not used before. */
export function newSeed() {
  return Math.floor(Math.random() * 2 ** 32);
}
