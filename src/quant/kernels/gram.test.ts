import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { gram, gramReference } from './gram';

function randomTable(rows: number, columns: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: rows * columns }, () => random.normal() + 1);
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}

describe('the Gram kernel', () => {
  test('equals its TypeScript definition for any shape, center and weights', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 1, max: 37 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.boolean(),
        fc.boolean(),
        (rows, columns, seed, centered, weighted) => {
          const X = randomTable(rows, columns, seed);
          const options = {
            scale: 0.5,
            ...(centered ? { center: randomTable(1, columns, seed + 1) } : {}),
            ...(weighted ? { weights: randomTable(1, rows, seed + 2).map(Math.abs) } : {}),
          };
          const expected = gramReference(X, rows, columns, options);
          const worst = largestDifference(gram(X, rows, columns, options), expected);
          expect(worst).toBeLessThan(1e-13 * (1 + Math.max(...expected.map(Math.abs))) * 10);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the result is exactly symmetric and does not depend on earlier calls', () => {
    const X = randomTable(300, 21, 1);
    const first = gram(X, 300, 21);
    gram(randomTable(500, 40, 2), 500, 40);
    expect(gram(X, 300, 21)).toEqual(first);
    for (let i = 0; i < 21; i++) for (let j = 0; j < i; j++) expect(first[i * 21 + j]).toBe(first[j * 21 + i]);
  });

  test('no rows give zeros and no columns give nothing', () => {
    expect(gram(new Float64Array(0), 0, 3)).toEqual(new Float64Array(9));
    expect(gram(new Float64Array(0), 5, 0)).toEqual(new Float64Array(0));
  });
});
