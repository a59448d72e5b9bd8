import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  gameColour, gameContour, gameFrames, gameNearestFrame, gamePixels, gamePoints, gameSentence, gameShares, gameValueAt,
  gameValues,
} from '../game.js';

const near = (a, b, tolerance = 1e-12) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);

// What the test of game.rs packs.
const PACKED = {
  side: 2, half: 2, reach: 4, range: [0, 200], data: ['AAgA', '__f_'],
  trainings: [{
    name: 'a', conditional: true,
    frames: [
      { update: 0, losses: null, own: 0.5, inside: 0, samples: ['', 'gAgA'], values: ['A_gg', '____'] },
      { update: 200, losses: [1.386, 0.693], own: 1, inside: 0.25, samples: ['gAgA', ''], values: ['AAAA', 'gggg'] },
    ],
  }],
};

test('packed numbers are those that were packed', () => {
  assert.deepEqual([...gameShares('A_')], [0, 1]);
  near(gameShares('g')[0], 32 / 63);
  const [[x, y], last] = gamePoints('AAgA__f_', 4);
  near(x, -4);
  near(y, (2048 / 4095 * 2 - 1) * 4);
  near(last[0], 4);
  near(last[1], (2047 / 4095 * 2 - 1) * 4);
  assert.deepEqual(gamePoints('', 4), []);
});

test('frames have numbers, and a D without labels has one map', () => {
  const game = gameFrames(PACKED);
  const [first, last] = game.trainings[0].frames;
  assert.deepEqual(first.samples.map((points) => points.length), [0, 1]);
  assert.deepEqual(game.data.map((points) => points.length), [1, 1]);
  assert.deepEqual([...gameValues(first, 1)], [1, 1, 1, 1]);
  assert.deepEqual([...gameValues({ values: [last.values[0]] }, 7)], [0, 0, 0, 0]);
});

test('a frame is said in words', () => {
  const [training] = gameFrames(PACKED).trainings;
  const first = gameSentence(training, 0, 1, 8);
  assert.ok(first.startsWith('Update 0 of 200. The map is D(x|y) for y = 1. 50 % of all samples'), first);
  assert.ok(first.includes('(chance: 13 %); 0 % lie') && first.endsWith('Nothing is learned yet.'), first);
  const last = gameSentence({ ...training, conditional: false }, 1, 0, 8);
  assert.ok(last.includes('D(x), which does not know y') && last.endsWith('D 1.39, G 0.69.'), last);
});

test('the nearest frame is found', () => {
  const frames = [0, 10, 20, 40, 1200].map((update) => ({ update }));
  assert.deepEqual([-5, 4, 6, 29, 31, 9999].map((update) => gameNearestFrame(frames, update)), [0, 0, 1, 2, 3, 4]);
});

test('a value between centres is between their values', () => {
  // The centres of a square of two cells a side from -2 to 2 are at -1 and 1.
  const values = [0, 1, 0.25, 0.75];
  near(gameValueAt(values, 2, 2, [-1, -1]), 0);
  near(gameValueAt(values, 2, 2, [1, -1]), 1);
  near(gameValueAt(values, 2, 2, [-1, 1]), 0.25);
  near(gameValueAt(values, 2, 2, [0, 0]), 0.5);
  near(gameValueAt(values, 2, 2, [2, -2]), 1);
  assert.equal(gameValueAt(values, 2, 2, [2.1, 0]), null);
  assert.equal(gameValueAt(values, 2, 2, [0, NaN]), null);
});

test('contours of a plane are straight, and of a round hill circles', () => {
  const side = 9;
  const of = (f) => Array.from({ length: side * side }, (_, cell) => f(cell % side, Math.floor(cell / side)));
  const plane = gameContour(of((x) => x / 8), side, 0.4);
  assert.equal(plane.length, side - 1);
  for (const [x0, , x1] of plane) [x0, x1].forEach((x) => near(x, 3.2));
  const hill = gameContour(of((x, y) => 1 - Math.hypot(x - 4, y - 4) / 8), side, 0.65);
  for (const [x0, y0, x1, y1] of hill) {
    near(Math.hypot(x0 - 4, y0 - 4), 2.8, 0.1);
    near(Math.hypot(x1 - 4, y1 - 4), 2.8, 0.1);
  }
  // Every end of a segment is the beginning of another: the line is closed.
  const ends = hill.flatMap(([x0, y0, x1, y1]) => [`${x0},${y0}`, `${x1},${y1}`]);
  for (const end of ends) assert.equal(ends.filter((other) => other === end).length, 2, end);
  assert.deepEqual(gameContour(of(() => 0.5), side, 0.5), []);
});

test('at a saddle the middle decides what a contour joins', () => {
  // Corners in their order: below left, below right, above left, above right.
  const around = (values) => gameContour(values, 2, 0.5).map((segment) => segment.map((c) => Math.round(c * 1000) / 1000));
  // High in the middle: the two low corners are cut off.
  assert.deepEqual(around([1, 0.2, 0.2, 1]), [[0.625, 0, 1, 0.375], [0.375, 1, 0, 0.625]]);
  // Low in the middle: the two high corners are.
  assert.deepEqual(around([0.8, 0, 0, 0.8]), [[0, 0.375, 0.375, 0], [1, 0.625, 0.625, 1]]);
});

test('pixels are coloured by side and strength, the last row first', () => {
  const colours = { page: [255, 255, 255], real: [0, 0, 255], fake: [255, 0, 0] };
  const pixels = gamePixels([0, 0.5, 1, 0.75], 2, colours);
  const pixel = (at) => [...pixels.slice(4 * at, 4 * at + 4)];
  assert.deepEqual(pixel(0), [64, 64, 255, 255]);
  assert.deepEqual(pixel(1), [159, 159, 255, 255]);
  assert.deepEqual(pixel(2), [255, 64, 64, 255]);
  assert.deepEqual(pixel(3), [255, 255, 255, 255]);
  assert.deepEqual(gameColour('#0068b0'), [0, 104, 176]);
});
