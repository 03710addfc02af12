/** Calculation kinds of clustered portfolios (`optimize.herc`, `optimize.nco`) and of whole lots (`allocate.discrete`). */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { correlationOf } from '#quant/covariance/moments';
import { HERC_RISKS } from '#quant/optimizers/herc/choices';
import { hierarchicalEqualRiskContribution } from '#quant/optimizers/herc/hierarchical-equal-risk-contribution';
import type { Clustering } from '#quant/optimizers/herc/clusters';
import { DISTANCES, LINKAGE_METHODS } from '#quant/optimizers/hrp/choices';
import { NCO_OBJECTIVES } from '#quant/optimizers/nco/choices';
import { nestedClusteredOptimization } from '#quant/optimizers/nco/nested-clustered-optimization';
import { allocateDiscrete } from '#quant/trading/discrete-allocation';
import { calcKind, type CalcKind } from '../kind';
import { PRICES_INPUT, readReturns, requireComplete, returnsParam } from '../price-input';
import { covarianceByName, covarianceName } from '../risk-input';
import { byName } from '../tables';

const clustered = {
  covariance: covarianceName.default('sample'),
  linkage: z.enum(LINKAGE_METHODS).default('ward'),
  distance: z.enum(DISTANCES).default('correlation'),
  clusters: z.int().gte(0).default(0).meta({ description: '0 = by the gap statistic.' }),
  returns: returnsParam,
};
const CLUSTER_RECIPE =
  'd = √((1−ρ)/2) (or Euclidean distances between its columns), linkage as scipy; clusters 0: the k ≥ 2 up to max(8, √N) with the largest ' +
  'W(k−1) − 2W(k) + W(k+1), W(k) = Σ_r (1/n_r) Σ_{i<j in r} d². ';
const hercParams = z.strictObject({
  ...clustered,
  risk: z.enum(HERC_RISKS).default('variance'),
  level: z.number().gte(0.5).lt(1).default(0.95),
  lower: z.number().gte(0).default(0),
  upper: z.number().gt(0).lte(1).default(1),
});
const ncoParams = z.strictObject({
  ...clustered,
  inside: z.enum(NCO_OBJECTIVES).default('min-variance'),
  across: z.enum(NCO_OBJECTIVES).default('min-variance'),
  long_only: z.boolean().default(true),
});
const discreteParams = z.strictObject({
  weights: z.record(z.string(), z.number().gte(0)),
  prices: z.record(z.string(), z.number().gt(0)),
  value: z.number().gt(0).meta({ unit: 'currency' }),
  lot: z.number().gt(0).default(1).meta({ unit: 'shares' }),
  node_limit: z.int().gte(1).default(200_000),
});

export const kinds: readonly CalcKind[] = [
  calcKind({
    id: 'optimize.herc',
    summary: 'Hierarchical equal risk contribution: weights and clusters.',
    recipe:
      CLUSTER_RECIPE +
      'Down the tree to the clusters each side gets share ∝ the other side’s summed cluster risk; cluster risk and shares inside a cluster under ' +
      'inverse-risk weights (Raffinot 2018). risk "equal" halves every split. CVaR counts the boundary return in part; CDaR on summed returns.',
    inputs: { prices: PRICES_INPUT },
    params: hercParams,
    run: (inputs, { returns, covariance: name, lower, upper, level, ...options }) => {
      const table = requireComplete(readReturns(inputs, { returns }));
      const { N, assets } = table;
      const covariance = covarianceByName(name, table);
      const bounds = { lower: new Float64Array(N).fill(lower), upper: new Float64Array(N).fill(upper) };
      const { weights, clustering } = hierarchicalEqualRiskContribution(
        { N, covariance, returns: table.X, level },
        correlationOf(covariance, N),
        { ...options, budget: 1, ...bounds },
      );
      return { weights: byName(assets, weights), clusters: namesOf(assets, clustering) };
    },
  }),
  calcKind({
    id: 'optimize.nco',
    summary: 'Nested clustered optimization: weights and clusters.',
    recipe:
      CLUSTER_RECIPE +
      'Weights inside each cluster by "inside", then of the clusters on WᵀSW by "across"; the product (López de Prado 2019). ' +
      'min-variance is long-only, or within ±1 where long_only is false.',
    inputs: { prices: PRICES_INPUT },
    params: ncoParams,
    run: (inputs, { returns, covariance: name, long_only, ...options }) => {
      const table = requireComplete(readReturns(inputs, { returns }));
      const covariance = covarianceByName(name, table);
      const { weights, clustering } = nestedClusteredOptimization(
        covariance,
        correlationOf(covariance, table.N),
        table.N,
        { ...options, longOnly: long_only, budget: 1 },
      );
      return { weights: byName(table.assets, weights), clusters: namesOf(table.assets, clustering) };
    },
  }),
  calcKind({
    id: 'allocate.discrete',
    summary: 'Whole lots from target weights, cash left over and what the search did.',
    recipe:
      'Least Σ (shares · price / value − weight)² over whole lots with a cost of at most value: exact by branch and bound for up to 30 assets within ' +
      'node_limit (proved says whether it ended), else greedy: round down, then one lot at a time where the error falls most.',
    inputs: {},
    params: discreteParams,
    run: (_inputs, { weights, prices, value, lot, node_limit }) => {
      const assets = Object.keys(weights);
      const missing = assets.filter((asset) => !Object.hasOwn(prices, asset));
      if (missing.length > 0) {
        throw new AppError(
          'BAD_REQUEST',
          `Expected a price of every asset, found none of ${missing.join(', ')}. Add them.`,
        );
      }
      const result = allocateDiscrete({
        targets: Float64Array.from(assets, (asset) => weights[asset]),
        prices: Float64Array.from(assets, (asset) => prices[asset]),
        value,
        lot,
        nodeLimit: node_limit,
      });
      const { method, proved, nodes, cash, squaredError } = result;
      return {
        shares: byName(assets, result.shares),
        weights: byName(assets, result.weights),
        cash,
        squared_error: squaredError,
        method,
        proved,
        nodes,
        node_limit,
      };
    },
  }),
];

function namesOf(assets: readonly string[], { members }: Clustering): string[][] {
  return members.map((list) => list.map((i) => assets[i]));
}
