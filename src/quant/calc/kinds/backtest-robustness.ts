/** `backtest.*` about robustness: every rebalance offset of one rule, and every parameter of one rule. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { mean, quantile, standardDeviation } from '#quant/array/stats';
import { recipeBacktest } from '#quant/backtest/recipe-backtest';
import { RECIPE_METHODS, recipeWeights } from '#quant/backtest/recipe-weights';
import { equityReturns } from '#quant/backtest/simulation';
import { LINKAGE_METHODS } from '#quant/optimizers/hrp/choices';
import { momentumSweep } from '#quant/sweeps/momentum-sweep';
import { calcKind } from '../kind';
import { columnsTable, readWidePrices, requireInput } from '../tables';

const PRICES = 'CSV: first column ISO date, one column of complete prices per ticker';
const costRate = z.number().gte(0).lt(1).default(0).meta({ title: 'Cost', unit: 'fraction of traded notional' });
const lagRows = z.int().gte(0).default(0).meta({ title: 'Execution lag', unit: 'rows' });
const frequency = z.enum(['week', 'month', 'quarter']).default('month').meta({ title: 'Rebalance every' });
const PERIOD = { week: 5, month: 21, quarter: 63 } as const;

function numbers(equity: Float64Array) {
  const returns = equityReturns(equity);
  return {
    cagr: (equity[equity.length - 1] / equity[0]) ** (252 / returns.length) - 1,
    sharpe: (mean(returns) / standardDeviation(returns)) * Math.sqrt(252),
  };
}

function spread(values: readonly number[]) {
  return {
    min: Math.min(...values),
    median: quantile(values, 0.5),
    max: Math.max(...values),
    std: standardDeviation(values),
  };
}

const timingLuck = calcKind({
  id: 'backtest.timing_luck',
  summary: 'The same rule at every rebalance offset of the period: how much of the result is luck of the day.',
  recipe:
    'backtest.walk_forward with every decision moved k rows later, k = 0 … 20 for months (0 … 4 weeks, 0 … 62 quarters). All equity curves ' +
    'are compared from the first execution row of the last offset to the end, each set to 1 there. cagr = growth^(252/days)-1, sharpe = ' +
    'mean/std(ddof=1)*sqrt(252) of daily returns. tranched = mean of the curves (equal sub-accounts). std has ddof 1 over offsets.',
  inputs: { prices: PRICES },
  params: z.strictObject({
    method: z.enum(RECIPE_METHODS).meta({ title: 'Method' }),
    lookback: z.int().gte(2).default(252).meta({ title: 'Look-back', unit: 'rows' }),
    cost_rate: costRate,
    frequency,
    lag_rows: lagRows,
    linkage: z.enum(LINKAGE_METHODS).default('single').meta({ title: 'Linkage of HRP' }),
    upper: z.number().gt(0).lte(1).default(1).meta({ title: 'Largest weight of minimum variance' }),
    top: z.int().gte(1).default(5).meta({ title: 'Assets held by momentum' }),
  }),
  run: (inputs, params) => {
    const prices = readWidePrices(requireInput(inputs, 'prices'));
    const weights = recipeWeights(prices, params);
    const runs = Array.from({ length: PERIOD[params.frequency] }, (_, offset) =>
      recipeBacktest(
        prices,
        {
          lookback: params.lookback,
          frequency: params.frequency,
          costRate: params.cost_rate,
          lag: params.lag_rows,
          offset,
        },
        weights,
      ),
    );
    const start = Math.max(...runs.map(({ firstRow }) => firstRow));
    const days = prices.dates.length - start;
    if (days < 22) {
      throw new AppError('NOT_ENOUGH_DATA', `Expected at least 22 days that all offsets share, found ${days}.`, {
        data: { needed: 22, found: days },
      });
    }
    const curves = runs.map(({ equity, firstRow }) => {
      const shared = equity.subarray(start - firstRow);
      return shared.map((value) => value / shared[0]);
    });
    const tranched = new Float64Array(days);
    for (const curve of curves) for (let t = 0; t < days; t++) tranched[t] += curve[t] / curves.length;
    const each = curves.map(numbers);
    return {
      offsets: columnsTable({
        offset: each.map((_, offset) => offset),
        cagr: each.map(({ cagr }) => cagr),
        sharpe: each.map(({ sharpe }) => sharpe),
      }),
      cagr: spread(each.map(({ cagr }) => cagr)),
      sharpe: spread(each.map(({ sharpe }) => sharpe)),
      tranched: numbers(tranched),
      from: prices.dates[start],
      days,
    };
  },
});

const sweep = calcKind({
  id: 'backtest.momentum_sweep',
  summary: 'Momentum portfolios of every look-back and size at once, with the best and its competitors.',
  recipe:
    'backtest.walk_forward with method momentum for every pair (lookback, top); all start at the first period end with the longest ' +
    'look-back of history. sharpe = mean/std(ddof=1)*sqrt(252) of daily equity returns. Every pair is one trial.',
  inputs: { prices: PRICES },
  params: z.strictObject({
    lookbacks: z.array(z.int().gte(22)).min(1).meta({ title: 'Look-backs', unit: 'rows' }),
    sizes: z.array(z.int().gte(1)).min(1).meta({ title: 'Assets held' }),
    cost_rate: costRate,
    frequency,
    lag_rows: lagRows,
  }),
  run: (inputs, params) => {
    const prices = readWidePrices(requireInput(inputs, 'prices'));
    const { lookbacks, sizes } = params;
    const options = { lookbacks, sizes, frequency: params.frequency, costRate: params.cost_rate, lag: params.lag_rows };
    const { trials, best } = momentumSweep(prices, options);
    return {
      trials: columnsTable({
        lookback: trials.map(({ lookback }) => lookback),
        top: trials.map(({ size }) => size),
        sharpe: trials.map(({ sharpe }) => sharpe),
        final_equity: trials.map(({ growth }) => growth),
      }),
      n_trials: new Set(trials.map(({ key }) => key)).size,
      best: { lookback: trials[best].lookback, top: trials[best].size, sharpe: trials[best].sharpe },
    };
  },
});

export const kinds = [timingLuck, sweep];
