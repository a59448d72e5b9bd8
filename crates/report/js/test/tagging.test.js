import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goldenFiles } from './golden.js';
import { generate } from '../net.js';
import { steppedValues } from '../numbers.js';
import { largest, taggedBy, unitVector } from '../tagging.js';

const runs = goldenFiles.filter(({ golden }) => golden.words);

test('there are golden files of words', () => assert.ok(runs.length >= 2));

for (const { name, golden, g, noises } of runs) {
  test(`${name}: tags are those of cgan tag`, () => {
    const { names, vectors, votes, tags } = golden.section.words;
    const words = steppedValues(vectors);
    golden.words.forEach((want, picture) => {
      const samples = noises.map(({ z, mask }) => generate(g, z, g.conditions[picture], mask));
      const found = taggedBy(samples, words, votes, tags);
      assert.deepEqual(found.tags.map(({ word }) => names[word]), want);
      assert.ok(found.diversity > 0 && found.diversity < 1);
    });
  });
}

test('votes decide, then the sum of cosines, then the order of the words', () => {
  const words = new Float32Array([1, 0, 0, 1, -1, 0, 0, 1]);
  const samples = [[2, 1], [0, 3], [0, 1]].map((x) => new Float32Array(x));
  const found = taggedBy(samples, words, 1, 3);
  assert.deepEqual(found.tags, [{ word: 1, votes: 2 }, { word: 0, votes: 1 }, { word: 3, votes: 0 }]);
  assert.equal(taggedBy([samples[1], samples[2]], words, 1, 1).diversity, 0);
  assert.equal(taggedBy([samples[0]], words, 1, 1).diversity, 0);
});

test('the largest come in order; of equals the first', () => {
  assert.deepEqual(largest([1, 3, 2, 3, 0], 3), [1, 3, 2]);
  assert.deepEqual(largest([1, 1, 1], 2), [0, 1]);
  assert.deepEqual(largest([5], 2), [0]);
  assert.deepEqual(unitVector(new Float32Array(2)), new Float32Array(2));
});
