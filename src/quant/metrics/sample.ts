/**
 * A return series prepared once for every measure: excess returns, moments, order statistics, drawdowns and, where a benchmark
 * is given, the pair statistics. Simple returns per period; missing values must have been removed by the caller.
 */
import { AppError } from '#base/errors';
import { covariance, kurtosis, mean, skewness, standardDeviation, variance } from '../array/stats';
import { type DrawdownSummary, drawdownsOf, summarizeDrawdowns, wealthOf } from './drawdown';

export interface SampleOptions {
  readonly periodsPerYear: number;
  /** Annual risk-free rate; divided by `periodsPerYear` per period. */
  readonly riskFree: number;
  /** Confidence of VaR and CVaR, e.g. 0.95. */
  readonly alpha: number;
}

export interface BenchmarkSample {
  readonly returns: Float64Array;
  readonly excess: Float64Array;
  readonly excessMean: number;
  readonly standardDeviation: number;
  /** r − b. */
  readonly active: Float64Array;
  readonly beta: number;
}

export interface ReturnSample extends SampleOptions {
  readonly n: number;
  readonly returns: Float64Array;
  readonly excess: Float64Array;
  readonly mean: number;
  readonly excessMean: number;
  /** Divisor n − 1. */
  readonly standardDeviation: number;
  /** Population skewness. */
  readonly skewness: number;
  /** Population kurtosis, raw (normal = 3). */
  readonly kurtosis: number;
  readonly sorted: Float64Array;
  readonly totalReturn: number;
  readonly drawdown: DrawdownSummary;
  readonly benchmark: BenchmarkSample | null;
}

const minus = (x: Float64Array, c: number) => x.map((value) => value - c);

/**
 * Prepares a sample. Errors: INVALID_DATA for a missing value or a benchmark of another length, NOT_ENOUGH_DATA below 2 returns.
 */
export function returnSample(returns: Float64Array, options: SampleOptions, benchmark?: Float64Array): ReturnSample {
  const n = returns.length;
  if (n < 2) {
    throw new AppError('NOT_ENOUGH_DATA', `Expected at least 2 returns, found ${n}. Choose a longer period.`, {
      data: { needed: 2, found: n },
    });
  }
  if (!returns.every(Number.isFinite) || (benchmark && !benchmark.every(Number.isFinite))) {
    throw new AppError('INVALID_DATA', 'Expected finite returns, found a missing value. Remove those dates first.');
  }
  const perPeriod = options.riskFree / options.periodsPerYear;
  const excess = minus(returns, perPeriod);
  const wealth = wealthOf(returns);
  return {
    ...options,
    n,
    returns,
    excess,
    mean: mean(returns),
    excessMean: mean(excess),
    standardDeviation: standardDeviation(returns),
    skewness: skewness(returns),
    kurtosis: kurtosis(returns),
    sorted: Float64Array.from(returns).sort(),
    totalReturn: wealth[n - 1] - 1,
    drawdown: summarizeDrawdowns(drawdownsOf(wealth)),
    benchmark: benchmark ? benchmarkSample(returns, excess, benchmark, perPeriod) : null,
  };
}

function benchmarkSample(
  returns: Float64Array,
  excess: Float64Array,
  benchmark: Float64Array,
  perPeriod: number,
): BenchmarkSample {
  if (benchmark.length !== returns.length) {
    throw new AppError(
      'INVALID_DATA',
      `Expected ${returns.length} benchmark returns, found ${benchmark.length}. Use the same dates for both.`,
    );
  }
  const excessBenchmark = minus(benchmark, perPeriod);
  return {
    returns: benchmark,
    excess: excessBenchmark,
    excessMean: mean(excessBenchmark),
    standardDeviation: standardDeviation(benchmark),
    active: returns.map((r, t) => r - benchmark[t]),
    beta: covariance(excess, excessBenchmark) / variance(excessBenchmark),
  };
}
