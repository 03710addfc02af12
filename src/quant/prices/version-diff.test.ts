/** The difference of two versions: none of itself, turned round when the versions are, and exactly what was planted. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Panel } from '../panel';
import { versionDiff } from './version-diff';

const dates = ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05'];
const assets = ['A', 'B', 'C'];
const cell = fc.option(fc.double({ min: 1, max: 100, noNaN: true }), { nil: NaN });
const panels = fc
  .tuple(fc.subarray(dates, { minLength: 1 }), fc.subarray(assets, { minLength: 1 }))
  .chain(([days, names]) =>
    fc
      .array(cell, { minLength: days.length * names.length, maxLength: days.length * names.length })
      .map((close): Panel => ({ dates: days, assets: names, fields: { close: Float64Array.from(close) } })),
  );

test('a version does not differ from itself, and differences turn round with the versions', () => {
  fc.assert(
    fc.property(panels, panels, (a, b) => {
      const none = versionDiff(a, a);
      expect([none.changedAssets, none.samples, none.dates, none.assets]).toEqual([
        [],
        [],
        { added: [], removed: [] },
        { added: [], removed: [] },
      ]);
      const [forth, back] = [versionDiff(a, b), versionDiff(b, a)];
      expect(back.dates).toEqual({ added: forth.dates.removed, removed: forth.dates.added });
      expect(back.assets).toEqual({ added: forth.assets.removed, removed: forth.assets.added });
      expect(back.fields.map(({ added, removed, changed }) => [removed, added, changed])).toEqual(
        forth.fields.map(({ added, removed, changed }) => [added, removed, changed]),
      );
      const [{ added, removed }] = forth.fields;
      expect(forth.rows.after - forth.rows.before).toBe(added - removed);
    }),
  );
});

test('finds what was planted: a correction, a delisting, a new day', () => {
  const before: Panel = {
    dates: dates.slice(0, 2),
    assets: ['A', 'B'],
    fields: { close: Float64Array.of(10, 20, 11, 21) },
  };
  const after: Panel = {
    dates: dates.slice(0, 3),
    assets: ['A', 'B'],
    fields: { close: Float64Array.of(10, 20, 12, NaN, 13, 22) },
  };
  expect(versionDiff(before, after)).toEqual({
    rows: { before: 4, after: 5 },
    dates: { added: ['2024-01-04'], removed: [] },
    assets: { added: [], removed: [] },
    fields: [{ field: 'close', added: 2, removed: 1, changed: 1, largestChange: 12 / 11 - 1 }],
    changedAssets: [
      { asset: 'A', added: 1, removed: 0, changed: 1 },
      { asset: 'B', added: 1, removed: 1, changed: 0 },
    ],
    samples: [{ asset: 'A', date: '2024-01-03', field: 'close', before: 11, after: 12 }],
  });
});
