/** Inference about an ordinary least-squares regression: classical, heteroskedasticity-consistent and HAC standard errors. */
import { studentTCdf } from '../array/distributions';
import { mean } from '../array/stats';
import { multiply } from '../array/linalg';
import { designMatrix, leastSquares, type LeastSquares } from './least-squares';

export interface RegressionInference extends LeastSquares {
  readonly rows: number;
  /** Estimated coefficients k, the constant included. */
  readonly count: number;
  /** Classical, σ² = RSS / (n − k). */
  readonly standardErrors: Float64Array;
  readonly tStatistics: Float64Array;
  /** Two-sided, Student t with n − k degrees of freedom. */
  readonly pValues: Float64Array;
  readonly r2: number;
  readonly adjustedR2: number;
  /** Of all slopes being zero. */
  readonly fStatistic: number;
  /** Gaussian, at σ² = RSS / n. */
  readonly logLikelihood: number;
  readonly durbinWatson: number;
}

/** y on a constant and the given columns. Errors: NOT_ENOUGH_DATA, SINGULAR. */
export function regress(y: Float64Array, columns: readonly Float64Array[]): RegressionInference {
  const n = y.length;
  const k = columns.length + 1;
  const fit = leastSquares(designMatrix(columns, true), y, k);
  const sigma2 = fit.rss / (n - k);
  const standardErrors = diagonal(fit.inverse, k).map((value) => Math.sqrt(value * sigma2));
  const tStatistics = fit.coefficients.map((value, j) => value / standardErrors[j]);
  const center = mean(y);
  const total = y.reduce((sum, value) => sum + (value - center) ** 2, 0);
  const r2 = 1 - fit.rss / total;
  let steps = 0;
  for (let t = 1; t < n; t++) steps += (fit.residuals[t] - fit.residuals[t - 1]) ** 2;
  return {
    ...fit,
    rows: n,
    count: k,
    standardErrors,
    tStatistics,
    pValues: tStatistics.map((t) => 2 * studentTCdf(-Math.abs(t), n - k)),
    r2,
    adjustedR2: 1 - ((1 - r2) * (n - 1)) / (n - k),
    fStatistic: r2 / (k - 1) / ((1 - r2) / (n - k)),
    logLikelihood: (-n / 2) * (Math.log(2 * Math.PI) + Math.log(fit.rss / n) + 1),
    durbinWatson: steps / fit.rss,
  };
}

export type RobustError = 'hc0' | 'hc1' | 'hc3';

/** White's standard errors: HC0, HC1 = HC0 · n/(n−k), HC3 with squared residuals over (1 − h)² (MacKinnon, White 1985). */
export function robustErrors(X: Float64Array, fit: LeastSquares, kind: RobustError): Float64Array {
  const n = fit.residuals.length;
  const k = fit.coefficients.length;
  const scores = X.slice();
  for (let t = 0; t < n; t++) {
    const leverage = kind === 'hc3' ? leverageOf(X, fit.inverse, k, t) : 0;
    const weight = fit.residuals[t] / (1 - leverage);
    for (let j = 0; j < k; j++) scores[t * k + j] *= weight;
  }
  const factor = kind === 'hc1' ? n / (n - k) : 1;
  return sandwich(fit.inverse, lagProduct(scores, k, 0), k).map((value) => Math.sqrt(value * factor));
}

/** Newey–West standard errors with Bartlett weights 1 − l/(L+1); `corrected` multiplies the variance by n/(n−k). */
export function neweyWestErrors(X: Float64Array, fit: LeastSquares, lags: number, corrected: boolean): Float64Array {
  const n = fit.residuals.length;
  const k = fit.coefficients.length;
  const scores = X.map((value, at) => value * fit.residuals[Math.floor(at / k)]);
  const meat = lagProduct(scores, k, 0);
  for (let lag = 1; lag <= Math.min(lags, n - 1); lag++) {
    const weight = 1 - lag / (lags + 1);
    const product = lagProduct(scores, k, lag);
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) meat[i * k + j] += weight * (product[i * k + j] + product[j * k + i]);
    }
  }
  const factor = corrected ? n / (n - k) : 1;
  return sandwich(fit.inverse, meat, k).map((value) => Math.sqrt(value * factor));
}

/** 1 / (1 − R²) of every column regressed on the others and a constant. */
export function varianceInflation(columns: readonly Float64Array[]): Float64Array {
  return Float64Array.from(columns, (column, i) => {
    const others = columns.filter((_, j) => j !== i);
    return others.length === 0 ? 1 : 1 / (1 - regress(column, others).r2);
  });
}

function diagonal(A: Float64Array, k: number): Float64Array {
  return Float64Array.from({ length: k }, (_, j) => A[j * k + j]);
}

function leverageOf(X: Float64Array, inverse: Float64Array, k: number, t: number): number {
  let sum = 0;
  for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) sum += X[t * k + i] * inverse[i * k + j] * X[t * k + j];
  return sum;
}

/** Σ_t s_t s_{t−lag}ᵀ of the rows of S. */
function lagProduct(S: Float64Array, k: number, lag: number): Float64Array {
  const result = new Float64Array(k * k);
  const n = S.length / k;
  for (let t = lag; t < n; t++) {
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) result[i * k + j] += S[t * k + i] * S[(t - lag) * k + j];
    }
  }
  return result;
}

/** Diagonal of B M B. */
function sandwich(B: Float64Array, M: Float64Array, k: number): Float64Array {
  return diagonal(multiply(multiply(B, M, k, k, k), B, k, k, k), k);
}
