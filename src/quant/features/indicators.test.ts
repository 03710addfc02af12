import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  averageTrueRange,
  commodityChannelIndex,
  exponentialMovingAverage,
  lowestOf,
  movingAverageConvergence,
  onBalanceVolume,
  relativeStrengthIndex,
} from './indicators';

const prices = fc.array(fc.double({ min: 1, max: 100, noNaN: true }), { minLength: 40, maxLength: 80 });

describe('indicators', () => {
  test('the relative strength index stays in 0 … 100, mirrors with the price and needs 14 changes', () => {
    fc.assert(
      fc.property(prices, (values) => {
        const close = Float64Array.from(values);
        const index = relativeStrengthIndex(close, 14);
        const mirrored = relativeStrengthIndex(
          close.map((value) => 200 - value),
          14,
        );
        index.forEach((value, t) => {
          expect(Number.isNaN(value)).toBe(t < 14);
          if (t < 14) return;
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(100);
          expect(value + mirrored[t]).toBeCloseTo(100, 8);
        });
      }),
    );
    expect(
      relativeStrengthIndex(
        Float64Array.from({ length: 20 }, (_, t) => t + 1),
        14,
      )[19],
    ).toBe(100);
  });

  test('Wilder’s averages by hand: three changes, then (2 · previous + new) / 3', () => {
    const index = relativeStrengthIndex(Float64Array.of(10, 11, 10, 12, 15), 3);
    expect(index[3]).toBeCloseTo((100 * 1) / (1 + 1 / 3), 12);
    expect(index[4]).toBeCloseTo((100 * (2 + 3)) / (2 + 3 + 2 / 3), 12);
  });

  test('an exponential average seeded with a mean starts there, and both seedings forget their start', () => {
    const close = Float64Array.from({ length: 400 }, (_, t) => 50 + Math.sin(t));
    const first = exponentialMovingAverage(close, 10, 'first');
    const sma = exponentialMovingAverage(close, 10, 'sma');
    expect(first[0]).toBe(close[0]);
    expect(sma[8]).toBeNaN();
    expect(sma[9]).toBeCloseTo(close.slice(0, 10).reduce((a, b) => a + b, 0) / 10, 12);
    expect(first[399]).toBeCloseTo(sma[399], 12);
    const { line, signal, histogram } = movingAverageConvergence(close, { fast: 12, slow: 26, signal: 9 }, 'sma');
    expect([line[24], line[25], signal[32], signal[33]].map(Number.isNaN)).toEqual([true, false, true, false]);
    expect(histogram[60]).toBe(line[60] - signal[60]);
  });

  test('ranges, lows and volume follow their definitions', () => {
    const high = Float64Array.of(11, 13, 12);
    const low = Float64Array.of(9, 12, 8);
    const close = Float64Array.of(10, 12.5, 9);
    const range = averageTrueRange({ high, low, close }, 2);
    expect([...range]).toEqual([NaN, NaN, (3 + 4.5) / 2]);
    expect([...lowestOf(low, 2)]).toEqual([NaN, 9, 8]);
    expect([...onBalanceVolume(close, Float64Array.of(5, 7, 4))]).toEqual([0, 7, 3]);
    const channel = commodityChannelIndex({ high: close, low: close, close }, 2);
    expect(channel[2]).toBeCloseTo(-1 / 0.015, 9);
  });
});
