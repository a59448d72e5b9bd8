// The explorer of a run of images: G draws as the controls say.

import { blendedRows, discriminatorOf, generate, generatorOf, logitOf } from './net.js';
import { betweenNoise, movedNoise } from './noise.js';
import { noiseGroup, noiseSource, seedNumber, stateOf, wholeNumber } from './explorer-state.js';
import { newSeed, noisesOf } from './explorer-noise.js';
import { putPixels, savePng } from './explorer-canvas.js';
import { padOf } from './explorer-pad.js';
import { addressWriter, numberText, onceAFrame, verdictOf } from './explorer-common.js';

/** Samples in a row of the grid. */
const GRID_COLUMNS = 10;

/** Rows of the grid at most. */
const GRID_ROWS = 20;

/** Starts the explorer of images below `root`. */
export function exploreImages(root, data) {
  const { height, width, first } = data.images;
  const g = generatorOf(data.generator);
  const d = discriminatorOf(data.discriminator);
  const noiseOf = noisesOf(data.start, g);
  const classes = data.conditions;
  const control = (name) => root.querySelector(`[name="${name}"]`);
  const beginning = {
    class: 0,
    with: Math.min(1, Math.max(0, classes - 1)),
    share: 0,
    z: 'first-0',
    end: data.start.count > 1 ? 'first-1' : 'first-0',
    walk: 0,
    directions: 1,
    right: 0,
    up: 0,
    masks: 'first-0',
    grid: 'first',
  };
  const source = noiseSource(data.start.count);
  const percent = wholeNumber(0, 100);
  const rules = {
    class: wholeNumber(0, classes - 1),
    with: wholeNumber(0, classes - 1),
    share: percent,
    z: source,
    end: source,
    walk: percent,
    directions: seedNumber,
    right: wholeNumber(-100, 100),
    up: wholeNumber(-100, 100),
    masks: source,
    grid: noiseGroup,
  };
  let state = { ...beginning };
  const writeAddress = addressWriter('explorer', beginning);

  const canvas = root.querySelector('.explorer-shown canvas');
  const caption = root.querySelector('.explorer-shown figcaption');
  const draw = onceAFrame(() => {
    const z = betweenNoise(g.noise, noiseOf(state.z).z, noiseOf(state.end).z, state.walk / 100);
    const there = movedNoise(g.noise, z, state.right / 100, state.up / 100, state.directions);
    const share = state.share / 100;
    const x = generate(g, there, blendedRows(g.conditions, state.class, state.with, share), noiseOf(state.masks).mask);
    putPixels(canvas, x, width);
    const name = (number) => `Class ${number + first}`;
    const parts = [];
    if (classes > 0) {
      const mixed = state.share > 0 && state.with !== state.class;
      const blend = `${name(state.class)}, ${100 - state.share} %, and ${state.with + first}, ${state.share} %`;
      parts.push(mixed ? blend : name(state.class));
    }
    if (d) parts.push(verdictOf(d, [logitOf(d, x, blendedRows(d.conditions, state.class, state.with, share))]));
    caption.textContent = parts.join('. ');
    canvas.setAttribute('aria-label', `What G draws${parts.length > 0 ? `: ${parts[0]}` : ''}`);
  });

  const grid = gridOf(root, { g, d, noiseOf, width, height, rows: classes || data.start.count / GRID_COLUMNS, classes, first });
  const putPad = padOf(root.querySelector('.explorer-pad'), (right, up) => change({ right, up }));

  /** Shows the state in the controls. */
  const show = () => {
    for (const name of ['class', 'with', 'share', 'walk']) {
      const input = control(name);
      if (!input) continue;
      input.value = String(state[name]);
      if (input.type === 'range') {
        input.nextElementSibling.textContent = `${state[name]} %`;
        input.setAttribute('aria-valuetext', `${state[name]} percent`);
      }
    }
    putPad(state.right, state.up);
    const place = `${numberText(state.right, 0)} right, ${numberText(state.up, 0)} up`;
    root.querySelector('.explorer-place').textContent = place;
  };
  const change = (changes) => {
    const before = state.grid;
    state = { ...state, ...changes };
    show();
    draw();
    if (state.grid !== before) grid.draw(state.grid);
    writeAddress(state);
  };

  for (const name of ['class', 'with', 'share', 'walk']) {
    control(name)?.addEventListener('input', (event) => change({ [name]: Number(event.target.value) }));
  }
  const fresh = () => `${newSeed()}-0`;
  const actions = {
    'new-z': () => {
      const z = fresh();
      const masks = control('keep')?.checked === false ? { masks: z } : {};
      change({ z, ...masks, walk: 0, right: 0, up: 0 });
    },
    'new-end': () => change({ end: fresh() }),
    'new-directions': () => change({ directions: newSeed() }),
    'new-masks': () => change({ masks: fresh() }),
    'start-again': () => change(beginning),
    'save-picture': () => savePng(canvas, Math.max(1, Math.round(280 / width)), 'explorer.png'),
    'fresh-samples': () => change({ grid: String(newSeed()) }),
    'first-samples': () => change({ grid: 'first' }),
    'save-grid': () => savePng(grid.canvas, 2, 'samples.png'),
  };
  for (const [name, act] of Object.entries(actions)) control(name)?.addEventListener('click', act);
  grid.onTake((row, index) => {
    const taken = `${state.grid}-${index}`;
    const condition = classes > 0 ? { class: row, share: 0 } : {};
    change({ ...condition, z: taken, masks: taken, walk: 0, right: 0, up: 0 });
    // The picture stands above the grid, on a telephone far above.
    canvas.scrollIntoView({ block: 'nearest' });
  });

  const followAddress = () => {
    const asked = stateOf('explorer', location.hash, beginning, rules);
    if (asked) change(asked);
    return asked !== null;
  };
  addEventListener('hashchange', followAddress);
  root.hidden = false;
  grid.draw(state.grid);
  if (followAddress()) root.scrollIntoView();
  else {
    show();
    draw();
  }
}

