import { describe, expect, test } from 'vitest';
import { AppError } from '#base/errors';
import { createRandom } from '../array/random';
import { columnMeans } from '../covariance/moments';
import { estimateExpectedReturns, expectedReturnEstimators } from './registry';
import { jamesSteinMeans } from './shrunk-means';

function returnsOf(T: number, N: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: T * N }, () => 0.0005 + 0.01 * random.normal());
}

describe.each(expectedReturnEstimators.map(({ id }) => id))('expected returns %s', (id) => {
  test('are finite, one per asset, also with fewer days than assets', () => {
    for (const [T, N] of [
      [60, 5],
      [10, 20],
      [30, 1],
    ]) {
      const mu = estimateExpectedReturns(id, returnsOf(T, N, 1), T, N);
      expect(mu.length).toBe(N);
      expect(mu.every(Number.isFinite)).toBe(true);
    }
  });

  test('missing values and too few rows are refused', () => {
    const X = returnsOf(20, 2, 2);
    X[5] = NaN;
    expect(() => estimateExpectedReturns(id, X, 20, 2)).toThrow(AppError);
    expect(() => estimateExpectedReturns(id, X.slice(0, 2), 1, 2)).toThrow(AppError);
  });
});

test('Bayes–Stein keeps the order of the means and pulls them together', () => {
  const X = returnsOf(250, 6, 3);
  const means = columnMeans(X, 250, 6);
  const { mu, shrinkage } = jamesSteinMeans(X, 250, 6);
  expect(shrinkage).toBeGreaterThan(0);
  expect(shrinkage).toBeLessThan(1);
  const spread = (values: Float64Array): number => Math.max(...values) - Math.min(...values);
  expect(spread(mu)).toBeCloseTo((1 - shrinkage) * spread(means), 14);
});

test('equilibrium returns of one asset are δ σ² above the risk-free rate', () => {
  const X = Float64Array.of(0.01, -0.01, 0.02, -0.02);
  const variance = (2 * 0.01 ** 2 + 2 * 0.02 ** 2) / 3;
  const [mu] = estimateExpectedReturns('equilibrium', X, 4, 1, 252, { riskFree: 0.02 });
  expect(mu).toBeCloseTo(0.02 + 2.5 * 252 * variance, 12);
});
