/**
 * Expected returns from history. X [T, N] row-major simple returns, NaN = missing; each asset uses the rows it has.
 * Results are per year of `periods` rows. Errors: NOT_ENOUGH_DATA for an asset without a single return.
 */
import { AppError } from '#base/errors';

/** periods × arithmetic mean. */
export function arithmeticMeanReturns(X: Float64Array, T: number, N: number, periods: number): Float64Array {
  return perAsset(X, T, N, (values) => (periods * values.reduce((sum, value) => sum + value, 0)) / values.length);
}

/** (Π (1 + r))^(periods / n) − 1: the compound annual growth rate. */
export function geometricMeanReturns(X: Float64Array, T: number, N: number, periods: number): Float64Array {
  return perAsset(X, T, N, (values) => compoundGrowth(values, periods));
}

export interface CapitalAssetPricing {
  readonly mu: Float64Array;
  readonly beta: Float64Array;
  /** Compound annual growth of the market. */
  readonly market: number;
}

/**
 * rf + β (market − rf) (Sharpe 1964) with the equal-weight mean of the available returns as the market; β from the rows that an
 * asset has, divided by the variance of the market over all rows.
 */
export function capmReturns(
  X: Float64Array,
  T: number,
  N: number,
  periods: number,
  riskFree: number,
): CapitalAssetPricing {
  const market = new Float64Array(T);
  for (let t = 0; t < T; t++) {
    const present = X.subarray(t * N, (t + 1) * N).filter((value) => !Number.isNaN(value));
    market[t] = present.reduce((sum, value) => sum + value, 0) / present.length;
  }
  const variance = pairCovariance(market, market);
  const column = new Float64Array(T);
  const beta = Float64Array.from({ length: N }, (_, j) => {
    for (let t = 0; t < T; t++) column[t] = X[t * N + j];
    return pairCovariance(column, market) / variance;
  });
  const growth = compoundGrowth(market, periods);
  return { mu: beta.map((b) => riskFree + b * (growth - riskFree)), beta, market: growth };
}

function compoundGrowth(values: Float64Array, periods: number): number {
  return values.reduce((product, value) => product * (1 + value), 1) ** (periods / values.length) - 1;
}

/** Covariance over the rows where x is present, divisor n − 1. */
function pairCovariance(x: Float64Array, y: Float64Array): number {
  let n = 0;
  let sumX = 0;
  let sumY = 0;
  for (let t = 0; t < x.length; t++) {
    if (Number.isNaN(x[t])) continue;
    n++;
    sumX += x[t];
    sumY += y[t];
  }
  let sum = 0;
  for (let t = 0; t < x.length; t++) if (!Number.isNaN(x[t])) sum += (x[t] - sumX / n) * (y[t] - sumY / n);
  return sum / (n - 1);
}

function perAsset(X: Float64Array, T: number, N: number, measure: (values: Float64Array) => number): Float64Array {
  const column = new Float64Array(T);
  return Float64Array.from({ length: N }, (_, j) => {
    let n = 0;
    for (let t = 0; t < T; t++) {
      const value = X[t * N + j];
      if (!Number.isNaN(value)) column[n++] = value;
    }
    if (n === 0) {
      throw new AppError(
        'NOT_ENOUGH_DATA',
        `Expected at least one return in column ${j + 1}, found none. Leave it out.`,
        {
          data: { column: j, needed: 1, found: 0 },
        },
      );
    }
    return measure(column.subarray(0, n));
  });
}
