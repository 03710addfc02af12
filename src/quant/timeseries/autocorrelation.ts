/** Autocorrelation and the tests built on it. */
import { chiSquareTail } from '../array/distributions';
import { autocovariance, centered } from '../inference/hac';
import { designMatrix, leastSquares } from '../regression/least-squares';
import { mean } from '../array/stats';

export interface TestResult {
  readonly statistic: number;
  readonly p: number;
}

/** ρ_1 … ρ_lags, autocovariances with divisor n. */
export function autocorrelations(x: Float64Array, lags: number): Float64Array {
  const c = centered(x);
  const variance = autocovariance(c, 0);
  return Float64Array.from({ length: lags }, (_, k) => autocovariance(c, k + 1) / variance);
}

/** Partial autocorrelations of orders 1 … lags by the Yule–Walker equations (Durbin 1960, Levinson 1947). */
export function partialAutocorrelations(x: Float64Array, lags: number): Float64Array {
  const rho = autocorrelations(x, lags);
  const result = new Float64Array(lags);
  let phi: number[] = [];
  for (let k = 0; k < lags; k++) {
    const numerator = phi.reduce((sum, value, j) => sum - value * rho[k - 1 - j], rho[k]);
    const denominator = phi.reduce((sum, value, j) => sum - value * rho[j], 1);
    const last = numerator / denominator;
    phi = [...phi.map((value, j) => value - last * phi[k - 1 - j]), last];
    result[k] = last;
  }
  return result;
}

/** Q = n (n+2) Σ ρ_k² / (n − k), chi-square with `lags` degrees of freedom (Ljung, Box 1978). */
export function ljungBox(x: Float64Array, lags: number): TestResult {
  const n = x.length;
  const statistic = autocorrelations(x, lags).reduce((sum, rho, k) => sum + rho ** 2 / (n - k - 1), 0) * n * (n + 2);
  return { statistic, p: chiSquareTail(statistic, lags) };
}

/** LM = T R² of squared deviations on their own lags (Engle 1982). */
export function archTest(x: Float64Array, lags: number): TestResult {
  const squares = centered(x).map((e) => e * e);
  const rows = squares.length - lags;
  const lagged = Array.from({ length: lags }, (_, k) => squares.slice(lags - k - 1, lags - k - 1 + rows));
  const y = squares.slice(lags);
  const { rss } = leastSquares(designMatrix(lagged, true), y, lags + 1);
  const center = mean(y);
  const total = y.reduce((sum, value) => sum + (value - center) ** 2, 0);
  const statistic = rows * (1 - rss / total);
  return { statistic, p: chiSquareTail(statistic, lags) };
}

export interface VarianceRatio {
  readonly ratio: number;
  /** z under homoskedasticity. */
  readonly z: number;
  /** z that survives heteroskedasticity. */
  readonly robustZ: number;
}

/** Overlapping variance ratio of q-period to one-period returns (Lo, MacKinlay 1988, eqs. 12–20). */
export function varianceRatio(returns: Float64Array, q: number): VarianceRatio {
  const n = returns.length;
  const deviations = centered(returns);
  const squares = deviations.map((e) => e * e);
  const total = squares.reduce((a, b) => a + b, 0);
  let window = 0;
  let long = 0;
  for (let t = 0; t < n; t++) {
    window += deviations[t] - (t >= q ? deviations[t - q] : 0);
    if (t >= q - 1) long += window * window;
  }
  const ratio = long / (q * (n - q + 1) * (1 - q / n)) / (total / (n - 1));
  let theta = 0;
  for (let k = 1; k < q; k++) {
    let delta = 0;
    for (let t = k; t < n; t++) delta += squares[t] * squares[t - k];
    theta += ((2 * (q - k)) / q) ** 2 * (delta / total ** 2);
  }
  return {
    ratio,
    z: (ratio - 1) / Math.sqrt((2 * (2 * q - 1) * (q - 1)) / (3 * q * n)),
    robustZ: (ratio - 1) / Math.sqrt(theta),
  };
}
