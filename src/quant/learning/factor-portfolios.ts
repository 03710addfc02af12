/** Quantile portfolios and rank information coefficients of a signal, period by period. */
import { correlation, mean, rankAverage, standardDeviation } from '../array/stats';

export interface FactorPeriod {
  readonly rankIc: number;
  readonly pearsonIc: number;
  /** Equal-weight forward return of each bucket, lowest signal first; NaN where a bucket is empty. */
  readonly buckets: Float64Array;
}

/** Assets without a signal or an outcome do not count. Buckets: ⌊(r − 1) Q / n⌋ of the average rank r = 1 … n ascending. */
export function factorPeriod(signal: Float64Array, outcome: Float64Array, quantiles: number): FactorPeriod {
  const known = [...signal.keys()].filter((i) => Number.isFinite(signal[i]) && Number.isFinite(outcome[i]));
  const s = Float64Array.from(known, (i) => signal[i]);
  const y = Float64Array.from(known, (i) => outcome[i]);
  const ranks = rankAverage(s);
  const sums = new Float64Array(quantiles);
  const counts = new Float64Array(quantiles);
  ranks.forEach((rank, i) => {
    const bucket = Math.min(quantiles - 1, Math.floor(((rank - 1) * quantiles) / s.length));
    sums[bucket] += y[i];
    counts[bucket] += 1;
  });
  return {
    rankIc: correlation(ranks, rankAverage(y)),
    pearsonIc: correlation(s, y),
    buckets: sums.map((sum, b) => sum / counts[b]),
  };
}

export interface FactorSummary {
  readonly meanRankIc: number;
  /** Mean over standard deviation (divisor n − 1) of the rank IC. */
  readonly icRatio: number;
  readonly icT: number;
  readonly positiveShare: number;
  readonly bucketMeans: Float64Array;
  readonly longShortMean: number;
  /** Of top minus bottom, times √periodsPerYear. */
  readonly longShortSharpe: number;
}

export function summarizeFactor(
  periods: readonly FactorPeriod[],
  quantiles: number,
  periodsPerYear: number,
): FactorSummary {
  const ics = Float64Array.from(periods, ({ rankIc }) => rankIc);
  const spread = Float64Array.from(periods, ({ buckets }) => buckets[quantiles - 1] - buckets[0]);
  const icRatio = mean(ics) / standardDeviation(ics);
  return {
    meanRankIc: mean(ics),
    icRatio,
    icT: icRatio * Math.sqrt(ics.length),
    positiveShare: ics.filter((ic) => ic > 0).length / ics.length,
    bucketMeans: Float64Array.from({ length: quantiles }, (_, b) => mean(periods.map(({ buckets }) => buckets[b]))),
    longShortMean: mean(spread),
    longShortSharpe: (mean(spread) / standardDeviation(spread)) * Math.sqrt(periodsPerYear),
  };
}
