/**
 * Technical indicators of one price series, in the definitions that charting libraries share. NaN where undefined.
 * Built on the same windows and smoothers as the panel features.
 */
import { gainsAndLosses, trueRange } from './price-changes';
import { rollingDeviation, rollingMaximum, rollingMean, type TableSize } from './rolling';
import { exponentialAverage, spanAlpha, wilderAverage } from './smoothing';

/** How an exponential average starts: at its first value, or at the mean of its first n values. */
export type Seeding = 'first' | 'sma';

function series(x: Float64Array): TableSize {
  return { rows: x.length, columns: 1 };
}

export function simpleAverage(x: Float64Array, window: number): Float64Array {
  return rollingMean(x, series(x), window);
}

/** Standard deviation of the trailing window, divisor window − ddof. */
export function trailingDeviation(x: Float64Array, window: number, ddof: 0 | 1): Float64Array {
  return rollingDeviation(x, series(x), window, ddof);
}

export function exponentialMovingAverage(x: Float64Array, span: number, seeding: Seeding): Float64Array {
  return exponentialAverage(x, series(x), spanAlpha(span), seeding === 'first' ? 1 : span);
}

/** Wilder's relative strength index, 0 … 100 (Wilder 1978). */
export function relativeStrengthIndex(close: Float64Array, period: number): Float64Array {
  const size = series(close);
  const { gains, losses } = gainsAndLosses(close, size);
  const up = wilderAverage(gains, size, period);
  const down = wilderAverage(losses, size, period);
  return up.map((gain, t) => (100 * gain) / (gain + down[t]));
}

export interface MovingAverageConvergence {
  readonly line: Float64Array;
  readonly signal: Float64Array;
  readonly histogram: Float64Array;
}

/** Fast less slow exponential average, its own average, and their difference (Appel 2005). */
export function movingAverageConvergence(
  close: Float64Array,
  spans: { readonly fast: number; readonly slow: number; readonly signal: number },
  seeding: Seeding,
): MovingAverageConvergence {
  const slow = exponentialMovingAverage(close, spans.slow, seeding);
  const line = exponentialMovingAverage(close, spans.fast, seeding).map((value, t) => value - slow[t]);
  const signal = exponentialMovingAverage(line, spans.signal, seeding);
  return { line, signal, histogram: line.map((value, t) => value - signal[t]) };
}

export interface Bars {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** NaN in the first row, which has no previous close. */
export function trueRangeOf({ high, low, close }: Bars): Float64Array {
  return trueRange({ dates: [], assets: ['one'], fields: { high, low, close } });
}

export function averageTrueRange(bars: Bars, period: number): Float64Array {
  return wilderAverage(trueRangeOf(bars), series(bars.close), period);
}

export function highestOf(x: Float64Array, window: number): Float64Array {
  return rollingMaximum(x, series(x), window);
}

export function lowestOf(x: Float64Array, window: number): Float64Array {
  return highestOf(
    x.map((value) => -value),
    window,
  ).map((value) => -value);
}

/** Cumulative volume, signed by the change of the close; starts at 0 (Granville 1963). */
export function onBalanceVolume(close: Float64Array, volume: Float64Array): Float64Array {
  const result = new Float64Array(close.length);
  for (let t = 1; t < close.length; t++) result[t] = result[t - 1] + Math.sign(close[t] - close[t - 1]) * volume[t];
  return result;
}

/** (TP − mean) / (0.015 · mean absolute deviation of the window around its mean), TP the typical price (Lambert 1980). */
export function commodityChannelIndex({ high, low, close }: Bars, window: number): Float64Array {
  const typical = close.map((value, t) => (high[t] + low[t] + value) / 3);
  const average = simpleAverage(typical, window);
  return typical.map((value, t) => {
    let deviation = 0;
    for (let k = 0; k < window; k++) deviation += Math.abs(typical[t - k] - average[t]);
    return (value - average[t]) / (0.015 * (deviation / window));
  });
}
