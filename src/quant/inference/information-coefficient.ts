/**
 * Does a signal foretell returns? Information coefficients by date, their ratio and HAC t, quantile spreads, decay over horizons and
 * turnover of the signal. Overlapping outcomes make dates dependent, so every t-statistic is Newey-West's.
 */
import { AppError } from '#base/errors';
import { studentTCdf } from '../array/distributions';
import { mean, standardDeviation } from '../array/stats';
import { factorPeriod } from '../learning/factor-portfolios';
import { bartlettVariance } from './hac';
import { spearmanRho } from './mean-difference';

/** Assets that a date needs to count. */
const LEAST_ASSETS = 5;
const LEAST_DATES = 12;

export interface SeriesMean {
  readonly mean: number;
  /** Newey-West, Bartlett kernel. */
  readonly t: number;
  /** Two-sided, Student with dates − 1 degrees of freedom. */
  readonly p: number;
}

export interface SignalQuality {
  /** Dates that count, and rows of the input that they are. */
  readonly dates: number;
  readonly rows: Int32Array;
  readonly ic: SeriesMean;
  readonly rankIc: SeriesMean;
  /** Mean over standard deviation (divisor n − 1) of IC and rank IC. */
  readonly icRatio: number;
  readonly rankIcRatio: number;
  /** Rank IC by date. */
  readonly series: Float64Array;
  readonly positiveShare: number;
  /** Mean outcome per bucket, lowest signal first. */
  readonly buckets: Float64Array;
  /** Top minus bottom bucket. */
  readonly spread: SeriesMean;
  /** Mean share of the top bucket that was not in it one counted date earlier. */
  readonly turnover: number;
  /** Mean Spearman correlation of the signal with itself one counted date earlier. */
  readonly rankAutocorrelation: number;
}

export interface SignalOptions {
  /** Assets per row of the tables. */
  readonly assets: number;
  readonly quantiles: number;
  /** HAC lags: overlap of outcomes in counted dates (horizon ÷ spacing, less one, rounded up). */
  readonly lags: number;
}

/** `signal` and `outcome` are [T, N]; NaN = missing. Errors: NOT_ENOUGH_DATA with the dates needed and found. */
export function signalQuality(signal: Float64Array, outcome: Float64Array, options: SignalOptions): SignalQuality {
  const { assets: n, quantiles, lags } = options;
  const rows: number[] = [];
  for (let t = 0; t < signal.length / n; t++) {
    if (countKnown(signal, outcome, t * n, n) >= Math.max(LEAST_ASSETS, quantiles)) rows.push(t);
  }
  const at = (values: Float64Array, t: number) => values.subarray(t * n, (t + 1) * n);
  const periods = rows
    .map((t) => ({ t, ...factorPeriod(at(signal, t), at(outcome, t), quantiles) }))
    .filter(({ rankIc, pearsonIc, buckets }) => Number.isFinite(rankIc + pearsonIc) && buckets.every(Number.isFinite));
  if (periods.length < LEAST_DATES) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least ${LEAST_DATES} dates with ${Math.max(LEAST_ASSETS, quantiles)} assets that have signal and outcome and vary, found ` +
        `${periods.length} of ${rows.length}. Use a longer history or fewer buckets.`,
      { data: { needed: LEAST_DATES, found: periods.length } },
    );
  }
  const series = Float64Array.from(periods, ({ rankIc }) => rankIc);
  const pearson = Float64Array.from(periods, ({ pearsonIc }) => pearsonIc);
  const kept = Int32Array.from(periods, ({ t }) => t);
  return {
    dates: periods.length,
    rows: kept,
    ic: hacMean(pearson, lags),
    rankIc: hacMean(series, lags),
    icRatio: mean(pearson) / standardDeviation(pearson),
    rankIcRatio: mean(series) / standardDeviation(series),
    series,
    positiveShare: series.filter((ic) => ic > 0).length / series.length,
    buckets: Float64Array.from({ length: quantiles }, (_, b) => mean(periods.map(({ buckets }) => buckets[b]))),
    spread: hacMean(
      Float64Array.from(periods, ({ buckets }) => buckets[quantiles - 1] - buckets[0]),
      lags,
    ),
    ...persistence(signal, kept, n, quantiles),
  };
}

/** Mean rank IC against outcomes of several horizons. Each outcome is [T, N]. */
export function signalDecay(
  signal: Float64Array,
  outcomes: readonly { readonly horizon: number; readonly outcome: Float64Array; readonly lags: number }[],
  options: Omit<SignalOptions, 'lags'>,
): { readonly horizon: number; readonly rankIc: SeriesMean }[] {
  return outcomes.map(({ horizon, outcome, lags }) => ({
    horizon,
    rankIc: signalQuality(signal, outcome, { ...options, lags }).rankIc,
  }));
}

/** Mean with its Newey-West t. Errors: INVALID_DATA where the series does not vary. */
export function hacMean(x: Float64Array, lags: number): SeriesMean {
  const variance = bartlettVariance(x, lags);
  if (!(variance > 0)) {
    throw new AppError('INVALID_DATA', 'Expected a series that varies, found a long-run variance of 0.', {
      data: { observations: x.length, lags },
    });
  }
  const average = mean(x);
  const t = average / Math.sqrt(variance / x.length);
  return { mean: average, t, p: 2 * studentTCdf(-Math.abs(t), x.length - 1) };
}

function countKnown(signal: Float64Array, outcome: Float64Array, offset: number, n: number): number {
  let known = 0;
  for (let i = offset; i < offset + n; i++) if (Number.isFinite(signal[i] + outcome[i])) known += 1;
  return known;
}

function persistence(signal: Float64Array, rows: Int32Array, n: number, quantiles: number) {
  const moved: number[] = [];
  const similar: number[] = [];
  for (let k = 1; k < rows.length; k++) {
    const now = signal.subarray(rows[k] * n, (rows[k] + 1) * n);
    const before = signal.subarray(rows[k - 1] * n, (rows[k - 1] + 1) * n);
    const both = [...now.keys()].filter((i) => Number.isFinite(now[i] + before[i]));
    const top = topBucket(now, quantiles);
    const earlier = topBucket(before, quantiles);
    moved.push([...top].filter((i) => !earlier.has(i)).length / top.size);
    const rho = spearmanRho(
      Float64Array.from(both, (i) => now[i]),
      Float64Array.from(both, (i) => before[i]),
    );
    if (Number.isFinite(rho)) similar.push(rho);
  }
  return { turnover: mean(moved), rankAutocorrelation: similar.length > 0 ? mean(similar) : NaN };
}

function topBucket(signal: Float64Array, quantiles: number): Set<number> {
  const known = [...signal.keys()].filter((i) => Number.isFinite(signal[i]));
  known.sort((a, b) => signal[b] - signal[a] || a - b);
  return new Set(known.slice(0, Math.max(1, Math.floor(known.length / quantiles))));
}
