import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { associations } from './association';
import { compressedRows, nearestNeighbors, sectorNeighbors, triangulatedGraph } from './filtered-graph';

function returns(days: number, assets: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const result = new Float64Array(days * assets);
  for (let t = 0; t < days; t++) {
    const market = random.normal();
    for (let i = 0; i < assets; i++) result[t * assets + i] = market * (i % 3) + random.normal();
  }
  return result;
}

describe.each(['correlation', 'distance-correlation'] as const)('%s', (kind) => {
  test('is symmetric, 1 with itself, between −1 and 1, and blind to level and scale', () => {
    const [days, n] = [40, 5];
    const x = returns(days, n, 1);
    const a = associations(x, n, kind);
    const moved = associations(
      x.map((value, at) => 3 + (1 + (at % n)) * value),
      n,
      kind,
    );
    for (let i = 0; i < n; i++) {
      expect(a[i * n + i]).toBe(1);
      for (let j = 0; j < n; j++) {
        expect(a[i * n + j]).toBe(a[j * n + i]);
        expect(Math.abs(a[i * n + j])).toBeLessThanOrEqual(1 + 1e-12);
        expect(moved[i * n + j]).toBeCloseTo(a[i * n + j], 10);
      }
    }
  });

  test('is 0 with an asset that does not move', () => {
    const x = returns(30, 3, 2).map((value, at) => (at % 3 === 1 ? 0.5 : value));
    expect(associations(x, 3, kind)[1]).toBe(0);
  });
});

test('distance correlation sees a parabola, which correlation does not', () => {
  const x = Float64Array.from({ length: 82 }, (_, at) =>
    at % 2 === 0 ? Math.floor(at / 2) - 20 : (Math.floor(at / 2) - 20) ** 2,
  );
  expect(Math.abs(associations(x, 2, 'correlation')[1])).toBeLessThan(1e-12);
  // Of y = x² on a symmetric grid; Székely, Rizzo and Bakirov (2007), §5: about one half.
  expect(associations(x, 2, 'distance-correlation')[1]).toBeGreaterThan(0.45);
});

test('the triangulated graph has 3N − 6 edges, reaches every node, and keeps the closest four together', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 25 }), fc.integer({ min: 1, max: 1e6 }), (n, seed) => {
      const similarity = associations(returns(30, n, seed), n, 'correlation');
      const pairs = triangulatedGraph(similarity, n);
      expect(pairs).toHaveLength(3 * n - 6);
      const reached = new Set([0]);
      for (let round = 0; round < n; round++) {
        for (const [i, j] of pairs) if (reached.has(i) || reached.has(j)) reached.add(i).add(j);
      }
      expect(reached.size).toBe(n);
    }),
    { numRuns: 40 },
  );
});

test('one asset and two have no more edges than there are pairs', () => {
  expect(triangulatedGraph(Float64Array.of(1), 1)).toEqual([]);
  expect(triangulatedGraph(Float64Array.of(1, 0.2, 0.2, 1), 2)).toEqual([[1, 0]]);
  expect(compressedRows([], 2)).toEqual({ rowStart: Uint32Array.of(0, 1, 2), columns: Uint32Array.of(0, 1) });
});

test('neighbors are the most similar others, of the own sector where asked', () => {
  const similarity = Float64Array.of(1, 0.9, 0.1, 0.5, 0.9, 1, 0.2, 0.3, 0.1, 0.2, 1, 0.8, 0.5, 0.3, 0.8, 1);
  expect(nearestNeighbors(similarity, 4, 1)).toEqual([
    [1, 0],
    [3, 2],
  ]);
  expect(sectorNeighbors(similarity, ['A', 'B', 'A', ''], 3)).toEqual([[2, 0]]);
});
