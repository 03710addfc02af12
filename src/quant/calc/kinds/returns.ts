/** `returns.*`: simple and log returns, resampling and the daily rebalanced equal-weight index. */
import { z } from 'zod';
import { mean, standardDeviation } from '#quant/array/stats';
import type { Frame } from '#quant/panel';
import {
  buyAndHoldFinal,
  equalWeightIndex,
  lastOfPeriod,
  type ReturnKind,
  returnFrame,
  selectAssets,
} from '#quant/returns/returns';
import { type CalcInput, calcKind } from '../kind';
import { byName, columnsTable, frameTable, readWidePrices, requireInput } from '../tables';

const PRICES = 'CSV: first column ISO date, one column of prices per ticker, empty = missing';
const tickers = z
  .array(z.string())
  .min(1)
  .optional()
  .meta({ title: 'Tickers', description: 'Columns to use, in this order; default: all.' });

function readPrices(inputs: Readonly<Record<string, CalcInput>>, chosen: readonly string[] | undefined): Frame {
  const frame = readWidePrices(requireInput(inputs, 'prices'));
  return chosen ? selectAssets(frame, chosen) : frame;
}

function presentValues(frame: Frame, column: number): Float64Array {
  const n = frame.assets.length;
  return Float64Array.from(frame.dates, (_, t) => frame.values[t * n + column]).filter((x) => !Number.isNaN(x));
}

function tabulate(prices: Frame, kind: ReturnKind) {
  const returns = returnFrame(prices, kind);
  const columns = returns.assets.map((_, i) => presentValues(returns, i));
  return {
    table: frameTable(returns),
    n_rows: returns.dates.length,
    mean: byName(returns.assets, columns.map(mean)),
    std_ddof1: byName(
      returns.assets,
      columns.map((column) => standardDeviation(column)),
    ),
    count: byName(
      returns.assets,
      columns.map((column) => column.length),
    ),
  };
}

const RETURN_RECIPE =
  'r_t = P_t/P_{t-1}-1 (simple) or ln(P_t/P_{t-1}) (log); first row dropped; missing price -> missing return on that date and the ' +
  'next observed date (no forward fill). mean/std/count per ticker ignore missing values; std has divisor n-1.';

const simple = calcKind({
  id: 'returns.simple',
  summary: 'One-period simple returns.',
  recipe: RETURN_RECIPE,
  inputs: { prices: PRICES },
  params: z.strictObject({ tickers }),
  run: (inputs, params) => tabulate(readPrices(inputs, params.tickers), 'simple'),
});

const log = calcKind({
  id: 'returns.log',
  summary: 'One-period log returns.',
  recipe: RETURN_RECIPE,
  inputs: { prices: PRICES },
  params: z.strictObject({ tickers }),
  run: (inputs, params) => tabulate(readPrices(inputs, params.tickers), 'log'),
});

const resample = calcKind({
  id: 'returns.resample',
  summary: 'Simple returns between the last trading rows of calendar periods.',
  recipe:
    'Take the last trading row of each calendar month / quarter / ISO week (Mon-Sun), keep its true date as label, then simple returns ' +
    'between consecutive kept rows (first dropped). The final, possibly incomplete, period is kept.',
  inputs: { prices: PRICES },
  params: z.strictObject({
    tickers,
    frequency: z.enum(['week', 'month', 'quarter', 'year']).default('month').meta({ title: 'Period' }),
  }),
  run: (inputs, params) => {
    const returns = returnFrame(lastOfPeriod(readPrices(inputs, params.tickers), params.frequency));
    return {
      table: frameTable(returns),
      n_rows: returns.dates.length,
      first_date: returns.dates[0] ?? null,
      last_date: returns.dates[returns.dates.length - 1] ?? null,
    };
  },
});

const equalWeightDaily = calcKind({
  id: 'returns.equal_weight_daily',
  summary: 'Index of the daily rebalanced equal-weight portfolio.',
  recipe:
    'index_t = prod_{s<=t}(1 + mean_i r_{i,s}), base 1.0 before the first return; the mean is over the returns present on the date. ' +
    'buy_and_hold_final = mean over tickers of last/first price.',
  inputs: { prices: PRICES },
  params: z.strictObject({ tickers }),
  run: (inputs, params) => {
    const prices = readPrices(inputs, params.tickers);
    const returns = returnFrame(prices);
    const index = equalWeightIndex(returns.values, returns.assets.length);
    return {
      final: index[index.length - 1],
      table: columnsTable({ date: returns.dates, index }),
      buy_and_hold_final: buyAndHoldFinal(prices.values, prices.assets.length),
    };
  },
});

export const kinds = [simple, log, resample, equalWeightDaily];
