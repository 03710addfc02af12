import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '#base/errors';
import { createRandom } from '../array/random';
import { closestFeasible, isFeasible } from './closest-feasible';
import { constraintsSchema } from './constraints';
import { buildFeasibleSet, feasiblePoint, turnoverBetween, type FeasibleSet } from './feasible-set';
import { requireFeasible } from './infeasibility/require-feasible';
import { solveOverSet } from './quadratic/portfolio-program';

const anySet = fc
  .record({
    n: fc.integer({ min: 1, max: 20 }),
    seed: fc.integer({ min: 0, max: 1e6 }),
    maxWeight: fc.constantFrom(0.08, 0.2, 1),
    sectorCap: fc.constantFrom(undefined, 0.3, 0.6),
    turnoverLimit: fc.constantFrom(undefined, 0.05, 0.3),
    cash: fc.constantFrom(0, 0.2),
  })
  .map(({ n, seed, ...stated }) => {
    const random = createRandom(seed);
    const raw = Float64Array.from({ length: n }, () => random.uniform());
    const total = raw.reduce((sum, value) => sum + value, 0);
    const set = buildFeasibleSet({
      assets: Array.from({ length: n }, (_, i) => `A${i}`),
      sectors: Array.from({ length: n }, (_, i) => `S${i % 4}`),
      currentWeights: raw.map((value) => value / total),
      constraints: constraintsSchema.parse(stated),
    });
    const target = Float64Array.from({ length: n }, () => random.uniform() - 0.2);
    return { set, target };
  });

function isEmpty(set: FeasibleSet): boolean {
  try {
    requireFeasible(set);
    return false;
  } catch (error) {
    if (error instanceof AppError && error.code === 'INFEASIBLE') return true;
    throw error;
  }
}

test('a set that is not refused has a feasible point, of least turnover where turnover is limited', () => {
  fc.assert(
    fc.property(anySet, ({ set, target }) => {
      if (isEmpty(set)) return;
      expect(isFeasible(set, feasiblePoint(set, target), 1e-11)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test('a refused turnover limit really is too small: the suggested one works and a smaller one does not', () => {
  fc.assert(
    fc.property(anySet, ({ set }) => {
      const { turnover, ...free } = set;
      if (turnover === undefined || isEmpty(free) || !isEmpty(set)) return;
      const needed = turnoverBetween(feasiblePoint(set, set.upper), turnover.reference);
      expect(isEmpty({ ...set, turnover: { ...turnover, limit: needed + 1e-9 } })).toBe(false);
      const H = Float64Array.from({ length: set.n ** 2 }, (_, k) => (k % (set.n + 1) === 0 ? 1 : 0));
      const nearest = solveOverSet(
        free,
        H,
        turnover.reference.map((value) => -value),
        set.upper,
      ).x;
      expect(turnoverBetween(nearest, turnover.reference)).toBeGreaterThanOrEqual(needed - 1e-9);
    }),
    { numRuns: 300 },
  );
});

test('the closest portfolio is the one that the quadratic solver finds', () => {
  fc.assert(
    fc.property(anySet, ({ set, target }) => {
      if (isEmpty(set)) return;
      const weights = closestFeasible(set, target);
      expect(isFeasible(set, weights, 1e-10)).toBe(true);
      const H = Float64Array.from({ length: set.n ** 2 }, (_, k) => (k % (set.n + 1) === 0 ? 1 : 0));
      const expected = solveOverSet(
        set,
        H,
        target.map((value) => -value),
        target.map((value) => -value),
      ).x;
      weights.forEach((weight, i) => expect(weight).toBeCloseTo(expected[i], 7));
    }),
    { numRuns: 300 },
  );
});

test('a target that meets every constraint is returned as it is', () => {
  const set = buildFeasibleSet({ assets: ['A', 'B'], sectors: ['', ''], constraints: constraintsSchema.parse({}) });
  const target = new Float64Array([0.3, 0.7]);
  expect(closestFeasible(set, target)).toBe(target);
});

test('assets without a sector share one cap, so that missing data cannot loosen it', () => {
  const set = buildFeasibleSet({
    assets: ['A', 'B', 'C', 'D'],
    sectors: ['', '', 'Energy', 'Health'],
    constraints: constraintsSchema.parse({ sectorCap: 0.4 }),
  });
  const weights = closestFeasible(set, new Float64Array([0.5, 0.5, 0, 0]));
  expect(weights[0] + weights[1]).toBeCloseTo(0.4, 12);
});
