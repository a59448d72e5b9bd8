// The game in two dimensions: an animation of D's value, the data and G's samples.
import { sectionWithData } from './section.js';

const GAME_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const GAME_CONTOURS = [0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9];

/** Packed numbers between 0 and 1, a character each. */
export function gameShares(text) {
  return Float64Array.from(text, (digit) => GAME_DIGITS.indexOf(digit) / 63);
}

/** Packed points [x, y], four characters each; coordinates are from -reach to reach. */
export function gamePoints(text, reach) {
  const number = (at) => GAME_DIGITS.indexOf(text[at]) * 64 + GAME_DIGITS.indexOf(text[at + 1]);
  const coordinate = (at) => (number(at) / 4095 * 2 - 1) * reach;
  return Array.from({ length: text.length / 4 }, (_, i) => [coordinate(4 * i), coordinate(4 * i + 2)]);
}

/** D's value at a point of the square, linear between the centres of the cells; null outside of the square. */
export function gameValueAt(values, side, half, [x, y]) {
  if (!(Math.abs(x) <= half && Math.abs(y) <= half)) return null;
  const place = (c) => Math.min(Math.max(((c / half + 1) / 2) * side - 0.5, 0), side - 1);
  const [u, v] = [place(x), place(y)];
  const [i, j] = [Math.min(Math.floor(u), side - 2), Math.min(Math.floor(v), side - 2)];
  const [s, t] = [u - i, v - j];
  const at = (column, row) => values[row * side + column];
  return (1 - t) * ((1 - s) * at(i, j) + s * at(i + 1, j)) + t * ((1 - s) * at(i, j + 1) + s * at(i + 1, j + 1));
}

/**
 * The line where the values are `level`, as segments [x0, y0, x1, y1] in cells; the centre of the first cell is (0, 0).
 *
 * Marching squares: a segment joins the sides of a square of four centres that the line crosses. If it crosses all four,
 * the mean of the corners decides which of them are joined.
 */
export function gameContour(values, side, level) {
  const segments = [];
  const part = (a, b) => (level - a) / (b - a);
  for (let j = 0; j + 1 < side; j++) {
    for (let i = 0; i + 1 < side; i++) {
      const [a, b] = [values[j * side + i], values[j * side + i + 1]];
      const [d, c] = [values[(j + 1) * side + i], values[(j + 1) * side + i + 1]];
      const crossings = [];
      if (a > level !== b > level) crossings.push([i + part(a, b), j]);
      if (b > level !== c > level) crossings.push([i + 1, j + part(b, c)]);
      if (d > level !== c > level) crossings.push([i + part(d, c), j + 1]);
      if (a > level !== d > level) crossings.push([i, j + part(a, d)]);
      // From around two corners that the middle joins to around the other two.
      if (crossings.length === 4 && (a + b + c + d) / 4 > level !== a > level) crossings.unshift(crossings.pop());
      for (let k = 0; k + 1 < crossings.length; k += 2) segments.push([...crossings[k], ...crossings[k + 1]]);
    }
  }
  return segments;
}

/** The frames of the section's data as numbers. */
export function gameFrames(data) {
  const points = (texts) => texts.map((text) => gamePoints(text, data.reach));
  const frame = (packed) => ({ ...packed, samples: points(packed.samples), values: packed.values.map(gameShares) });
  const training = (packed) => ({ ...packed, frames: packed.frames.map(frame) });
  return { ...data, data: points(data.data), trainings: data.trainings.map(training) };
}

/** D's values of a frame for a label; a D that does not know labels has the same for all. */
export function gameValues(frame, label) {
  return frame.values[Math.min(label, frame.values.length - 1)];
}

/** The index of the frame whose update is nearest. */
export function gameNearestFrame(frames, update) {
  const distance = (at) => Math.abs(frames[at].update - update);
  return frames.reduce((best, _, at) => (distance(at) < distance(best) ? at : best), 0);
}

