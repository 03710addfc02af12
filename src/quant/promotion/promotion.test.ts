/** Drift and significance by their properties: no move, no drift; the same curve, no difference; luck among many, no promotion. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import type { EquityCurve, PromotionPolicy } from './gate';
import { populationStability } from './population-stability';
import { significanceCheck } from './significance';

const policy: PromotionPolicy = {
  outOfSample: { measure: 'rank_ic', minimum: 0, implausibleR2: 0.1 },
  significance: { level: 0.05, replications: 300 },
  drift: { warnAbove: 0.1, failAbove: 0.25 },
};

const normals = (n: number, seed: number, shift = 0): Float64Array => {
  const random = createRandom(seed);
  return Float64Array.from({ length: n }, () => random.normal() + shift);
};

describe('population stability', () => {
  test('is 0 for the same sample, never negative, and blind to order and monotone changes of unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 0.1, max: 50, noNaN: true }), (seed, unit) => {
        const a = normals(300, seed);
        const b = normals(200, seed + 1, 0.3);
        expect(populationStability(a, a)).toBe(0);
        const index = populationStability(a, b);
        expect(index).toBeGreaterThanOrEqual(0);
        expect(populationStability(a, b.slice().reverse())).toBe(index);
        expect(
          populationStability(
            a.map((x) => x * unit),
            b.map((x) => x * unit),
          ),
        ).toBeCloseTo(index, 9);
      }),
      { numRuns: 30 },
    );
  });

  test('tells a moved population from the same one, as Siddiqi reads it', () => {
    expect(populationStability(normals(5000, 1), normals(2000, 2))).toBeLessThan(0.02);
    expect(populationStability(normals(5000, 1), normals(2000, 2, 1))).toBeGreaterThan(0.25);
  });

  test('equals the sum by hand: shares ½, ½ against ¾, ¼', () => {
    const reference = Float64Array.of(0, 0, 1, 1);
    const recent = Float64Array.of(0, 0, 0, 1);
    const expected = (0.5 - 0.75) * Math.log(0.5 / 0.75) + (0.5 - 0.25) * Math.log(0.5 / 0.25);
    expect(populationStability(reference, recent, 2)).toBeCloseTo(expected, 12);
  });

  test('says how many values it needs', () => {
    expect(() => populationStability(normals(5, 1), normals(100, 2))).toThrowError(
      /at least 10 values.*found 5 and 100/,
    );
  });
});

describe('significance', () => {
  const dates = Array.from({ length: 501 }, (_, day) => `day ${String(day).padStart(4, '0')}`);
  const curve = (name: string, seed: number, mean: number): EquityCurve => {
    const equity = new Float64Array(dates.length).fill(1);
    normals(500, seed).forEach((z, t) => {
      equity[t + 1] = equity[t] * (1 + mean + 0.01 * z);
    });
    return { name, dates, equity };
  };
  const check = (candidate: EquityCurve, reference: EquityCurve, family: readonly EquityCurve[]) =>
    significanceCheck({ candidate, reference, role: 'the champion', family, seed: 7, policy });

  test('passes what is really better, alone and in its family', () => {
    const candidate = curve('candidate', 1, 0.004);
    expect(check(candidate, curve('champion', 2, 0), [candidate, curve('other', 3, 0)])).toMatchObject({
      status: 'passed',
    });
  });

  test('fails the same curve, a worse one, and one without the days', () => {
    const champion = curve('champion', 2, 0.001);
    for (const candidate of [
      champion,
      curve('worse', 4, -0.004),
      { ...curve('short', 5, 0.004), dates: dates.map((day) => `x${day}`) },
    ]) {
      const { status, summary } = check(candidate, champion, [candidate]);
      expect([status, summary]).toEqual(['failed', expect.stringMatching(/^Not distinguishable\./)]);
    }
  });

  test('sees through the best of many lucky ones', () => {
    const champion = curve('champion', 2, 0);
    const family = Array.from({ length: 60 }, (_, k) => curve(`try ${k}`, 100 + k, 0));
    const growth = ({ equity }: EquityCurve) => equity[equity.length - 1];
    const lucky = family.reduce((best, each) => (growth(each) > growth(best) ? each : best));
    expect(growth(lucky)).toBeGreaterThan(1.2);
    expect(check(lucky, champion, family).status).toBe('failed');
  });
});
