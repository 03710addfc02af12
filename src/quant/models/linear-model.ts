/** What ordinary, ridge, lasso and elastic-net regressions share: their fitted form, forecasts and the checks of their input. */
import { AppError } from '#base/errors';
import { throwIfCancelled } from '#base/async';
import { momentsOf, type Moments } from '../learning/moments';
import type { Model, ModelContext, ModelSpec } from './model';

/** Plain JSON. */
export interface FittedLinear {
  readonly features: readonly string[];
  readonly intercept: number;
  /** Per feature, in units of y per unit of the feature. */
  readonly coefficients: readonly number[];
  /** The penalty that was used, where there is one. */
  readonly alpha?: number;
}

/** Centered normal equations of training rows: minimize ½ wᵀAw − bᵀw plus a penalty. */
export interface NormalEquations {
  readonly rows: number;
  readonly features: number;
  /** [K, K] Xᶜᵀ Xᶜ; rows and columns of constant features are exactly 0. */
  readonly A: Float64Array;
  /** Xᶜᵀ yᶜ, length K. */
  readonly b: Float64Array;
  /** yᶜᵀ yᶜ. */
  readonly yy: number;
}

export interface LinearSolution {
  readonly coefficients: Float64Array;
  readonly alpha?: number;
}

/** Fewest rows per estimated number that regressions are fitted on. */
const ROWS_PER_COEFFICIENT = 10;

export function linearMinRows(features: number): number {
  return ROWS_PER_COEFFICIENT * (features + 1);
}

/** A model from the solver of its normal equations; the intercept is never penalized. */
export function linearModel<Params>(
  spec: ModelSpec,
  solve: (equations: NormalEquations, params: Params, signal: AbortSignal | undefined) => LinearSolution,
): Model<Params, FittedLinear> {
  function fitMoments(moments: Moments, names: readonly string[], params: Params, context: ModelContext): FittedLinear {
    requireRows(spec, moments.rows, moments.features);
    throwIfCancelled(context.signal);
    const { coefficients, alpha } = solve(normalEquations(moments), params, context.signal);
    let intercept = moments.mean[moments.features];
    for (let k = 0; k < moments.features; k++) intercept -= coefficients[k] * moments.mean[k];
    const fitted = { features: [...names], intercept, coefficients: Array.from(coefficients) };
    return alpha === undefined ? fitted : { ...fitted, alpha };
  }
  return {
    fit: (data, params, context) => {
      requireRows(spec, data.y.length, data.featureNames.length);
      throwIfCancelled(context.signal);
      return fitMoments(momentsOf(data.X, data.y, data.featureNames.length), data.featureNames, params, context);
    },
    fitMoments,
    forecast: forecastLinear,
  };
}

/** intercept + X · coefficients. Errors: INVALID_DATA where the columns are not those of the fit. */
export function forecastLinear(fitted: FittedLinear, X: Float64Array): Float64Array {
  const w = Float64Array.from(fitted.coefficients);
  const K = w.length;
  if (K === 0 || X.length % K !== 0) {
    throw new AppError(
      'INVALID_DATA',
      `Expected rows of ${K} features (${fitted.features.join(', ')}), found ${X.length} values.`,
    );
  }
  const forecasts = new Float64Array(X.length / K);
  for (let i = 0, at = 0; i < forecasts.length; i++) {
    let sum = fitted.intercept;
    for (let k = 0; k < K; k++) sum += w[k] * X[at++];
    forecasts[i] = sum;
  }
  return forecasts;
}

/** Spread of a column, relative to its mean, that is only rounding. */
const CONSTANT = 1e-13;

export function normalEquations({ rows, features, mean, scatter }: Moments): NormalEquations {
  const m = features + 1;
  const A = new Float64Array(features * features);
  const b = new Float64Array(features);
  const varies = (i: number) => scatter[i * m + i] > rows * (CONSTANT * mean[i]) ** 2;
  for (let i = 0; i < features; i++) {
    if (!varies(i)) continue;
    for (let j = 0; j < features; j++) if (varies(j)) A[i * features + j] = scatter[i * m + j];
    b[i] = scatter[i * m + features];
  }
  return { rows, features, A, b, yy: scatter[features * m + features] };
}

function requireRows(spec: ModelSpec, rows: number, features: number): void {
  const needed = spec.minRows(features);
  if (rows >= needed && features > 0) return;
  throw new AppError(
    'NOT_ENOUGH_DATA',
    `Expected at least ${needed} training rows for ${spec.title} with ${features} features, found ${rows}. ` +
      'Lengthen the training window, use fewer features or more assets.',
    { data: { needed, found: rows, features } },
  );
}
