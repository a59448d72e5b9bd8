// The curves: values under the pointer, zoom, steps or epochs, linear or logarithmic.
import { legibleRange, logTicks, short, ticks } from './axis.js';
import { sectionWithData, tellEpoch } from './section.js';

const SVG = 'http://www.w3.org/2000/svg';
/** As in the figures that are drawn without a script: the area of a plot, and its units of x. */
const AREA = { top: 10, bottom: 186, units: 1000, labels: 56 };

/** The points of a line between two x, with one more on either side so that the line reaches the edge. */
export function visible([x, y], [low, high]) {
  let from = x.findIndex((value) => value >= low);
  let to = x.findLastIndex((value) => value <= high);
  if (from < 0) from = x.length;
  from = Math.max(0, from - 1);
  to = Math.min(x.length - 1, to + 1);
  return [x.slice(from, to + 1), y.slice(from, to + 1)];
}

/** The y of a line at x, between its points; null where the line has no points around it. */
export function valueAt([x, y], at) {
  const last = x.length - 1;
  if (last < 0 || at < x[0] || at > x[last]) return null;
  const right = Math.max(x.findIndex((value) => value >= at), 0);
  if (x[right] === at || right === 0) return y[right];
  const share = (at - x[right - 1]) / (x[right] - x[right - 1]);
  return y[right - 1] + share * (y[right] - y[right - 1]);
}

/** A part of the range `whole` that is `factor` times as long as `range`, around `centre`. */
export function zoomed(range, whole, factor, centre) {
  const length = Math.min((range[1] - range[0]) * factor, whole[1] - whole[0]);
  const share = (centre - range[0]) / (range[1] - range[0]);
  const low = Math.min(Math.max(centre - share * length, whole[0]), whole[1] - length);
  return [low, low + length];
}

function element(parent, name, attributes, text = '') {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  parent.append(made);
  return made;
}

/** The range of y of what is visible, and the height of a value in it. */
function yAxis(plot, range, logarithmic) {
  const value = logarithmic ? (y) => (y > 0 ? Math.log10(y) : NaN) : (y) => y;
  const shown = plot.lines.flatMap((line) => visible(line.raw, range)[1]).map(value).filter(Number.isFinite);
  let [low, high] = !logarithmic && plot.range ? plot.range : legibleRange(shown);
  for (const reference of plot.references) {
    const at = value(reference.value);
    const near = at > low - 0.5 * (high - low) && at < high + 0.5 * (high - low);
    if (near) [low, high] = [Math.min(low, at), Math.max(high, at)];
  }
  const part = (y) => Math.min(Math.max((value(y) - low) / (high - low), -1), 2);
  return { range: [low, high], pixel: (y) => AREA.bottom - part(y) * (AREA.bottom - AREA.top), value };
}

function path([x, y], range, axis) {
  let d = '';
  for (let i = 0; i < x.length; i += 1) {
    const height = axis.pixel(y[i]);
    if (!Number.isFinite(height)) continue;
    const at = ((x[i] - range[0]) / (range[1] - range[0])) * AREA.units;
    d += `${d ? 'L' : 'M'}${at.toFixed(1)} ${height.toFixed(1)}`;
  }
  return d;
}

/** One plot of the section. */
class Chart {
  constructor(figure, plot, view) {
    this.plot = plot;
    this.view = view;
    this.area = figure.querySelector('.area');
    this.labels = figure.querySelector('.labels');
    this.readout = figure.appendChild(document.createElement('output'));
    this.readout.className = 'readout';
    this.area.setAttribute('tabindex', '0');
  }

  draw() {
    const { range, unitScale } = this.view;
    // Where no value is above 0, there is nothing to take a logarithm of.
    const logarithmic = this.view.logarithmic && this.plot.lines.some(({ raw }) => raw[1].some((y) => y > 0));
    const axis = yAxis(this.plot, range, logarithmic);
    this.labels.replaceChildren();
    this.area.replaceChildren();
    const marks = logarithmic ? logTicks(axis.range) : ticks(axis.range, 5);
    for (const { value, label } of marks) {
      const y = axis.pixel(logarithmic ? 10 ** value : value);
      element(this.labels, 'text', { x: AREA.labels - 8, y: y + 4 }, label);
      element(this.area, 'line', { class: 'grid', x1: 0, x2: '100%', y1: y, y2: y });
    }
    const shown = range.map((x) => x * unitScale);
    for (const { value, label } of ticks(shown, 5)) {
      const at = (100 * (value - shown[0])) / (shown[1] - shown[0]);
      const anchor = at > 97 ? 'end' : 'middle';
      element(this.area, 'text', { x: `${at}%`, y: AREA.bottom + 18, 'text-anchor': anchor }, label);
    }
    for (const { value } of this.plot.references) {
      const y = axis.pixel(value);
      if (y < AREA.top - 1 || y > AREA.bottom + 1 || !Number.isFinite(y)) continue;
      element(this.area, 'line', { class: 'half', x1: 0, x2: '100%', y1: y, y2: y });
    }
    const height = this.area.getAttribute('height');
    const box = { class: 'lines', width: '100%', height, viewBox: `0 0 ${AREA.units} ${height}`, preserveAspectRatio: 'none' };
    const lines = element(this.area, 'svg', box);
    for (const line of this.plot.lines) {
      const draw = (points, name) =>
        element(lines, 'path', { class: `${name} ${line.class}`, d: path(visible(points, range), range, axis) });
      if (line.smooth) draw(line.raw, 'raw');
      draw(line.smooth ?? line.raw, 'main');
    }
    this.selection = element(this.area, 'rect', { class: 'selection', y: 0, height: AREA.bottom, width: 0 });
    this.cursor = element(this.area, 'line', { class: 'cursor', y1: 0, y2: AREA.bottom, visibility: 'hidden' });
    this.point(this.view.at);
  }

