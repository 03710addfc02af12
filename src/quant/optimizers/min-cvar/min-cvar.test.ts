import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '#quant/array/random';
import type { LinearRow } from '../quadratic/program';
import { conditionalValueAtRisk, minimizeCvar, type CvarProgram } from './cvar-program';

function makeProgram(T: number, n: number, random: Random, round: boolean, upper: number): CvarProgram {
  const returns = Float64Array.from({ length: T * n }, () => {
    const value = 0.01 * random.normal();
    return round ? Math.round(value * 100) / 100 : value;
  });
  const budget: LinearRow = { name: 'budget', kind: 'equal', coefficients: new Float64Array(n).fill(1), bound: 1 };
  return {
    returns,
    T,
    n,
    confidence: 0.9,
    lower: new Float64Array(n),
    upper: new Float64Array(n).fill(upper),
    rows: [budget],
  };
}

function vertex(n: number, upper: number): Float64Array {
  let left = 1;
  return Float64Array.from({ length: n }, () => {
    const weight = Math.min(upper, left);
    left -= weight;
    return weight;
  });
}

describe('minimum conditional value at risk', () => {
  test('no feasible portfolio near or far has less, also when many days are equal', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 150 }),
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.boolean(),
        fc.constantFrom(0.5, 1),
        (T, n, seed, round, upper) => {
          const random = createRandom(seed);
          const program = makeProgram(T, n, random, round, upper);
          const { weights, cvar } = minimizeCvar(program, vertex(n, upper));
          expect(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1)).toBeLessThan(1e-9);
          for (const weight of weights) {
            expect(weight).toBeGreaterThanOrEqual(-1e-12);
            expect(weight).toBeLessThanOrEqual(upper + 1e-12);
          }
          for (let trial = 0; trial < 60; trial++) {
            const other = Float64Array.from({ length: n }, () => random.uniform());
            const total = other.reduce((sum, value) => sum + value, 0);
            const step = trial % 2 === 0 ? 0.01 : 1;
            const near = weights.map((weight, i) => (1 - step) * weight + (step * other[i]) / total);
            if (near.some((weight) => weight > upper)) continue;
            expect(conditionalValueAtRisk(program, near)).toBeGreaterThanOrEqual(cvar - 1e-12);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('two assets: the optimum is on the grid of all mixtures', () => {
    const program = makeProgram(200, 2, createRandom(3), false, 1);
    const { cvar } = minimizeCvar(program, vertex(2, 1));
    let least = Infinity;
    for (let k = 0; k <= 20_000; k++) {
      least = Math.min(least, conditionalValueAtRisk(program, new Float64Array([k / 20_000, 1 - k / 20_000])));
    }
    expect(cvar).toBeLessThanOrEqual(least + 1e-15);
    expect(cvar).toBeGreaterThan(least - 1e-6);
  });
});
