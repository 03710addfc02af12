import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { momentsOf } from '../learning/moments';
import { elasticNet, largestAlpha } from './coordinate-descent';
import { normalEquations } from './linear-model';
import { model as olsModel } from './ols/model';
import { model as ridgeModel } from './ridge/model';

function equationsOf(rows: number, K: number, seed: number, correlation: number) {
  const random = createRandom(seed);
  const X = new Float64Array(rows * K);
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const common = random.normal();
    for (let k = 0; k < K; k++) {
      X[i * K + k] = correlation * common + (1 - correlation) * random.normal();
      y[i] += ((k % 3) - 1) * X[i * K + k];
    }
    y[i] += 3 * random.normal();
  }
  return { X, y, equations: normalEquations(momentsOf(X, y, K)) };
}

describe('elastic net', () => {
  test('meets its optimality conditions for any data and penalty', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 200 }),
        fc.integer({ min: 1, max: 15 }),
        fc.nat(1e6),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        fc.double({ min: 1e-3, max: 1.2, noNaN: true }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        (rows, K, seed, correlation, share, l1Ratio) => {
          const { equations } = equationsOf(rows, K, seed, correlation);
          const alpha = share * largestAlpha(equations, l1Ratio);
          const w = elasticNet(equations, { alpha, l1Ratio }, undefined);
          const l1 = alpha * l1Ratio * rows;
          const l2 = alpha * (1 - l1Ratio) * rows;
          const size = Math.max(...equations.b.map(Math.abs));
          for (let j = 0; j < K; j++) {
            let gradient = equations.b[j] - l2 * w[j];
            for (let i = 0; i < K; i++) gradient -= equations.A[j * K + i] * w[i];
            if (w[j] === 0) expect(Math.abs(gradient)).toBeLessThanOrEqual(l1 + 1e-9 * size);
            else expect(Math.abs(gradient - l1 * Math.sign(w[j]))).toBeLessThan(1e-9 * size);
          }
          if (share >= 1) expect([...w].every((value) => value === 0)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('of one feature is the soft threshold of its slope', () => {
    const { equations } = equationsOf(50, 1, 3, 0);
    const slope = equations.b[0] / equations.A[0];
    const threshold = (0.1 * 50) / equations.A[0];
    const [w] = elasticNet(equations, { alpha: 0.1, l1Ratio: 1 }, undefined);
    expect(w).toBeCloseTo(Math.sign(slope) * Math.max(0, Math.abs(slope) - threshold), 13);
  });
});

describe('least squares', () => {
  const names = ['a', 'b', 'c', 'd'];

  test('residuals are orthogonal to every feature', () => {
    const { X, y } = equationsOf(200, 4, 11, 0.5);
    const fitted = olsModel.fit({ featureNames: names, X, y }, {}, { seed: 1 });
    const residual = olsModel.forecast(fitted, X).map((value, i) => y[i] - value);
    for (let k = 0; k < 4; k++) {
      expect(Math.abs(residual.reduce((sum, e, i) => sum + e * X[i * 4 + k], 0))).toBeLessThan(1e-10);
    }
    expect(Math.abs(residual.reduce((sum, e) => sum + e, 0))).toBeLessThan(1e-10);
  });

  test('ridge goes from least squares to the mean as the penalty grows', () => {
    const { X, y } = equationsOf(200, 4, 12, 0.5);
    const data = { featureNames: names, X, y };
    const ols = olsModel.fit(data, {}, { seed: 1 });
    const loose = ridgeModel.fit(data, { alpha: 1e-9, relativeAlpha: 0 }, { seed: 1 });
    const tight = ridgeModel.fit(data, { alpha: 1e12, relativeAlpha: 0 }, { seed: 1 });
    loose.coefficients.forEach((w, k) => expect(w).toBeCloseTo(ols.coefficients[k], 9));
    tight.coefficients.forEach((w) => expect(Math.abs(w)).toBeLessThan(1e-8));
    expect(tight.intercept).toBeCloseTo(y.reduce((a, b) => a + b, 0) / 200, 8);
  });
});
