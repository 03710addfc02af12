/** Target weights of the reference backtests, by the name of the method. Each uses prices up to the decision row only. */
import { AppError } from '#base/errors';
import type { CovarianceId } from '../covariance/choice';
import { sampleCovariance } from '../covariance/moments';
import { argsort } from '../array/stats';
import { constraintsSchema } from '../optimizers/constraints';
import type { LinkageMethod } from '../optimizers/hrp/choices';
import { bindOptimizer } from '../optimizers/load';
import type { Frame } from '../panel';
import { equalRiskContribution } from './risk-contribution';

export const RECIPE_METHODS = [
  'equal_weight',
  'inverse_volatility',
  'hrp',
  'min_variance',
  'risk_parity',
  'momentum',
] as const;
type RecipeMethod = (typeof RECIPE_METHODS)[number];

export interface RecipeMethodOptions {
  readonly method: RecipeMethod;
  readonly lookback: number;
  /** Of `hrp`. */
  readonly linkage: LinkageMethod;
  /** Of `min_variance`: largest weight. */
  readonly upper: number;
  /** Of `momentum`: number of assets held. */
  readonly top: number;
}

const SAMPLE: { readonly covariance: CovarianceId } = { covariance: 'sample' };
/** Rows that momentum leaves out before the decision. */
const MOMENTUM_SKIP = 21;

/** A function from decision row to weights over all assets. */
export function recipeWeights(prices: Frame, options: RecipeMethodOptions): (row: number) => Float64Array {
  const { method, lookback } = options;
  const n = prices.assets.length;
  const P = prices.values;
  switch (method) {
    case 'equal_weight':
      return () => new Float64Array(n).fill(1 / n);
    case 'momentum':
      if (lookback <= MOMENTUM_SKIP) {
        throw new AppError(
          'INVALID_CONFIG',
          `Expected a look-back above the ${MOMENTUM_SKIP} rows that momentum skips, found ${lookback}.`,
        );
      }
      return (row) =>
        strongest(P.subarray((row - MOMENTUM_SKIP) * n), P.subarray((row - lookback) * n), n, options.top);
    case 'risk_parity':
      return (row) => equalRiskContribution(sampleCovariance(window(prices, row, lookback), lookback, n), n);
    case 'inverse_volatility':
      return optimized(prices, lookback, 'inverse-volatility', {}, 1);
    case 'hrp':
      return optimized(prices, lookback, 'hrp', { ...SAMPLE, linkage: options.linkage }, 1);
    case 'min_variance':
      return optimized(prices, lookback, 'min-variance', SAMPLE, options.upper);
  }
}

/** [lookback, N] simple returns that end at `row`. */
function window({ values, assets }: Frame, row: number, lookback: number): Float64Array {
  const n = assets.length;
  const returns = new Float64Array(lookback * n);
  const first = (row - lookback + 1) * n;
  for (let i = 0; i < returns.length; i++) returns[i] = values[first + i] / values[first + i - n] - 1;
  return returns;
}

function optimized(prices: Frame, lookback: number, id: string, params: unknown, maxWeight: number) {
  const bound = bindOptimizer(id, params);
  const constraints = constraintsSchema.parse({ maxWeight });
  const { assets } = prices;
  const sectors = assets.map(() => '');
  return (row: number) =>
    bound.optimize({ assets, sectors, constraints, returns: window(prices, row, lookback) }).weights;
}

/** Equal weight in the `top` largest recent/past ratios; ties by column order. */
function strongest(recent: Float64Array, past: Float64Array, n: number, top: number): Float64Array {
  const order = argsort(Float64Array.from({ length: n }, (_, i) => -recent[i] / past[i]));
  const weights = new Float64Array(n);
  const held = Math.min(top, n);
  for (let k = 0; k < held; k++) weights[order[k]] = 1 / held;
  return weights;
}
