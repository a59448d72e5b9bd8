import assert from 'node:assert/strict';
import { test } from 'node:test';

import { betweenNoise, cubeOf, freshMask, freshNoise, movedNoise } from '../noise.js';

const KINDS = ['uniform', 'uniform_symmetric', 'gaussian'];
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const norm = (values) => Math.hypot(...values);

test('fresh noise has its mean, variance and range', () => {
  const wanted = { uniform: [0.5, 1 / 12], uniform_symmetric: [0, 1], gaussian: [0, 1] };
  for (const kind of KINDS) {
    const z = freshNoise(kind, 50000, 7);
    const [center, variance] = wanted[kind];
    assert.ok(Math.abs(mean(z) - center) < 5 * Math.sqrt(variance / 50000), kind);
    const got = mean(z);
    assert.ok(Math.abs(mean(z.map((v) => (v - got) ** 2)) / variance - 1) < 0.04, kind);
    const cube = cubeOf(kind);
    if (cube) assert.ok(z.every((v) => v >= Math.fround(cube.low) && v <= Math.fround(cube.low + cube.side)), kind);
  }
});

test('noise and masks are a function of seed and index', () => {
  const z = (seed, index) => freshNoise('gaussian', 9, seed, index);
  assert.deepEqual(z(3, 4), z(3, 4));
  assert.notDeepEqual(z(3, 4), z(4, 3));
  assert.notDeepEqual(z(3, 4), z(3, 5));
  assert.notDeepEqual(z(4294967295, 1), z(4294967294, 1));
  assert.deepEqual(freshMask(40, 0.5, 1, 2), freshMask(40, 0.5, 1, 2));
  assert.notDeepEqual(freshMask(40, 0.5, 1, 2), freshMask(40, 0.5, 1, 3));
  assert.ok(Math.abs(mean(freshMask(50000, 0.7, 1)) - 0.7) < 0.011);
});

test('the way between two z ends at both, and stays where noise is', () => {
  for (const kind of KINDS) {
    const [a, b] = [freshNoise(kind, 100, 1), freshNoise(kind, 100, 2)];
    assert.deepEqual([betweenNoise(kind, a, b, 0), betweenNoise(kind, a, b, 1)], [a, b]);
    for (const share of [1e-9, 0.25, 0.5, 1 - 1e-9]) {
      const z = betweenNoise(kind, a, b, share);
      const near = share < 0.1 ? a : share > 0.9 ? b : null;
      if (near) z.forEach((v, i) => assert.ok(Math.abs(v - near[i]) < 1e-6));
      const cube = cubeOf(kind);
      if (cube) {
        assert.ok(z.every((v) => v >= cube.low - 1e-6 && v < cube.low + cube.side + 1e-6));
      } else {
        const [low, high] = [norm(a), norm(b)].sort((p, q) => p - q);
        assert.ok(norm(z) > low - 1e-4 && norm(z) < high + 1e-4, `${norm(z)} between ${low} and ${high}`);
      }
    }
  }
});

test('along the sphere the angle changes evenly', () => {
  const [a, b] = [new Float32Array([2, 0]), new Float32Array([0, 2])];
  const z = betweenNoise('gaussian', a, b, 1 / 3);
  assert.ok(Math.abs(z[0] - 2 * Math.cos(Math.PI / 6)) < 1e-6 && Math.abs(z[1] - 2 * Math.sin(Math.PI / 6)) < 1e-6);
  for (const other of [a, a.map((v) => -v), new Float32Array(2)]) {
    assert.ok(betweenNoise('gaussian', a, other, 0.5).every(Number.isFinite));
  }
});

test('the pad moves from z, continuously, and stays where noise is', () => {
  for (const kind of KINDS) {
    const z = freshNoise(kind, 100, 1);
    assert.deepEqual(movedNoise(kind, z, 0, 0, 5), z);
    movedNoise(kind, z, 1e-6, 0, 5).forEach((v, i) => assert.ok(Math.abs(v - z[i]) < 1e-4));
    for (const [x, y] of [[1, 0], [-0.4, 0.9], [1, 1]]) {
      const there = movedNoise(kind, z, x, y, 5);
      assert.notDeepEqual(there, movedNoise(kind, z, x, y, 6));
      assert.ok(there.some((v, i) => Math.abs(v - z[i]) > 0.1));
      const cube = cubeOf(kind);
      if (cube) assert.ok(there.every((v) => v >= Math.fround(cube.low) && v <= Math.fround(cube.low + cube.side)));
      else assert.ok(Math.abs(norm(there) - norm(z)) < 1e-4);
    }
  }
});
