/** A pair of prices as a spread: hedge ratio, Engle–Granger test, speed of reversion, current distance. */
import { mean, standardDeviation } from '../array/stats';
import { designMatrix, leastSquares } from '../regression/least-squares';
import { dickeyFuller, unitRootPValue } from './unit-root';

export interface PairAnalysis {
  readonly intercept: number;
  readonly hedgeRatio: number;
  /** Engle–Granger t-ratio and its p-value (MacKinnon 1994, two variables, constant). */
  readonly statistic: number;
  readonly p: number;
  /** Slope of Δspread on the lagged spread. */
  readonly kappa: number;
  /** −ln 2 / κ, rows; negative where the spread does not revert. */
  readonly halfLife: number;
  readonly lastZScore: number;
}

/** Log prices are regressed, y on x. Errors: NOT_ENOUGH_DATA, SINGULAR. */
export function analyzePair(y: Float64Array, x: Float64Array, lags: number): PairAnalysis {
  const logY = y.map(Math.log);
  const fit = leastSquares(designMatrix([x.map(Math.log)], true), logY, 2);
  const spread = fit.residuals;
  const { statistic } = dickeyFuller(spread, lags, 'n');
  const lagged = spread.slice(0, -1);
  const steps = lagged.map((value, t) => spread[t + 1] - value);
  const kappa = leastSquares(designMatrix([lagged], true), steps, 2).coefficients[1];
  return {
    intercept: fit.coefficients[0],
    hedgeRatio: fit.coefficients[1],
    statistic,
    p: unitRootPValue(statistic, 'c', 2),
    kappa,
    halfLife: -Math.LN2 / kappa,
    lastZScore: (spread[spread.length - 1] - mean(spread)) / standardDeviation(spread),
  };
}
