// z and dropout's masks: fresh ones from a seed, and ways from one z to another.

/** Numbers in [0, 1), the same for the same seed and purpose: mulberry32 from a scrambled start. */
export function randomOf(seed, purpose) {
  let state = scrambled(seed ^ scrambled(purpose + 0x9e3779b9));
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The finaliser of MurmurHash3: every bit of the result depends on every bit of x. */
function scrambled(x) {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function standardNormal(random) {
  // Box and Muller; 1 - u is never 0.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const PURPOSES = { z: 1, masks: 2, directions: 3 };

const CUBES = {
  uniform: { low: 0, side: 1 },
  uniform_symmetric: { low: -Math.sqrt(3), side: 2 * Math.sqrt(3) },
  gaussian: null,
};

/** The lower end of the cube that z is uniform in, and its side; null for Gaussian noise. */
export function cubeOf(noise) {
  if (!(noise in CUBES)) throw new Error(`this page cannot draw the noise ${noise}`);
  return CUBES[noise];
}

/** z of sample `index` of a seed. */
export function freshNoise(noise, width, seed, index = 0) {
  const random = randomOf(seed + Math.imul(index, 0x9e3779b1), PURPOSES.z);
  const cube = cubeOf(noise);
  const entry = cube ? () => cube.low + cube.side * random() : () => standardNormal(random);
  return Float32Array.from({ length: width }, entry);
}

/** Masks of sample `index` of a seed: 1 with probability `keep`, else 0. */
export function freshMask(units, keep, seed, index = 0) {
  const random = randomOf(seed + Math.imul(index, 0x9e3779b1), PURPOSES.masks);
  return Uint8Array.from({ length: units }, () => (random() < keep ? 1 : 0));
}

const dotProduct = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const weightedSum = (a, p, b, q) => a.map((value, i) => p * value + q * b[i]);
const lengthOf = (a) => Math.sqrt(dotProduct(a, a));

/**
 * The point a share of the way from one z to another. Uniform noise: on the straight line, which stays in the cube.
 * Gaussian noise: along the sphere (Shoemake 1985), since nearly all of it is near a sphere around 0 and nothing at the
 * middle of a straight line; the length changes evenly.
 */
export function betweenNoise(noise, a, b, share) {
  if (share <= 0) return a;
  if (share >= 1) return b;
  const [p, q] = [lengthOf(a), lengthOf(b)];
  if (cubeOf(noise) || p === 0 || q === 0) return weightedSum(a, 1 - share, b, share);
  const angle = Math.acos(Math.min(1, Math.max(-1, dotProduct(a, b) / (p * q))));
  const length = (1 - share) * p + share * q;
  const sine = Math.sin(angle);
  // Nearly the same direction, or nearly opposite ones, between which no way is the shortest.
  if (sine < 1e-6) return weightedSum(a, 1 - share, b, share);
  const [left, right] = [Math.sin((1 - share) * angle) / sine, Math.sin(share * angle) / sine];
  return weightedSum(a, (left * length) / p, b, (right * length) / q);
}

/**
 * Where z comes to when it moves by x and y, each in [-1, 1], in the two directions of a seed. Gaussian noise: around the
 * sphere, a quarter of a circle to the rim. Uniform noise: half the cube's side to the rim along each axis; where a
 * side is met, the way turns back, which keeps the noise uniform.
 */
export function movedNoise(noise, z, x, y, seed) {
  if (x === 0 && y === 0) return z;
  const random = randomOf(seed, PURPOSES.directions);
  const cube = cubeOf(noise);
  if (cube) {
    const direction = () => Float32Array.from(z, () => cube.side * (random() - 0.5));
    const to = weightedSum(weightedSum(z, 1, direction(), x), 1, direction(), y);
    return to.map((value) => cube.low + cube.side * foldedIntoUnit((value - cube.low) / cube.side));
  }
  const length = lengthOf(z);
  if (length === 0) return z;
  const axis = z.map((value) => value / length);
  const across = (others) => {
    let direction = Float32Array.from(z, () => standardNormal(random));
    for (const other of others) direction = weightedSum(direction, 1, other, -dotProduct(direction, other));
    const norm = lengthOf(direction);
    return direction.map((value) => (norm > 1e-4 ? value / norm : 0));
  };
  const one = across([axis]);
  const two = across([axis, one]);
  const far = Math.hypot(x, y);
  const angle = (Math.min(far, 1) * Math.PI) / 2;
  const side = weightedSum(one, x / far, two, y / far);
  return weightedSum(axis, length * Math.cos(angle), side, length * Math.sin(angle));
}

/** A number folded into [0, 1): 1.2 is 0.8, and -0.2 is 0.2. */
function foldedIntoUnit(value) {
  const within = value - 2 * Math.floor(value / 2);
  return Math.min(within > 1 ? 2 - within : within, 1 - 2 ** -24);
}
