// The nets against what the program makes of the same weights: see crates/experiments/tests/explorer.rs.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { bitRows, singleValues } from '../numbers.js';
import { blendedRows, discriminatorOf, generate, generatorOf, logitOf } from '../net.js';

const folder = new URL('./golden/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const read = (file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));

/** Largest difference of a pixel of the page from one of `cgan sample`. */
const TOLERANCE = 2e-3;

/** G and D of a golden file, and the noise that the page begins with. */
function nets({ section }) {
  const g = generatorOf(section.generator);
  const z = singleValues(section.start.z);
  const width = z.length / section.start.count;
  const units = g.masked.reduce((sum, units) => sum + units, 0);
  return {
    g,
    d: discriminatorOf(section.discriminator),
    z: Array.from({ length: section.start.count }, (_, i) => z.subarray(i * width, (i + 1) * width)),
    masks: section.start.masks && bitRows(section.start.masks, units),
  };
}

test('there is a golden file for each kind of net', () => {
  const kinds = files.map((file) => {
    const { generator, conditions } = read(file).section;
    return `${conditions > 0} ${generator.combined !== null} ${generator.keep !== null}`;
  });
  // Conditional or not, with a combined layer or not, with masks or not.
  for (const kind of ['true true false', 'true false false', 'true true true', 'true false true', 'false true false', 'false true true']) {
    assert.ok(kinds.includes(kind), kind);
  }
});

for (const file of files) {
  const golden = read(file);
  const { g, d, z, masks } = nets(golden);
  const rows = Math.max(1, golden.section.conditions);

  test(`${file}: samples are those of the program`, () => {
    assert.equal(golden.samples.length, rows * z.length);
    golden.samples.forEach((want, i) => {
      const condition = blendedRows(g.conditions, Math.floor(i / z.length), 0, 0);
      const x = generate(g, z[i % z.length], condition, masks && masks[i % z.length]);
      assert.equal(x.length, want.length);
      // Linear outputs are of no fixed size.
      const size = g.sigmoid ? 1 : Math.max(1, ...want.map(Math.abs));
      want.forEach((pixel, j) => assert.ok(Math.abs(x[j] - pixel) < TOLERANCE * size, `sample ${i}: ${x[j]} for ${pixel}`));
    });
  });

  test(`${file}: D's logits are those of the program`, () => {
    const size = Math.max(1, ...golden.logits.map(Math.abs));
    golden.logits.forEach((want, i) => {
      const condition = blendedRows(d.conditions, Math.floor(i / z.length), 0, 0);
      const logit = logitOf(d, golden.samples[i], condition);
      assert.ok(Math.abs(logit - want) < TOLERANCE * size, `logit ${i}: ${logit} for ${want}`);
    });
  });

  if (g.conditions) {
    test(`${file}: a blend of two conditions ends at both`, () => {
      const x = (one, other, share) => generate(g, z[0], blendedRows(g.conditions, one, other, share), masks && masks[0]);
      assert.deepEqual(x(0, 1, 0), x(0, 0, 0));
      assert.deepEqual(x(0, 1, 1), x(1, 1, 0));
      assert.notDeepEqual(x(0, 1, 0.5), x(0, 1, 0));
    });
  }
}
