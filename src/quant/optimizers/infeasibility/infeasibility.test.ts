import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '#base/errors';
import { createRandom } from '#quant/array/random';
import { isFeasible } from '../closest-feasible';
import { constraintsSchema, type Constraints } from '../constraints';
import { buildFeasibleSet, feasiblePoint } from '../feasible-set';
import { bindOptimizer } from '../load';
import type { OptimizerInput } from '../optimizer';
import { optimizerSpecs } from '../registry';
import type { Stated } from '../stated-bounds';
import { hasPortfolio } from './feasibility';
import { explainConflict, requireFeasible } from './require-feasible';
import { statementsOf } from './statements';

const SECTORS = ['X', 'X', 'Y', 'Y', ''];
const ASSETS = SECTORS.map((_, i) => `A${i}`);
const tenths = (min: number, max: number) => fc.integer({ min, max }).map((value) => value / 10);
const anyNamed = (names: string[], min: number, max: number) =>
  fc.dictionary(fc.constantFrom(...names), tenths(min, max), { maxKeys: 2 });

/** Every bound a multiple of a tenth: the polytope is then integral in tenths, so enumerating tenths decides emptiness exactly. */
const anyStated = fc
  .tuple(
    fc.record({
      maxWeight: tenths(2, 9),
      sectorCap: tenths(1, 9),
      sectorCaps: anyNamed(['X', 'Y', 'unknown'], 0, 9),
      sectorFloors: anyNamed(['X', 'Y'], 1, 7),
      assetCaps: anyNamed(ASSETS, 0, 6),
      assetFloors: anyNamed(ASSETS, 1, 6),
      activeBound: tenths(1, 6),
      sectorActiveBound: tenths(1, 6),
      liquidity: fc.integer({ min: 1, max: 9 }).map((days) => ({ volumeShare: 0.1, days, portfolioValue: 100 })),
      minPosition: tenths(1, 6),
      maxHoldings: fc.integer({ min: 1, max: 5 }),
      turnoverLimit: tenths(1, 6),
      cash: fc.constant(0.3),
    }),
    fc.uniqueArray(fc.nat(12), { minLength: 1, maxLength: 6, size: 'max' }),
  )
  .map(([all, chosen]): Stated => {
    const keys = new Set(chosen);
    return {
      assets: ASSETS,
      sectors: SECTORS,
      currentWeights: new Float64Array([0.6, 0, 0.3, 0.1, 0]),
      benchmarkWeights: new Float64Array([0.2, 0.2, 0.3, 0.1, 0.2]),
      dollarVolume: new Float64Array([100, 200, 300, 100, 400]),
      constraints: constraintsSchema.parse(Object.fromEntries(Object.entries(all).filter((_, k) => keys.has(k)))),
    };
  });

/** The stated constraints read anew, without the code under test. */
function meets({ constraints: c, ...stated }: Stated, w: readonly number[]): boolean {
  const over = (a: number, b: number): boolean => a > b + 1e-9;
  const {
    currentWeights = new Float64Array(5),
    benchmarkWeights: b = new Float64Array(5),
    dollarVolume: v = new Float64Array(5),
  } = stated;
  const assetsFine = w.every((weight, i) => {
    if (over(weight, c.maxWeight) || over(weight, c.assetCaps?.[ASSETS[i]] ?? 1)) return false;
    if (over(c.assetFloors?.[ASSETS[i]] ?? 0, weight)) return false;
    if (over(Math.abs(weight - b[i]), c.activeBound ?? 2)) return false;
    if (c.liquidity && over(weight * c.liquidity.portfolioValue, c.liquidity.days * c.liquidity.volumeShare * v[i]))
      return false;
    return !(weight > 0 && over(c.minPosition ?? 0, weight));
  });
  if (!assetsFine || w.filter((weight) => weight > 0).length > (c.maxHoldings ?? 5)) return false;
  const turnover = w.reduce((sum, weight, i) => sum + Math.abs(weight - currentWeights[i]) / 2, 0);
  if (over(turnover, c.turnoverLimit ?? 2)) return false;
  return ['X', 'Y', ''].every((sector) => {
    const name = sector === '' ? 'unknown' : sector;
    const sum = (x: ArrayLike<number>): number => SECTORS.reduce((total, s, i) => total + (s === sector ? x[i] : 0), 0);
    if (over(sum(w), c.sectorCaps?.[name] ?? c.sectorCap ?? 1) || over(c.sectorFloors?.[name] ?? 0, sum(w)))
      return false;
    return !over(Math.abs(sum(w) - sum(b)), c.sectorActiveBound ?? 2);
  });
}

