/** Augmented Dickey–Fuller and Engle–Granger tests with response-surface p-values. */
import { AppError } from '#base/errors';
import { normalCdf } from '../array/distributions';
import { designMatrix, leastSquares } from '../regression/least-squares';

/** Deterministic terms of the test regression: none, constant, constant and trend. */
export type Trend = 'n' | 'c' | 'ct';

export interface UnitRootTest {
  /** t-ratio of the lagged level. */
  readonly statistic: number;
  /** Rows of the test regression. */
  readonly rows: number;
}

/**
 * Δx_t on x_{t−1}, `lags` lagged differences and the deterministic terms (Said, Dickey 1984).
 * Errors: NOT_ENOUGH_DATA, SINGULAR.
 */
export function dickeyFuller(x: Float64Array, lags: number, trend: Trend): UnitRootTest {
  const first = lags + 1;
  const rows = x.length - first;
  const deterministic = trend === 'n' ? 0 : trend === 'c' ? 1 : 2;
  const k = 1 + lags + deterministic;
  if (rows <= k) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected more than ${first + k} observations, found ${x.length}. Use fewer lags.`,
      {
        data: { needed: first + k + 1, found: x.length },
      },
    );
  }
  const at = (value: (t: number) => number) => Float64Array.from({ length: rows }, (_, i) => value(first + i));
  const columns = [at((t) => x[t - 1])];
  for (let lag = 1; lag <= lags; lag++) columns.push(at((t) => x[t - lag] - x[t - lag - 1]));
  if (trend !== 'n') columns.push(at(() => 1));
  if (trend === 'ct') columns.push(at((t) => t - first + 1));
  const { coefficients, inverse, rss } = leastSquares(
    designMatrix(columns, false),
    at((t) => x[t] - x[t - 1]),
    k,
  );
  return { statistic: coefficients[0] / Math.sqrt((rss / (rows - k)) * inverse[0]), rows };
}

interface Surface {
  /** Beyond these the p-value is 0 or 1; up to `star` the small-p polynomial holds. */
  readonly min: number;
  readonly max: number;
  readonly star: number;
  /** Coefficients in ascending powers. */
  readonly small: readonly number[];
  readonly large: readonly number[];
}

const SURFACES: Readonly<Record<'c1' | 'c2' | 'ct1' | 'ct2', Surface>> = {
  c1: {
    min: -18.83,
    max: 2.74,
    star: -1.61,
    small: [2.1659, 1.4412, 0.038269],
    large: [1.7339, 0.93202, -0.12745, -0.010368],
  },
  c2: {
    min: -18.86,
    max: 0.92,
    star: -2.62,
    small: [2.92, 1.5012, 0.039796],
    large: [2.1945, 0.64695, -0.29198, -0.042377],
  },
  ct1: {
    min: -16.18,
    max: 0.7,
    star: -2.89,
    small: [3.2512, 1.6047, 0.049588],
    large: [2.5261, 0.61654, -0.37956, -0.060285],
  },
  ct2: {
    min: -21.15,
    max: 0.63,
    star: -3.19,
    small: [3.6646, 1.5419, 0.036448],
    large: [2.85, 0.5272, -0.36622, -0.051695],
  },
};

/** Asymptotic p-value of a unit-root (1 variable) or cointegration (2 variables) t-ratio (MacKinnon 1994). */
export function unitRootPValue(statistic: number, trend: 'c' | 'ct', variables: 1 | 2): number {
  const { min, max, star, small, large } = SURFACES[`${trend}${variables}`];
  if (statistic > max) return 1;
  if (statistic < min) return 0;
  const coefficients = statistic <= star ? small : large;
  return normalCdf(coefficients.reduceRight((sum, coefficient) => sum * statistic + coefficient, 0));
}
