import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '#quant/array/random';
import { correlationOf, sampleCovariance } from '#quant/covariance/moments';
import { constraintsSchema } from '../constraints';
import { bindOptimizer } from '../load';
import type { OptimizerInput } from '../optimizer';
import { HERC_RISKS } from './choices';
import { clusterAssets, gapClusterCount, leavesBelow } from './clusters';
import { clusterDistances } from '../hrp/hierarchical-risk-parity';
import { hierarchicalEqualRiskContribution } from './hierarchical-equal-risk-contribution';
import { subsetRisk, type RiskData } from './subset-risk';

/** Assets in blocks that share a factor of their own. */
function blockReturns(T: number, blocks: readonly number[], seed: number, noise = 0.6): Float64Array {
  const random = createRandom(seed);
  const N = blocks.reduce((sum, size) => sum + size, 0);
  const X = new Float64Array(T * N);
  for (let t = 0; t < T; t++) {
    let j = 0;
    for (const size of blocks) {
      const factor = random.normal();
      for (let k = 0; k < size; k++, j++)
        X[t * N + j] = 0.01 * (1 + 0.2 * (j % 5)) * (factor + noise * random.normal());
    }
  }
  return X;
}

function dataOf(X: Float64Array, N: number): RiskData {
  return { N, covariance: sampleCovariance(X, X.length / N, N), returns: X, level: 0.95 };
}

const PLAIN = { linkage: 'ward', distance: 'correlation', clusters: 0 } as const;

describe('clusters', () => {
  test('the gap statistic finds the blocks that are there', () => {
    for (const blocks of [
      [5, 5, 5],
      [4, 6, 3, 5],
      [8, 8],
    ]) {
      const N = blocks.reduce((sum, size) => sum + size, 0);
      const X = blockReturns(500, blocks, N, 0.3);
      const { members } = clusterAssets(correlationOf(sampleCovariance(X, 500, N), N), N, PLAIN);
      expect(members.map((list) => list.length).toSorted((a, b) => a - b)).toEqual(blocks.toSorted((a, b) => a - b));
      for (const list of members) expect(list.at(-1)).toBe((list[0] ?? 0) + list.length - 1);
    }
  });

  test('any number of clusters partitions the assets', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 0, max: 30 }),
        fc.nat(1e5),
        (N, clusters, seed) => {
          const X = blockReturns(40, [N], seed);
          const correlation = correlationOf(sampleCovariance(X, 40, N), N);
          const { members, tree, roots } = clusterAssets(correlation, N, { ...PLAIN, clusters });
          expect(members.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: N }, (_, i) => i));
          if (clusters > 0) expect(roots).toHaveLength(Math.min(N, clusters));
          else expect(roots).toHaveLength(gapClusterCount(clusterDistances(correlation, N, 'correlation'), N, tree));
          expect(leavesBelow(tree, N, 2 * N - 2)).toHaveLength(N);
        },
      ),
    );
  });
});

