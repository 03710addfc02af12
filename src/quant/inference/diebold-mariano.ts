/** Do two forecasts differ in accuracy? Diebold-Mariano (1995) with the correction of Harvey, Leybourne and Newbold (1997). */
import { AppError } from '#base/errors';
import { normalCdf, studentTCdf } from '../array/distributions';
import { mean } from '../array/stats';
import { rectangularVariance } from './hac';

export interface DieboldMariano {
  readonly meanLossDifference: number;
  readonly statistic: number;
  readonly pNormal: number;
  /** With the small-sample factor √((T + 1 − 2h + h(h−1)/T)/T). */
  readonly corrected: number;
  /** Against t(T − 1). */
  readonly pCorrected: number;
}

/**
 * Loss differential d = |e₁|^p − |e₂|^p of h-step forecasts; positive = the first is worse.
 * Errors: INVALID_DATA where the rectangular long-run variance is not positive.
 */
export function dieboldMariano(e1: Float64Array, e2: Float64Array, horizon: number, power: number): DieboldMariano {
  const T = e1.length;
  if (T !== e2.length || T <= horizon + 1) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected two equally long error series of more than ${horizon + 1} values, found ${T} and ${e2.length}.`,
    );
  }
  const d = e1.map((e, t) => Math.abs(e) ** power - Math.abs(e2[t]) ** power);
  const longRun = rectangularVariance(d, horizon);
  if (!(longRun > 0)) {
    throw new AppError(
      'INVALID_DATA',
      `Expected a positive long-run variance of the loss difference, found ${longRun}. Use a shorter horizon or other errors.`,
    );
  }
  const meanLossDifference = mean(d);
  const statistic = meanLossDifference / Math.sqrt(longRun / T);
  const corrected = statistic * Math.sqrt((T + 1 - 2 * horizon + (horizon * (horizon - 1)) / T) / T);
  return {
    meanLossDifference,
    statistic,
    pNormal: 2 * normalCdf(-Math.abs(statistic)),
    corrected,
    pCorrected: 2 * studentTCdf(-Math.abs(corrected), T - 1),
  };
}
