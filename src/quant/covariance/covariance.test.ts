import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '#base/errors';
import { symmetricEigenvalues } from '../array/eigen';
import { createRandom } from '../array/random';
import { covariance } from '../array/stats';
import { covarianceChoice } from './choice';
import {
  correlationOf,
  pairwiseCorrelation,
  pairwiseCovariance,
  pearsonCorrelation,
  sampleCovariance,
  spearmanCorrelation,
} from './moments';
import { covarianceEstimators, estimateCovariance } from './registry';
import { ewmaCovariance } from './weighted';

function returnsOf(T: number, N: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const X = new Float64Array(T * N);
  for (let t = 0; t < T; t++) {
    const market = 0.01 * random.normal();
    for (let j = 0; j < N; j++) X[t * N + j] = market + 0.01 * random.normal();
  }
  return X;
}

function column(X: Float64Array, T: number, N: number, j: number): Float64Array {
  return Float64Array.from({ length: T }, (_, t) => X[t * N + j]);
}

function expectClose(a: Float64Array, b: Float64Array, tolerance: number): void {
  a.forEach((value, i) => expect(Math.abs(value - b[i])).toBeLessThanOrEqual(tolerance));
}

const shape = fc.record({
  T: fc.integer({ min: 3, max: 60 }),
  N: fc.integer({ min: 1, max: 12 }),
  seed: fc.integer({ min: 0, max: 1e6 }),
});

describe('sample moments', () => {
  test('the matrix holds the covariance of every pair of columns', () => {
    fc.assert(
      fc.property(shape, ({ T, N, seed }) => {
        const X = returnsOf(T, N, seed);
        const S = sampleCovariance(X, T, N);
        for (let i = 0; i < N; i++) {
          for (let j = 0; j < N; j++) {
            const expected = covariance(column(X, T, N, i), column(X, T, N, j));
            expect(Math.abs(S[i * N + j] - expected)).toBeLessThan(1e-16);
          }
        }
      }),
    );
  });

  test('pairwise estimates of complete data are the ordinary ones', () => {
    fc.assert(
      fc.property(shape, ({ T, N, seed }) => {
        const X = returnsOf(T, N, seed);
        const { matrix, counts } = pairwiseCovariance(X, T, N);
        expectClose(matrix, sampleCovariance(X, T, N), 1e-16);
        expectClose(pairwiseCorrelation(X, T, N), pearsonCorrelation(X, T, N), 1e-12);
        expect(counts.every((count) => count === T)).toBe(true);
      }),
    );
  });

  test('a gap only touches the pairs of its column', () => {
    const X = returnsOf(20, 3, 1);
    X[4] = NaN;
    const { matrix, counts } = pairwiseCovariance(X, 20, 3);
    const rows = Array.from({ length: 20 }, (_, t) => t).filter((t) => t !== 1);
    const kept = (j: number) => Float64Array.from(rows, (t) => X[t * 3 + j]);
    expect(matrix[1]).toBeCloseTo(covariance(kept(0), kept(1)), 16);
    expect(matrix[2]).toBeCloseTo(covariance(column(X, 20, 3, 0), column(X, 20, 3, 2)), 16);
    expect([counts[1], counts[2]]).toEqual([19, 20]);
    expect(() => pairwiseCovariance(new Float64Array([NaN, 1, 2, NaN]), 2, 2)).toThrow(/common rows/);
  });

  test('rank correlation ignores monotone transformations', () => {
    const X = returnsOf(40, 4, 2);
    const Y = X.map((value, k) => (k % 4 === 1 ? Math.exp(50 * value) : value));
    expectClose(spearmanCorrelation(Y, 40, 4), spearmanCorrelation(X, 40, 4), 1e-14);
  });

  test('a constant column has no correlation and is named', () => {
    const S = new Float64Array([1, 0, 0, 0]);
    expect(() => correlationOf(S, 2)).toThrow(/column 2/);
  });

  test('without decay the exponential weights are equal', () => {
    const X = returnsOf(30, 3, 3);
    const uncentered = ewmaCovariance(X, 30, 3, 1);
    let sum = 0;
    for (let t = 0; t < 30; t++) sum += X[t * 3] * X[t * 3 + 1];
    expect(uncentered[1]).toBeCloseTo(sum / 30, 16);
  });
});

test('the names that optimizers offer are the estimators that exist', () => {
  expect([...covarianceChoice.options].sort()).toEqual(covarianceEstimators.map(({ id }) => id).sort());
  // @ts-expect-error an unknown name does not compile, and does not run either
  expect(() => estimateCovariance('guess', new Float64Array(4), 2, 2)).toThrow(AppError);
});

for (const estimator of covarianceEstimators) {
  describe(`covariance estimator ${estimator.id}`, () => {
    const params = estimator.params.parse({});

    test('is symmetric, finite and positive semidefinite on complete data', () => {
      fc.assert(
        fc.property(shape, ({ T: days, N, seed }) => {
          const T = Math.max(days, estimator.id === 'ledoit-wolf-nonlinear' ? 13 : 0);
          const { matrix } = estimator.estimate(returnsOf(T, N, seed), T, N, params);
          for (let i = 0; i < N; i++) {
            for (let j = 0; j < i; j++) {
              expect(Math.abs(matrix[i * N + j] - matrix[j * N + i])).toBeLessThan(1e-17);
            }
          }
          expect(symmetricEigenvalues(matrix, N)[0]).toBeGreaterThan(-1e-15);
        }),
      );
    });

    test('permuting assets permutes the matrix and scaling returns scales it by the square', () => {
      const [T, N] = [50, 5];
      const X = returnsOf(T, N, 4);
      const order = [3, 0, 4, 1, 2];
      const moved = X.map((_, k) => 2 * X[Math.floor(k / N) * N + order[k % N]]);
      const before = estimator.estimate(X, T, N, params).matrix;
      const after = estimator.estimate(moved, T, N, params).matrix;
      order.forEach((from, to) => {
        order.forEach((other, at) =>
          expect(Math.abs(after[to * N + at] - 4 * before[from * N + other])).toBeLessThan(1e-15),
        );
      });
    });

    test('too few rows and missing values are refused by name', () => {
      const few = () => estimator.estimate(new Float64Array(0), 0, 2, params);
      expect(few).toThrow(expect.objectContaining({ code: 'NOT_ENOUGH_DATA' }));
      const X = returnsOf(20, 2, 5);
      X[3] = NaN;
      const gap = () => estimator.estimate(X, 20, 2, params);
      if (estimator.allowsMissing) expect(gap).not.toThrow();
      else expect(gap).toThrow(expect.objectContaining({ code: 'INVALID_DATA' }));
    });

    test('shrinkage, where there is any, is a share', () => {
      const { facts } = estimator.estimate(returnsOf(30, 8, 6), 30, 8, params);
      for (const [name, value] of Object.entries(facts)) {
        expect(Number.isFinite(value)).toBe(true);
        if (name === 'shrinkage') {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      }
    });
  });
}