function compositions(total: number, parts: number): number[][] {
  if (parts === 1) return [[total / 10]];
  return Array.from({ length: total + 1 }, (_, first) => first).flatMap((first) =>
    compositions(total - first, parts - 1).map((rest) => [first / 10, ...rest]),
  );
}
const GRIDS = new Map([0, 0.3].map((cash) => [cash, compositions(Math.round(10 - 10 * cash), 5)]));

function bruteForce(stated: Stated): boolean {
  return (GRIDS.get(stated.constraints.cash) ?? []).some((w) => meets(stated, w));
}

function possible(stated: Stated): boolean {
  return hasPortfolio(buildFeasibleSet(stated), stated.constraints.maxHoldings ?? 5);
}

/** Turnover beside a choice of holdings is judged once the holdings are chosen; a floor beside a smallest position by one count only. */
function isExact({ constraints: c }: Stated): boolean {
  const choosing = c.maxHoldings !== undefined || c.minPosition !== undefined;
  return !(choosing && c.turnoverLimit !== undefined) && !(c.minPosition !== undefined && c.sectorFloors !== undefined);
}

describe('feasibility', () => {
  test('agrees with brute force over thousands of combinations of constraints', () => {
    let empty = 0;
    let total = 0;
    fc.assert(
      fc.property(anyStated.filter(isExact), (stated) => {
        const truth = bruteForce(stated);
        expect(possible(stated)).toBe(truth);
        total++;
        if (!truth) empty++;
        const set = buildFeasibleSet(stated);
        const { maxHoldings, minPosition } = stated.constraints;
        if (truth && maxHoldings === undefined && minPosition === undefined) {
          expect(isFeasible(set, feasiblePoint(set, new Float64Array(5)), 1e-11)).toBe(true);
        }
      }),
      { numRuns: 4000, seed: 1 },
    );
    expect(empty).toBeGreaterThan(0.1 * total);
    expect(empty).toBeLessThan(0.9 * total);
  });
});

