/** What the `optimize.*` kinds share: expected returns and covariance per year from prices or as given, bounds, and measures of the answer. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { dot, quadraticForm } from '../array/linalg';
import { arithmeticMeanReturns, geometricMeanReturns } from '../expected-returns/historical';
import { constraintsSchema } from '../optimizers/constraints';
import { capacity, type FeasibleSet } from '../optimizers/feasible-set';
import type { CalcInput } from './kind';
import { PRICES_INPUT, readReturns, returnsParam, type ReturnTable } from './price-input';
import { covarianceByName, covarianceName, matrixFromRows } from './risk-input';
import { byName } from './tables';

export const MARKET_INPUTS = { 'prices?': `${PRICES_INPUT}; or give params.covariance as a matrix` };

export const MARKET_RECIPE =
  'mu = periods_per_year × arithmetic mean of the returns (mu "geometric": (Π(1+r))^(periods/n) − 1 over the returns that exist); ' +
  'S = periods_per_year × covariance by params.covariance (or params.covariance itself, a matrix, with assets named 0, 1, …). ';

const bound = z.number().nullable();

export const marketShape = {
  returns: returnsParam,
  mu: z.enum(['arithmetic', 'geometric']).default('arithmetic'),
  covariance: z.union([covarianceName, z.array(z.array(z.number()))]).default('sample'),
  expected_returns: z
    .array(z.number())
    .optional()
    .meta({ description: 'With a covariance matrix: annual, per asset.' }),
  periods_per_year: z.number().gt(0).default(252),
  drop_rows_with_missing: z.boolean().default(false),
  risk_free_annual: z.number().optional(),
  risk_free: z.number().optional().meta({ description: 'The same as risk_free_annual.' }),
};

export const boundsShape = {
  lower: bound.default(0).meta({ description: 'Per asset; null = none.' }),
  upper: bound.default(1).meta({ description: 'Per asset; null = none.' }),
  sum: z.number().default(1),
  groups: z.record(z.string(), z.string()).optional().meta({ description: 'Group of each ticker.' }),
  group_upper: z
    .union([z.number(), z.record(z.string(), z.number())])
    .optional()
    .meta({ description: 'Cap on the sum of weights in every group, or per group.' }),
};

export type MarketParams = z.infer<z.ZodObject<typeof marketShape>>;
export type BoundsParams = z.infer<z.ZodObject<typeof boundsShape>>;

export interface Market {
  readonly assets: readonly string[];
  readonly n: number;
  /** Annual, [n]; absent where neither prices nor expected_returns were given. */
  readonly mu: Float64Array | undefined;
  /** Annual, [n, n]. */
  readonly S: Float64Array;
  readonly riskFree: number;
  readonly table: ReturnTable | undefined;
}

export function readMarket(inputs: Readonly<Record<string, CalcInput>>, params: MarketParams): Market {
  const riskFree = params.risk_free_annual ?? params.risk_free ?? 0;
  if (typeof params.covariance !== 'string') {
    const S = matrixFromRows(params.covariance, 'covariance');
    const n = params.covariance.length;
    const given = params.expected_returns;
    if (given !== undefined && given.length !== n) {
      throw new AppError('BAD_REQUEST', `Expected ${n} expected_returns, found ${given.length}.`);
    }
    const mu = given === undefined ? undefined : Float64Array.from(given);
    return { assets: Array.from({ length: n }, (_, i) => String(i)), n, mu, S, riskFree, table: undefined };
  }
  const table = readReturns(inputs, {
    returns: params.returns,
    dropRowsWithMissing: params.drop_rows_with_missing,
  });
  const { X, T, N } = table;
  const mean = params.mu === 'arithmetic' ? arithmeticMeanReturns : geometricMeanReturns;
  const S = covarianceByName(params.covariance, table).map((value) => value * params.periods_per_year);
  return { assets: table.assets, n: N, mu: mean(X, T, N, params.periods_per_year), S, riskFree, table };
}

/** Errors: BAD_REQUEST. */
export function requireMu(market: Market): Float64Array {
  if (market.mu !== undefined) return market.mu;
  throw new AppError('BAD_REQUEST', 'Expected expected_returns beside the covariance matrix, found none.');
}

/** Errors: INFEASIBLE when bounds, groups and sum conflict; BAD_REQUEST for an unknown ticker in groups. */
export function readBounds({ assets, n }: Market, params: BoundsParams): FeasibleSet {
  const set: FeasibleSet = {
    n,
    budget: params.sum,
    lower: new Float64Array(n).fill(params.lower ?? -Infinity),
    upper: new Float64Array(n).fill(params.upper ?? Infinity),
    sectors: readGroups(assets, params),
    constraints: constraintsSchema.parse({}),
  };
  const least = set.lower.reduce((sum, value) => sum + value, 0);
  const most = capacity(set);
  if (least <= params.sum + 1e-12 && most >= params.sum - 1e-12) return set;
  throw new AppError(
    'INFEASIBLE',
    `Bounds, group caps and sum conflict: ${n} weights within them sum to ${least} … ${most}, not to ${params.sum}. ` +
      (most < params.sum ? `Raise upper to at least ${params.sum / n} or the group caps.` : 'Lower the lower bound.'),
    { data: { constraints: ['lower', 'upper', 'group_upper', 'sum'], least, most } },
  );
}

function readGroups(assets: readonly string[], { groups, group_upper }: BoundsParams): FeasibleSet['sectors'] {
  if (groups === undefined || group_upper === undefined) return [];
  const members = new Map<string, number[]>();
  for (const [ticker, group] of Object.entries(groups)) {
    const position = assets.indexOf(ticker);
    if (position < 0) throw new AppError('BAD_REQUEST', `Expected tickers of the prices in groups, found "${ticker}".`);
    members.set(group, [...(members.get(group) ?? []), position]);
  }
  return [...members].flatMap(([name, list]) => {
    const cap = typeof group_upper === 'number' ? group_upper : group_upper[name];
    return cap === undefined ? [] : [{ name, cap, members: list.sort((a, b) => a - b) }];
  });
}

/** Weight below which an asset counts as not held. */
const HELD = 1e-6;

/** weights, and what they imply: variance, volatility, and (with expected returns) expected_return and sharpe. */
export function describePortfolio(market: Market, weights: Float64Array): Record<string, unknown> {
  const { assets, n, mu, S, riskFree } = market;
  const variance = quadraticForm(S, weights, n);
  const volatility = Math.sqrt(variance);
  const facts = {
    weights: byName(assets, weights),
    variance,
    volatility,
    n_nonzero: weights.reduce((count, weight) => count + (Math.abs(weight) > HELD ? 1 : 0), 0),
  };
  if (mu === undefined) return facts;
  const expected = dot(mu, 0, weights, 0, n);
  return { ...facts, expected_return: expected, sharpe: (expected - riskFree) / volatility };
}
