import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bitRows, bytesOf, singleValues, steppedValues } from '../numbers.js';

const base64 = (bytes) => Buffer.from(bytes).toString('base64');

test('sixteen bits: multiples of the step of their row', () => {
  const values = base64([0xff, 0x7f, 0x00, 0xc0, 0, 0, 0, 0, 0x01, 0x80, 0x03, 0x00]);
  const steps = base64(new Uint8Array(new Float32Array([2 ** -15, 0, 0.5]).buffer));
  const want = [32767 / 32768, -0.5, 0, 0, -32767 / 2, 1.5];
  assert.deepEqual(steppedValues({ values, steps }), new Float32Array(want));
  assert.deepEqual(steppedValues({ values: '', steps: '' }), new Float32Array(0));
});

test('single precision and bytes, whatever the machine', () => {
  assert.deepEqual(singleValues(base64([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])), new Float32Array([1, -2]));
  assert.deepEqual(bytesOf(base64([0, 255, 128])), new Uint8Array([0, 255, 128]));
});

test('rows of bits begin with a new byte', () => {
  const row = [1, 0, 0, 1, 0, 0, 0, 0, 1];
  assert.deepEqual(bitRows(base64([0b1001, 1, 0b1001, 1]), 9), [new Uint8Array(row), new Uint8Array(row)]);
});
