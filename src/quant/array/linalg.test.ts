import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '#base/errors';
import { symmetricEigen, symmetricEigenvalues } from './eigen';
import { cholesky, choleskyInverse, choleskySolve, multiply, multiplyVector, solve, transpose } from './linalg';
import { createRandom } from './random';

function randomMatrix(rows: number, columns: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: rows * columns }, () => random.normal());
}

function randomPositiveDefinite(n: number, seed: number): Float64Array {
  const X = randomMatrix(n + 5, n, seed);
  return multiply(transpose(X, n + 5, n), X, n, n + 5, n);
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}

const size = fc.integer({ min: 1, max: 40 });
const seed = fc.integer({ min: 0, max: 1e6 });

describe('linear algebra', () => {
  test('Cholesky factors multiply back and solve', () => {
    fc.assert(
      fc.property(size, seed, (n, s) => {
        const A = randomPositiveDefinite(n, s);
        const L = cholesky(A, n);
        expect(largestDifference(multiply(L, transpose(L, n, n), n, n, n), A)).toBeLessThan(1e-10);
        const x = randomMatrix(n, 1, s + 1);
        const b = multiplyVector(A, x, n, n);
        expect(largestDifference(multiplyVector(A, choleskySolve(L, n, b), n, n), b)).toBeLessThan(1e-8);
        const identity = multiply(A, choleskyInverse(L, n), n, n, n);
        for (let i = 0; i < n; i++) identity[i * n + i] -= 1;
        expect(largestDifference(identity, new Float64Array(n * n))).toBeLessThan(1e-7);
      }),
      { numRuns: 40 },
    );
  });

  test('LU with pivoting solves what it is given', () => {
    fc.assert(
      fc.property(size, seed, (n, s) => {
        const A = randomMatrix(n, n, s);
        const b = randomMatrix(n, 1, s + 1);
        expect(largestDifference(multiplyVector(A, solve(A, n, b), n, n), b)).toBeLessThan(1e-7);
      }),
      { numRuns: 40 },
    );
    expect([...solve(new Float64Array([0, 1, 1, 0]), 2, new Float64Array([2, 3]))]).toEqual([3, 2]);
  });

  test('singular matrices are refused by name', () => {
    const ones = new Float64Array(9).fill(1);
    expect(() => cholesky(ones, 3)).toThrow(AppError);
    expect(() => solve(ones, 3, new Float64Array(3))).toThrow(/no usable pivot/);
  });

  test('eigenvectors are orthonormal and rebuild the matrix', () => {
    fc.assert(
      fc.property(size, seed, (n, s) => {
        const A = randomPositiveDefinite(n, s);
        const { values, vectors } = symmetricEigen(A, n);
        const scaled = vectors.map((value, k) => value * values[Math.floor(k / n)]);
        expect(largestDifference(multiply(transpose(vectors, n, n), scaled, n, n, n), A)).toBeLessThan(1e-9);
        const gram = multiply(vectors, transpose(vectors, n, n), n, n, n);
        for (let i = 0; i < n; i++) gram[i * n + i] -= 1;
        expect(largestDifference(gram, new Float64Array(n * n))).toBeLessThan(1e-12);
        for (let i = 1; i < n; i++) expect(values[i]).toBeGreaterThanOrEqual(values[i - 1]);
        expect(largestDifference(symmetricEigenvalues(A, n), values)).toBeLessThan(1e-10);
      }),
      { numRuns: 40 },
    );
  });

  test('diagonal, zero and repeated spectra are exact', () => {
    expect([...symmetricEigen(new Float64Array([3, 0, 0, 0, 1, 0, 0, 0, 2]), 3).values]).toEqual([1, 2, 3]);
    expect([...symmetricEigen(new Float64Array(16), 4).values]).toEqual([0, 0, 0, 0]);
    const ones = symmetricEigen(new Float64Array(16).fill(1), 4).values;
    expect(ones[3]).toBeCloseTo(4, 14);
    expect(Math.abs(ones[0])).toBeLessThan(1e-15);
  });
});
