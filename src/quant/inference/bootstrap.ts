/** Resampling of dependent series: the stationary bootstrap, its automatic block length, and percentile intervals. */
import { AppError } from '#base/errors';
import { createRandom } from '../array/random';
import { mean, quantileOfSorted, standardDeviation } from '../array/stats';
import { autocovariance, centered } from './hac';

/** Flat-top lag window of Politis and Romano (1995). */
function flatTop(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.5) return 1;
  return size <= 1 ? 2 * (1 - size) : 0;
}

/**
 * Automatic mean block length of the stationary bootstrap (Politis, White 2004, corrected by Patton, Politis, White 2009).
 * At least 1; at most ⌈min(3√T, T/3)⌉.
 */
export function politisWhiteBlockLength(x: Float64Array): number {
  const T = x.length;
  if (T < 8) return 1;
  const c = centered(x);
  const gamma0 = autocovariance(c, 0);
  const largest = Math.ceil(Math.min(3 * Math.sqrt(T), T / 3));
  if (!(gamma0 > 0)) return 1;
  const run = Math.max(5, Math.floor(Math.sqrt(Math.log10(T))));
  const maxLag = Math.min(Math.ceil(Math.sqrt(T)) + run, T - 1);
  const critical = 2 * Math.sqrt(Math.log10(T) / T);
  const gamma = new Float64Array(maxLag + 1);
  for (let k = 0; k <= maxLag; k++) gamma[k] = autocovariance(c, k);
  let M = Math.min(2 * lastSignificantLag(gamma, critical, run), maxLag);
  if (M < 1) M = 1;
  let G = 0;
  let longRun = gamma[0];
  for (let k = 1; k <= M; k++) {
    const weight = flatTop(k / M);
    G += 2 * weight * k * gamma[k];
    longRun += 2 * weight * gamma[k];
  }
  const D = 2 * longRun ** 2;
  const length = D > 0 ? ((2 * G ** 2) / D) ** (1 / 3) * T ** (1 / 3) : 1;
  return Math.min(Math.max(1, length), largest);
}

/** The smallest m after which `run` consecutive autocorrelations are insignificant; else the last significant one. */
function lastSignificantLag(gamma: Float64Array, critical: number, run: number): number {
  let quiet = 0;
  let last = 0;
  for (let k = 1; k < gamma.length; k++) {
    if (Math.abs(gamma[k] / gamma[0]) > critical) {
      last = k;
      quiet = 0;
    } else if (++quiet === run) return Math.max(1, k - run);
  }
  return Math.max(1, last);
}

/** Fills `indices` with one stationary-bootstrap resample of 0 … T−1: geometric blocks of the given mean length, circular. */
export function stationaryIndices(indices: Uint32Array, blockLength: number, uniform: () => number): Uint32Array {
  const T = indices.length;
  const restart = 1 / Math.max(1, blockLength);
  let t = 0;
  for (let i = 0; i < T; i++) {
    if (i === 0 || uniform() < restart) t = Math.floor(uniform() * T);
    else if (++t === T) t = 0;
    indices[i] = t;
  }
  return indices;
}

export interface BootstrapInterval {
  readonly low: number;
  readonly high: number;
  readonly standardError: number;
  /** Resamples on which the statistic existed. */
  readonly used: number;
}

/** Percentile interval (type-7 quantiles) and standard error (divisor B − 1) of bootstrap draws; draws that are not finite are left out. */
export function percentileInterval(draws: Float64Array, confidence: number): BootstrapInterval {
  const finite = draws.filter(Number.isFinite).sort();
  if (finite.length < 2) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least 2 resamples on which the statistic exists, found ${finite.length}.`,
    );
  }
  return {
    low: quantileOfSorted(finite, (1 - confidence) / 2),
    high: quantileOfSorted(finite, (1 + confidence) / 2),
    standardError: standardDeviation(finite),
    used: finite.length,
  };
}

/** Mean / standard deviation (divisor n − 1) of the rows named by `indices`; NaN where they do not vary. */
export function sharpeOfRows(x: Float64Array, indices: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < indices.length; i++) sum += x[indices[i]];
  const average = sum / indices.length;
  let squares = 0;
  for (let i = 0; i < indices.length; i++) squares += (x[indices[i]] - average) ** 2;
  return squares > 0 ? average / Math.sqrt(squares / (indices.length - 1)) : NaN;
}

export interface SharpeBootstrap extends BootstrapInterval {
  readonly blockLength: number;
  readonly replications: number;
  readonly confidence: number;
}

/** Stationary-bootstrap interval of the per-period Sharpe ratio with the automatic block length; draws come from `seed` only. */
export function sharpeInterval(
  excess: Float64Array,
  options: { readonly replications: number; readonly confidence: number; readonly seed: number },
): SharpeBootstrap {
  const blockLength = politisWhiteBlockLength(excess);
  const random = createRandom(options.seed);
  const indices = new Uint32Array(excess.length);
  const draws = new Float64Array(options.replications);
  for (let b = 0; b < draws.length; b++) {
    draws[b] = sharpeOfRows(excess, stationaryIndices(indices, blockLength, random.uniform));
  }
  return {
    ...percentileInterval(draws, options.confidence),
    blockLength,
    replications: options.replications,
    confidence: options.confidence,
  };
}

/** Mean of the rows named by `indices`. */
export function meanOfRows(x: Float64Array, indices: Uint32Array): number {
  return mean(Float64Array.from(indices, (t) => x[t]));
}
