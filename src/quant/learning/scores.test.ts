import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { fitLogistic, logisticProbabilities } from '../models/logistic';
import { nearestNeighborMeans } from '../models/nearest-neighbors';
import { classificationScores } from './classification-scores';
import { factorPeriod } from './factor-portfolios';
import { forecastScores } from './forecast-scores';
import { absorptionRatio, participationRatio, principalComponents } from './principal-components';

describe('scores', () => {
  test('a perfect forecast scores perfectly, the mean scores zero', () => {
    const y = Float64Array.of(1, -2, 3, -4, 5);
    expect(forecastScores(y, y)).toMatchObject({ mse: 0, mae: 0, r2: 1, r2VersusZero: 1, hitRate: 1 });
    expect(forecastScores(y, y).spearman).toBeCloseTo(1, 14);
    expect(forecastScores(y, new Float64Array(5).fill(0.6)).r2).toBeCloseTo(0, 14);
  });

  test('the area under the curve is the share of pairs in the right order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 9 })), { minLength: 2, maxLength: 40 }),
        (pairs) => {
          const y = Uint8Array.from(pairs, ([event]) => (event ? 1 : 0));
          const p = Float64Array.from(pairs, ([, value]) => value / 10);
          let right = 0;
          let all = 0;
          for (let i = 0; i < y.length; i++) {
            for (let j = 0; j < y.length; j++) {
              if (y[i] !== 1 || y[j] !== 0) continue;
              all++;
              right += p[i] > p[j] ? 1 : p[i] === p[j] ? 0.5 : 0;
            }
          }
          const { auc } = classificationScores(y, p, 0.5);
          if (all > 0) expect(auc).toBeCloseTo(right / all, 12);
          else expect(auc).toBeNaN();
        },
      ),
    );
  });

  test('buckets of a signal that is the outcome rise strictly and hold every asset once', () => {
    const outcome = Float64Array.from({ length: 20 }, (_, i) => i / 100);
    const { buckets, rankIc } = factorPeriod(outcome, outcome, 5);
    expect(rankIc).toBeCloseTo(1, 14);
    buckets.forEach((value, b) => expect(value).toBeCloseTo((4 * b + 1.5) / 100, 14));
    expect(factorPeriod(Float64Array.of(NaN, 1, 2), Float64Array.of(1, NaN, 3), 1).buckets[0]).toBe(3);
  });
});

describe('small models', () => {
  const random = createRandom(3);
  const X = Float64Array.from({ length: 300 * 2 }, () => random.normal());
  const y = Uint8Array.from({ length: 300 }, (_, i) => (X[2 * i] - X[2 * i + 1] + random.normal() > 0 ? 1 : 0));

  test('logistic regression ends where its gradient is zero, and its mean probability is the share of events', () => {
    const fitted = fitLogistic(X, y, 2, 0.7);
    const p = logisticProbabilities(fitted, X);
    for (let k = 0; k < 2; k++) {
      const slope = p.reduce((sum, value, i) => sum + 0.7 * (value - y[i]) * X[2 * i + k], fitted.coefficients[k]);
      expect(Math.abs(slope)).toBeLessThan(1e-9);
    }
    const share = y.reduce((a, b) => a + b, 0) / 300;
    expect(p.reduce((a, b) => a + b, 0) / 300).toBeCloseTo(share, 10);
    const separable = fitLogistic(Float64Array.of(-2, -1, 1, 2), Uint8Array.of(0, 0, 1, 1), 1, 1e6);
    expect(separable.coefficients[0]).toBeGreaterThan(5);
  });

  test('the nearest neighbor of a training row is itself, and all neighbors give the mean', () => {
    const target = Float64Array.from(y);
    expect(nearestNeighborMeans(X, target, X, 2, 1)).toEqual(target);
    const mean = target.reduce((a, b) => a + b, 0) / 300;
    expect(nearestNeighborMeans(X, target, X.subarray(0, 2), 2, 300)[0]).toBeCloseTo(mean, 12);
  });

  test('principal components rebuild the matrix and point to their largest loading', () => {
    const A = Float64Array.of(4, 1, -1, 1, 3, 0.5, -1, 0.5, 2);
    const { eigenvalues, loadings } = principalComponents(A, 3);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        let sum = 0;
        for (let k = 0; k < 3; k++) sum += eigenvalues[k] * loadings[k * 3 + i] * loadings[k * 3 + j];
        expect(sum).toBeCloseTo(A[i * 3 + j], 12);
      }
    }
    for (let k = 0; k < 3; k++) {
      const row = [...loadings.subarray(k * 3, k * 3 + 3)];
      expect(Math.max(...row)).toBe(Math.max(...row.map(Math.abs)));
    }
    expect(participationRatio(Float64Array.of(2, 2, 2, 2))).toBe(4);
    expect(absorptionRatio(Float64Array.of(5, 1, 1, 1, 2), 0.2)).toBe(0.5);
  });
});
