// The explorer of a run of words: what the samples of G say of a picture.

import { discriminatorOf, generate, generatorOf, logitOf } from './net.js';
import { noiseGroup, stateOf, wholeNumber } from './explorer-state.js';
import { newSeed, noisesOf } from './explorer-noise.js';
import { addressWriter, numberText, onceAFrame, verdictOf } from './explorer-common.js';
import { steppedValues } from './numbers.js';
import { taggedBy } from './tagging.js';

/** Samples whose nearest words are shown, and how many words of each. */
const ALONE = 4;
const NEAREST = 5;

/** A word as people write it. */
const written = (word) => word.replaceAll('_', ' ');

/** Starts the explorer of words below `root`. */
export function exploreWords(root, data) {
  const { names, own, votes, tags } = data.words;
  const vectors = steppedValues(data.words.vectors);
  const g = generatorOf(data.generator);
  const d = discriminatorOf(data.discriminator);
  const noiseOf = noisesOf(data.start, g);
  const samples = data.start.count;
  const control = (name) => root.querySelector(`[name="${name}"]`);
  const part = (name) => root.querySelector(`.explorer-${name}`);
  const beginning = { picture: 0, noise: 'first', masks: 'first' };
  const rules = { picture: wholeNumber(0, own.length - 1), noise: noiseGroup, masks: noiseGroup };
  const writeAddress = addressWriter('explorer', beginning);
  let state = { ...beginning };

  const item = ({ word, votes }) => {
    const [line, name, meter] = ['li', 'span', 'meter'].map((tag) => document.createElement(tag));
    const given = own[state.picture].includes(names[word]);
    const shown = given ? document.createElement('strong') : name;
    shown.textContent = written(names[word]) + (given ? ' ✓' : '');
    if (given) name.append(shown);
    [meter.max, meter.value] = [samples, votes];
    meter.setAttribute('aria-hidden', 'true');
    const count = document.createElement('span');
    count.textContent = `${votes} of ${samples}`;
    line.append(name, meter, count);
    return line;
  };
  const draw = onceAFrame(() => {
    const { picture, noise, masks } = state;
    const made = Array.from({ length: samples }, (_, i) =>
      generate(g, noiseOf(`${noise}-${i}`).z, g.conditions[picture], noiseOf(`${masks}-${i}`).mask),
    );
    const found = taggedBy(made, vectors, votes, tags);
    part('tags').replaceChildren(...found.tags.map(item));
    const near = (x) => taggedBy([x], vectors, NEAREST, NEAREST).tags.map(({ word }) => written(names[word])).join(', ');
    part('alone').replaceChildren(
      ...made.slice(0, ALONE).map((x) => {
        const line = document.createElement('li');
        line.textContent = near(x);
        return line;
      }),
    );
    const given = own[picture].map(written).join(', ');
    part('own').textContent = `Tags that people gave: ${given}`;
    part('diversity').textContent = `Diversity of the samples, 0 if all are equal: ${numberText(found.diversity, 3)}`;
    if (d) part('verdict').textContent = verdictOf(d, made.map((x) => logitOf(d, x, d.conditions[picture])));
    part('words').setAttribute('aria-busy', 'false');
  });
  const change = (changes) => {
    state = { ...state, ...changes };
    part('words').setAttribute('aria-busy', 'true');
    root.querySelector(`[name="picture"][value="${state.picture}"]`).checked = true;
    draw();
    writeAddress(state);
  };

  for (const input of root.querySelectorAll('[name="picture"]')) {
    input.addEventListener('change', () => change({ picture: Number(input.value) }));
  }
  const actions = {
    'new-noise': () => {
      const noise = String(newSeed());
      change(control('keep')?.checked ? { noise } : { noise, masks: noise });
    },
    'new-masks': () => change({ masks: String(newSeed()) }),
    'first-noise': () => change({ noise: 'first', masks: 'first' }),
  };
  for (const [name, act] of Object.entries(actions)) control(name)?.addEventListener('click', act);

  const asked = () => stateOf('explorer', location.hash, beginning, rules);
  addEventListener('hashchange', () => {
    if (asked()) change(asked());
  });
  root.hidden = false;
  if (asked()) root.scrollIntoView();
  change(asked() ?? {});
}
