import { expect, test } from 'vitest';
import { createRandom } from '#quant/array/random';
import { constraintsSchema } from '../constraints';
import { bindOptimizer } from '../load';
import type { OptimizerInput } from '../optimizer';

const random = createRandom(11);
const input: OptimizerInput = {
  assets: ['A', 'B', 'C', 'D'],
  sectors: ['', '', '', ''],
  returns: Float64Array.from({ length: 4 * 100 }, (_, k) => 0.01 * (1 + (k % 4)) * random.normal()),
  constraints: constraintsSchema.parse({}),
};

test('an equal stack is the mean of its members, and shares by utility sum to 1', () => {
  const members = ['equal-weight', 'min-variance'];
  const [a, b] = members.map((id) => bindOptimizer(id).optimize(input).weights);
  const { weights } = bindOptimizer('stacking', { members }).optimize(input);
  weights.forEach((weight, i) => expect(weight).toBeCloseTo((a[i] + b[i]) / 2, 12));
  const { diagnostics } = bindOptimizer('stacking', { members, weighting: 'utility' }).optimize(input);
  const shares = String(diagnostics['shares']).match(/\d\.\d{3}/g) ?? [];
  expect(shares.reduce((sum, share) => sum + Number(share), 0)).toBeCloseTo(1, 2);
});

test('a chain records who answered and why the ones before did not', () => {
  const flat = { ...input, returns: input.returns.map((value, k) => (k % 4 === 2 ? 0 : value)) };
  const chain = ['min-variance', 'equal-weight'];
  const { weights, diagnostics } = bindOptimizer('fallback', { chain, on: ['INVALID_DATA'] }).optimize(flat);
  expect([...weights]).toEqual([0.25, 0.25, 0.25, 0.25]);
  expect(diagnostics).toMatchObject({ answeredBy: 'equal-weight' });
  expect(diagnostics['failures']).toMatch(/min-variance: INVALID_DATA .*constant prices of C/);
  expect(() => bindOptimizer('fallback', { chain }).optimize(flat)).toThrow(/constant prices/);
  expect(() => bindOptimizer('fallback', { chain: ['fallback'] }).optimize(input)).toThrow(/stand alone/);
  expect(() => bindOptimizer('stacking', { members: ['stacking'] }).optimize(input)).toThrow(/stand alone/);
});
