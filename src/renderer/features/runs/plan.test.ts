/** The plan before the start: folds stay inside the data, and training never reaches its test. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { planOf } from './plan';

const input = fc.record({
  first: fc.constant('2015-01-02'),
  last: fc.constantFrom('2016-01-04', '2020-12-31', '2024-06-28'),
  mode: fc.constantFrom('rolling' as const, 'expanding' as const),
  train: fc.integer({ min: 20, max: 3000 }),
  refit: fc.constantFrom('month' as const, 'quarter' as const, 'year' as const),
  purge: fc.integer({ min: 0, max: 60 }),
  warmUp: fc.integer({ min: 0, max: 252 }),
  rebalance: fc.constantFrom('week' as const, 'month' as const, 'quarter' as const),
  compared: fc.integer({ min: 0, max: 20 }),
});

describe('planOf', () => {
  it('keeps every fold inside the span, tests in order and apart from their training', () => {
    fc.assert(
      fc.property(input, (request) => {
        const plan = planOf(request);
        for (const [index, fold] of (plan?.folds ?? []).entries()) {
          expect(fold.trainFrom).toBeGreaterThanOrEqual(-1e-9);
          expect(fold.trainFrom).toBeLessThan(fold.trainTo);
          expect(fold.trainTo).toBeLessThanOrEqual(fold.testFrom + 1e-12);
          expect(fold.testTo).toBeLessThanOrEqual(1);
          if (index > 0) expect(fold.testFrom).toBeCloseTo(plan?.folds[index - 1].testTo ?? 0, 9);
        }
      }),
    );
  });

  it('is null where training takes the whole span', () => {
    const request = {
      first: '2020-01-02',
      last: '2020-12-31',
      mode: 'rolling',
      train: 504,
      refit: 'month',
      purge: 22,
      warmUp: 252,
      rebalance: 'month',
      compared: 0,
    } as const;
    expect(planOf(request)).toBeNull();
  });

  it('says of the sample what the engine then does: 34 folds, the first test on 2021-03-01', () => {
    const plan = planOf({
      first: '2018-01-02',
      last: '2023-12-29',
      mode: 'rolling',
      train: 504,
      refit: 'month',
      purge: 22,
      warmUp: 252,
      rebalance: 'month',
      compared: 6,
    });
    expect(plan?.firstTest).toBe('2021-03-01');
    expect(plan?.folds).toHaveLength(34);
  });
});
