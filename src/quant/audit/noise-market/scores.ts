/**
 * What traces of skill there are in experiments that can have none. A rank correlation of n independent pairs has variance
 * 1 / (n − 1) whatever the distribution (Kendall, Gibbons 1990), so its standard error needs no estimate.
 */
import { mean, standardDeviation } from '#quant/array/stats';
import type { Trace } from '../study';

export interface Score {
  readonly value: number;
  readonly standardError: number;
  readonly z: number;
}

/**
 * Mean rank IC over all decisions of all traces; the larger of the exact standard error and the one between traces counts.
 * `overlap` = how many decisions share one label's days, ≥ 1. Null where no trace has a forecast that varies.
 */
export function rankIcScore(traces: readonly Trace[], overlap: number): Score | null {
  let sum = 0;
  let weight = 0;
  let variance = 0;
  const means: number[] = [];
  for (const { folds, forecastCounts } of traces) {
    const fewest = forecastCounts.reduce((least, count) => Math.min(least, count), Infinity);
    let own = 0;
    let decisions = 0;
    for (const fold of folds) {
      if (fold.rankIc === null || fold.decisions === 0) continue;
      own += fold.rankIc * fold.decisions;
      decisions += fold.decisions;
    }
    if (decisions === 0) continue;
    sum += own;
    weight += decisions;
    variance += (decisions * overlap) / Math.max(1, fewest - 1);
    means.push(own / decisions);
  }
  if (weight === 0) return null;
  const exact = Math.sqrt(variance) / weight;
  const between = means.length > 1 ? standardDeviation(Float64Array.from(means)) / Math.sqrt(means.length) : 0;
  const standardError = Math.max(exact, between);
  return { value: sum / weight, standardError, z: sum / weight / standardError };
}

/** z of the pooled mean return of independent experiments; each contributes its own t statistic. Null where nothing varies. */
export function returnScore(series: readonly Float64Array[]): { readonly sharpe: number; readonly z: number } | null {
  const sharpes: number[] = [];
  let sum = 0;
  for (const returns of series) {
    const sharpe = mean(returns) / standardDeviation(returns);
    if (!Number.isFinite(sharpe)) continue;
    sharpes.push(sharpe);
    sum += sharpe * Math.sqrt(returns.length);
  }
  if (sharpes.length === 0) return null;
  return { sharpe: mean(sharpes), z: sum / Math.sqrt(sharpes.length) };
}
