import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '#quant/array/random';
import { allocateDiscrete, type AllocationInput } from './discrete-allocation';

function randomInput(n: number, seed: number, value: number, lot = 1): AllocationInput {
  const random = createRandom(seed);
  const raw = Float64Array.from({ length: n }, () => random.uniform());
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return {
    targets: raw.map((weight) => weight / total),
    prices: raw.map(() => 5 + 200 * random.uniform()),
    value,
    lot,
  };
}

/** Every affordable allocation. */
function leastError({ targets, prices, value, lot }: AllocationInput, k = 0, cash = value): number {
  if (k === targets.length) return 0;
  let best = Infinity;
  for (let count = 0; count * lot * prices[k] <= cash + 1e-9; count++) {
    const error = ((count * lot * prices[k]) / value - targets[k]) ** 2;
    const rest = leastError({ targets, prices, value, lot }, k + 1, cash - count * lot * prices[k]);
    best = Math.min(best, error + rest);
  }
  return best;
}

test('branch and bound finds the least squared error of all affordable allocations', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(1e6), fc.integer({ min: 1, max: 3 }), (n, seed, lot) => {
      const input = randomInput(n, seed, 900, lot);
      const { squaredError, proved, method } = allocateDiscrete(input);
      expect([method, proved]).toEqual(['branch-and-bound', true]);
      expect(squaredError).toBeCloseTo(leastError(input), 12);
    }),
    { numRuns: 100 },
  );
});

test('shares are whole lots, cash is never negative, and more money means a smaller error', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(1e6), fc.constantFrom(1, 10), (n, seed, lot) => {
      const small = randomInput(n, seed, 20_000, lot);
      const result = allocateDiscrete({ ...small, nodeLimit: 2000 });
      for (const count of result.shares) expect(Math.abs(count / lot - Math.round(count / lot))).toBeLessThan(1e-9);
      expect(result.cash).toBeGreaterThan(-1e-6);
      const spent = result.shares.reduce((sum, count, i) => sum + count * small.prices[i], 0);
      expect(spent + result.cash).toBeCloseTo(20_000, 6);
      const rich = allocateDiscrete({ ...small, value: 1e9, nodeLimit: 2000 });
      expect(rich.squaredError).toBeLessThanOrEqual(result.squaredError + 1e-9);
    }),
    { numRuns: 60 },
  );
});

test('a search that runs out of nodes says so and is no worse than greedy', () => {
  let stopped = 0;
  for (let seed = 0; seed < 20; seed++) {
    const input = randomInput(12, seed, 900);
    const short = allocateDiscrete({ ...input, nodeLimit: 3 });
    if (!short.proved) stopped++;
    expect(short.nodes).toBeLessThanOrEqual(3);
    expect(allocateDiscrete(input).squaredError).toBeLessThanOrEqual(short.squaredError);
  }
  expect(stopped).toBeGreaterThan(0);
});

test('the tracking error is that of the difference of weights, and bad input is refused', () => {
  const input = { ...randomInput(2, 1, 1000), covariance: new Float64Array([0.04, 0, 0, 0.04]) };
  const { trackingError, squaredError } = allocateDiscrete(input);
  expect(trackingError).toBeCloseTo(0.2 * Math.sqrt(squaredError), 12);
  expect(() => allocateDiscrete({ ...input, targets: new Float64Array([-0.1, 0.5]) })).toThrow(/at least 0/);
  expect(() => allocateDiscrete({ ...input, prices: new Float64Array([0, 1]) })).toThrow(/positive prices/);
  expect(() => allocateDiscrete({ ...input, prices: new Float64Array([1]) })).toThrow(/2 prices/);
});
