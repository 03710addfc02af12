import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '#quant/array/random';
import { constraintsSchema } from '../constraints';
import { buildFeasibleSet, feasiblePoint } from '../feasible-set';
import { bindOptimizer } from '../load';
import { conditionalValueAtRisk, minimizeCvar } from '../min-cvar/cvar-program';
import { setRows } from '../quadratic/portfolio-program';

describe('interior point over a feasible set', () => {
  test('minimum CVaR equals the exact vertex method, with bounds and sector caps', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 150 }),
        fc.integer({ min: 2, max: 15 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(0.55, 1),
        fc.constantFrom(0.6, 1),
        (T, n, seed, maxWeight, sectorCap) => {
          const random = createRandom(seed);
          const returns = Float64Array.from({ length: T * n }, () => 0.01 * random.normal());
          const assets = Array.from({ length: n }, (_, i) => `A${i}`);
          const sectors = assets.map((_, i) => `S${i % 2}`);
          const constraints = constraintsSchema.parse({ maxWeight, sectorCap });
          const set = buildFeasibleSet({ assets, sectors, constraints });
          const { lower, upper } = set;
          const program = { returns, T, n, confidence: 0.95, lower, upper, rows: setRows(set) };
          const exact = minimizeCvar(
            program,
            feasiblePoint(
              set,
              assets.map((_, i) => i),
            ),
          );
          const { weights } = bindOptimizer('min-cvar').optimize({ assets, sectors, returns, constraints });
          expect(conditionalValueAtRisk(program, weights)).toBeLessThan(exact.cvar + 1e-9);
          expect(conditionalValueAtRisk(program, weights)).toBeGreaterThan(exact.cvar - 1e-9);
        },
      ),
      { numRuns: 60 },
    );
  });
});
