import assert from 'node:assert/strict';
import test from 'node:test';

import { nearest, visible, zoomed } from '../curves.js';
import { momentAt } from '../samples.js';

test('a visible part reaches beyond both edges', () => {
  const points = [[0, 1, 2, 3, 4], [10, 11, 12, 13, 14]];
  assert.deepEqual(visible(points, [1.5, 2.5]), [[1, 2, 3], [11, 12, 13]]);
  assert.deepEqual(visible(points, [0, 4]), points);
  assert.deepEqual(visible(points, [9, 10]), [[4], [14]]);
  assert.deepEqual(visible([[], []], [0, 1]), [[], []]);
});

test('the nearest point is found on either side', () => {
  const x = [0, 1, 4, 9];
  assert.deepEqual([-5, 0.4, 0.6, 2.4, 2.6, 7, 100].map((at) => nearest(x, at)), [0, 0, 1, 1, 2, 3, 3]);
  assert.equal(nearest([], 1), 0);
});

test('a zoom stays within the whole and keeps its centre', () => {
  assert.deepEqual(zoomed([0, 100], [0, 100], 0.5, 50), [25, 75]);
  assert.deepEqual(zoomed([0, 50], [0, 100], 0.5, 0), [0, 25]);
  assert.deepEqual(zoomed([80, 100], [0, 100], 2, 95), [60, 100]);
  assert.deepEqual(zoomed([25, 75], [0, 100], 8, 50), [0, 100]);
});

test('an epoch leads to the last samples that are not beyond it', () => {
  const epochs = [5, 10, 15, null];
  assert.deepEqual([0, 5, 7.9, 10, 99].map((epoch) => momentAt(epochs, epoch)), [0, 0, 0, 1, 2]);
});