describe('conflicts', () => {
  test('are irreducible: alone they have no portfolio, without any one of them they have one', () => {
    fc.assert(
      fc.property(
        anyStated.filter((stated) => isExact(stated) && !possible(stated)),
        (stated) => {
          const { constraints: ids } = explainConflict(buildFeasibleSet(stated));
          const conflict = ids.filter((id) => id !== 'cash');
          let alone: Constraints = stated.constraints;
          for (const { id } of statementsOf(stated.constraints, 5)) {
            const statement = statementsOf(alone, 5).find((candidate) => candidate.id === id);
            if (statement !== undefined && !conflict.includes(id)) alone = statement.without;
          }
          expect(possible({ ...stated, constraints: alone })).toBe(false);
          for (const id of conflict) {
            const statement = statementsOf(alone, 5).find((candidate) => candidate.id === id);
            expect(statement && possible({ ...stated, constraints: statement.without })).toBe(true);
          }
        },
      ),
      { numRuns: 400, seed: 2 },
    );
  });

  test('each relaxation works, and a little less than it does not', () => {
    let checked = 0;
    fc.assert(
      fc.property(
        anyStated.filter((stated) => isExact(stated) && !possible(stated)),
        (stated) => {
          const { relaxation } = explainConflict(buildFeasibleSet(stated));
          for (const [id, value] of Object.entries(relaxation)) {
            const loosen = statementsOf(stated.constraints, 5).find((statement) => statement.id === id)?.loosen;
            if (loosen === undefined) continue;
            checked++;
            expect(possible({ ...stated, constraints: loosen.at(value) })).toBe(true);
            const less = value + (loosen.whole === true ? 1 : 2e-5) * Math.sign(loosen.from - value);
            if ((less - loosen.from) * (value - loosen.from) <= 0) continue;
            expect(possible({ ...stated, constraints: loosen.at(less) })).toBe(false);
          }
        },
      ),
      { numRuns: 400, seed: 3 },
    );
    expect(checked).toBeGreaterThan(200);
  });

  test('are told in the words of the user, with what to do', () => {
    const set = buildFeasibleSet({
      assets: ASSETS,
      sectors: SECTORS,
      constraints: constraintsSchema.parse({
        sectorFloors: { X: 0.7, Y: 0.5 },
        maxWeight: 0.9,
        assetCaps: { A4: 0.1 },
      }),
    });
    expect(() => requireFeasible(set)).toThrow(
      'Floors and budget conflict: together they need 120 % > 100 %. These cannot all hold: a floor of 50 % on Y; a floor of 70 % on X; ' +
        'no negative weights; weights that sum to 100 %. To resolve it, lower the floor on Y to at most 30 %, or lower the floor on X to at most 50 %.',
    );
  });

  test('names that do not exist and data that is absent are refused by name', () => {
    const input = { assets: ASSETS, sectors: SECTORS };
    const refusal = (constraints: Partial<Constraints>) => () =>
      buildFeasibleSet({ ...input, constraints: constraintsSchema.parse(constraints) });
    expect(refusal({ sectorCaps: { Enregy: 0.2 } })).toThrow(/"Enregy"/);
    expect(refusal({ sectorFloors: { Z: 0.2 } })).toThrow(/"Z"/);
    expect(refusal({ assetFloors: { B7: 0.2 } })).toThrow(/"B7"/);
    expect(refusal({ activeBound: 0.1 })).toThrow(/benchmark weight/);
    expect(refusal({ liquidity: { volumeShare: 0.1, days: 5, portfolioValue: 1e6 } })).toThrow(/dollar volume/);
    const shorts = refusal({ longOnly: false, minPosition: 0.1 });
    expect(() => requireFeasible(shorts())).toThrow(/short sales/);
  });
});

describe('every optimizer under every constraint', () => {
  for (const { id } of optimizerSpecs) {
    test(`${id} keeps them all or explains`, () => {
      const { optimize } = bindOptimizer(id, id === 'top-n' ? { count: 4 } : {});
      let answered = 0;
      fc.assert(
        fc.property(anyStated, fc.nat(1e5), fc.boolean(), (stated, seed, first) => {
          const random = createRandom(seed);
          const { currentWeights: held, ...rest } = stated;
          const input: OptimizerInput = {
            ...rest,
            ...(first || held === undefined ? {} : { currentWeights: held }),
            returns: Float64Array.from({ length: 5 * 60 }, () => 0.0003 + 0.01 * random.normal()),
            expectedReturns: Float64Array.from({ length: 5 }, () => 0.01 + 0.02 * random.normal()),
            horizon: 21,
          };
          try {
            const { weights } = optimize(input);
            const clean = Array.from(weights, (weight) => (Math.abs(weight) < 1e-9 ? 0 : weight));
            expect(
              Math.abs(clean.reduce((sum, weight) => sum + weight, 0) - (1 - stated.constraints.cash)),
            ).toBeLessThan(1e-8);
            const { turnoverLimit, ...free } = stated.constraints;
            expect(meets({ ...stated, constraints: first ? free : { ...free, turnoverLimit } }, clean)).toBe(true);
            answered++;
          } catch (error) {
            if (!(error instanceof AppError)) throw error;
            expect(error.code).toBe('INFEASIBLE');
          }
        }),
        { numRuns: 100, seed: 4 },
      );
      expect(answered).toBeGreaterThan(15);
    });
  }
});
