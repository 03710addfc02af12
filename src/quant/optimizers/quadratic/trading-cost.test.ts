import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '#quant/array/random';
import { constraintsSchema } from '../constraints';
import { bindOptimizer } from '../load';
import type { OptimizerInput } from '../optimizer';

function marketOf(n: number, seed: number): OptimizerInput & { currentWeights: Float64Array } {
  const random = createRandom(seed);
  const held = Float64Array.from({ length: n }, () => random.uniform());
  const total = held.reduce((sum, value) => sum + value, 0);
  return {
    assets: Array.from({ length: n }, (_, i) => `A${i}`),
    sectors: Array.from({ length: n }, (_, i) => `S${i % 3}`),
    returns: Float64Array.from({ length: 60 * n }, () => 0.01 * random.normal()),
    expectedReturns: Float64Array.from({ length: n }, () => 0.01 + 0.01 * random.normal()),
    horizon: 21,
    currentWeights: held.map((value) => value / total),
    constraints: constraintsSchema.parse({ maxWeight: 0.6 }),
  };
}

function traded(weights: Float64Array, held: Float64Array): number {
  return weights.reduce((sum, weight, i) => sum + Math.abs(weight - held[i]), 0);
}

describe('mean–variance with trading costs', () => {
  test('no shift of weight between two assets improves the objective after costs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10 }), fc.integer({ min: 0, max: 1e6 }), (n, seed) => {
        const input = marketOf(n, seed);
        const cost = 50;
        const mu = input.expectedReturns ?? new Float64Array(n);
        const { weights } = bindOptimizer('mean-variance', { costAversion: cost, covariance: 'ewma' }).optimize(input);
        // λ^k weights with zero mean, as the estimator's definition says; the objective is rebuilt here from scratch.
        const objective = (w: Float64Array): number => {
          let weight = 1;
          let weightSum = 0;
          let variance = 0;
          for (let t = 59; t >= 0; t--, weight *= 0.94) {
            const r = w.reduce((sum, value, i) => sum + value * input.returns[t * n + i], 0);
            variance += weight * r * r;
            weightSum += weight;
          }
          const earned = w.reduce((sum, value, i) => sum + value * mu[i], 0);
          return earned - (5 / 2) * 21 * (variance / weightSum) - (cost / 10_000) * traded(w, input.currentWeights);
        };
        const best = objective(weights);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            const step = Math.min(1e-4, weights[j], 0.6 - weights[i]);
            if (i === j || !(step > 0)) continue;
            const other = weights.slice();
            other[i] += step;
            other[j] -= step;
            expect(objective(other)).toBeLessThanOrEqual(best + 1e-11);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('higher costs trade less, and prohibitive ones not at all', () => {
    const input = marketOf(8, 5);
    const amounts = [0, 20, 100, 10_000].map((costAversion) =>
      traded(bindOptimizer('mean-variance', { costAversion }).optimize(input).weights, input.currentWeights),
    );
    for (let k = 1; k < amounts.length; k++) expect(amounts[k]).toBeLessThanOrEqual(amounts[k - 1] + 1e-9);
    expect(amounts[0]).toBeGreaterThan(0.1);
    expect(amounts[3]).toBeLessThan(1e-9);
  });

  test('trades inside the no-trade zone do not happen', () => {
    const input = marketOf(8, 6);
    const zone = 0.08;
    const { weights } = bindOptimizer('mean-variance', { noTradeZone: zone, riskAversion: 50 }).optimize(input);
    const changes = weights.map((weight, i) => Math.abs(weight - input.currentWeights[i]));
    expect(changes.filter((change) => change > 0 && change < zone - 1e-12).length).toBe(0);
    expect(changes.filter((change) => change === 0).length).toBeGreaterThan(0);
  });
});
