/** Probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado, Zhu 2017). */
import { AppError } from '#base/errors';
import { mean, quantile } from '../array/stats';
import { combinations } from '../validation/splits';

export interface OverfittingResult {
  /** Share of splits in which the in-sample best ranks at or below the median out of sample. */
  readonly pbo: number;
  readonly combinations: number;
  readonly logitMean: number;
  readonly logitMedian: number;
  /** Least squares of the winner's out-of-sample metric on its in-sample metric. */
  readonly slope: number;
  readonly intercept: number;
  /** Share of splits in which the winner's out-of-sample metric is negative. */
  readonly lossProbability: number;
}

/**
 * `returns` is [T, N] row-major, `blocks` is even; the first ⌊T/S⌋·S rows are used and the metric is mean / standard deviation
 * (divisor n − 1). Work is O(T N + C(S, S/2) S N). Errors: INVALID_CONFIG, NOT_ENOUGH_DATA.
 */
export function overfittingProbability(returns: Float64Array, strategies: number, blocks: number): OverfittingResult {
  const N = strategies;
  const length = Math.floor(returns.length / N / blocks);
  if (!Number.isInteger(blocks) || blocks < 2 || blocks % 2 !== 0 || blocks > 20) {
    throw new AppError('INVALID_CONFIG', `Expected an even number of blocks from 2 to 20, found ${blocks}.`);
  }
  if (length < 2 || N < 2) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least 2 strategies and ${2 * blocks} rows, found ${N} and ${returns.length / N}.`,
    );
  }
  const sums = new Float64Array(blocks * N);
  const squares = new Float64Array(blocks * N);
  for (let t = 0; t < length * blocks; t++) {
    const s = Math.floor(t / length) * N;
    for (let k = 0; k < N; k++) {
      const r = returns[t * N + k];
      sums[s + k] += r;
      squares[s + k] += r * r;
    }
  }
  const half = blocks / 2;
  const rows = half * length;
  const splits = combinations(blocks, half);
  const logits = new Float64Array(splits.length);
  const inSample = new Float64Array(splits.length);
  const outOfSample = new Float64Array(splits.length);
  splits.forEach((chosen, c) => {
    const rest = Array.from({ length: blocks }, (_, s) => s).filter((s) => !chosen.includes(s));
    const is = metrics(chosen, sums, squares, N, rows);
    const oos = metrics(rest, sums, squares, N, rows);
    let best = 0;
    for (let k = 1; k < N; k++) if (is[k] > is[best]) best = k;
    const rank = 1 + oos.filter((value) => value < oos[best]).length;
    const omega = rank / (N + 1);
    logits[c] = Math.log(omega / (1 - omega));
    inSample[c] = is[best];
    outOfSample[c] = oos[best];
  });
  const { slope, intercept } = line(inSample, outOfSample);
  return {
    pbo: logits.filter((logit) => logit <= 0).length / splits.length,
    combinations: splits.length,
    logitMean: mean(logits),
    logitMedian: quantile(logits, 0.5),
    slope,
    intercept,
    lossProbability: outOfSample.filter((value) => value < 0).length / splits.length,
  };
}

function metrics(
  chosen: readonly number[],
  sums: Float64Array,
  squares: Float64Array,
  N: number,
  rows: number,
): Float64Array {
  const result = new Float64Array(N);
  for (let k = 0; k < N; k++) {
    let sum = 0;
    let square = 0;
    for (const s of chosen) {
      sum += sums[s * N + k];
      square += squares[s * N + k];
    }
    const average = sum / rows;
    result[k] = average / Math.sqrt((square - rows * average * average) / (rows - 1));
  }
  return result;
}

function line(x: Float64Array, y: Float64Array): { slope: number; intercept: number } {
  const mx = mean(x);
  const my = mean(y);
  let xy = 0;
  let xx = 0;
  for (let i = 0; i < x.length; i++) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) ** 2;
  }
  const slope = xy / xx;
  return { slope, intercept: my - slope * mx };
}
