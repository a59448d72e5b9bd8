// The golden files: see crates/experiments/tests/explorer.rs.

import { readdirSync, readFileSync } from 'node:fs';

import { noisesOf } from '../explorer-noise.js';
import { discriminatorOf, generatorOf } from '../net.js';

const folder = new URL('./golden/', import.meta.url);

/** Each file with its name, its nets, and the noise that the page begins with. */
export const goldenFiles = readdirSync(folder).map((name) => {
  const golden = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  const { generator, discriminator, start } = golden.section;
  const g = generatorOf(generator);
  const noiseOf = noisesOf(start, g);
  const noises = Array.from({ length: start.count }, (_, i) => noiseOf(`first-${i}`));
  return { name, golden, g, d: discriminatorOf(discriminator), noises };
});
