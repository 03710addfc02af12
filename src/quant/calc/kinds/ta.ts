/** `ta.features`: technical indicators of one asset. */
import { z } from 'zod';
import {
  averageTrueRange,
  commodityChannelIndex,
  exponentialMovingAverage,
  highestOf,
  lowestOf,
  movingAverageConvergence,
  onBalanceVolume,
  relativeStrengthIndex,
  simpleAverage,
  trailingDeviation,
  trueRangeOf,
} from '#quant/features/indicators';
import { calcKind } from '../kind';
import { OHLCV_INPUT, readOhlcv, type OhlcvSeries } from '../ohlcv-input';
import { columnsTable, requireInput } from '../tables';

const SPANS = { fast: 12, slow: 26, signal: 9 };

function averages({ close }: OhlcvSeries): Record<string, Float64Array> {
  const first = movingAverageConvergence(close, SPANS, 'first');
  const sma = movingAverageConvergence(close, SPANS, 'sma');
  return {
    sma20: simpleAverage(close, 20),
    ema20_first: exponentialMovingAverage(close, 20, 'first'),
    ema20_sma: exponentialMovingAverage(close, 20, 'sma'),
    rsi14: relativeStrengthIndex(close, 14),
    macd_first: first.line,
    signal_first: first.signal,
    hist_first: first.histogram,
    macd_sma: sma.line,
    signal_sma: sma.signal,
    hist_sma: sma.histogram,
  };
}

function bands({ close }: OhlcvSeries): Record<string, Float64Array> {
  const middle = simpleAverage(close, 20);
  const deviation = trailingDeviation(close, 20, 0);
  const up = middle.map((value, t) => value + 2 * deviation[t]);
  const low = middle.map((value, t) => value - 2 * deviation[t]);
  return {
    bb_mid: middle,
    bb_up: up,
    bb_low: low,
    pct_b: close.map((value, t) => (value - low[t]) / (up[t] - low[t])),
    bandwidth: up.map((value, t) => (value - low[t]) / middle[t]),
    zscore20: close.map((value, t) => (value - middle[t]) / deviation[t]),
  };
}

function changes({ close }: OhlcvSeries): Record<string, Float64Array> {
  const logs = close.map((value, t) => Math.log(value / (close[t - 1] ?? NaN)));
  return {
    realised_vol20: trailingDeviation(logs, 20, 1).map((value) => value * Math.sqrt(252)),
    mom_12_1: close.map((_, t) => (close[t - 21] ?? NaN) / (close[t - 252] ?? NaN) - 1),
    roc10: close.map((value, t) => value / (close[t - 10] ?? NaN) - 1),
  };
}

function ranges(bars: OhlcvSeries): Record<string, Float64Array> {
  const { high, low, close, volume } = bars;
  const top = highestOf(high, 14);
  const bottom = lowestOf(low, 14);
  const k = close.map((value, t) => (100 * (value - bottom[t])) / (top[t] - bottom[t]));
  return {
    tr: trueRangeOf(bars),
    atr14: averageTrueRange(bars, 14),
    obv: onBalanceVolume(close, volume),
    stoch_k14: k,
    stoch_d3: simpleAverage(k, 3),
    williams_r14: close.map((value, t) => (-100 * (top[t] - value)) / (top[t] - bottom[t])),
    cci20: commodityChannelIndex(bars, 20),
    donchian20_high: highestOf(high, 20),
    donchian20_low: lowestOf(low, 20),
  };
}

const features = calcKind({
  id: 'ta.features',
  summary: 'Moving averages, RSI, MACD, ATR, Bollinger bands, stochastics and other indicators of one asset.',
  recipe:
    'One row per input row; empty where undefined. sma20; ema20_first = EMA alpha 2/(n+1) seeded with the first close; ema20_sma seeded at ' +
    'row 19 with the mean of rows 0..19. rsi14 Wilder: first averages = means of the first 14 changes, then (prev*13+x)/14. ' +
    'macd/signal/hist 12/26/9, *_first: every EMA seeded with its first input, *_sma: with the mean of its first n inputs. ' +
    'tr = max(H-L,|H-Cprev|,|L-Cprev|); atr14 Wilder. Bollinger 20/2 with population std; pct_b=(C-low)/(up-low); bandwidth=(up-low)/mid. ' +
    'realised_vol20 = std(ddof=1) of 20 log returns * sqrt(252). mom_12_1=C[t-21]/C[t-252]-1. roc10=C[t]/C[t-10]-1. obv starts at 0. ' +
    'stoch_k14, stoch_d3 (3-row mean of K), williams_r14, cci20 (0.015 * mean absolute deviation), donchian20 incl. the current row, ' +
    'zscore20=(C-sma20)/population std.',
  inputs: { ohlcv: OHLCV_INPUT },
  params: z.strictObject({ ticker: z.string().default('').meta({ title: 'Ticker', description: 'A label only.' }) }),
  run: (inputs) => {
    const bars = readOhlcv(requireInput(inputs, 'ohlcv'));
    const columns = { ...averages(bars), ...ranges(bars), ...bands(bars), ...changes(bars) };
    const last = bars.dates.length - 1;
    const missing = (value: number) => (Number.isFinite(value) ? value : null);
    return {
      n_rows: bars.dates.length,
      table: columnsTable({ date: bars.dates, ...columns }),
      last_row: Object.fromEntries(
        Object.entries(columns).map(([name, values]) => [name, missing(values[last] ?? NaN)]),
      ),
    };
  },
});

export const kinds = [features];
