/**
 * Bootstrap means of many series at once. A block of consecutive rows is one difference of running sums, so a resample costs
 * (rows ÷ block length) additions per series instead of one per row.
 */
import { AppError } from '#base/errors';
import { createRandom } from '../array/random';

/** Below this mean block length rows are counted instead of taken by blocks. */
const SHORT = 3;
const WIDTH = 8;

export type BlockScheme = 'stationary' | 'circular';

export interface ResamplingOptions {
  readonly scheme: BlockScheme;
  /** Mean (stationary: geometric) or fixed (circular) block length, rows; ≥ 1. */
  readonly blockLength: number;
  readonly replications: number;
  readonly seed: number;
}

/**
 * [B, K] row-major means of `values` ([T, K] row-major) under block resamples that wrap around: the stationary bootstrap of Politis and
 * Romano (1994) or the circular block bootstrap of Politis and Romano (1992). Draws come from `seed` only. Equal, to rounding, to
 * averaging the rows one by one. Errors: NOT_ENOUGH_DATA, INVALID_CONFIG.
 */
export function resampledMeans(values: Float64Array, series: number, options: ResamplingOptions): Float64Array {
  const { replications: B } = options;
  const K = series;
  const T = values.length / K;
  requireResampling(T, options);
  if (options.blockLength < SHORT) return countedMeans(values, K, options);
  const sums = new Float64Array((T + 1) * K);
  for (let at = 0; at < values.length; at++) sums[at + K] = sums[at] + values[at];
  const nextBlock = blockDraws(T, options);
  const means = new Float64Array(B * K);
  const total = new Float64Array(K);
  for (let b = 0; b < B; b++) {
    total.fill(0);
    for (let filled = 0; filled < T;) {
      const [start, drawn] = nextBlock();
      const length = Math.min(drawn, T - filled);
      filled += length;
      addBlock(total, sums, start, length, T);
    }
    for (let k = 0; k < K; k++) means[b * K + k] = total[k] / T;
  }
  return means;
}

/**
 * The same for blocks so short that running sums save nothing: how often each row was drawn, times the rows, eight series at a time.
 */
function countedMeans(values: Float64Array, K: number, options: ResamplingOptions): Float64Array {
  const { replications: B } = options;
  const T = values.length / K;
  const nextBlock = blockDraws(T, options);
  const panels = Math.ceil(K / WIDTH);
  const packed = new Float64Array(panels * T * WIDTH);
  for (let t = 0; t < T; t++) {
    for (let k = 0; k < K; k++) packed[(Math.floor(k / WIDTH) * T + t) * WIDTH + (k % WIDTH)] = values[t * K + k];
  }
  const means = new Float64Array(B * K);
  const counts = new Float64Array(T);
  const sums = new Float64Array(WIDTH);
  for (let b = 0; b < B; b++) {
    counts.fill(0);
    for (let filled = 0; filled < T;) {
      const [start, drawn] = nextBlock();
      const length = Math.min(drawn, T - filled);
      filled += length;
      for (let i = 0, t = start; i < length; i++, t++) {
        if (t === T) t = 0;
        counts[t] += 1;
      }
    }
    for (let panel = 0; panel < panels; panel++) {
      weightedSums(packed, panel * T * WIDTH, counts, sums);
      const width = Math.min(WIDTH, K - panel * WIDTH);
      for (let k = 0; k < width; k++) means[b * K + panel * WIDTH + k] = sums[k] / T;
    }
  }
  return means;
}

/** Sums of eight interleaved columns, weighted by row; the sums stay in registers. */
function weightedSums(packed: Float64Array, first: number, weights: Float64Array, sums: Float64Array): void {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  let s5 = 0;
  let s6 = 0;
  let s7 = 0;
  for (let t = 0, at = first; t < weights.length; t++, at += WIDTH) {
    const w = weights[t];
    if (w === 0) continue;
    s0 += w * packed[at];
    s1 += w * packed[at + 1];
    s2 += w * packed[at + 2];
    s3 += w * packed[at + 3];
    s4 += w * packed[at + 4];
    s5 += w * packed[at + 5];
    s6 += w * packed[at + 6];
    s7 += w * packed[at + 7];
  }
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
  sums[4] = s4;
  sums[5] = s5;
  sums[6] = s6;
  sums[7] = s7;
}

function requireResampling(T: number, { blockLength, replications }: ResamplingOptions): void {
  if (!Number.isInteger(T) || T < 10) {
    throw new AppError('NOT_ENOUGH_DATA', `Expected at least 10 rows to resample, found ${T}. Use longer series.`, {
      data: { needed: 10, found: T },
    });
  }
  if (!(blockLength >= 1 && blockLength <= T) || !Number.isInteger(replications) || replications < 2) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected a block length from 1 to ${T} and at least 2 replications, found ${blockLength} and ${replications}.`,
      { data: { blockLength, replications, rows: T } },
    );
  }
}

/** Start and length of one block after the other; the pair is reused. */
function blockDraws(T: number, { scheme, blockLength, seed }: ResamplingOptions): () => readonly [number, number] {
  const random = createRandom(seed);
  const block: [number, number] = [0, Math.round(blockLength)];
  const geometric = scheme === 'stationary' && blockLength > 1;
  const perLog = 1 / Math.log(1 - 1 / blockLength);
  return () => {
    block[0] = random.integer(T);
    // Geometric with mean blockLength, by inversion.
    if (geometric) block[1] = 1 + Math.floor(Math.log(1 - random.uniform()) * perLog);
    return block;
  };
}

function addBlock(total: Float64Array, sums: Float64Array, start: number, length: number, T: number): void {
  const K = total.length;
  const end = start + length;
  const from = start * K;
  if (end <= T) {
    const to = end * K;
    for (let k = 0; k < K; k++) total[k] += sums[to + k] - sums[from + k];
    return;
  }
  const last = T * K;
  const rest = (end - T) * K;
  for (let k = 0; k < K; k++) total[k] += sums[last + k] - sums[from + k] + sums[rest + k];
}
