import assert from 'node:assert/strict';
import test from 'node:test';

import { legibleRange, logTicks, short, ticks } from '../axis.js';

const labels = (found) => found.map(({ label }) => label);

test('ticks stand at easy numbers', () => {
  assert.deepEqual(labels(ticks([0, 1], 5)), ['0', '0.2', '0.4', '0.6', '0.8', '1.0']);
  assert.deepEqual(labels(ticks([0, 90], 5)), ['0', '20', '40', '60', '80']);
  assert.deepEqual(labels(ticks([-0.02, 0.013], 3)), ['\u22120.02', '0', ]);
  assert.deepEqual(labels(ticks([0, 2e8], 4)), ['0', '5.0e+7', '1.0e+8', '1.5e+8', '2.0e+8']);
});

test('logarithmic ticks are powers of ten, or parts of them in a short range', () => {
  assert.deepEqual(labels(logTicks([-2, 1])), ['0.01', '0.1', '1', '10']);
  assert.deepEqual(labels(logTicks([0, 1])), ['1', '2', '5', '10']);
});

test('a range shows the bulk and never has the length 0', () => {
  const bulk = Array.from({ length: 1000 }, (_, i) => 1 + i / 1000);
  const [low, high] = legibleRange([...bulk, 1e9, NaN]);
  assert.ok(low > -1 && low < 1 && high > 2 && high < 4, `${low} ${high}`);
  assert.deepEqual(legibleRange([]), [0, 1]);
  const [a, b] = legibleRange([3, 3]);
  assert.ok(a < 3 && b > 3);
});

test('values keep three digits', () => {
  assert.deepEqual([0, 0.4567, 12.345, 12345.6, -0.5, 3e7, 1e-6].map(short), [
    '0.000', '0.457', '12.3', '12346', '\u22120.500', '3.0e+7', '1.0e\u22126',
  ]);
});
