import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankAverage, quantile } from '../array/stats';
import { createRandom } from '../array/random';
import { transformCrossSections } from './cross-section';
import { rollingDeviation, rollingMaximum, rollingMean } from './rolling';

const ranked = (values: readonly number[], membership?: Uint8Array) => {
  const table = Float64Array.from(values);
  transformCrossSections(table, values.length, membership, { transform: 'rank', winsorize: 0.01 });
  return [...table];
};

describe('cross-section ranks', () => {
  test('equal centered average ranks, whatever the values', () => {
    const value = fc.oneof(
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.integer({ min: -3, max: 3 }),
      fc.double({ min: -1e-9, max: 1e-9, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), (values) => {
        const n = values.length;
        const expected = [...rankAverage(values)].map((rank) => (rank - (n + 1) / 2) / n);
        expect(ranked(values)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('crowded values with one outlier go through the slow path and stay right', () => {
    const random = createRandom(1);
    const values = Array.from({ length: 800 }, () => random.normal() * 1e-6);
    values[17] = 1e12;
    const expected = [...rankAverage(values)].map((rank) => (rank - 400.5) / 800);
    expect(ranked(values)).toEqual(expected);
  });

  test('missing and infinite values and non-members do not count and come out missing', () => {
    expect(ranked([3, NaN, 1, Infinity, 2, 9], Uint8Array.of(1, 1, 1, 1, 1, 0))).toEqual([
      1 / 3,
      NaN,
      -1 / 3,
      NaN,
      0,
      NaN,
    ]);
    expect(ranked([NaN, NaN])).toEqual([NaN, NaN]);
    expect(ranked([7])).toEqual([0]);
  });
});

describe('z-scores', () => {
  test('have mean 0 and deviation 1, with tails pulled in to the quantiles', () => {
    const random = createRandom(2);
    const values = Float64Array.from({ length: 200 }, () => random.normal());
    const table = values.slice();
    table[3] = 1000;
    const clipped = table.map((x) => Math.min(quantile(table, 0.95), Math.max(quantile(table, 0.05), x)));
    const mean = clipped.reduce((a, b) => a + b, 0) / 200;
    const deviation = Math.sqrt(clipped.reduce((a, b) => a + (b - mean) ** 2, 0) / 200);
    transformCrossSections(table, 200, undefined, { transform: 'zscore', winsorize: 0.05 });
    table.forEach((z, i) => expect(z).toBeCloseTo((clipped[i] - mean) / deviation, 10));
  });

  test('of equal values are 0, and rows do not see each other', () => {
    const table = Float64Array.of(5, 5, 5, 1, 2, 3);
    transformCrossSections(table, 3, undefined, { transform: 'zscore', winsorize: 0 });
    expect([...table.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(table[5]).toBeCloseTo(Math.sqrt(1.5), 12);
  });
});

describe('rolling windows', () => {
  test('equal their definitions for any window, also across block borders, and forget missing values', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 60 }), fc.nat(), (window, rows, seed) => {
        const random = createRandom(seed % 1e6);
        const x = Float64Array.from({ length: rows * 2 }, () =>
          random.uniform() < 0.05 ? NaN : 100 + random.normal(),
        );
        const size = { rows, columns: 2 };
        const means = rollingMean(x, size, window);
        const deviations = rollingDeviation(x, size, window, 0);
        const maxima = rollingMaximum(x, size, window);
        for (let i = 0; i < x.length; i++) {
          const values = Array.from({ length: window }, (_, k) => x[i - 2 * k] ?? NaN);
          const mean = values.reduce((a, b) => a + b, 0) / window;
          const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / window);
          if (Number.isNaN(mean)) expect([means[i], deviations[i], maxima[i]]).toEqual([NaN, NaN, NaN]);
          else {
            expect(means[i]).toBeCloseTo(mean, 10);
            expect(deviations[i]).toBeCloseTo(deviation, 10);
            expect(maxima[i]).toBe(Math.max(...values));
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test('are exact where nothing moves', () => {
    const x = new Float64Array(100).fill(0.1);
    const size = { rows: 100, columns: 1 };
    expect([...rollingMean(x, size, 7).subarray(6)].every((mean) => mean === 0.1)).toBe(true);
    expect([...rollingDeviation(x, size, 7, 1).subarray(6)].every((deviation) => deviation === 0)).toBe(true);
  });
});
