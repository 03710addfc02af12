import { describe, expect, test } from 'vitest';
import { symmetricEigen } from '../array/eigen';
import { createRandom } from '../array/random';
import { gerberCovariance } from './gerber';
import { columnVariances, correlationOf, sampleCovariance } from './moments';
import { marchenkoPasturCovariance } from './denoise';
import { nonlinearShrinkage } from './nonlinear-shrinkage';
import { factorCovariance } from './statistical-factors';

function waves(T: number, N: number): Float64Array {
  return Float64Array.from({ length: T * N }, (_, k) => {
    const t = Math.floor(k / N) + 1;
    const j = (k % N) + 1;
    return Math.sin(t * t * 0.7 + 1.3 * t * j) + 0.2 * Math.cos(0.37 * t * (j + 2) ** 2);
  });
}

function oneMarket(T: number, N: number): Float64Array {
  const random = createRandom(1);
  const X = new Float64Array(T * N);
  for (let t = 0; t < T; t++) {
    const market = 0.02 * random.normal();
    for (let j = 0; j < N; j++) X[t * N + j] = market + 0.01 * random.normal();
  }
  return X;
}

describe('nonlinear shrinkage', () => {
  // The listing of Ledoit, Wolf 2020, run in numpy on the same waves; float64 agrees to rounding.
  test.each([
    { T: 60, N: 8, first: 0.5464681774644614, other: -0.008149322694611745, trace: 4.360703681002784 },
    { T: 20, N: 30, first: 0.5636473561249641, other: 0.03896229759788838, trace: 14.236330778731944 },
  ])('equals the listing of its paper for $T days of $N assets', ({ T, N, first, other, trace }) => {
    const M = nonlinearShrinkage(waves(T, N), T, N);
    let sum = 0;
    for (let i = 0; i < N; i++) sum += M[i * N + i];
    expect(Math.abs(M[0] - first)).toBeLessThan(1e-10);
    expect(Math.abs(M[N + 4] - other)).toBeLessThan(1e-10);
    expect(Math.abs(sum - trace)).toBeLessThan(1e-9);
  });

  test('equal assets do not break it', () => {
    const X = oneMarket(60, 4);
    const twins = Float64Array.from({ length: 60 * 5 }, (_, k) => X[Math.floor(k / 5) * 4 + Math.min(k % 5, 3)]);
    expect(nonlinearShrinkage(twins, 60, 5).every(Number.isFinite)).toBe(true);
  });
});

test('the Gerber statistic of two assets counts joint moves by hand', () => {
  // Moves beyond half a deviation: (+,+) (−,−) (+,−) (0,+) (0,0) → (2 − 1) / (5 − 1).
  const X = Float64Array.of(1, 1, -1, -1, 1, -1, 0, 1, 0, 0);
  const { matrix } = gerberCovariance(X, 5, 2, 0.5);
  expect(matrix[1] / Math.sqrt(matrix[0] * matrix[3])).toBeCloseTo(1 / 4, 14);
  expect(matrix[0]).toBeCloseTo(columnVariances(X, 5, 2)[0], 14);
});

test('detoning leaves nothing along the market and keeps the deviations', () => {
  const [T, N] = [250, 12];
  const X = oneMarket(T, N);
  const { values } = symmetricEigen(correlationOf(sampleCovariance(X, T, N), N), N);
  expect(values[N - 1]).toBeGreaterThan(3);
  const { matrix } = marchenkoPasturCovariance(X, T, N, true);
  const variances = columnVariances(X, T, N);
  for (let i = 0; i < N; i++) expect(matrix[i * N + i]).toBeCloseTo(variances[i], 14);
  const correlation = correlationOf(matrix, N);
  let average = 0;
  for (let i = 0; i < N; i++) for (let j = 0; j < i; j++) average += correlation[i * N + j] / ((N * (N - 1)) / 2);
  expect(Math.abs(average)).toBeLessThan(0.15);
});

describe('statistical factors', () => {
  test('as many components as assets give the sample covariance', () => {
    const X = oneMarket(80, 6);
    const sample = sampleCovariance(X, 80, 6);
    factorCovariance(X, 80, 6, 6).matrix.forEach((value, k) => expect(value).toBeCloseTo(sample[k], 15));
  });

  test('find one component in a market of one, and keep every variance', () => {
    const X = oneMarket(500, 20);
    const { matrix, components, explained } = factorCovariance(X, 500, 20);
    expect(components).toBe(1);
    expect(explained).toBeGreaterThan(0.7);
    columnVariances(X, 500, 20).forEach((value, i) => expect(matrix[i * 21]).toBeCloseTo(value, 15));
  });

  test('refuse more components than assets', () => {
    expect(() => factorCovariance(oneMarket(50, 3), 50, 3, 4)).toThrow('at most 3 components');
  });
});