describe('hierarchical equal risk contribution', () => {
  test('two assets in two clusters share in inverse proportion to their risk', () => {
    const X = blockReturns(300, [1, 1], 3);
    const data = dataOf(X, 2);
    const free = { budget: 1, lower: new Float64Array(2), upper: new Float64Array([1, 1]) };
    for (const risk of HERC_RISKS) {
      const { weights } = hierarchicalEqualRiskContribution(data, correlationOf(data.covariance, 2), {
        ...PLAIN,
        ...free,
        risk,
      });
      const [a, b] = [subsetRisk(data, risk, [0], [1]), subsetRisk(data, risk, [1], [1])];
      expect(weights[0]).toBeCloseTo(b / (a + b), 12);
    }
  });

  test('two clusters of Raffinot: each side gets the share of the other’s risk, inside by inverse risk', () => {
    const X = blockReturns(400, [3, 4], 8, 0.3);
    const data = dataOf(X, 7);
    for (const risk of ['variance', 'standard-deviation', 'cvar', 'cdar'] as const) {
      const { weights, clustering } = hierarchicalEqualRiskContribution(data, correlationOf(data.covariance, 7), {
        ...PLAIN,
        clusters: 2,
        risk,
        budget: 1,
        lower: new Float64Array(7),
        upper: new Float64Array(7).fill(1),
      });
      const expected = new Float64Array(7);
      const risks = clustering.members.map((list) => {
        const naive = list.map((i) => 1 / subsetRisk(data, risk, [i], [1]));
        const total = naive.reduce((sum, value) => sum + value, 0);
        list.forEach((i, k) => (expected[i] = naive[k] / total));
        return subsetRisk(
          data,
          risk,
          list,
          naive.map((value) => value / total),
        );
      });
      clustering.members.forEach((list, c) => {
        for (const i of list) expected[i] *= risks[1 - c] / (risks[0] + risks[1]);
      });
      weights.forEach((weight, i) => expect(weight).toBeCloseTo(expected[i], 10));
    }
  });

  test('box bounds hold to the last bits for every risk measure and count of clusters', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.nat(1e5),
        fc.constantFrom(...HERC_RISKS),
        fc.integer({ min: 0, max: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (N, seed, risk, clusters, slack) => {
          const data = dataOf(blockReturns(60, [N], seed), N);
          const random = createRandom(seed + 1);
          const middle = Float64Array.from({ length: N }, () => random.uniform() + 0.01);
          const total = middle.reduce((sum, value) => sum + value, 0);
          const lower = middle.map((value) => (value / total) * (1 - slack));
          const upper = middle.map((value) => (value / total) * (1 + 3 * slack));
          const { weights } = hierarchicalEqualRiskContribution(data, correlationOf(data.covariance, N), {
            ...PLAIN,
            clusters,
            risk,
            budget: 1,
            lower,
            upper,
          });
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 11);
          weights.forEach((weight, i) => {
            expect(weight).toBeGreaterThanOrEqual(lower[i]);
            expect(weight).toBeLessThanOrEqual(upper[i]);
          });
        },
      ),
    );
  });

  test('every choice of herc and nco keeps boxes and sector caps to 1e-9', () => {
    fc.assert(
      fc.property(
        fc.nat(1e5),
        fc.constantFrom(...HERC_RISKS),
        fc.constantFrom('min-variance', 'inverse-volatility', 'equal'),
        fc.constantFrom('min-variance', 'inverse-volatility', 'equal'),
        fc.integer({ min: 0, max: 5 }),
        fc.boolean(),
        (seed, risk, inside, across, clusters, longOnly) => {
          const sectors = Array.from({ length: 12 }, (_, i) => ['A', 'B', 'C'][i % 3]);
          const input: OptimizerInput = {
            assets: sectors.map((_, i) => `a${i}`),
            returns: blockReturns(60, [4, 4, 4], seed),
            sectors,
            constraints: constraintsSchema.parse({ maxWeight: 0.12, sectorCap: 0.4, longOnly }),
          };
          const runs = [bindOptimizer('herc', { risk, clusters }), bindOptimizer('nco', { inside, across, clusters })];
          for (const { optimize } of runs) {
            const { weights } = optimize(input);
            expect(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1)).toBeLessThan(1e-9);
            for (const weight of weights) {
              expect(weight).toBeLessThanOrEqual(0.12 + 1e-9);
              expect(weight).toBeGreaterThanOrEqual((longOnly ? 0 : -0.12) - 1e-9);
            }
            for (const name of ['A', 'B', 'C']) {
              const held = weights.reduce((sum, weight, i) => sum + (sectors[i] === name ? weight : 0), 0);
              expect(held).toBeLessThanOrEqual(0.4 + 1e-9);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('nco with one cluster is the minimum-variance portfolio, and with one asset per cluster too', () => {
  const sectors = new Array<string>(9).fill('');
  const input: OptimizerInput = {
    assets: sectors.map((_, i) => `a${i}`),
    returns: blockReturns(200, [3, 3, 3], 5),
    sectors,
    constraints: constraintsSchema.parse({}),
  };
  const best = bindOptimizer('min-variance').optimize(input).weights;
  for (const clusters of [1, 9]) {
    const { weights } = bindOptimizer('nco', { clusters }).optimize(input);
    weights.forEach((weight, i) => expect(weight).toBeCloseTo(best[i], 8));
  }
});
