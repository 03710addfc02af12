/**
 * Random choices of rows that depend on what a row holds and on the seed, never on where it stands: shuffled training rows give the
 * same trees. Identical rows share their draw. Also sums that do not depend on the order.
 */

/** 32-bit hash of every row's target and of the features that vary at all. X [rows, K] row-major. */
export function rowHashes(X: Float64Array, y: Float64Array): Uint32Array {
  const rows = y.length;
  const K = rows === 0 ? 0 : X.length / rows;
  const bits = new Uint32Array(X.buffer, X.byteOffset, X.length * 2);
  const target = new Uint32Array(y.buffer, y.byteOffset, rows * 2);
  const words = varyingColumns(X, K).flatMap((k) => [2 * k, 2 * k + 1]);
  const hashes = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) {
    let h = Math.imul(target[2 * i] ^ 0x9e3779b9, 0x85ebca6b) ^ target[2 * i + 1];
    const row = i * 2 * K;
    for (const word of words) {
      h = Math.imul(h ^ bits[row + word], 0xcc9e2d51);
      h = (h << 13) | (h >>> 19);
    }
    hashes[i] = mix(h);
  }
  return hashes;
}

function varyingColumns(X: Float64Array, K: number): number[] {
  return Array.from({ length: K }, (_, k) => k).filter((k) => {
    for (let at = k + K; at < X.length; at += K) if (!Object.is(X[at], X[k])) return true;
    return false;
  });
}

/** Uniform on [0, 1) for a row's hash and a draw's seed. */
export function uniformOf(hash: number, seed: number): number {
  return mix(Math.imul(hash ^ seed, 0x9e3779b1) ^ (seed >>> 15)) / 4_294_967_296;
}

/** MurmurHash3's mixer. */
function mix(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

/** Cumulative Poisson(1) probabilities of 0, 1, … : the bootstrap, row by row (Oza, Russell 2001). */
const POISSON: readonly number[] = [
  0.367879441171442, 0.735758882342885, 0.919698602928606, 0.981011843123846, 0.996340153172656, 0.999405815182418,
  0.999916758850712, 0.999989750803325,
];

/** Times that a row counts in a bootstrap sample: 0 … 8. */
export function poissonOf(uniform: number): number {
  let count = 0;
  while (count < POISSON.length && uniform >= POISSON[count]) count += 1;
  return count;
}

/** Sum of finite values, each rounded to a grid so fine that their number adds at most 2⁻³⁰ of the largest: exact, in any order. */
export function orderFreeSum(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  if (most === 0 || values.length === 0) return 0;
  const bits = 52 - Math.ceil(Math.log2(values.length + 1)) - Math.ceil(Math.log2(most));
  if (bits > 1000 || bits < -1000) return values.toSorted().reduce((sum, value) => sum + value, 0);
  const grid = 2 ** bits;
  let sum = 0;
  for (const value of values) sum += Math.round(value * grid);
  return sum / grid;
}
