/**
 * Dropout's masks: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011), a generator without state. Which units are dropped depends on
 * (seed, site, update, row, time, unit) alone, so that every engine, thread count and micro-batch size drops the same ones.
 */

/** What one mask is drawn for. */
export interface DropoutStream {
  readonly seed: number;
  /**
   * LSTM: after layer l; the last one is before the head. GAT: node features before layer l are 2l, its attention is 2l + 1.
   */
  readonly site: number;
  /** Updates before this one. */
  readonly step: number;
}

/** A unit is kept where its 32 random bits are at least this. */
export function dropThreshold(probability: number): number {
  return Math.floor(probability * 4_294_967_296);
}

/** What a kept unit is multiplied by, in single precision. */
export function keepScale(probability: number): number {
  return Math.fround(1 / (1 - probability));
}

const block = new Uint32Array(4);

/**
 * Writes the factors (0 or 1/(1 − p)) of units 0 … count − 1 to `out` from `offset` on.
 * @param row rows (graphs: nodes; attention: edges) since the last update, counted over micro-batches
 * @param time step within the window or sequence; 0 in graphs
 */
export function dropoutFactors(
  out: Float64Array,
  offset: number,
  count: number,
  probability: number,
  stream: DropoutStream,
  row: number,
  time: number,
): void {
  const threshold = dropThreshold(probability);
  const scale = keepScale(probability);
  for (let unit = 0; unit < count; unit++) {
    if ((unit & 3) === 0) {
      block[0] = unit >>> 2;
      block[1] = time;
      block[2] = row;
      block[3] = stream.step;
      philox(block, stream.seed, stream.site);
    }
    out[offset + unit] = block[unit & 3] >= threshold ? scale : 0;
  }
}

/** Ten rounds on a counter of four words, in place; the key has two words. */
export function philox(counter: Uint32Array, key0: number, key1: number): void {
  for (let round = 0; round < 10; round++) {
    const [c0, c1, c2, c3] = counter;
    counter[0] = multiplyHigh(0xcd9e8d57, c2) ^ c1 ^ key0;
    counter[1] = Math.imul(0xcd9e8d57, c2);
    counter[2] = multiplyHigh(0xd2511f53, c0) ^ c3 ^ key1;
    counter[3] = Math.imul(0xd2511f53, c0);
    key0 = (key0 + 0x9e3779b9) | 0;
    key1 = (key1 + 0xbb67ae85) | 0;
  }
}

/** High word of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  return a1 * b1 + (middle >>> 16) + ((a0 * b1 + (middle & 0xffff)) >>> 16);
}
