/** `ml.features`: the feature recipe of the single-asset forecasting cases. */
import { z } from 'zod';
import { standardDeviation, mean } from '#quant/array/stats';
import { relativeStrengthIndex, simpleAverage, trailingDeviation } from '#quant/features/indicators';
import { calcKind } from '../kind';
import { OHLCV_INPUT, readOhlcv, type OhlcvSeries } from '../ohlcv-input';
import { PRICES_INPUT } from '../price-input';
import { byName, columnsTable, readWidePrices, requireInput } from '../tables';
import type { Frame } from '#quant/panel';

/** Equal-weight mean over the assets that have a return, per row. */
function marketReturns({ assets, values }: Frame): Float64Array {
  const n = assets.length;
  const result = new Float64Array(values.length / n).fill(NaN);
  for (let t = 1; t < result.length; t++) {
    let sum = 0;
    let count = 0;
    for (let i = t * n; i < (t + 1) * n; i++) {
      const change = values[i] / values[i - n] - 1;
      if (Number.isNaN(change)) continue;
      sum += change;
      count++;
    }
    if (count > 0) result[t] = sum / count;
  }
  return result;
}

function assetColumns({ close, high, low, volume }: OhlcvSeries): Record<string, Float64Array> {
  const at = (x: Float64Array, t: number) => x[t] ?? NaN;
  const r = close.map((price, t) => Math.log(price / at(close, t - 1)));
  const logVolume = volume.map(Math.log);
  const average = simpleAverage(close, 20);
  const volumeAverage = simpleAverage(logVolume, 20);
  const lags = [0, 1, 2, 3, 4].map((k): [string, Float64Array] => [`ret_lag${k}`, r.map((_, t) => at(r, t - k))]);
  return {
    ...Object.fromEntries(lags),
    ret_mean10: simpleAverage(r, 10),
    ret_mean20: simpleAverage(r, 20),
    vol20: trailingDeviation(r, 20, 1),
    mom60: close.map((price, t) => Math.log(price / at(close, t - 60))),
    dist_sma20: close.map((price, t) => price / average[t] - 1),
    rsi14: relativeStrengthIndex(close, 14).map((value) => value / 100),
    range: close.map((price, t) => (high[t] - low[t]) / price),
    vol_surprise: logVolume.map((value, t) => value - volumeAverage[t]),
  };
}

const features = calcKind({
  id: 'ml.features',
  summary: 'Fifteen daily features of one asset and its forward return.',
  recipe:
    'Features at close t: r_t=ln(C_t/C_{t-1}); ret_lagk=r_{t-k}, k=0..4; ret_mean10/20 trailing means of r; vol20 trailing std(ddof=1) of r; ' +
    'mom60=ln(C_t/C_{t-60}); dist_sma20=C_t/mean(C_{t-19..t})-1; rsi14 = Wilder RSI(14)/100 of the full history; range=(H-L)/C; ' +
    'vol_surprise=ln V_t - mean(ln V_{t-19..t}); mkt_ret = equal-weight mean simple return of the universe; mkt_mean5 its trailing 5-day mean. ' +
    'target=100*ln(C_{t+h}/C_t). Rows with any missing value dropped.',
  inputs: { ohlcv: OHLCV_INPUT, universe_prices: PRICES_INPUT },
  params: z.strictObject({
    ticker: z.string().default('').meta({ title: 'Ticker', description: 'A label only.' }),
    horizon: z.int().gte(1).meta({ title: 'Horizon', unit: 'trading days' }),
  }),
  run: (inputs, { horizon }) => {
    const bars = readOhlcv(requireInput(inputs, 'ohlcv'));
    const universe = readWidePrices(requireInput(inputs, 'universe_prices'));
    const market = marketReturns(universe);
    const marketMean = simpleAverage(market, 5);
    const rowOf = new Map(universe.dates.map((date, row) => [date, row]));
    const onDates = (x: Float64Array) => Float64Array.from(bars.dates, (date) => x[rowOf.get(date) ?? -1] ?? NaN);
    const columns: Record<string, Float64Array> = {
      ...assetColumns(bars),
      mkt_ret: onDates(market),
      mkt_mean5: onDates(marketMean),
      target: bars.close.map((price, t) => 100 * Math.log((bars.close[t + horizon] ?? NaN) / price)),
    };
    const kept = [...bars.dates.keys()].filter((t) => Object.values(columns).every((x) => Number.isFinite(x[t])));
    const names = Object.keys(columns);
    const table = names.map((name) => Float64Array.from(kept, (t) => columns[name][t]));
    return {
      n_rows: kept.length,
      first: bars.dates[kept[0]] ?? null,
      last: bars.dates[kept[kept.length - 1]] ?? null,
      column_means: byName(names, table.map(mean)),
      column_std_ddof1: byName(
        names,
        table.map((column) => standardDeviation(column)),
      ),
      table: columnsTable({
        date: kept.map((t) => bars.dates[t]),
        ...Object.fromEntries(names.map((name, k) => [name, table[k]])),
      }),
    };
  },
});

export const kinds = [features];
