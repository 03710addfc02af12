/**
 * Exposure to known factors: one return series on a constant and factor returns, with errors that survive autocorrelation and
 * changing variance (Newey, West 1987), and the same for many assets at once as a factor model of their covariance.
 */
import { AppError } from '#base/errors';
import { studentTCdf } from '../array/distributions';
import { multiply, transpose } from '../array/linalg';
import { standardDeviation, variance } from '../array/stats';
import { sampleCovariance } from '../covariance/moments';
import { designMatrix, leastSquares } from '../regression/least-squares';
import { neweyWestErrors, regress } from '../regression/regression-inference';

export interface NamedSeries {
  readonly name: string;
  /** Returns per period, length T. */
  readonly returns: Float64Array;
}

export interface FactorRegression {
  /** Constant first, then one per factor; length K + 1. */
  readonly coefficients: Float64Array;
  /** Newey-West with Bartlett weights and factor T / (T − K − 1). */
  readonly standardErrors: Float64Array;
  readonly tStatistics: Float64Array;
  /** Two-sided, Student t with T − K − 1 degrees of freedom. */
  readonly pValues: Float64Array;
  readonly r2: number;
  readonly adjustedR2: number;
  /** √(RSS / (T − K − 1)), per period. */
  readonly residualDeviation: number;
  readonly residuals: Float64Array;
  readonly lags: number;
  readonly rows: number;
}

/** ⌊4 (T / 100)^(2/9)⌋, the usual plug-in (Newey, West 1994). */
export function automaticLags(T: number): number {
  return Math.floor(4 * (T / 100) ** (2 / 9));
}

/**
 * Errors: INVALID_DATA for another length, a hole or a series that does not vary; NOT_ENOUGH_DATA unless T > K + 1;
 * SINGULAR where a factor is a combination of the others.
 */
export function factorRegression(
  y: NamedSeries,
  factors: readonly NamedSeries[],
  lags = automaticLags(y.returns.length),
): FactorRegression {
  const T = y.returns.length;
  const k = factors.length + 1;
  requireRegressionRows(T, k);
  for (const series of [y, ...factors]) requireVariation(series, T);
  const columns = factors.map(({ returns }) => returns);
  const fit = regress(y.returns, columns);
  const standardErrors = neweyWestErrors(designMatrix(columns, true), fit, lags, true);
  const tStatistics = fit.coefficients.map((value, j) => value / standardErrors[j]);
  return {
    coefficients: fit.coefficients,
    standardErrors,
    tStatistics,
    pValues: tStatistics.map((t) => 2 * studentTCdf(-Math.abs(t), T - k)),
    r2: fit.r2,
    adjustedR2: fit.adjustedR2,
    residualDeviation: Math.sqrt(fit.rss / (T - k)),
    residuals: fit.residuals,
    lags,
    rows: T,
  };
}

function requireRegressionRows(T: number, k: number): void {
  if (T > k) return;
  throw new AppError(
    'NOT_ENOUGH_DATA',
    `Expected more than ${k} returns for ${k} coefficients, found ${T}. Use a longer period or fewer factors.`,
    { data: { needed: k + 1, found: T } },
  );
}

/** Errors: INVALID_DATA with the row of a hole, or where the series does not vary. */
function requireVariation({ name, returns }: NamedSeries, T: number): void {
  if (returns.length !== T) {
    throw new AppError(
      'INVALID_DATA',
      `Expected ${T} returns of ${name}, found ${returns.length}. Use the same dates.`,
    );
  }
  const hole = returns.findIndex((value) => !Number.isFinite(value));
  if (hole >= 0) {
    throw new AppError(
      'INVALID_DATA',
      `Expected finite returns of ${name}, found ${returns[hole]} in row ${hole + 1}.`,
      {
        data: { name, row: hole },
      },
    );
  }
  const largest = returns.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (standardDeviation(returns) > largest * 1e-14) return;
  throw new AppError(
    'INVALID_DATA',
    `Expected returns of ${name} that vary, found variance ${variance(returns)} over ${T} rows. Choose another benchmark or factor.`,
    { data: { name, rows: T } },
  );
}

export interface FactorModel {
  readonly N: number;
  readonly K: number;
  readonly alphas: Float64Array;
  /** [N, K]. */
  readonly betas: Float64Array;
  /** [K, K], divisor T − 1. */
  readonly factorCovariance: Float64Array;
  /** RSS / (T − K − 1), length N. */
  readonly specificVariance: Float64Array;
  readonly r2: Float64Array;
}

/** X [T, N] on a constant and the factors. Errors: as {@link factorRegression}. */
export function assetFactorModel(X: Float64Array, T: number, N: number, factors: readonly NamedSeries[]): FactorModel {
  const K = factors.length;
  requireRegressionRows(T, K + 1);
  for (const factor of factors) requireVariation(factor, T);
  const hole = X.findIndex((value) => !Number.isFinite(value));
  if (hole >= 0) {
    throw new AppError(
      'INVALID_DATA',
      `Expected finite returns, found ${X[hole]} in row ${Math.floor(hole / N) + 1} of asset ${(hole % N) + 1}.`,
      { data: { row: Math.floor(hole / N), asset: hole % N } },
    );
  }
  const design = designMatrix(
    factors.map(({ returns }) => returns),
    true,
  );
  const byAsset = transpose(X, T, N);
  const model = {
    alphas: new Float64Array(N),
    betas: new Float64Array(N * K),
    specificVariance: new Float64Array(N),
    r2: new Float64Array(N),
  };
  for (let i = 0; i < N; i++) {
    const y = byAsset.subarray(i * T, (i + 1) * T);
    const { coefficients, rss } = leastSquares(design, y, K + 1);
    model.alphas[i] = coefficients[0];
    model.betas.set(coefficients.subarray(1), i * K);
    model.specificVariance[i] = rss / (T - K - 1);
    const total = variance(y) * (T - 1);
    model.r2[i] = total > 0 ? 1 - rss / total : 0;
  }
  const F = new Float64Array(T * K);
  factors.forEach(({ returns }, k) => {
    for (let t = 0; t < T; t++) F[t * K + k] = returns[t];
  });
  return { N, K, ...model, factorCovariance: sampleCovariance(F, T, K) };
}

/** B F Bᵀ + diag(specific variance), [N, N]: positive definite wherever every specific variance is positive, also for T < N. */
export function modelCovariance({
  N,
  K,
  betas,
  factorCovariance,
  specificVariance,
}: Pick<FactorModel, 'N' | 'K' | 'betas' | 'factorCovariance' | 'specificVariance'>): Float64Array {
  const BF = multiply(betas, factorCovariance, N, K, K);
  const result = multiply(BF, transpose(betas, N, K), N, K, N);
  for (let i = 0; i < N; i++) result[i * N + i] += specificVariance[i];
  return result;
}
