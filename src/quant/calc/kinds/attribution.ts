/** `attribution.*`: where an active return came from. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { brinsonFachler } from '#quant/attribution/brinson';
import { selectAssets } from '#quant/returns/returns';
import { calcKind } from '../kind';
import { readWidePrices, requireInput } from '../tables';

const weightRule = z.union([z.string(), z.record(z.string(), z.number())]);

/** Weights by rule ("equal…", "price-weighted…") or by ticker. */
function weightsOf(rule: z.infer<typeof weightRule>, assets: readonly string[], start: Float64Array): Float64Array {
  if (typeof rule !== 'string') return Float64Array.from(assets, (asset) => rule[asset] ?? 0);
  if (/^equal/i.test(rule)) return new Float64Array(assets.length).fill(1 / assets.length);
  if (/^price[- ]weighted/i.test(rule)) {
    const total = start.reduce((sum, price) => sum + price, 0);
    return start.map((price) => price / total);
  }
  throw new AppError(
    'BAD_REQUEST',
    `Expected weights "equal at start", "price-weighted at start" or numbers by ticker, found "${rule}".`,
  );
}

const brinson = calcKind({
  id: 'attribution.brinson_fachler',
  summary: 'Single-period Brinson-Fachler attribution by group.',
  recipe:
    'Single period, simple returns P_end/P_start-1. Brinson-Fachler: allocation=(Wp-Wb)(rb_g-Rb), selection=Wb(rp_g-rb_g), ' +
    'interaction=(Wp-Wb)(rp_g-rb_g).',
  inputs: { prices: 'CSV: first column ISO date, one column of prices per ticker' },
  params: z.strictObject({
    start: z.iso.date().meta({ title: 'Start' }),
    end: z.iso.date().meta({ title: 'End' }),
    portfolio_weights: weightRule.default('equal at start').meta({ title: 'Portfolio weights' }),
    benchmark_weights: weightRule.default('price-weighted at start').meta({ title: 'Benchmark weights' }),
    groups: z.record(z.string(), z.string()).meta({ title: 'Group of each ticker' }),
  }),
  run: (inputs, params) => {
    const frame = readWidePrices(requireInput(inputs, 'prices'));
    const assets = frame.assets.filter((asset) => Object.hasOwn(params.groups, asset));
    const prices = selectAssets(frame, assets);
    const rowOf = (day: string) => {
      const row = prices.dates.indexOf(day);
      if (row < 0) throw new AppError('NOT_FOUND', `Expected a row for ${day}, found none. Choose a date in the file.`);
      return prices.values.subarray(row * assets.length, (row + 1) * assets.length);
    };
    const start = rowOf(params.start);
    const end = rowOf(params.end);
    const result = brinsonFachler(
      weightsOf(params.portfolio_weights, assets, start),
      weightsOf(params.benchmark_weights, assets, start),
      end.map((price, i) => price / start[i] - 1),
      assets.map((asset) => params.groups[asset]),
    );
    return {
      groups: Object.fromEntries([...result.groups].sort(([a], [b]) => (a < b ? -1 : 1))),
      totals: result.totals,
      portfolio_return: result.portfolioReturn,
      benchmark_return: result.benchmarkReturn,
      active_return: result.activeReturn,
    };
  },
});

export const kinds = [brinson];
