/**
 * Inference about one Sharpe ratio per period: probabilistic and deflated Sharpe ratio, minimum track record length, standard errors.
 * Kurtosis is raw everywhere (normal = 3): excess kurtosis in these formulas is a known error of several libraries.
 */
import { AppError } from '#base/errors';
import { normalCdf, normalQuantile } from '../array/distributions';
import { kurtosis, mean, skewness, standardDeviation } from '../array/stats';

const EULER_MASCHERONI = 0.577_215_664_901_532_9;

export interface SharpeSample {
  /** Mean / standard deviation (divisor n − 1) of excess returns, per period. */
  readonly sharpe: number;
  /** Population skewness. */
  readonly skewness: number;
  /** Population kurtosis, raw. */
  readonly kurtosis: number;
  /** Observations T. */
  readonly n: number;
}

/**
 * The Sharpe ratio of a series of excess returns with the moments its inference needs.
 * Errors: NOT_ENOUGH_DATA below 3 returns, INVALID_DATA where the returns do not vary.
 */
export function sharpeSample(excess: Float64Array): SharpeSample {
  const n = excess.length;
  if (n < 3) {
    throw new AppError('NOT_ENOUGH_DATA', `Expected at least 3 returns, found ${n}. Choose a longer period.`, {
      data: { needed: 3, found: n },
    });
  }
  const deviation = standardDeviation(excess);
  let largest = 0;
  for (const x of excess) largest = Math.max(largest, Math.abs(x));
  if (!(deviation > largest * 1e-14)) {
    throw new AppError(
      'INVALID_DATA',
      'Expected returns that vary, found a constant or missing series: its Sharpe ratio is not defined. Check the prices.',
    );
  }
  return { sharpe: mean(excess) / deviation, skewness: skewness(excess), kurtosis: kurtosis(excess), n };
}

/** 1 − γ₃ SR + (γ₄ − 1)/4 SR²: the variance of √T·SR (Mertens 2002). */
function sharpeVarianceFactor({ sharpe, skewness: g3, kurtosis: g4 }: SharpeSample): number {
  return 1 - g3 * sharpe + ((g4 - 1) / 4) * sharpe ** 2;
}

/** PSR(SR*) = Φ((SR − SR*) √(T−1) / √factor) (Bailey, López de Prado 2012, eq. 9); SR* per period. */
export function probabilisticSharpe(sample: SharpeSample, threshold: number): number {
  return normalCdf(((sample.sharpe - threshold) * Math.sqrt(sample.n - 1)) / Math.sqrt(sharpeVarianceFactor(sample)));
}

/**
 * Observations needed to reject SR ≤ SR* with the given confidence (Bailey, López de Prado 2012, eq. 11).
 * NaN where SR ≤ SR*: no length is enough.
 */
export function minimumTrackRecord(sample: SharpeSample, threshold: number, confidence: number): number {
  if (sample.sharpe <= threshold) return NaN;
  return 1 + sharpeVarianceFactor(sample) * (normalQuantile(confidence) / (sample.sharpe - threshold)) ** 2;
}

/** Standard error of SR for independent normal returns: √((1 + SR²/2)/T) (Lo 2002). */
export function normalStandardError({ sharpe, n }: SharpeSample): number {
  return Math.sqrt((1 + sharpe ** 2 / 2) / n);
}

/** Standard error of SR for independent returns of any shape (Mertens 2002). */
export function mertensStandardError(sample: SharpeSample): number {
  return Math.sqrt(sharpeVarianceFactor(sample) / sample.n);
}

/**
 * Expected largest Sharpe ratio among `trials` skill-less ones whose estimates have this variance
 * (Bailey, López de Prado 2014, eq. 1). One trial → 0.
 */
export function expectedMaximumSharpe(variance: number, trials: number): number {
  if (trials <= 1) return 0;
  const g = EULER_MASCHERONI;
  return (
    Math.sqrt(variance) * ((1 - g) * normalQuantile(1 - 1 / trials) + g * normalQuantile(1 - 1 / (trials * Math.E)))
  );
}

/** DSR = PSR(SR₀) with SR₀ the expected maximum over the trials (Bailey, López de Prado 2014). */
export function deflatedSharpe(sample: SharpeSample, variance: number, trials: number): number {
  return probabilisticSharpe(sample, expectedMaximumSharpe(variance, trials));
}

/**
 * Years of backtest below which the best of `trials` skill-less strategies is expected to show at least this annual Sharpe ratio:
 * (E[max] / SR)² (Bailey, Borwein, López de Prado, Zhu 2014, theorem 1). Errors: INVALID_CONFIG for SR ≤ 0.
 */
export function minimumBacktestLength(trials: number, annualSharpe: number): number {
  if (!(annualSharpe > 0) || !(trials >= 1)) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected a positive annual Sharpe ratio and at least 1 trial, found ${annualSharpe} and ${trials}.`,
      { data: { annualSharpe, trials } },
    );
  }
  return (expectedMaximumSharpe(1, trials) / annualSharpe) ** 2;
}
