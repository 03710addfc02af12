import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brinsonFachler } from './brinson';
import { LINKING_METHODS, linkBrinson, linkingCoefficients } from './linking';

const weights = fc
  .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
  .map((values) => {
    const total = values.reduce((a, b) => a + b, 0);
    return Float64Array.from(values, (value) => value / total);
  });
const returns = fc
  .array(fc.double({ min: -0.4, max: 0.5, noNaN: true }), { minLength: 4, maxLength: 4 })
  .map((values) => Float64Array.from(values));
const period = fc.record({ wp: weights, wb: weights, r: returns });
const GROUPS = ['A', 'A', 'B', 'C'];

test.each(LINKING_METHODS)('%s effects add up to the compounded active return', (method) => {
  fc.assert(
    fc.property(fc.array(period, { minLength: 1, maxLength: 24 }), (periods) => {
      const linked = linkBrinson(
        periods.map(({ wp, wb, r }) => brinsonFachler(wp, wb, r, GROUPS)),
        method,
      );
      const size = 1 + Math.abs(linked.portfolioReturn) + Math.abs(linked.benchmarkReturn);
      const { allocation, selection, interaction } = linked.totals;
      expect(Math.abs(allocation + selection + interaction - linked.activeReturn)).toBeLessThan(1e-12 * size);
      let parts = 0;
      for (const effects of linked.groups.values())
        parts += effects.allocation + effects.selection + effects.interaction;
      expect(Math.abs(parts - linked.activeReturn)).toBeLessThan(1e-12 * size);
    }),
  );
});

test.each(LINKING_METHODS)('%s survives equal returns and one period', (method) => {
  const same = Float64Array.of(0.02, -0.01, 0.03);
  const equal = linkingCoefficients(same, same, method);
  expect(equal.every((value) => Number.isFinite(value) && value > 0.9 && value < 1.1)).toBe(true);
  expect(linkingCoefficients(Float64Array.of(0.1), Float64Array.of(0.04), method)[0]).toBeCloseTo(1, 12);
  // Active in two periods, level over both: the limit of the scaling is used.
  const swapped = linkingCoefficients(Float64Array.of(0.1, 0), Float64Array.of(0, 0.1), method);
  expect(swapped[0] * 0.1 - swapped[1] * 0.1).toBeCloseTo(0, 12);
});

test('two periods have the coefficients of the papers', () => {
  const R = Float64Array.of(0.1, 0.05);
  const B = Float64Array.of(0.05, 0.02);
  const k = (r: number, b: number) => Math.log((1 + r) / (1 + b)) / (r - b);
  const whole = k(1.1 * 1.05 - 1, 1.05 * 1.02 - 1);
  // Cariño 1999, eqs. 6–8.
  expect(linkingCoefficients(R, B, 'carino')[0]).toBeCloseTo(k(0.1, 0.05) / whole, 14);
  // GRAP: period 1 carries benchmark growth of period 2, period 2 portfolio growth of period 1.
  expect([...linkingCoefficients(R, B, 'grap')]).toEqual([expect.closeTo(1.02, 14), expect.closeTo(1.1, 14)]);
  // Menchero 2000, eqs. 10 and 15.
  const natural = (1.1 * 1.05 - 1.05 * 1.02) / 2 / (Math.sqrt(1.1 * 1.05) - Math.sqrt(1.05 * 1.02));
  const correction = (1.1 * 1.05 - 1.05 * 1.02 - natural * 0.08) / (0.05 ** 2 + 0.03 ** 2);
  expect(linkingCoefficients(R, B, 'menchero')[1]).toBeCloseTo(natural + correction * 0.03, 12);
});

test('weights with different sums are refused with the gap', () => {
  const half = brinsonFachler(Float64Array.of(0.5), Float64Array.of(1), Float64Array.of(0.1), ['A']);
  expect(() => linkBrinson([half], 'carino')).toThrow(/gap of -?0\.\d+ in period 1/);
});

test('a total loss and unequal lengths are refused', () => {
  expect(() => linkingCoefficients(Float64Array.of(-1), Float64Array.of(0), 'carino')).toThrow(/period 1/);
  expect(() => linkingCoefficients(Float64Array.of(0, 0), Float64Array.of(0), 'grap')).toThrow(/2 and 1/);
});
