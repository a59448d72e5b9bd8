import assert from 'node:assert/strict';
import test from 'node:test';

import { valueAt, visible, zoomed } from '../curves.js';
import { momentAt } from '../samples.js';

test('a visible part reaches beyond both edges', () => {
  const points = [[0, 1, 2, 3, 4], [10, 11, 12, 13, 14]];
  assert.deepEqual(visible(points, [1.5, 2.5]), [[1, 2, 3], [11, 12, 13]]);
  assert.deepEqual(visible(points, [0, 4]), points);
  assert.deepEqual(visible(points, [9, 10]), [[4], [14]]);
  assert.deepEqual(visible([[], []], [0, 1]), [[], []]);
});

test('a value is read between points, and not beyond a line', () => {
  const line = [[1, 2, 4], [10, 20, 0]];
  assert.deepEqual([1, 1.5, 2, 3, 4].map((at) => valueAt(line, at)), [10, 15, 20, 10, 0]);
  assert.deepEqual([0.9, 4.1].map((at) => valueAt(line, at)), [null, null]);
  assert.equal(valueAt([[], []], 1), null);
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
