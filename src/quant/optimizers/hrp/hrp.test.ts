import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '#quant/array/random';
import { gram } from '#quant/kernels/gram';
import { correlationOf } from '#quant/covariance/moments';
import { LINKAGE_METHODS, type LinkageMethod } from './choices';
import { clusterDistances, hierarchicalRiskParity, type HrpOptions } from './hierarchical-risk-parity';
import { bottomUpLeafOrder, optimalLeafOrder } from './leaf-ordering';
import { leafOrder, linkage, type Linkage } from './linkage';

const PLAIN: HrpOptions = { linkage: 'single', distance: 'correlation', leafOrdering: 'none', risk: 'variance' };

function randomCovariance(N: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const X = Float64Array.from({ length: 3 * N * N }, () => random.normal());
  return gram(X, 3 * N, N, { scale: 1e-4 });
}

function randomDistances(N: number, seed: number): Float64Array {
  return clusterDistances(correlationOf(randomCovariance(N, seed), N), N, 'correlation');
}

/** The definition: merge the two closest clusters, distances between clusters recomputed by Lance and Williams. */
function naiveHeights(D: Float64Array, N: number, method: LinkageMethod): number[] {
  let clusters = Array.from({ length: N }, (_, i) => ({ size: 1, row: Array.from(D.subarray(i * N, (i + 1) * N)) }));
  const heights: number[] = [];
  while (clusters.length > 1) {
    let [a, b, least] = [0, 1, Infinity];
    for (let i = 0; i < clusters.length; i++) {
      for (let j = 0; j < i; j++) if (clusters[i].row[j] < least) [a, b, least] = [j, i, clusters[i].row[j]];
    }
    heights.push(least);
    const [left, right] = [clusters[a], clusters[b]];
    const merged = clusters.map(({ size, row }) => {
      const [x, y] = [row[a], row[b]];
      if (method === 'single') return Math.min(x, y);
      if (method === 'complete') return Math.max(x, y);
      if (method === 'average') return (left.size * x + right.size * y) / (left.size + right.size);
      const total = size + left.size + right.size;
      const sum = (size + left.size) * x * x + (size + right.size) * y * y - size * least * least;
      return Math.sqrt(Math.max(0, sum) / total);
    });
    const keep = clusters.map((_, i) => i).filter((i) => i !== a && i !== b);
    const row = [...keep.map((i) => merged[i]), 0];
    clusters = [
      ...keep.map((i, k) => ({ size: clusters[i].size, row: [...keep.map((j) => clusters[i].row[j]), row[k]] })),
      { size: left.size + right.size, row },
    ];
  }
  return heights;
}

function pathLength(D: Float64Array, N: number, order: Int32Array): number {
  let sum = 0;
  for (let i = 1; i < N; i++) sum += D[order[i - 1] * N + order[i]];
  return sum;
}

/** Every order that turning children can reach. */
function allOrders(tree: Linkage, N: number, node = 2 * N - 2): number[][] {
  if (node < N) return [[node]];
  const lefts = allOrders(tree, N, tree.left[node - N]);
  const rights = allOrders(tree, N, tree.right[node - N]);
  return lefts.flatMap((l) =>
    rights.flatMap((r) => [
      [...l, ...r],
      [...r, ...l],
    ]),
  );
}

describe('clustering', () => {
  test('every linkage merges at the heights of its definition', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(...LINKAGE_METHODS),
        (N, seed, method) => {
          const D = randomDistances(N, seed);
          const heights = [...linkage(D, N, method).height];
          naiveHeights(D, N, method).forEach((height, k) => expect(heights[k]).toBeCloseTo(height, 12));
        },
      ),
    );
  });

  test('children are numbered smaller first and leaves appear once', () => {
    const D = randomDistances(25, 1);
    for (const method of LINKAGE_METHODS) {
      const tree = linkage(D, 25, method);
      tree.left.forEach((left, k) => expect(left).toBeLessThan(tree.right[k]));
      expect(tree.size[23]).toBe(25);
      expect([...leafOrder(tree, 25)].sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, i) => i));
    }
  });

  test('the optimal order is the shortest of all that turning children can reach', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(...LINKAGE_METHODS),
        (N, seed, method) => {
          const D = randomDistances(N, seed);
          const tree = linkage(D, N, method);
          const plain = leafOrder(tree, N);
          const best = Math.min(...allOrders(tree, N).map((order) => pathLength(D, N, Int32Array.from(order))));
          expect(pathLength(D, N, optimalLeafOrder(D, N, tree, plain))).toBeCloseTo(best, 12);
          expect(pathLength(D, N, bottomUpLeafOrder(D, N, tree, plain))).toBeGreaterThan(best - 1e-12);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the example of scipy issue 11227: optimal is 0 1 2 3, bottom-up is what scipy returns', () => {
    const D = new Float64Array([
      0, 0.46680166, 0.7747411, 0.79942054, 0.46680166, 0, 0.28626558, 0.68441929, 0.7747411, 0.28626558, 0, 0.74692541,
      0.79942054, 0.68441929, 0.74692541, 0,
    ]);
    const tree = linkage(D, 4, 'complete');
    const plain = leafOrder(tree, 4);
    const optimal = [...optimalLeafOrder(D, 4, tree, plain)];
    expect([optimal.join(' '), optimal.toReversed().join(' ')]).toContain('0 1 2 3');
    expect(pathLength(D, 4, bottomUpLeafOrder(D, 4, tree, plain))).toBeGreaterThan(
      pathLength(D, 4, Int32Array.from(optimal)),
    );
  });
});

describe('hierarchical risk parity', () => {
  test('two assets get inverse-variance weights', () => {
    const S = new Float64Array([0.04, 0.01, 0.01, 0.09]);
    const { weights } = hierarchicalRiskParity(S, correlationOf(S, 2), 2, PLAIN);
    expect(weights[0]).toBeCloseTo(0.09 / 0.13, 14);
  });

  test('weights are positive, sum to the budget and keep their bounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.double({ min: 1, max: 4, noNaN: true }),
        (N, seed, slack) => {
          const S = randomCovariance(N, seed);
          const upper = new Float64Array(N).fill((0.9 * slack) / N);
          const { weights } = hierarchicalRiskParity(S, correlationOf(S, N), N, { ...PLAIN, budget: 0.9, upper });
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(0.9, 12);
          for (const weight of weights) {
            expect(weight).toBeGreaterThanOrEqual(0);
            expect(weight).toBeLessThanOrEqual(upper[0] + 1e-12);
          }
        },
      ),
    );
  });

  test('the linkage that is returned has the order as its leaves', () => {
    const S = randomCovariance(20, 7);
    for (const leafOrdering of ['none', 'bottom-up', 'optimal'] as const) {
      const result = hierarchicalRiskParity(S, correlationOf(S, 20), 20, { ...PLAIN, leafOrdering });
      expect([...leafOrder(result.linkage, 20)]).toEqual([...result.order]);
    }
  });

  test('duplicated assets have distance zero under either convention', () => {
    const N = 4;
    const S = randomCovariance(N, 9);
    for (let j = 0; j < N; j++) S[3 * N + j] = S[2 * N + j];
    for (let i = 0; i < N; i++) S[i * N + 3] = S[i * N + 2];
    S[15] = S[10];
    const correlation = correlationOf(S, N);
    for (const distance of ['correlation', 'euclidean-of-correlation'] as const) {
      expect(clusterDistances(correlation, N, distance)[2 * N + 3]).toBeLessThan(1e-7);
    }
    expect(() => hierarchicalRiskParity(new Float64Array(4), correlation, 2, PLAIN)).toThrow(/positive variances/);
  });
});
