/** Do two paired return series differ in mean? Paired, Welch and Newey-West t statistics, and two rank correlations. */
import { AppError } from '#base/errors';
import { studentTCdf } from '../array/distributions';
import { correlation, mean, rankAverage, variance } from '../array/stats';
import { bartlettVariance } from './hac';

export interface MeanDifference {
  readonly difference: number;
  readonly pairedT: number;
  readonly pairedP: number;
  readonly welchT: number;
  readonly welchP: number;
  /** Newey-West standard error of mean(a − b), divisor T. */
  readonly neweyWestError: number;
  readonly neweyWestT: number;
  /** The same with the small-sample factor T/(T − 1) in the variance. */
  readonly neweyWestErrorCorrected: number;
}

function twoSided(t: number, df: number): number {
  return 2 * studentTCdf(-Math.abs(t), df);
}

/** Tests of equal means on paired series of equal length T ≥ 3. Errors: INVALID_DATA, NOT_ENOUGH_DATA. */
export function meanDifference(a: Float64Array, b: Float64Array, lags: number): MeanDifference {
  const T = a.length;
  if (b.length !== T) {
    throw new AppError('INVALID_DATA', `Expected two series on the same dates, found ${T} and ${b.length} returns.`);
  }
  if (T < 3) {
    throw new AppError('NOT_ENOUGH_DATA', `Expected at least 3 common dates, found ${T}.`, {
      data: { needed: 3, found: T },
    });
  }
  const d = a.map((x, t) => x - b[t]);
  const difference = mean(d);
  const pairedT = difference / Math.sqrt(variance(d) / T);
  const va = variance(a) / T;
  const vb = variance(b) / T;
  const welchT = (mean(a) - mean(b)) / Math.sqrt(va + vb);
  const neweyWestError = Math.sqrt(bartlettVariance(d, lags) / T);
  return {
    difference,
    pairedT,
    pairedP: twoSided(pairedT, T - 1),
    welchT,
    welchP: twoSided(welchT, ((va + vb) ** 2 * (T - 1)) / (va ** 2 + vb ** 2)),
    neweyWestError,
    neweyWestT: difference / neweyWestError,
    neweyWestErrorCorrected: neweyWestError * Math.sqrt(T / (T - 1)),
  };
}

/** Spearman's ρ: correlation of average ranks. */
export function spearmanRho(a: Float64Array, b: Float64Array): number {
  return correlation(rankAverage(a), rankAverage(b));
}

/** Kendall's τ_b with the tie correction (Kendall 1945), by counting all pairs. */
export function kendallTauB(a: Float64Array, b: Float64Array): number {
  let balance = 0;
  let untiedA = 0;
  let untiedB = 0;
  for (let i = 1; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const sa = Math.sign(a[i] - a[j]);
      const sb = Math.sign(b[i] - b[j]);
      balance += sa * sb;
      untiedA += sa * sa;
      untiedB += sb * sb;
    }
  }
  return balance / (Math.sqrt(untiedA) * Math.sqrt(untiedB));
}