/** A frame in words. */
export function gameSentence(training, at, label, labels) {
  const frame = training.frames[at];
  const percent = (share) => `${Math.round(100 * share)} %`;
  const losses = frame.losses
    ? `Mean losses since the frame before: D ${frame.losses[0].toFixed(2)}, G ${frame.losses[1].toFixed(2)}.`
    : 'Nothing is learned yet.';
  const shown = training.conditional ? `D(x|y) for y = ${label}` : 'D(x), which does not know y';
  return (
    `Update ${frame.update} of ${training.frames.at(-1).update}. The map is ${shown}. ` +
    `${percent(frame.own)} of all samples are nearest to their own label's cloud (chance: ${percent(1 / labels)}); ` +
    `${percent(frame.inside)} lie within a cloud. ${losses}`
  );
}

/** Values between 0 and 1 as pixels, the last row first; colours are [red, green, blue]. */
export function gamePixels(values, side, { page, real, fake }) {
  const pixels = new Uint8ClampedArray(4 * side * side);
  values.forEach((value, cell) => {
    const [row, column] = [Math.floor(cell / side), cell % side];
    const [colour, share] = [value > 0.5 ? real : fake, 0.75 * Math.abs(2 * value - 1)];
    const mixed = page.map((tone, i) => tone + share * (colour[i] - tone));
    pixels.set([...mixed, 255], 4 * ((side - 1 - row) * side + column));
  });
  return pixels;
}

/** `#rrggbb` as [red, green, blue]. */
export function gameColour(text) {
  return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
}

function drawGame(canvas, game, frame, label, colours) {
  const size = canvas.width;
  const context = canvas.getContext('2d');
  const place = ([x, y]) => [((x / game.half + 1) / 2) * size, ((1 - y / game.half) / 2) * size];
  const unit = size / 480;
  const values = gameValues(frame, label);

  const rgb = { page: gameColour(colours.page), real: gameColour(colours.real), fake: gameColour(colours.fake) };
  const field = new OffscreenCanvas(game.side, game.side);
  field.getContext('2d').putImageData(new ImageData(gamePixels(values, game.side, rgb), game.side), 0, 0);
  context.globalAlpha = 1;
  context.imageSmoothingEnabled = true;
  context.drawImage(field, 0, 0, size, size);

  const cell = size / game.side;
  context.strokeStyle = colours.ink;
  for (const level of GAME_CONTOURS) {
    context.lineWidth = (level === 0.5 ? 2 : 0.8) * unit;
    context.globalAlpha = level === 0.5 ? 0.9 : 0.5;
    context.beginPath();
    for (const [x0, y0, x1, y1] of gameContour(values, game.side, level)) {
      context.moveTo((x0 + 0.5) * cell, size - (y0 + 0.5) * cell);
      context.lineTo((x1 + 0.5) * cell, size - (y1 + 0.5) * cell);
    }
    context.stroke();
  }

  const dots = (points, radius, filled) => {
    for (const point of points) {
      context.beginPath();
      context.arc(...place(point), radius * unit, 0, 2 * Math.PI);
      if (filled) context.fill();
      context.stroke();
    }
  };
  const others = (byLabel) => byLabel.filter((_, other) => other !== label).flat();
  context.lineWidth = 1.2 * unit;
  context.globalAlpha = 0.4;
  context.strokeStyle = colours.real;
  dots(others(game.data), 2.4, false);
  context.globalAlpha = 1;
  dots(game.data[label], 2.4, false);
  context.fillStyle = colours.fake;
  context.strokeStyle = colours.page;
  context.globalAlpha = 0.4;
  dots(others(frame.samples), 3, true);
  context.globalAlpha = 1;
  dots(frame.samples[label], 4.4, true);
}

