// The nets: G from noise and condition to x, and D from x and condition to its logit.
//
// What depends on the condition alone comes computed, as a row of a table for each class or picture: see
// crates/report/src/explorer/net.rs.

import { singleValues, steppedValues } from './numbers.js';

/** A layer of the page's data, or null. */
function layerOf(data) {
  if (!data) return null;
  const { inputs, outputs, pieces } = data;
  const bias = data.bias === null ? null : singleValues(data.bias);
  return { inputs, outputs, pieces: pieces ?? null, weight: steppedValues(data.weight), bias };
}

/** A row for each condition, or null. */
function rowsOf(data) {
  if (!data) return null;
  const values = singleValues(data.values);
  const count = data.units === 0 ? 0 : values.length / data.units;
  return Array.from({ length: count }, (_, i) => values.subarray(i * data.units, (i + 1) * data.units));
}

/** G of the page's data. */
export function generatorOf(data) {
  const net = {
    noise: data.noise,
    keep: data.keep,
    folded: data.folded,
    activation: ACTIVATIONS[data.activation],
    conditions: rowsOf(data.conditions),
    z: layerOf(data.z),
    combined: layerOf(data.combined),
    output: layerOf(data.output),
  };
  // The units that masks cover, in their order: on z, on y, of the combined layer.
  const ofCondition = net.folded || !net.conditions ? 0 : data.conditions.units;
  net.masked = [net.z.outputs, ofCondition, net.combined?.outputs ?? 0];
  return net;
}

/** D of the page's data, or null. */
export function discriminatorOf(data) {
  if (!data) return null;
  return {
    probability: data.probability,
    conditions: rowsOf(data.conditions),
    x: layerOf(data.x),
    joint: layerOf(data.joint),
    output: layerOf(data.output),
  };
}

/** (1 - share) times the row of one condition plus share times that of another; null without conditions. */
export function blendedRows(rows, one, other, share) {
  if (!rows) return null;
  if (share === 0) return rows[one];
  return rows[one].map((value, i) => (1 - share) * value + share * rows[other][i]);
}

/** W x plus the layer's bias, or plus what stands in for it. Zeros of x, which ReLU and dropout leave, are skipped. */
function affine({ inputs, outputs, weight, bias }, x, constant) {
  const places = new Int32Array(inputs);
  const values = new Float64Array(inputs);
  let count = 0;
  for (let k = 0; k < inputs; k++) {
    if (x[k] !== 0) {
      places[count] = k;
      values[count++] = x[k];
    }
  }
  const start = constant ?? bias;
  const y = new Float32Array(outputs);
  for (let j = 0, row = 0; j < outputs; j++, row += inputs) {
    let sum = start[j];
    for (let k = 0; k < count; k++) sum += weight[row + places[k]] * values[k];
    y[j] = sum;
  }
  return y;
}

/** In place: max(0, x); with a mask of zeros and ones, then divided by the share that is kept. */
function rectify(x, mask, keep) {
  for (let i = 0; i < x.length; i++) x[i] = x[i] > 0 && (!mask || mask[i]) ? x[i] / (mask ? keep : 1) : 0;
  return x;
}

/** The largest of the pieces of each unit, which lie piece by piece. */
function largestPiece(x, pieces) {
  const units = x.length / pieces;
  const best = x.slice(0, units);
  for (let i = units; i < x.length; i++) if (x[i] > best[i % units]) best[i % units] = x[i];
  return best;
}

function sideBySide(a, b) {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** 1 / (1 + exp(-x)), which cannot overflow. */
export function logistic(x) {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/** What follows G's output, by its name. */
const ACTIVATIONS = {
  sigmoid: (x) => x.map(logistic),
  linear: (x) => x,
  relu: (x) => rectify(x, null),
};

/**
 * x for one z. `condition` is a row of G's conditions, or a blend; `mask` a Uint8Array of 0 and 1 over all masked units,
 * where G is sampled with dropout, else null.
 */
export function generate(net, z, condition, mask) {
  const [ofZ, ofCondition] = net.masked;
  const part = (from, to) => (mask ? mask.subarray(from, to) : null);
  let h = rectify(affine(net.z, z, null), part(0, ofZ), net.keep);
  if (condition && !net.folded) h = sideBySide(h, rectify(condition.slice(), part(ofZ, ofZ + ofCondition), net.keep));
  let constant = net.folded ? condition : null;
  if (net.combined) {
    h = rectify(affine(net.combined, h, constant), part(ofZ + ofCondition), net.keep);
    constant = null;
  }
  const x = affine(net.output, h, constant);
  return net.activation(x);
}

function hiddenValue(layer, x, constant) {
  const y = affine(layer, x, constant);
  return layer.pieces ? largestPiece(y, layer.pieces) : rectify(y, null, 1);
}

/** D's logit for x. `condition` is a row of D's conditions, or a blend. */
export function logitOf(net, x, condition) {
  return affine(net.output, hiddenValue(net.joint, hiddenValue(net.x, x, null), condition), null)[0];
}