  /** Shows the samples of an epoch, and says so here, since they stand elsewhere on the page. */
  choose(x, epoch) {
    tellEpoch(epoch);
    this.point(x);
    const shown = document.querySelector('#samples .controls:not([hidden]) output')?.textContent;
    if (shown) this.readout.textContent += `. The samples above are now of ${shown}.`;
  }

  /** Shows the values at x, or none. */
  point(x) {
    const { range, unit, unitScale } = this.view;
    if (x === null || x < range[0] || x > range[1]) {
      this.cursor.setAttribute('visibility', 'hidden');
      this.readout.textContent = '';
      return;
    }
    const at = `${(100 * (x - range[0])) / (range[1] - range[0])}%`;
    this.cursor.setAttribute('x1', at);
    this.cursor.setAttribute('x2', at);
    this.cursor.setAttribute('visibility', 'visible');
    // Of the lines that are drawn bold, where they are drawn.
    const values = this.plot.lines
      .map(({ name, raw, smooth }) => [name, valueAt(smooth ?? raw, x)])
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name} ${short(value)}`);
    const where = unit === 'epoch' ? short(x * unitScale) : Math.round(x * unitScale);
    this.readout.textContent = `${unit} ${where}: ${values.length > 0 ? values.join(', ') : 'nothing here'}`;
  }
}

/** Starts the section's script, if the page has curves. */
export function startCurves() {
  const found = sectionWithData('curves');
  if (!found) return;
  const { element: section, data } = found;
  const view = { range: [...data.range], unit: data.unit, unitScale: 1, logarithmic: false, at: null };
  const figures = [...section.querySelectorAll('figure.chart')];
  const charts = figures.map((figure, index) => new Chart(figure, data.plots[index], view));
  const drawAll = () => charts.forEach((chart) => chart.draw());
  const pointAll = (x) => {
    view.at = x;
    charts.forEach((chart) => chart.point(x));
  };
  const show = (range) => {
    view.range = range;
    drawAll();
  };
  const zoom = (factor) => {
    const [low, high] = view.range;
    const centre = view.at !== null && view.at > low && view.at < high ? view.at : (low + high) / 2;
    show(zoomed(view.range, data.range, factor, centre));
  };
  const epochOf = (x) => (data.unit === 'epoch' ? x : x / (data.stepsPerEpoch ?? 1));

  const controls = section.querySelector('.controls');
  controls.hidden = false;
  const unit = controls.querySelector('[name=unit]');
  unit.value = data.unit;
  unit.closest('label').hidden = data.stepsPerEpoch === null;
  unit.addEventListener('change', () => {
    view.unit = unit.value;
    const steps = data.stepsPerEpoch;
    view.unitScale = unit.value === data.unit ? 1 : unit.value === 'step' ? steps : 1 / steps;
    drawAll();
  });
  controls.querySelector('[name=scale]').addEventListener('change', (event) => {
    view.logarithmic = event.target.value === 'log';
    drawAll();
  });
  controls.querySelector('[name=in]').addEventListener('click', () => zoom(0.5));
  controls.querySelector('[name=out]').addEventListener('click', () => zoom(2));
  controls.querySelector('[name=whole]').addEventListener('click', () => show([...data.range]));

  for (const chart of charts) listen(chart, { view, pointAll, show, zoom, epochOf });
  drawAll();
}

/** Pointer and keyboard of one chart. */
function listen(chart, { view, pointAll, show, zoom, epochOf }) {
  const area = chart.area;
  let pressed = null;
  const share = (event) => {
    const box = area.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  };
  const xAt = (part) => view.range[0] + part * (view.range[1] - view.range[0]);
  const select = (from, to) => {
    chart.selection.setAttribute('x', `${100 * Math.min(from, to)}%`);
    chart.selection.setAttribute('width', `${100 * Math.abs(to - from)}%`);
  };
  area.addEventListener('pointermove', (event) => {
    pointAll(xAt(share(event)));
    if (pressed !== null) select(pressed, share(event));
  });
  area.addEventListener('pointerleave', () => {
    if (pressed === null) pointAll(null);
  });
  area.addEventListener('pointerdown', (event) => {
    pressed = share(event);
    pointAll(xAt(pressed));
    area.setPointerCapture(event.pointerId);
  });
  area.addEventListener('pointercancel', () => {
    pressed = null;
    select(0, 0);
  });
  area.addEventListener('pointerup', (event) => {
    if (pressed === null) return;
    const [from, to] = [Math.min(pressed, share(event)), Math.max(pressed, share(event))];
    pressed = null;
    if (to - from > 0.02) show([xAt(from), xAt(to)]);
    else chart.choose(xAt(to), epochOf(xAt(to)));
    select(0, 0);
  });
  area.addEventListener('keydown', (event) => {
    const [low, high] = view.range;
    const at = view.at ?? (low + high) / 2;
    const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    if (move) pointAll(Math.min(Math.max(at + (move * (high - low)) / 100, low), high));
    else if (event.key === 'Home') pointAll(low);
    else if (event.key === 'End') pointAll(high);
    else if (event.key === '+') zoom(0.5);
    else if (event.key === '-') zoom(2);
    else if (event.key === 'Enter') chart.choose(at, epochOf(at));
    else if (event.key === 'Escape') pointAll(null);
    else return;
    event.preventDefault();
  });
  area.addEventListener('blur', () => pointAll(null));
}
