/**
 * Bootstrap means of many series at once. A block of consecutive rows is one difference of running sums, so a resample costs
 * (rows ÷ block length) additions per series instead of one per row.
 */
import { AppError } from '#base/errors';
import { createRandom } from '../array/random';

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
  const perLog = blockLength > 1 ? 1 / Math.log(1 - 1 / blockLength) : 0;
  return () => {
    block[0] = Math.floor(random.uniform() * T);
    // Geometric with mean blockLength, by inversion.
    if (scheme === 'stationary') block[1] = 1 + Math.floor(Math.log(1 - random.uniform()) * perLog);
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
