import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quadraticForm } from '#quant/array/linalg';
import { createRandom } from '#quant/array/random';
import { gram } from '#quant/kernels/gram';
import { constraintsSchema } from '../constraints';
import { buildFeasibleSet, restrictTo, type FeasibleSet } from '../feasible-set';
import { hasPortfolio } from '../infeasibility/feasibility';
import { solveOverSet } from '../quadratic/portfolio-program';
import { bestSubset } from './best-subset';

function market(n: number, seed: number, maxWeight: number): { set: FeasibleSet; H: Float64Array } {
  const random = createRandom(seed);
  const H = gram(
    Float64Array.from({ length: 3 * n * n }, () => random.normal()),
    3 * n,
    n,
    { scale: 0.01 },
  );
  const names = Array.from({ length: n }, (_, i) => `A${i}`);
  const constraints = constraintsSchema.parse({ maxWeight, sectorCap: 0.7 });
  return { set: buildFeasibleSet({ assets: names, sectors: names.map((_, i) => `S${i % 2}`), constraints }), H };
}

function bruteForce(set: FeasibleSet, H: Float64Array, count: number): number {
  let best = Infinity;
  for (let mask = 1; mask < 1 << set.n; mask++) {
    const allowed = Uint8Array.from({ length: set.n }, (_, i) => (mask >> i) & 1);
    if (allowed.reduce((sum, one) => sum + one, 0) > count) continue;
    const node = restrictTo(set, allowed);
    if (!hasPortfolio(node)) continue;
    best = Math.min(best, quadraticForm(H, solveOverSet(node, H, undefined, allowed).x, set.n));
  }
  return best;
}

test('the search finds the best of all subsets', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 8 }), fc.nat(1e5), fc.integer({ min: 2, max: 5 }), (n, seed, count) => {
      const { set, H } = market(n, seed, 0.6);
      const truth = bruteForce(set, H, count);
      const found = bestSubset(set, H, count, 10_000);
      expect(found?.proved ?? true).toBe(true);
      if (found === undefined) expect(truth).toBe(Infinity);
      else expect(found.objective / truth).toBeCloseTo(1, 9);
    }),
    { numRuns: 60 },
  );
});

test('a search that runs out of nodes says so', () => {
  const { set, H } = market(14, 3, 0.6);
  const short = bestSubset(set, H, 4, 20);
  expect(short === undefined || !short.proved).toBe(true);
  expect(bestSubset(set, H, 4, 50_000)).toMatchObject({ proved: true, nodeLimit: 50_000 });
});
