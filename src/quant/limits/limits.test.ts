/** Limits against an oracle written on its own, over thousands of random books; scaling never leaves what it promised; edges are inclusive. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMIT_KINDS, measureLimits, type Book, type Limit } from './limits';
import { scaleToLimits } from './scale-to-limits';

const SECTORS = ['Energy', 'Health', ''];
const NAMES = ['A', 'B', 'C', 'D', 'E', 'F'];

const asset = fc.record({
  weight: fc.oneof(fc.constant(0), fc.double({ min: -0.5, max: 0.6, noNaN: true })),
  before: fc.double({ min: -0.5, max: 0.6, noNaN: true }),
  bench: fc.double({ min: 0, max: 0.4, noNaN: true }),
  sector: fc.constantFrom(...SECTORS),
  adv: fc.oneof(
    { weight: 8, arbitrary: fc.double({ min: 1e3, max: 1e7, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(0) },
  ),
  factor: fc.double({ min: -0.3, max: 0.3, noNaN: true }),
});
const rows = fc.array(asset, { minLength: 1, maxLength: NAMES.length });
const nav = fc.double({ min: 1e3, max: 1e8, noNaN: true });
const limits = fc.array(
  fc.record({ kind: fc.constantFrom(...LIMIT_KINDS), max: fc.double({ min: 0.01, max: 2, noNaN: true }) }),
  { minLength: 1, maxLength: 7 },
);
type Rows = { weight: number; before: number; bench: number; sector: string; adv: number; factor: number }[];

function bookOf(list: Rows, netAssetValue: number): Book {
  const by = <T>(value: (row: Rows[number]) => T) => new Map(list.map((row, i) => [NAMES[i], value(row)] as const));
  const n = list.length;
  const values = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) values[i * n + j] = list[i].factor * list[j].factor + (i === j ? 0.01 : 0);
  }
  return {
    weights: by(({ weight }) => weight),
    before: by(({ before }) => before),
    sectors: by(({ sector }) => sector),
    netAssetValue,
    adv: by(({ adv }) => adv),
    benchmark: by(({ bench }) => bench),
    covariance: { assets: NAMES.slice(0, n), values },
  };
}

/** Written from the definitions, over plain rows; NaN where it cannot be evaluated. */
function oracle(kind: Limit['kind'], list: Rows, netAssetValue: number): number {
  const abs = list.map(({ weight }) => Math.abs(weight));
  switch (kind) {
    case 'position':
      return Math.max(...abs);
    case 'sector': {
      if (list.some(({ weight, sector }) => weight !== 0 && sector === '')) return NaN;
      return Math.max(
        0,
        ...SECTORS.map((name) => abs.reduce((sum, w, i) => sum + (list[i].sector === name ? w : 0), 0)),
      );
    }
    case 'turnover':
      return list.reduce((sum, { weight, before }) => sum + Math.abs(weight - before), 0) * 0.5;
    case 'leverage':
      return abs.reduce((sum, w) => sum + w, 0);
    case 'liquidity':
      if (list.some(({ weight, adv }) => weight !== 0 && adv === 0)) return NaN;
      return Math.max(
        0,
        ...list.map(({ weight, adv }) => (weight === 0 ? 0 : (Math.abs(weight) * netAssetValue) / adv)),
      );
    case 'concentration':
      return list.reduce((sum, { weight }) => sum + weight ** 2, 0);
    case 'tracking-error': {
      // σ² of one factor and equal own variances: (Σ a·f)² + 0.01·Σ a².
      const active = list.map(({ weight, bench }) => weight - bench);
      const exposure = active.reduce((sum, a, i) => sum + a * list[i].factor, 0);
      return Math.sqrt(exposure ** 2 + 0.01 * active.reduce((sum, a) => sum + a * a, 0));
    }
  }
}

describe('limits', () => {
  it('agree with the oracle on 4,000 random books', () => {
    let compared = 0;
    fc.assert(
      fc.property(rows, nav, limits, (list, value, wanted) => {
        const given = wanted.map((limit, i) => ({ ...limit, id: String(i) }));
        for (const [i, measured] of measureLimits(given, bookOf(list, value)).entries()) {
          const expected = oracle(given[i].kind, list, value);
          if (Number.isNaN(expected)) {
            expect(measured).toMatchObject({ value: null, holds: false, reason: expect.stringMatching(/./) });
            continue;
          }
          compared += 1;
          expect(measured.value).not.toBeNull();
          expect(Math.abs((measured.value ?? NaN) - expected)).toBeLessThanOrEqual(1e-9 * (1 + expected));
          if (Math.abs(expected - given[i].max) > 1e-9) expect(measured.holds).toBe(expected < given[i].max);
        }
      }),
      { numRuns: 4_000 },
    );
    expect(compared).toBeGreaterThan(4_000);
  });

  it('hold at their edge and not one step above', () => {
    const book = bookOf([{ weight: 0.25, before: 0, bench: 0, sector: 'Energy', adv: 1e3, factor: 0 }], 1_000);
    const at: Record<Limit['kind'], number> = {
      position: 0.25,
      sector: 0.25,
      turnover: 0.125,
      leverage: 0.25,
      liquidity: 0.25,
      concentration: 0.0625,
      'tracking-error': 0.025,
    };
    for (const kind of LIMIT_KINDS) {
      const holds = (max: number) => measureLimits([{ id: 'x', kind, max }], book)[0].holds;
      expect([kind, holds(at[kind]), holds(at[kind] * (1 - 1e-9))]).toEqual([kind, true, false]);
    }
  });

  it('that cannot be evaluated do not hold', () => {
    const book = bookOf([{ weight: 0.1, before: 0, bench: 0, sector: '', adv: 0, factor: 0 }], 1);
    const blind: Book = { ...book, before: null, benchmark: null, weights: new Map([['A', NaN]]) };
    for (const kind of LIMIT_KINDS) {
      expect(measureLimits([{ id: 'x', kind, max: 10 }], blind)[0], kind).toMatchObject({ holds: false, value: null });
    }
  });
});

describe('scaling', () => {
  it('only shrinks or goes part of the way, and tells the truth about what holds', () => {
    fc.assert(
      fc.property(rows, nav, limits, (list, value, wanted) => {
        const book = bookOf(list, value);
        const given = wanted.map((limit, i) => ({ ...limit, id: String(i) }));
        const { weights, measured, holds } = scaleToLimits(given, book);
        expect(measured).toEqual(measureLimits(given, { ...book, weights }));
        expect(holds).toBe(measured.every((one) => one.holds));
        if (given.some(({ kind }) => kind === 'turnover' || kind === 'tracking-error')) return;
        for (const [name, weight] of weights) {
          expect(Math.abs(weight)).toBeLessThanOrEqual(Math.abs(book.weights.get(name) ?? 0) + 1e-15);
        }
        // Everything that can be evaluated can be reached by shrinking.
        for (const one of measured) if (one.value !== null) expect(one.holds).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