/** The grid of samples: a class a row and the same noise a column, or without classes each with noise of its own. */
function gridOf(root, { g, d, noiseOf, width, height, rows: all, classes, first }) {
  const rows = Math.max(1, Math.min(GRID_ROWS, all));
  const frame = root.querySelector('.explorer-grid');
  const canvas = frame.querySelector('canvas');
  const cursor = frame.querySelector('.explorer-cursor');
  const verdict = root.querySelector('.explorer-verdict');
  const place = root.querySelector('.explorer-cell');
  [canvas.width, canvas.height] = [GRID_COLUMNS * width, rows * height];
  const indexOf = (row, column) => (classes > 0 ? column : row * GRID_COLUMNS + column);
  let drawing = 0;
  let at = [0, 0];
  let take = () => {};

  /** A row at a time, so that the page stays usable. */
  const draw = (group) => {
    const mine = ++drawing;
    const logits = [];
    frame.setAttribute('aria-busy', 'true');
    const next = (row) => {
      if (mine !== drawing) return;
      for (let column = 0; column < GRID_COLUMNS; column++) {
        const { z, mask } = noiseOf(`${group}-${indexOf(row, column)}`);
        const x = generate(g, z, blendedRows(g.conditions, row, row, 0), mask);
        putPixels(canvas, x, width, column * width, row * height);
        if (d) logits.push(logitOf(d, x, blendedRows(d.conditions, row, row, 0)));
      }
      if (row + 1 < rows) {
        setTimeout(next, 0, row + 1);
        return;
      }
      if (d) verdict.textContent = verdictOf(d, logits);
      frame.setAttribute('aria-busy', 'false');
    };
    next(0);
  };

  const point = (row, column) => {
    at = [Math.min(rows - 1, Math.max(0, row)), Math.min(GRID_COLUMNS - 1, Math.max(0, column))];
    cursor.style.top = `${(100 * at[0]) / rows}%`;
    cursor.style.left = `${(100 * at[1]) / GRID_COLUMNS}%`;
    place.textContent = classes > 0 ? `Class ${at[0] + first}, noise ${at[1] + 1}` : `Sample ${indexOf(...at) + 1}`;
  };
  cursor.style.width = `${100 / GRID_COLUMNS}%`;
  cursor.style.height = `${100 / rows}%`;
  frame.addEventListener('focus', () => point(...at));
  const choose = () => take(at[0], indexOf(...at));
  canvas.addEventListener('click', (event) => {
    const box = canvas.getBoundingClientRect();
    const share = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
    point(Math.floor(share[0] * rows), Math.floor(share[1] * GRID_COLUMNS));
    choose();
  });
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  frame.addEventListener('keydown', (event) => {
    const step = steps[event.key];
    if (step) point(at[0] + step[0], at[1] + step[1]);
    else if (event.key === 'Enter' || event.key === ' ') choose();
    else return;
    event.preventDefault();
  });
  const onTake = (listener) => {
    take = listener;
  };
  return { canvas, draw, onTake };
}
