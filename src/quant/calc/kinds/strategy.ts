/** `strategy.sma_cross`: a grid of moving-average crossovers on one price. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { simpleAverage } from '#quant/features/indicators';
import { calcKind } from '../kind';
import { readSeries } from '../series';
import { readWidePrices, requireInput } from '../tables';

interface CrossResult {
  readonly gross_final: number;
  readonly net_final: number;
  readonly trades: number;
  readonly days_long: number;
}

function crossover(close: Float64Array, fast: Float64Array, slow: Float64Array, cost: number): CrossResult {
  let gross = 1;
  let net = 1;
  let trades = 0;
  let daysLong = 0;
  let before = 0;
  for (let t = 0; t < close.length; t++) {
    const position = fast[t] > slow[t] ? 1 : 0;
    const change = Math.abs(position - before);
    trades += change;
    daysLong += position;
    before = position;
    if (t + 1 === close.length) break;
    const earned = position * (close[t + 1] / close[t] - 1);
    gross *= 1 + earned;
    net *= 1 + earned - cost * change;
  }
  return { gross_final: gross, net_final: net, trades, days_long: daysLong };
}

const lengths = z.array(z.int().gte(1)).min(1);

const smaCross = calcKind({
  id: 'strategy.sma_cross',
  summary: 'Final wealth of moving-average crossovers over a grid of lengths, before and after costs.',
  recipe:
    'SMA over closes (inclusive of t). position_t=1 if SMA_fast(t)>SMA_slow(t) and slow rows exist, else 0; ' +
    'return_{t+1}=position_t*(C_{t+1}/C_t-1). trades=sum|position_t-position_{t-1}| (position before first row = 0). Net: the cost of the ' +
    'change made at close t (cost * |dpos_t|) is subtracted from the return of t+1; a change on the last row costs nothing. ' +
    'final=prod(1+return).',
  inputs: { prices: 'CSV: date and one column of closes' },
  params: z.strictObject({
    fast: lengths.meta({ title: 'Fast lengths', unit: 'rows' }),
    slow: lengths.meta({ title: 'Slow lengths', unit: 'rows' }),
    cost_per_unit_turnover: z.number().gte(0).default(0).meta({ title: 'Cost', unit: 'fraction of turnover' }),
  }),
  run: (inputs, params) => {
    const input = requireInput(inputs, 'prices');
    const { assets } = readWidePrices(input);
    if (assets.length !== 1) {
      throw new AppError('INVALID_DATA', `Expected one price column in ${input.name}, found ${assets.join(', ')}.`);
    }
    const close = readSeries(input, assets).columns[0];
    const averages = new Map([...params.fast, ...params.slow].map((n) => [n, simpleAverage(close, n)]));
    const none = new Float64Array(close.length);
    return Object.fromEntries(
      params.fast.flatMap((fast) =>
        params.slow.map((slow) => [
          `sma_${fast}_${slow}`,
          crossover(close, averages.get(fast) ?? none, averages.get(slow) ?? none, params.cost_per_unit_turnover),
        ]),
      ),
    );
  },
});

export const kinds = [smaCross];
