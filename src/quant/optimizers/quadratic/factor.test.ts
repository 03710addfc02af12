import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cholesky, choleskySolve } from '#quant/array/linalg';
import { createRandom } from '#quant/array/random';
import { gram } from '#quant/kernels/gram';
import { createFreeSetFactor } from './free-set-factor';

test('any sequence of additions and removals solves as a fresh factorization does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 90 }), fc.integer({ min: 0, max: 1e6 }), (n, seed) => {
      const random = createRandom(seed);
      const X = Float64Array.from({ length: (n + 20) * n }, () => random.normal());
      const H = gram(X, n + 20, n);
      const factor = createFreeSetFactor(H, n, 0, 1e-12);
      const outside = Array.from({ length: n }, (_, i) => i);
      for (let step = 0; step < 3 * n; step++) {
        if (outside.length > 0 && (factor.size === 0 || random.uniform() < 0.6)) {
          expect(factor.add(outside.splice(random.integer(outside.length), 1)[0])).toBe(true);
        } else {
          const row = random.integer(factor.size);
          outside.push(factor.members[row]);
          factor.remove(row);
        }
      }
      const f = factor.size;
      if (f === 0) return;
      const sub = Float64Array.from({ length: f * f }, (_, k) => {
        return H[factor.members[Math.floor(k / f)] * n + factor.members[k % f]];
      });
      const b = Float64Array.from({ length: f }, () => random.normal());
      const expected = choleskySolve(cholesky(sub, f), f, b);
      factor.forward(b);
      factor.backward(b);
      for (let i = 0; i < f; i++) expect(b[i]).toBeCloseTo(expected[i], 8);
    }),
    { numRuns: 60 },
  );
});

test('a dependent index is refused and leaves the factor as it was', () => {
  const H = new Float64Array([1, 1, 0, 1, 1, 0, 0, 0, 1]);
  const factor = createFreeSetFactor(H, 3, 0, 1e-12);
  expect([factor.add(0), factor.add(1), factor.add(2)]).toEqual([true, false, true]);
  expect(factor.size).toBe(2);
});
