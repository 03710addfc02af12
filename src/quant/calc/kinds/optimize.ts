/** Calculation kinds `optimize.*` but those with a risk measure of their own: one portfolio per call from expected returns and covariance. */
import { z } from 'zod';
import { dot, quadraticForm } from '#quant/array/linalg';
import { correlationOf } from '#quant/covariance/moments';
import type { FeasibleSet } from '#quant/optimizers/feasible-set';
import { leastVarianceForReturn, mostReturnForVolatility, mostSharpe } from '#quant/optimizers/quadratic/frontier';
import { solveOverSet } from '#quant/optimizers/quadratic/portfolio-program';
import { riskBudgetWeights } from '#quant/optimizers/risk-budget/risk-budget';
import { AppError } from '#base/errors';
import { calcKind, type CalcKind } from '../kind';
import {
  boundsShape,
  describePortfolio,
  MARKET_INPUTS,
  MARKET_RECIPE,
  marketShape,
  readBounds,
  readMarket,
  requireMu,
  type BoundsParams,
  type Market,
  type MarketParams,
} from '../portfolio-input';
import { byName } from '../tables';

const plain = z.strictObject({ ...marketShape, ...boundsShape });
/** For kinds whose definition leaves no room for an upper bound. */
const uncapped = plain.extend({ upper: z.literal(1).nullable().default(null) });

export const kinds: readonly CalcKind[] = [
  portfolioKind(
    'min_variance',
    'min wᵀSw + l2_gamma ‖w‖² subject to bounds, sum and group caps.',
    plain.extend({ l2_gamma: z.number().gte(0).default(0) }),
    (market, set, { l2_gamma, groups }) => {
      const w = solveOverSet(set, withRidge(market.S, market.n, l2_gamma), undefined, variances(market)).x;
      return {
        ...describePortfolio(market, w),
        ...(groups === undefined ? {} : { group_weights: groupWeights(market.assets, w, groups) }),
      };
    },
  ),
  portfolioKind(
    'mean_variance',
    'max wᵀmu − (risk_aversion/2) wᵀSw subject to bounds, sum and group caps.',
    plain.extend({ risk_aversion: z.number().gt(0) }),
    (market, set, { risk_aversion }) => {
      const mu = requireMu(market);
      const c = mu.map((value) => -value);
      const H = market.S.map((value) => value * risk_aversion);
      const w = solveOverSet(set, H, c, c).x;
      const objective = dot(mu, 0, w, 0, market.n) - (risk_aversion / 2) * quadraticForm(market.S, w, market.n);
      return { ...describePortfolio(market, w), objective };
    },
  ),
  portfolioKind(
    'max_sharpe',
    'max (wᵀmu − risk_free_annual)/√(wᵀSw) subject to bounds, sum and group caps.',
    plain,
    (market, set) => describePortfolio(market, mostSharpe(set, market.S, requireMu(market), market.riskFree)),
  ),
  portfolioKind(
    'efficient_frontier',
    'For each target return r: min wᵀSw subject to wᵀmu = r, bounds, sum and group caps.',
    plain.extend({ target_returns: z.array(z.number()).min(1) }),
    (market, set, { target_returns }) => {
      const mu = requireMu(market);
      const weights = target_returns.map((target) => leastVarianceForReturn(set, market.S, mu, target, 'equal'));
      return {
        volatilities: weights.map((w) => Math.sqrt(quadraticForm(market.S, w, market.n))),
        frontier_weights: weights.map((w) => byName(market.assets, w)),
      };
    },
  ),
  portfolioKind(
    'target_return',
    'min wᵀSw subject to wᵀmu ≥ target_return, bounds, sum and group caps.',
    plain.extend({ target_return: z.number() }),
    (market, set, { target_return }) => {
      const mu = requireMu(market);
      return describePortfolio(market, leastVarianceForReturn(set, market.S, mu, target_return, 'at-least'));
    },
  ),
  portfolioKind(
    'target_volatility',
    'max wᵀmu subject to √(wᵀSw) ≤ target_volatility, bounds, sum and group caps.',
    plain.extend({ target_volatility: z.number().gt(0) }),
    (market, set, { target_volatility }) =>
      describePortfolio(market, mostReturnForVolatility(set, market.S, requireMu(market), target_volatility)),
  ),
  portfolioKind('inverse_volatility', 'w_i = (1/σ_i)/Σ(1/σ), times sum.', plain, (market, set) => {
    const inverse = variances(market).map((variance) => 1 / Math.sqrt(variance));
    return describePortfolio(market, normalized(inverse, set.budget));
  }),
  portfolioKind(
    'max_diversification',
    'max (wᵀσ)/√(wᵀSw), w ≥ 0: min yᵀRy on the correlation matrix with y ≥ 0, then w ∝ y/σ.',
    uncapped,
    (market, set) => {
      const { n, S } = market;
      const long = { ...set, lower: new Float64Array(n), upper: new Float64Array(n).fill(Infinity), sectors: [] };
      const y = solveOverSet(long, correlationOf(S, n), undefined, new Float64Array(n)).x;
      const w = normalized(
        y.map((value, i) => value / Math.sqrt(S[i * n + i])),
        set.budget,
      );
      const weighted = w.reduce((sum, weight, i) => sum + weight * Math.sqrt(S[i * n + i]), 0);
      return { ...describePortfolio(market, w), diversification_ratio: weighted / Math.sqrt(quadraticForm(S, w, n)) };
    },
  ),
  portfolioKind(
    'risk_parity',
    'Equal risk contribution: w_i (Sw)_i equal for all i, w > 0.',
    uncapped,
    (market, set) => {
      const equal = new Float64Array(market.n).fill(1 / market.n);
      const w = normalized(riskBudgetWeights(market.S, market.n, equal), set.budget);
      const each = Math.sqrt(quadraticForm(market.S, w, market.n)) / market.n;
      return { ...describePortfolio(market, w), risk_contribution_each: each };
    },
  ),
  portfolioKind(
    'risk_budget',
    'w_i (Sw)_i / wᵀSw = budgets_i, w > 0.',
    uncapped.extend({ budgets: z.record(z.string(), z.number().gt(0)) }),
    (market, set, { budgets }) => {
      const shares = Float64Array.from(market.assets, (asset) => {
        if (Object.hasOwn(budgets, asset)) return budgets[asset];
        throw new AppError('BAD_REQUEST', `Expected a risk budget for ${asset}, found none.`);
      });
      return describePortfolio(market, normalized(riskBudgetWeights(market.S, market.n, shares), set.budget));
    },
  ),
];

