import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditSplits } from './split-audit';
import { combinations, combinatorialSplits, purgedKFold, walkForwardSplits } from './splits';

const rows = (ranges: readonly (readonly [number, number])[]) =>
  ranges.flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, i) => a + i));

describe('purged k-fold', () => {
  it('keeps exactly the rows that an O(n²) oracle keeps', () => {
    const cases = fc.record({
      samples: fc.integer({ min: 5, max: 120 }),
      folds: fc.integer({ min: 2, max: 5 }),
      horizon: fc.integer({ min: 0, max: 25 }),
      embargo: fc.integer({ min: 0, max: 15 }),
    });
    fc.assert(
      fc.property(cases, ({ samples, folds, horizon, embargo }) => {
        const result = purgedKFold(samples, folds, horizon, embargo);
        expect(rows(result.map((fold) => fold.test))).toEqual(Array.from({ length: samples }, (_, i) => i));
        for (const { test, train, trainSize } of result) {
          const oracle = Array.from({ length: samples }, (_, i) => i).filter((i) => {
            for (let j = test[0]; j <= test[1]; j++) {
              const labelsMeet = i <= j + horizon && j <= i + horizon;
              if (labelsMeet || (i > j && i <= j + horizon + embargo)) return false;
            }
            return true;
          });
          expect(rows(train)).toEqual(oracle);
          expect(trainSize).toBe(oracle.length);
        }
      }),
    );
  });

  it('refuses more folds than samples', () => {
    expect(() => purgedKFold(3, 4, 0, 0)).toThrowError(/samples.*≥ 4/);
  });
});

describe('walk-forward splits', () => {
  it('never test on rows that were trained on, and tile the test rows', () => {
    const cases = fc.record({
      samples: fc.integer({ min: 1, max: 300 }),
      trainSize: fc.integer({ min: 1, max: 80 }),
      testSize: fc.integer({ min: 1, max: 40 }),
      gap: fc.integer({ min: 0, max: 10 }),
      mode: fc.constantFrom('rolling' as const, 'expanding' as const),
    });
    fc.assert(
      fc.property(cases, (options) => {
        const splits = walkForwardSplits(options);
        expect(splits.length).toBe(
          Math.max(0, Math.floor((options.samples - options.trainSize - options.gap) / options.testSize)),
        );
        splits.forEach(({ train, test }, k) => {
          expect(test[0] - train[1]).toBe(options.gap + 1);
          expect(test[1]).toBeLessThan(options.samples);
          if (k > 0) expect(test[0]).toBe(splits[k - 1].test[1] + 1);
          if (options.mode === 'rolling') expect(train[1] - train[0] + 1).toBe(options.trainSize);
          else expect(train[0]).toBe(0);
        });
      }),
    );
  });
});

describe('combinatorial splits', () => {
  it('give every path each group exactly once', () => {
    for (const [groups, testGroups] of [
      [5, 2],
      [6, 3],
      [7, 1],
    ]) {
      const { splits, paths, pathOfGroup } = combinatorialSplits(groups, testGroups);
      expect(splits.length).toBe(combinations(groups, testGroups).length);
      for (let path = 0; path < paths; path++) {
        const covered = pathOfGroup.flatMap((map) => [...map].filter(([, p]) => p === path).map(([group]) => group));
        expect(covered.sort((a, b) => a - b)).toEqual(Array.from({ length: groups }, (_, i) => i));
      }
    }
  });
});

describe('split audit', () => {
  const fold = { fitRow: 100, firstTrainRow: 20, lastTrainRow: 94, firstTestRow: 100, lastTestRow: 120 };

  it('passes a purged fold and measures its clearance', () => {
    const audit = auditSplits([fold], 5, 1, 0);
    expect(audit).toMatchObject({ ok: true, overlaps: 0 });
    expect(audit.folds[0]).toMatchObject({ lastLabelRow: 100, clearance: 0 });
  });

  it('catches a fold whose labels end one row too late (sabotage)', () => {
    expect(auditSplits([{ ...fold, lastTrainRow: 95 }], 5, 1, 0)).toMatchObject({ ok: false, overlaps: 1 });
    expect(auditSplits([fold], 5, 1, 1)).toMatchObject({ ok: false, overlaps: 1 });
  });
});
