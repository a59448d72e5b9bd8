// The nets against what the program makes of the same weights.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goldenFiles } from './golden.js';
import { blendedRows, generate, generatorOf, logistic, logitOf } from '../net.js';

/** Largest difference of a pixel of the page from one of `cgan sample`. */
const TOLERANCE = 2e-3;

test('there is a golden file for each kind of net', () => {
  const kinds = goldenFiles.map(({ g }) => [g.conditions, g.combined, g.keep].map((part) => part !== null).join(' '));
  // Conditional or not, with a combined layer or not, with masks or not.
  for (const kind of ['true true false', 'true false false', 'true true true', 'true false true', 'false true false', 'false true true']) {
    assert.ok(kinds.includes(kind), kind);
  }
});

for (const { name, golden, g, d, noises } of goldenFiles) {
  const conditionOf = (net, i) => blendedRows(net.conditions, Math.floor(i / noises.length), 0, 0);

  test(`${name}: samples are those of the program`, () => {
    assert.equal(golden.samples.length, Math.max(1, golden.section.conditions) * noises.length);
    golden.samples.forEach((want, i) => {
      const { z, mask } = noises[i % noises.length];
      const x = generate(g, z, conditionOf(g, i), mask);
      assert.equal(x.length, want.length);
      // Outputs other than probabilities are of no fixed size.
      const size = Math.max(1, ...want.map(Math.abs));
      want.forEach((value, j) => assert.ok(Math.abs(x[j] - value) < TOLERANCE * size, `sample ${i}: ${x[j]} for ${value}`));
    });
  });

  test(`${name}: D's logits are those of the program`, () => {
    const size = Math.max(1, ...golden.logits.map(Math.abs));
    assert.equal(golden.logits.length, golden.samples.length);
    golden.logits.forEach((want, i) => {
      const logit = logitOf(d, golden.samples[i], conditionOf(d, i));
      assert.ok(Math.abs(logit - want) < TOLERANCE * size, `logit ${i}: ${logit} for ${want}`);
    });
  });

  if (g.conditions) {
    test(`${name}: a blend of two conditions ends at both`, () => {
      const x = (one, other, share) => generate(g, noises[0].z, blendedRows(g.conditions, one, other, share), noises[0].mask);
      assert.deepEqual(x(0, 1, 0), x(0, 0, 0));
      assert.deepEqual(x(0, 1, 1), x(1, 1, 0));
      assert.notDeepEqual(x(0, 1, 0.5), x(0, 1, 0));
    });
  }

  if (g.keep) {
    test(`${name}: masks are noise`, () => {
      const x = (mask) => generate(g, noises[0].z, blendedRows(g.conditions, 0, 0, 0), mask);
      assert.ok(new Set(noises.map(({ mask }) => x(mask).join())).size > 2);
    });
  }
}

test('the logistic function does not overflow', () => {
  assert.deepEqual([-1e4, 0, 1e4].map(logistic), [0, 0.5, 1]);
  assert.ok(Math.abs(logistic(-2) - 1 / (1 + Math.exp(2))) < 1e-15);
});

test('a ReLU output is the linear one without what is negative', () => {
  const { golden, noises } = goldenFiles.find(({ golden }) => golden.section.generator.activation === 'linear');
  const [{ z, mask }] = noises;
  const [linear, relu] = ['linear', 'relu'].map((activation) => {
    const g = generatorOf({ ...golden.section.generator, activation });
    return [...generate(g, z, blendedRows(g.conditions, 0, 0, 0), mask)];
  });
  assert.deepEqual(relu, linear.map((x) => (x > 0 ? x : 0)));
  assert.ok(relu.includes(0) && relu.some((x) => x > 0));
});
