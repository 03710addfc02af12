/** Calculation kind `hrp`: hierarchical risk parity from prices or from a covariance matrix. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { quadraticForm } from '#quant/array/linalg';
import { correlationOf, pairwiseCorrelation } from '#quant/covariance/moments';
import { hierarchicalRiskParity, type HrpResult } from '#quant/optimizers/hrp/hierarchical-risk-parity';
import { LINKAGE_METHODS } from '#quant/optimizers/hrp/choices';
import { calcKind, type CalcInput, type CalcKind } from '../kind';
import { PRICES_INPUT, readReturns, returnsParam, type ReturnTable } from '../price-input';
import { covarianceByName, covarianceName } from '../risk-input';
import { byName, readMatrix } from '../tables';

const params = z.strictObject({
  linkage: z.enum(LINKAGE_METHODS).default('single'),
  distance: z
    .enum(['corr', 'euclid_of_corr'])
    .default('corr')
    .meta({ description: 'Cluster on √((1−ρ)/2) itself, or on Euclidean distances between its columns.' }),
  optimal_leaf_ordering: z.boolean().default(false),
  risk: z.enum(['variance', 'std']).default('variance'),
  covariance: covarianceName.default('sample'),
  tickers: z.union([z.literal('all columns'), z.array(z.string()).min(1)]).default('all columns'),
  returns: returnsParam,
  periods_per_year: z.number().gt(0).default(252),
});
type Params = z.infer<typeof params>;

/** From this many assets on, only every tenth merge height is listed. */
const LARGE = 100;
const REFERENCE_RATE = 0.02;

export const kinds: readonly CalcKind[] = [
  calcKind({
    id: 'hrp',
    summary: 'Hierarchical risk parity: weights, leaf order and linkage.',
    recipe:
      'Covariance per period of params.covariance; correlation from it. d_ij = √(clip((1−ρ_ij)/2, 0, 1)); distance "corr" clusters on d, ' +
      '"euclid_of_corr" on Euclidean distances between the columns of d. Linkage with scipy’s conventions (ward on the given distances); ' +
      'each merge puts the child with the smaller id left; leaves depth first, left before right; optional leaf ordering as scipy’s optimal_leaf_ordering returns it. ' +
      'Recursive bisection at floor(length/2): α = 1 − v_left/(v_left+v_right) with v = wᵀCw under inverse-variance weights ' +
      '(risk "std": inverse-deviation weights and standard deviation). linkage rows: [left, right, height, size]. ' +
      'Above 100 assets linkage_heights_sorted lists every tenth height and linkage is left out. performance_rf0.02: annual mean, volatility, Sharpe.',
    inputs: {
      'prices?': PRICES_INPUT,
      'covariance?': 'CSV: empty corner cell and names, then one row per asset; instead of prices',
    },
    params,
    run,
  }),
];

function run(inputs: Readonly<Record<string, CalcInput>>, chosen: Params): Record<string, unknown> {
  if (Object.hasOwn(inputs, 'covariance')) {
    const { columns, values } = readMatrix(inputs['covariance']);
    if (values.length !== columns.length ** 2) {
      throw new AppError('INVALID_DATA', `Expected a square covariance matrix in ${inputs['covariance'].name}.`);
    }
    return answer(
      columns,
      values,
      solve(values, correlationOf(values, columns.length), columns.length, chosen),
      chosen,
    );
  }
  const tickers = chosen.tickers === 'all columns' ? undefined : chosen.tickers;
  const table = readReturns(inputs, { returns: chosen.returns, ...(tickers === undefined ? {} : { tickers }) });
  const covariance = covarianceByName(chosen.covariance, table);
  const correlation =
    chosen.covariance === 'sample_pairwise'
      ? pairwiseCorrelation(table.X, table.T, table.N)
      : correlationOf(covariance, table.N);
  const result = solve(covariance, correlation, table.N, chosen);
  return {
    ...answer(table.assets, covariance, result, chosen),
    'performance_rf0.02': performance(table, covariance, result.weights, chosen.periods_per_year),
  };
}

function solve(covariance: Float64Array, correlation: Float64Array, N: number, chosen: Params): HrpResult {
  return hierarchicalRiskParity(covariance, correlation, N, {
    linkage: chosen.linkage,
    distance: chosen.distance === 'corr' ? 'correlation' : 'euclidean-of-correlation',
    leafOrdering: chosen.optimal_leaf_ordering ? 'bottom-up' : 'none',
    risk: chosen.risk === 'variance' ? 'variance' : 'standard-deviation',
  });
}

function answer(
  assets: readonly string[],
  covariance: Float64Array,
  { weights, order, linkage }: HrpResult,
  chosen: Params,
): Record<string, unknown> {
  const N = assets.length;
  const volatility = Math.sqrt(chosen.periods_per_year * quadraticForm(covariance, weights, N));
  const leaves = Array.from(order, (leaf) => assets[leaf]);
  const heights = Array.from(linkage.height);
  const rows = heights.map((height, k) => [linkage.left[k], linkage.right[k], height, linkage.size[k]]);
  return {
    weights: byName(assets, weights),
    order: leaves,
    order_first5: leaves.slice(0, 5),
    linkage_heights_sorted: N > LARGE ? heights.filter((_, k) => k % 10 === 0) : heights,
    ...(N > LARGE ? {} : { linkage: rows }),
    portfolio_volatility_annual: volatility,
    volatility,
    effective_n: 1 / weights.reduce((sum, weight) => sum + weight * weight, 0),
  };
}

function performance(
  { X, T, N }: ReturnTable,
  covariance: Float64Array,
  weights: Float64Array,
  periods: number,
): Record<string, number> {
  let expected = 0;
  for (let j = 0; j < N; j++) {
    let sum = 0;
    let count = 0;
    for (let t = 0; t < T; t++) {
      const value = X[t * N + j];
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    expected += weights[j] * ((periods * sum) / count);
  }
  const volatility = Math.sqrt(periods * quadraticForm(covariance, weights, N));
  return { expected_return: expected, volatility, sharpe: (expected - REFERENCE_RATE) / volatility };
}
