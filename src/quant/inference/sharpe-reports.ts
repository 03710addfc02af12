/** Reports about one strategy: is its Sharpe ratio more than luck, more than selection, and long enough to know? */
import { AppError } from '#base/errors';
import { effectiveTrials } from './effective-trials';
import { independenceCheck, percentText, requireVarying, sampleCheck, type TestReport, testReport } from './report';
import {
  deflatedSharpe,
  expectedMaximumSharpe,
  minimumBacktestLength,
  minimumTrackRecord,
  probabilisticSharpe,
  sharpeSample,
} from './sharpe';

const LEAST_RETURNS = 24;

export interface SharpeReportOptions {
  readonly name: string;
  /** Annual Sharpe ratio to beat. */
  readonly threshold: number;
  readonly periodsPerYear: number;
  /** Significance level, e.g. 0.05. */
  readonly level: number;
}

/** `statistic` is PSR, the probability that the Sharpe ratio is above the threshold; p = 1 − PSR. */
export function probabilisticSharpeReport(excess: Float64Array, options: SharpeReportOptions): TestReport {
  const { name, threshold, periodsPerYear, level } = options;
  requireVarying(name, excess, LEAST_RETURNS);
  const sample = sharpeSample(excess);
  const psr = probabilisticSharpe(sample, threshold / Math.sqrt(periodsPerYear));
  const annual = sample.sharpe * Math.sqrt(periodsPerYear);
  const relation = 1 - psr < level ? 'above' : 'not distinguishable from';
  return testReport('probabilistic-sharpe', {
    statistic: psr,
    pValue: 1 - psr,
    sampleSize: sample.n,
    assumptions: [independenceCheck(excess), sampleCheck(sample.n, 60)],
    verdict: `The Sharpe ratio of ${name} (${annual.toFixed(2)} a year) is ${relation} ${threshold} at ${percentText(level)}.`,
    details: { sharpe: annual, skewness: sample.skewness, kurtosis: sample.kurtosis },
  });
}

/** Observations needed; no p-value. */
export function trackRecordReport(excess: Float64Array, options: SharpeReportOptions): TestReport {
  const { name, threshold, periodsPerYear, level } = options;
  requireVarying(name, excess, LEAST_RETURNS);
  const sample = sharpeSample(excess);
  const needed = minimumTrackRecord(sample, threshold / Math.sqrt(periodsPerYear), 1 - level);
  const reachable = Number.isFinite(needed);
  return testReport('minimum-track-record', {
    statistic: reachable ? needed : Infinity,
    pValue: null,
    sampleSize: sample.n,
    assumptions: [independenceCheck(excess)],
    verdict: reachable
      ? `${name} needs ${(needed / periodsPerYear).toFixed(1)} years to show a Sharpe ratio above ${threshold} at ${percentText(level)}; it has ` +
        `${(sample.n / periodsPerYear).toFixed(1)}${sample.n >= needed ? ', which is enough' : ', which is not enough'}.`
      : `No track record is long enough: the Sharpe ratio of ${name} is not above ${threshold}.`,
    details: { years: sample.n / periodsPerYear },
  });
}

/**
 * `trials`: the returns of everything that was tried, on the same dates, `chosen` among them. N is the number of clusters of the trials
 * and the variance is that of the clusters' Sharpe ratios; `attempts` says how many were tried if more than are given here, and
 * N is then scaled by attempts ÷ trials. p = 1 − DSR.
 */
export function deflatedSharpeReport(
  trials: readonly Float64Array[],
  chosen: number,
  options: Pick<SharpeReportOptions, 'name' | 'periodsPerYear' | 'level'> & { readonly attempts?: number },
): TestReport {
  const { name, level, periodsPerYear } = options;
  if (!(chosen >= 0 && chosen < trials.length)) {
    throw new AppError('INVALID_CONFIG', `Expected a chosen trial from 0 to ${trials.length - 1}, found ${chosen}.`);
  }
  for (const [k, trial] of trials.entries())
    requireVarying(k === chosen ? name : `trial ${k + 1}`, trial, LEAST_RETURNS);
  const effective = effectiveTrials(trials);
  const scale = Math.max(1, (options.attempts ?? trials.length) / trials.length);
  const count = effective.count * scale;
  const sample = sharpeSample(trials[chosen]);
  const threshold = expectedMaximumSharpe(effective.sharpeVariance, count);
  const dsr = deflatedSharpe(sample, effective.sharpeVariance, count);
  const root = Math.sqrt(periodsPerYear);
  const survives = 1 - dsr < level;
  return testReport('deflated-sharpe', {
    statistic: dsr,
    pValue: 1 - dsr,
    sampleSize: sample.n,
    assumptions: [
      independenceCheck(trials[chosen]),
      sampleCheck(sample.n, 60),
      {
        name: 'every trial is counted',
        holds: trials.length > 1 ? null : false,
        detail: `${trials.length} trials in ${effective.count} clusters (mean silhouette ${effective.silhouette.toFixed(2)})`,
      },
    ],
    verdict:
      `The Sharpe ratio of ${name} (${(sample.sharpe * root).toFixed(2)} a year) is ${survives ? 'more than' : 'not distinguishable from'} the best of ` +
      `${count.toFixed(0)} lucky trials (${(threshold * root).toFixed(2)}) at ${percentText(level)}.`,
    details: {
      sharpe: sample.sharpe * root,
      expectedMaximum: threshold * root,
      effectiveTrials: count,
      byAverageCorrelation: effective.byAverageCorrelation,
    },
  });
}

/** Years that `trials` attempts demand before an annual Sharpe ratio stops being expected from luck alone; no p-value. */
export function backtestLengthReport(trials: number, annualSharpe: number, years: number): TestReport {
  const needed = minimumBacktestLength(trials, annualSharpe);
  return testReport('minimum-backtest-length', {
    statistic: needed,
    pValue: null,
    sampleSize: trials,
    assumptions: [{ name: 'trials are independent', holds: null, detail: 'use the effective number of trials' }],
    verdict:
      `After ${trials} trials a Sharpe ratio of ${annualSharpe.toFixed(2)} is expected from luck in any backtest shorter than ` +
      `${needed.toFixed(1)} years; this one has ${years.toFixed(1)}${years >= needed ? '' : ', too short to mean anything'}.`,
    details: { years },
  });
}
