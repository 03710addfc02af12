/** `backtest.*`: walk-forward portfolios by the reference recipe, with daily equity and a table of rebalances. */
import { z } from 'zod';
import { mean } from '#quant/array/stats';
import { type RecipeBacktest, recipeBacktest } from '#quant/backtest/recipe-backtest';
import { RECIPE_METHODS, recipeWeights } from '#quant/backtest/recipe-weights';
import { equityReturns } from '#quant/backtest/simulation';
import { drawdownsOf, summarizeDrawdowns } from '#quant/metrics/drawdown';
import { annualSharpe, compoundAnnualGrowth } from '#quant/metrics/measures';
import { returnSample } from '#quant/metrics/sample';
import { LINKAGE_METHODS } from '#quant/optimizers/hrp/choices';
import type { Frame } from '#quant/panel';
import { calcKind } from '../kind';
import { byName, columnsTable, readWidePrices, requireInput } from '../tables';

function tables(prices: Frame, { firstRow, equity, rebalances }: RecipeBacktest) {
  return {
    equity: columnsTable({ date: prices.dates.slice(firstRow), equity }),
    rebalances: columnsTable({
      decision_date: rebalances.map(({ decisionRow }) => prices.dates[decisionRow]),
      exec_date: rebalances.map(({ fillRow }) => prices.dates[fillRow]),
      turnover: rebalances.map(({ turnover }) => turnover),
      cost: rebalances.map(({ cost }) => cost),
      equity_pre: rebalances.map(({ equityBefore }) => equityBefore),
      equity_post: rebalances.map(({ equityAfter }) => equityAfter),
    }),
  };
}

function summary(prices: Frame, { equity, rebalances }: RecipeBacktest) {
  const first = rebalances[0];
  const last = rebalances[rebalances.length - 1];
  const sample = returnSample(equityReturns(equity), { periodsPerYear: 252, riskFree: 0, alpha: 0.95 });
  return {
    final_equity: equity[equity.length - 1],
    n_rebalances: rebalances.length,
    first_execution: prices.dates[first.fillRow],
    last_execution: prices.dates[last.fillRow],
    mean_turnover_after_first: mean(rebalances.slice(1).map(({ turnover }) => turnover)),
    total_cost: rebalances.reduce((sum, { cost }) => sum + cost, 0),
    cagr: compoundAnnualGrowth(sample),
    volatility: sample.standardDeviation * Math.sqrt(252),
    sharpe: annualSharpe(sample),
    max_drawdown: summarizeDrawdowns(drawdownsOf(equity, equity[0])).depth,
    first_weights: byName(prices.assets, first.weights),
    last_weights: byName(prices.assets, last.weights),
  };
}

const walkForward = calcKind({
  id: 'backtest.walk_forward',
  summary: 'Walk-forward backtest of a long-only portfolio rule with costs.',
  recipe:
    'Close prices P (no gaps), daily simple returns r. Decision rows: every row whose next row lies in a different calendar period; the ' +
    'last row of the data is never one; and row index >= lookback. Target weights use only those `lookback` returns (momentum uses ' +
    'P[row-21]/P[row-lookback]-1, equal weight in the `top` highest). Execution row = decision row + lag_rows at its close. At execution: ' +
    'V_pre = sum h_i P_i (1.0 first time), turnover = sum |w_target_i - w_pre_i|, cost = cost_rate*turnover*V_pre, h_i = V_post*w_target_i/P_i. ' +
    'Between rebalances weights drift. Statistics use daily equity returns from the row after the first execution. Methods: 1/N; 1/std; HRP ' +
    "on the sample covariance (distance of correlation, variance); min w'Sw with 0<=w<=upper; equal risk contribution; momentum.",
  inputs: { prices: 'CSV: first column ISO date, one column of complete prices per ticker' },
  params: z.strictObject({
    method: z.enum(RECIPE_METHODS).meta({ title: 'Method' }),
    lookback: z.int().gte(2).default(252).meta({ title: 'Look-back', unit: 'rows' }),
    cost_rate: z.number().gte(0).lt(1).default(0).meta({ title: 'Cost', unit: 'fraction of traded notional' }),
    frequency: z.enum(['week', 'month', 'quarter', 'year']).default('month').meta({ title: 'Rebalance every' }),
    lag_rows: z.int().gte(0).default(0).meta({ title: 'Execution lag', unit: 'rows' }),
    linkage: z.enum(LINKAGE_METHODS).default('single').meta({ title: 'Linkage of HRP' }),
    upper: z.number().gt(0).lte(1).default(1).meta({ title: 'Largest weight of minimum variance' }),
    top: z.int().gte(1).default(5).meta({ title: 'Assets held by momentum' }),
  }),
  run: (inputs, params) => {
    const prices = readWidePrices(requireInput(inputs, 'prices'));
    const result = recipeBacktest(
      prices,
      { lookback: params.lookback, frequency: params.frequency, costRate: params.cost_rate, lag: params.lag_rows },
      recipeWeights(prices, params),
    );
    return { ...tables(prices, result), ...summary(prices, result) };
  },
});

export const kinds = [walkForward];
