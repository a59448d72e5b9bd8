import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addressOf, noiseGroup, noiseSource, seedNumber, stateOf, wholeNumber } from '../explorer-state.js';

const beginning = { class: 0, z: 'first-0', seed: 1, up: 0, grid: 'first' };
const rules = {
  class: wholeNumber(0, 9),
  z: noiseSource(10),
  seed: seedNumber,
  up: wholeNumber(-100, 100),
  grid: noiseGroup,
};
const back = (address) => stateOf('explorer', address, beginning, rules);

test('a state comes back from its address', () => {
  const states = [
    { class: 9, z: 'first-9', seed: 4294967295, up: -100, grid: '77' },
    { ...beginning, z: '4294967295-40' },
    { ...beginning, up: 5 },
  ];
  for (const state of states) assert.deepEqual(back(`#${addressOf('explorer', state, beginning)}`), state);
  assert.equal(addressOf('explorer', beginning, beginning), 'explorer');
  assert.equal(addressOf('explorer', states[2], beginning), 'explorer?up=5');
});

test('an address of anything else asks nothing', () => {
  for (const address of ['', '#explorer', '#curves?up=5', '#explorers?up=5']) assert.equal(back(address), null);
});

test('what an address must not ask for stays as at the beginning', () => {
  for (const wrong of ['class=10', 'class=-1', 'class=1.5', 'class=', 'z=first-10', 'z=4294967296-0', 'z=<b>', 'up=1e1', 'grid=x', 'seed=-1', '__proto__=1', 'other=2']) {
    assert.deepEqual(back(`#explorer?${wrong}`), beginning, wrong);
  }
});
