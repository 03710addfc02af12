import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { designMatrix, leastSquares } from './least-squares';
import { neweyWestErrors, regress, robustErrors, varianceInflation } from './regression-inference';

function columns(rows: number, count: number, seed: number): Float64Array[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => Float64Array.from({ length: rows }, () => random.normal()));
}

describe('least squares', () => {
  test('residuals are orthogonal to the regressors and the inverse inverts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 40 }), fc.nat(1e6), (k, extra, seed) => {
        const rows = k + extra;
        const [y, ...xs] = columns(rows, k + 1, seed);
        const X = designMatrix(xs, false);
        const { residuals, inverse, coefficients } = leastSquares(X, y, k);
        const size = 1 + Math.max(...coefficients.map(Math.abs));
        for (const x of xs) {
          expect(Math.abs(x.reduce((sum, value, t) => sum + value * residuals[t], 0))).toBeLessThan(1e-9 * size);
        }
        for (let i = 0; i < k; i++) {
          let product = 0;
          for (let j = 0; j < k; j++) {
            product += inverse[i * k + j] * xs[j].reduce((sum, value, t) => sum + value * xs[i][t], 0);
          }
          expect(Math.abs(product - 1)).toBeLessThan(1e-6);
        }
      }),
    );
  });

  test('keeps its digits where normal equations would lose half of them', () => {
    const base = Float64Array.from({ length: 50 }, (_, t) => 1 + t * 1e-7);
    const y = base.map((x) => 3 * x);
    const { coefficients } = leastSquares(designMatrix([base], true), y, 2);
    expect(coefficients[1]).toBeCloseTo(3, 7);
  });

  test('says which regressor is a combination of the others, and how many rows are needed', () => {
    const [a, b] = columns(20, 2, 1);
    const sum = a.map((value, t) => value + b[t]);
    expect(() => leastSquares(designMatrix([a, b, sum], false), a, 3)).toThrow(/number 3/);
    expect(() => leastSquares(designMatrix([a.slice(0, 1)], true), a.slice(0, 1), 2)).toThrow(/at least 2 rows/);
  });
});

describe('standard errors', () => {
  test('Newey–West without lags is HC0; all agree when errors are well behaved', () => {
    const random = createRandom(5);
    const [x] = columns(4000, 1, 6);
    const y = x.map((value) => 0.5 * value + random.normal());
    const fit = regress(y, [x]);
    const X = designMatrix([x], true);
    const hc0 = robustErrors(X, fit, 'hc0');
    neweyWestErrors(X, fit, 0, false).forEach((error, j) => expect(error).toBeCloseTo(hc0[j], 15));
    for (const kind of ['hc0', 'hc1', 'hc3'] as const) {
      expect(robustErrors(X, fit, kind)[1] / fit.standardErrors[1]).toBeCloseTo(1, 1);
    }
    expect(neweyWestErrors(X, fit, 5, true)[1] / fit.standardErrors[1]).toBeCloseTo(1, 0.5);
  });

  test('variance inflation of orthogonal columns is 1', () => {
    const a = Float64Array.of(1, -1, 1, -1);
    const b = Float64Array.of(1, 1, -1, -1);
    for (const factor of varianceInflation([a, b])) expect(factor).toBeCloseTo(1, 12);
    expect([...varianceInflation([a])]).toEqual([1]);
  });
});