/** Starts the section's controls; nothing moves until someone uses them. */
export function startGame() {
  const found = sectionWithData('game');
  if (!found) return;
  const root = found.element.querySelector('.game');
  const game = gameFrames(found.data);
  const part = (name) => root.querySelector(`.game-${name}`);
  const [canvas, said, slider, play, point] = ['plane', 'said', 'frame', 'play', 'point'].map(part);
  const state = { training: 0, label: 0, at: 0, timer: null };
  const training = () => game.trainings[state.training];
  const frame = () => training().frames[state.at];

  const plots = [...root.querySelectorAll('.game-plots')];
  const share = (update) => (update - game.range[0]) / (game.range[1] - game.range[0]);
  const cursors = plots.map((plot) => [...plot.querySelectorAll('.area')].map((area) => {
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
    line.setAttribute('class', 'game-cursor');
    line.setAttribute('y1', '10');
    line.setAttribute('y2', '186');
    area.append(line);
    area.addEventListener('click', (event) => {
      const { left, width } = area.getBoundingClientRect();
      const update = game.range[0] + ((event.clientX - left) / width) * (game.range[1] - game.range[0]);
      show(gameNearestFrame(training().frames, update));
    });
    return line;
  }));

  const draw = () => {
    const size = Math.round(canvas.clientWidth * window.devicePixelRatio);
    if (!size) return;
    if (canvas.width !== size) canvas.width = canvas.height = size;
    const style = getComputedStyle(root);
    const colour = (name) => style.getPropertyValue(`--game-${name}`).trim();
    const colours = { page: colour('page'), real: colour('real'), fake: colour('fake'), ink: colour('ink') };
    drawGame(canvas, game, frame(), state.label, colours);
  };
  const show = (at) => {
    state.at = Math.min(Math.max(at, 0), training().frames.length - 1);
    slider.value = state.at;
    slider.setAttribute('aria-valuetext', `update ${frame().update}`);
    said.textContent = gameSentence(training(), state.at, state.label, game.data.length);
    plots.forEach((plot, index) => { plot.hidden = index !== state.training; });
    for (const line of cursors[state.training]) {
      line.setAttribute('x1', `${100 * share(frame().update)}%`);
      line.setAttribute('x2', `${100 * share(frame().update)}%`);
    }
    point.textContent = '';
    draw();
  };
  const pause = () => {
    clearTimeout(state.timer);
    state.timer = null;
    play.textContent = 'Play';
    // A reader of the screen hears the frame at which it stops, not every one on the way.
    said.setAttribute('aria-live', 'polite');
  };
  const wait = () => {
    state.timer = setTimeout(() => {
      show(state.at + 1);
      if (state.at === training().frames.length - 1) pause();
      else wait();
    }, 1000 / Number(part('speed').value));
  };
  const start = () => {
    said.setAttribute('aria-live', 'off');
    play.textContent = 'Pause';
    if (state.at === training().frames.length - 1) show(0);
    wait();
  };
  const move = (at) => { pause(); show(at); };

  play.addEventListener('click', () => (state.timer === null ? start() : pause()));
  part('back').addEventListener('click', () => move(state.at - 1));
  part('next').addEventListener('click', () => move(state.at + 1));
  slider.addEventListener('input', () => move(Number(slider.value)));
  part('training').addEventListener('change', (event) => { state.training = Number(event.target.value); show(state.at); });
  part('label').addEventListener('change', (event) => { state.label = Number(event.target.value); show(state.at); });
  canvas.addEventListener('pointermove', (event) => {
    const { left, top, width } = canvas.getBoundingClientRect();
    const at = [event.clientX - left, top + width - event.clientY].map((c) => ((c / width) * 2 - 1) * game.half);
    const value = gameValueAt(gameValues(frame(), state.label), game.side, game.half, at);
    const [x, y] = at.map((c) => c.toFixed(1).replace('-', '\u2212'));
    point.textContent = value === null ? '' : `D = ${value.toFixed(2)} at (${x}, ${y})`;
  });
  canvas.addEventListener('pointerleave', () => { point.textContent = ''; });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  // Who asks for less motion gets one frame a second until another speed is chosen.
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) part('speed').value = '1';

  root.classList.add('game-runs');
  part('live').hidden = false;
  // As browsers keep what was chosen before a reload.
  state.training = Number(part('training').value);
  state.label = Number(part('label').value);
  new ResizeObserver(draw).observe(canvas);
  show(Number(slider.value));
}
