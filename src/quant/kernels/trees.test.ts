import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { TreeKernel } from './trees';
import { plainBestSplit, plainHistogram } from './trees-reference';

/** A kernel over random bins in which some values are missing, with integer gradients and bootstrap weights. */
function scene(rows: number, features: number, bins: number, seed: number) {
  const random = createRandom(seed);
  const edges = Array.from({ length: features }, () => Float64Array.from({ length: bins - 1 }, (_, j) => j + 0.5));
  const X = Float64Array.from({ length: rows * features }, () => (random.uniform() < 0.1 ? NaN : random.integer(bins)));
  const plainBins = Uint8Array.from(X, (value) => (Number.isNaN(value) ? 255 : value));
  const kernel = new TreeKernel(rows, features, 4);
  kernel.bin(X, edges);
  const gradients = Float64Array.from({ length: rows }, () => random.integer(2001) - 1000);
  kernel.prediction.set(gradients);
  kernel.target.fill(0);
  kernel.index.set(Uint32Array.from({ length: rows }, (_, i) => i));
  kernel.allowed.fill(1);
  const weights = Uint8Array.from({ length: rows }, () => 1 + random.integer(3));
  kernel.weights.set(weights);
  const shift = Math.ceil(Math.log2(3 * rows + 2));
  kernel.packGradients(rows, 1, shift, true);
  return { kernel, plainBins, gradients, weights, shift, all: kernel.index.slice() };
}

const shapes = [
  fc.integer({ min: 1, max: 400 }),
  fc.integer({ min: 1, max: 19 }),
  fc.integer({ min: 2, max: 255 }),
  fc.nat(1e6),
] as const;

describe('the tree kernel', () => {
  test('histograms are the sums over rows, exactly; a sibling is what remains', () => {
    fc.assert(
      fc.property(...shapes, (rows, features, bins, seed) => {
        const { kernel, plainBins, gradients, weights, shift, all } = scene(rows, features, bins, seed);
        kernel.histogram(0, 0, rows);
        expect(kernel.readHistogram(0, shift)).toEqual(plainHistogram(plainBins, features, all, gradients, weights));
        const half = rows >> 1;
        kernel.histogram(1, 0, half);
        kernel.subtract(0, 1);
        const rest = plainHistogram(plainBins, features, all.subarray(half), gradients, weights);
        expect(kernel.readHistogram(0, shift)).toEqual(rest);
      }),
      { numRuns: 60 },
    );
  });

  test('the best split is the one that trying every cut finds, with bounds and directions too', () => {
    fc.assert(
      fc.property(
        ...shapes,
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0, max: 20, noNaN: true }),
        fc.boolean(),
        (rows, features, bins, seed, minCount, l2, constrained) => {
          const { kernel, plainBins, gradients, weights, shift, all } = scene(rows, features, bins, seed);
          const monotone = constrained ? Int8Array.from({ length: features }, (_, k) => (k % 3) - 1) : null;
          const bounds = constrained ? { lower: -90, upper: 60 } : { lower: -Infinity, upper: Infinity };
          const rules = { minCount, l2, monotone };
          const total = kernel.histogram(0, 0, rows);
          const found = kernel.bestSplit(0, total, shift, rules, bounds);
          const histogram = plainHistogram(plainBins, features, all, gradients, weights);
          const expected = plainBestSplit(histogram, features, rules, bounds);
          if (expected === null) {
            expect(found).toBeNull();
            return;
          }
          // Rounding may choose between splits of equal gain.
          expect(Math.abs((found?.gain ?? 0) - expected.gain)).toBeLessThanOrEqual(
            1e-9 * Math.abs(expected.gain) + 1e-6,
          );
        },
      ),
      { numRuns: 80 },
    );
  });

  test('a partition keeps every row once, in order, on the side of its bin', () => {
    fc.assert(
      fc.property(...shapes, fc.boolean(), (rows, features, bins, seed, missingLeft) => {
        const { kernel, plainBins } = scene(rows, features, bins, seed);
        const feature = seed % features;
        const bin = seed % bins;
        const left = kernel.partition(0, rows, { feature, bin, missingLeft, gain: 1, left: 0n });
        const goesLeft = (row: number) => {
          const own = plainBins[row * features + feature];
          return own === 255 ? missingLeft : own <= bin;
        };
        const order = [...Array(rows).keys()];
        const expected = [...order.filter(goesLeft), ...order.filter((row) => !goesLeft(row))];
        expect([...kernel.index]).toEqual(expected);
        expect(left).toBe(order.filter(goesLeft).length);
      }),
      { numRuns: 60 },
    );
  });

  test('a table that WebAssembly cannot hold is refused before anything is allocated', () => {
    expect(() => new TreeKernel(100_000_000, 100, 31)).toThrow(/fit into 4 GB/);
  });
});