type SomeBounds = Partial<BoundsParams>;

function portfolioKind<Params extends MarketParams & SomeBounds>(
  name: string,
  recipe: string,
  params: z.ZodType<Params>,
  answer: (market: Market, set: FeasibleSet, params: Params) => Record<string, unknown>,
): CalcKind {
  return calcKind({
    id: `optimize.${name}`,
    summary: recipe.replace(/[:.].*$/s, '') + '.',
    recipe: MARKET_RECIPE + recipe,
    inputs: MARKET_INPUTS,
    params,
    run: (inputs, chosen) => {
      const market = readMarket(inputs, chosen);
      const { lower = 0, upper = null, sum = 1, groups, group_upper } = chosen;
      return answer(market, readBounds(market, { lower, upper, sum, groups, group_upper }), chosen);
    },
  });
}

function variances({ S, n }: Market): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => S[i * n + i]);
}

function withRidge(S: Float64Array, n: number, ridge: number): Float64Array {
  if (ridge === 0) return S;
  const H = S.slice();
  for (let i = 0; i < n; i++) H[i * n + i] += ridge;
  return H;
}

function normalized(values: Float64Array, total: number): Float64Array {
  const sum = values.reduce((all, value) => all + value, 0);
  return values.map((value) => (value / sum) * total);
}

function groupWeights(
  assets: readonly string[],
  w: Float64Array,
  groups: Readonly<Record<string, string>>,
): Record<string, number> {
  const sums: Record<string, number> = {};
  assets.forEach((asset, i) => {
    if (Object.hasOwn(groups, asset)) sums[groups[asset]] = (sums[groups[asset]] ?? 0) + w[i];
  });
  return sums;
}
